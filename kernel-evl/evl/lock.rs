// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Spinlocks between the stages.

use core::{
    cell::UnsafeCell,
    ops::{Deref, DerefMut},
};
use kernel::{bindings, types::Opaque};

use crate::stage::HardIrqsOff;

/// Data that both stages use, on any CPU, with interrupts off.
pub(crate) struct HardSpinLock<T> {
    lock: Opaque<bindings::hard_spinlock_t>,
    data: UnsafeCell<T>,
}

// SAFETY: Only the holder of the lock gets at the data, and may take it to another CPU.
unsafe impl<T: Send> Sync for HardSpinLock<T> {}

impl<T> HardSpinLock<T> {
    /// An open lock.
    pub(crate) const fn new(data: T) -> Self {
        Self {
            // An open `arch_spinlock_t` is zero on the architectures that Kconfig admits.
            lock: Opaque::zeroed(),
            data: UnsafeCell::new(data),
        }
    }

    /// Waits for the lock, and holds it as long as the guard lives.
    pub(crate) fn lock<'a>(&'a self, _: &'a HardIrqsOff<'_>) -> Guard<'a, T> {
        // SAFETY: The lock was initialised, and interrupts are off: no handler on this CPU wants it.
        unsafe { bindings::evl_hard_lock(self.lock.get()) };
        // INVARIANT: It is locked.
        Guard(self)
    }
}

/// A lock that is held.
///
/// # Invariants
///
/// The lock of `self.0` is held.
pub(crate) struct Guard<'a, T>(&'a HardSpinLock<T>);

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: By the type invariants nobody else has access.
        unsafe { &*self.0.data.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: By the type invariants nobody else has access.
        unsafe { &mut *self.0.data.get() }
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: By the type invariants the lock is held.
        unsafe { bindings::evl_hard_unlock(self.0.lock.get()) };
    }
}
