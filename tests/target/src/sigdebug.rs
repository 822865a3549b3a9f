// SPDX-License-Identifier: MIT OR Apache-2.0
//! Signals that a test waits for, SIGDEBUG above all: how the core tells a thread what it did wrong.

use std::sync::atomic::{AtomicI32, Ordering};

/// What the last SIGDEBUG carried, 0 if there was none.
static CAUSE: AtomicI32 = AtomicI32::new(0);

/// Notes SIGDEBUG from now on, in the whole process.
pub fn note() {
    let handler = note_cause as extern "C" fn(i32, *mut libc::siginfo_t, *mut libc::c_void);
    handle(libc::SIGXCPU, handler as usize, libc::SA_SIGINFO);
}

/// What the last SIGDEBUG since the last call carried: the marker and a cause, or 0.
pub fn take() -> u32 {
    CAUSE.swap(0, Ordering::Relaxed) as u32
}

extern "C" fn note_cause(_: i32, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: the kernel passes a valid siginfo, and SI_QUEUE has a value.
    let value = unsafe { (*info).si_value() };
    CAUSE.store(value.sival_ptr.addr() as i32, Ordering::Relaxed);
}

/// Has a signal handled by a function that uses nothing but atomics.
pub fn handle(signal: i32, handler: usize, flags: i32) {
    // SAFETY: a `sigaction` of zeroes has no handler and an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handler;
    action.sa_flags = flags;
    // SAFETY: the handlers only use atomics.
    let status = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    assert_eq!(status, 0);
}
