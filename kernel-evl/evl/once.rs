// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Tables that are allocated once, at boot.

use core::{
    ptr, slice,
    sync::atomic::{AtomicPtr, AtomicUsize, Ordering},
};
use kernel::prelude::*;

/// A table that is empty until it is [filled](Self::fill), and never goes.
///
/// # Invariants
///
/// If `len` is not zero, `table` points to that many initialised records, which nobody else owns.
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
            table: AtomicPtr::new(ptr::null_mut()),
            len: AtomicUsize::new(0),
        }
    }

    /// Gives the table its records: called once, at boot. In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`ENOMEM`].
    pub(crate) fn fill(&self, count: usize, mut make: impl FnMut(u32) -> T) -> Result {
        let mut records = KVVec::with_capacity(count, GFP_KERNEL)?;
        for index in (0..).take(count) {
            records.push(make(index), GFP_KERNEL)?;
        }
        let (table, len, _) = records.into_raw_parts();
        self.table.store(table, Ordering::Relaxed);
        // INVARIANT: `table` has as many records, and was written before.
        self.len.store(len, Ordering::Release);
        Ok(())
    }

    /// The records. On any stage.
    pub(crate) fn get(&self) -> &'static [T] {
        let len = self.len.load(Ordering::Acquire);
        let table = self.table.load(Ordering::Relaxed);
        if len == 0 {
            return &[];
        }
        // SAFETY: By the type invariants. Acquire pairs with the release in `fill`.
        unsafe { slice::from_raw_parts(table, len) }
    }
}
