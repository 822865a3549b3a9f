// SPDX-License-Identifier: MIT OR Apache-2.0
//! Ctrl-C, and how a thread is got out of a system call.

use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};
use signal_hook::flag;

/// Whether somebody asked for the end.
#[derive(Clone, Debug)]
pub(crate) struct End(Arc<AtomicBool>);

impl End {
    pub(crate) fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Takes the signals that ask for the end.
pub(crate) fn watch(background: bool) -> Result<End> {
    let end = Arc::new(AtomicBool::new(false));
    let unused = Arc::new(AtomicBool::new(false));
    let register = |signal, flag: &Arc<AtomicBool>| {
        flag::register(signal, flag.clone()).context("cannot handle signals")
    };
    register(SIGINT, &end)?;
    register(SIGTERM, &end)?;
    register(SIGHUP, if background { &unused } else { &end })?;
    // It only ends a system call.
    register(SIGUSR1, &unused)?;
    Ok(End(end))
}

/// Keeps the signals of the terminal from the calling thread: one would take it in-band.
pub(crate) fn leave_signals_to_others() {
    // SAFETY: sets of signals of our own; the calling thread's mask is all that changes.
    unsafe {
        let mut set: libc::sigset_t = std::mem::zeroed();
        libc::sigemptyset(&raw mut set);
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            libc::sigaddset(&raw mut set, signal);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &raw const set, std::ptr::null_mut());
    }
}

/// Ends the system call of a thread, which then comes to its end.
pub(crate) fn interrupt<T>(thread: &JoinHandle<T>) {
    while !thread.is_finished() {
        // SAFETY: the thread was not joined: its handle is here.
        unsafe { libc::pthread_kill(thread.as_pthread_t(), SIGUSR1) };
        std::thread::sleep(Duration::from_millis(20));
    }
}
