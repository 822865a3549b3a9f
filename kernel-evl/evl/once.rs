// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Tables that are allocated once, at boot.

use core::{
    ptr::NonNull,
    slice,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
};
use kernel::prelude::*;

/// A table that is empty until it is [filled](Self::fill), and never goes.
///
/// # Invariants
///
/// `table` points to `len` initialised records, which are never freed, nor changed but by their own
/// atomics; if that is none, it is aligned, and not null.
pub(crate) struct Once<T> {
    table: AtomicPtr<T>,
    len: AtomicUsize,
}

// SAFETY: It hands out shared references only, and never drops a record.
unsafe impl<T: Sync> Sync for Once<T> {}

impl<T: 'static> Once<T> {
    /// An empty table.
    pub(crate) const fn new() -> Self {
        Self {
            table: AtomicPtr::new(NonNull::dangling().as_ptr()),
            len: AtomicUsize::new(0),
        }
    }

    /// Gives the table its records: called once, at boot. In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`ENOMEM`].
    pub(crate) fn fill(&self, count: usize, mut make: impl FnMut(u32) -> T) -> Result {
        self.try_fill(count, |index| Ok(make(index)))
    }

    /// The same with records that may not come to be.
    ///
    /// # Errors
    ///
    /// [`ENOMEM`], those of `make`.
    pub(crate) fn try_fill(&self, count: usize, mut make: impl FnMut(u32) -> Result<T>) -> Result {
        let mut records = KVVec::with_capacity(count, GFP_KERNEL)?;
        for index in (0..).take(count) {
            records.push(make(index)?, GFP_KERNEL)?;
        }
        let (table, len, _) = records.into_raw_parts();
        // SAFETY: They are ours, and never freed.
        unsafe { self.set(table, len) };
        Ok(())
    }

    /// Gives the table records that are there: called once, at boot.
    ///
    /// # Safety
    ///
    /// `table` points to `len` initialised records, which are shared from now on, and never freed.
    pub(crate) unsafe fn set(&self, table: *mut T, len: usize) {
        self.table.store(table, Ordering::Relaxed);
        // INVARIANT: `table` has as many records, and was written before.
        self.len.store(len, Ordering::Release);
    }

    /// The records. On any stage.
    pub(crate) fn get(&self) -> &'static [T] {
        let len = self.len.load(Ordering::Acquire);
        let table = self.table.load(Ordering::Relaxed);
        // SAFETY: By the type invariants. Acquire pairs with the release in `set`.
        unsafe { slice::from_raw_parts(table, len) }
    }
}
