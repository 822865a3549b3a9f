// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Stages as types.
//!
//! What a function may be called in is told by the token that it takes. A token borrows what proves
//! it, so that it is gone when that does not hold any more:
//!
//! | token | proves | comes from |
//! |---|---|---|
//! | [`Call`] | a request of the current task is being served; memory of the application can be accessed | entry of a system call |
//! | [`Oob`] | that task is out-of-band, with interrupts of the CPU on | [`Call::oob`] |
//! | [`HardIrqsOff`] | interrupts are off on the CPU, hence it is the same CPU all the time | [`HardIrqs::off`] |
//!
//! Access to the memory of an application may fault, which sends the task in-band, and it may stay
//! there. It borrows the [`Call`] mutably: no other token survives it, and none is held during it.

use core::marker::PhantomData;
use kernel::{bindings, prelude::*, types::NotThreadSafe};

use crate::ffi;

/// Interrupts of the CPU are off.
pub(crate) struct HardIrqsOff<'a>(PhantomData<&'a ()>, NotThreadSafe);

/// Keeps interrupts of the CPU off; dropping it restores what was.
///
/// # Invariants
///
/// Interrupts were switched off when it was made, `self.0` is what was before.
pub(crate) struct HardIrqs(usize, NotThreadSafe);

impl HardIrqs {
    /// Switches interrupts of the CPU off. On any stage.
    pub(crate) fn off() -> Self {
        // INVARIANT: The function does just that.
        Self(ffi::evl_hard_irqs_save(), NotThreadSafe)
    }

    /// Proves that they are off, as long as they are.
    pub(crate) fn token(&self) -> HardIrqsOff<'_> {
        HardIrqsOff(PhantomData, NotThreadSafe)
    }

    /// Leaves them as they are, after the task went in-band with interrupts on.
    pub(crate) fn forget(self) {
        core::mem::forget(self);
    }
}

impl Drop for HardIrqs {
    fn drop(&mut self) {
        // SAFETY: By the type invariants this undoes what `off` did. Guards of one task nest, since
        // they are dropped in the reverse order or moved to where one is consumed.
        unsafe { bindings::evl_hard_irqs_restore(self.0) };
    }
}

impl HardIrqsOff<'_> {
    /// The number of this CPU.
    pub(crate) fn cpu(&self) -> u32 {
        this_cpu()
    }
}

/// The number of the CPU. A hint while interrupts are on.
pub(crate) fn this_cpu() -> u32 {
    ffi::evl_this_cpu()
}

/// Whether the CPU runs on the out-of-band stage.
pub(crate) fn running_oob() -> bool {
    ffi::evl_running_oob()
}

/// Runs `f` with interrupts of the CPU off. On any stage.
pub(crate) fn with_hard_irqs_off<R>(f: impl FnOnce(HardIrqsOff<'_>) -> R) -> R {
    let irqs = HardIrqs::off();
    f(irqs.token())
}

/// Runs `f` in a handler of the oob stage.
///
/// # Safety
///
/// Interrupts of the CPU are off, and stay off while `f` runs.
pub(crate) unsafe fn in_handler<R>(f: impl FnOnce(HardIrqsOff<'_>) -> R) -> R {
    f(HardIrqsOff(PhantomData, NotThreadSafe))
}

/// The current task is out-of-band, in a system call, with interrupts of the CPU on.
pub(crate) struct Oob<'a>(PhantomData<&'a mut ()>, NotThreadSafe);

/// A request of the current task, on any stage.
pub(crate) struct Call(NotThreadSafe);

impl Call {
    /// Called at the entry of system calls only.
    pub(crate) fn enter() -> Self {
        Self(NotThreadSafe)
    }

    /// Proves that the task is out-of-band.
    ///
    /// # Errors
    ///
    /// [`EINTR`] if it is not: it was when the request began, but a fault sent it in-band, and it
    /// could not come back since a signal is pending.
    pub(crate) fn oob(&mut self) -> Result<Oob<'_>> {
        if !running_oob() {
            return Err(EINTR);
        }
        Ok(Oob(PhantomData, NotThreadSafe))
    }
}
