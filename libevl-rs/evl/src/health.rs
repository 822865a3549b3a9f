// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the core notifies threads of: the health monitor.
//!
//! [`Modes`](crate::thread::Modes) say what a thread is notified of. By default that is by the signal SIGDEBUG, which is
//! SIGXCPU: without a handler it ends the process. [`install`] has it print or count what happened.
//!
//! ```no_run
//! use evl::thread::{Builder, Modes};
//! use evl::{Policy, health};
//!
//! # fn main() -> Result<(), evl::Error> {
//! health::install(health::print)?;
//! let me = Builder::new().policy(Policy::fifo(50)).modes(Modes::WOSS).attach()?;
//! // A system call of Linux: prints that this thread made an in-band system call while out-of-band.
//! std::thread::sleep(std::time::Duration::ZERO);
//! # drop(me);
//! # Ok(())
//! # }
//! ```

use std::fmt;
use std::sync::atomic::{AtomicPtr, Ordering};

use evl_sys::{
    EVL_HMDIAG_EXDEMOTE, EVL_HMDIAG_LKDEPEND, EVL_HMDIAG_LKIMBALANCE, EVL_HMDIAG_LKSLEEP,
    EVL_HMDIAG_OVERRUN, EVL_HMDIAG_SIGDEMOTE, EVL_HMDIAG_STAGEX, EVL_HMDIAG_SYSDEMOTE,
    EVL_HMDIAG_WATCHDOG, EVL_SIGDEBUG_CAUSE_MASK, EVL_SIGDEBUG_MARKER, EVL_SIGDEBUG_MARKER_MASK,
};

use crate::error::{Error, Result};

/// What happened to a thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u32)]
#[non_exhaustive]
pub enum Diagnosis {
    /// It was switched in-band by a signal of Linux, or a debugger.
    SigDemote = EVL_HMDIAG_SIGDEMOTE,
    /// It was switched in-band by a system call of Linux.
    SysDemote = EVL_HMDIAG_SYSDEMOTE,
    /// It was switched in-band by an exception, such as a page fault.
    ExDemote = EVL_HMDIAG_EXDEMOTE,
    /// Its CPU was out-of-band for too long, and it was sent in-band.
    Watchdog = EVL_HMDIAG_WATCHDOG,
    /// A mutex that a thread waits for is owned by one that is in-band.
    LkDepend = EVL_HMDIAG_LKDEPEND,
    /// It unlocked a mutex which it did not own.
    LkImbalance = EVL_HMDIAG_LKIMBALANCE,
    /// A weak thread waits while it owns a mutex.
    LkSleep = EVL_HMDIAG_LKSLEEP,
    /// It waited for in-band users of something that both stages use.
    StageX = EVL_HMDIAG_STAGEX,
    /// It missed a window of its SCHED_TP partition.
    Overrun = EVL_HMDIAG_OVERRUN,
}

impl Diagnosis {
    const ALL: [Self; 9] = [
        Self::SigDemote,
        Self::SysDemote,
        Self::ExDemote,
        Self::Watchdog,
        Self::LkDepend,
        Self::LkImbalance,
        Self::LkSleep,
        Self::StageX,
        Self::Overrun,
    ];

    /// What the value that SIGDEBUG carries means; `None` if the core did not send it.
    ///
    /// **Stage: any.**
    pub fn from_signal(value: i32) -> Option<Self> {
        let value = value as u32;
        if value & EVL_SIGDEBUG_MARKER_MASK != EVL_SIGDEBUG_MARKER {
            return None;
        }
        let cause = value & EVL_SIGDEBUG_CAUSE_MASK;
        Self::ALL
            .into_iter()
            .find(|diagnosis| *diagnosis as u32 == cause)
    }

    /// What it says, in a sentence.
    ///
    /// **Stage: any.**
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SigDemote => "switched in-band by a signal",
            Self::SysDemote => "switched in-band by a system call of Linux",
            Self::ExDemote => "switched in-band by an exception",
            Self::Watchdog => "out-of-band for too long, sent in-band by the watchdog",
            Self::LkDepend => "mutex owned in-band while it is waited for",
            Self::LkImbalance => "mutex unlocked without being owned",
            Self::LkSleep => "weak thread waits while it owns a mutex",
            Self::StageX => "waited for in-band users of a resource",
            Self::Overrun => "missed its time window",
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What is called, in the thread that something happened to.
pub type Handler = fn(Diagnosis);

static HANDLER: AtomicPtr<Handler> = AtomicPtr::new(std::ptr::null_mut());

/// Handles SIGDEBUG in this process from now on: calls `handler` in the thread which it is sent to, in-band.
///
/// The handler may interrupt anything, so it does only what is async-signal-safe, such as storing to an atomic. Each
/// call of this function keeps a few bytes. A SIGXCPU that the core did not send has its default effect: it ends the
/// process.
///
/// **Stage: in-band.**
///
/// # Errors
///
/// [`Error::Call`], if Linux refuses, which it does not.
pub fn install(handler: Handler) -> Result<()> {
    // Leaked: the signal may be handled at any time from now on.
    HANDLER.store(Box::into_raw(Box::new(handler)), Ordering::Release);
    // SAFETY: all members of a sigaction may be 0.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = on_signal as *const () as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: `action` is valid, and its handler has the type that SA_SIGINFO says.
    let status = unsafe { libc::sigaction(libc::SIGXCPU, &raw const action, std::ptr::null_mut()) };
    if status != 0 {
        return Err(Error::Call {
            action: "handle SIGDEBUG",
            source: std::io::Error::last_os_error(),
        });
    }
    Ok(())
}

extern "C" fn on_signal(signal: i32, info: *mut libc::siginfo_t, _: *mut libc::c_void) {
    // SAFETY: Linux passes a valid siginfo, and SIGXCPU that is queued carries a value; for another one the bits are
    // some that are initialized, and not marked.
    let value = unsafe { (*info).si_value().sival_ptr }.addr() as i32;
    let handler = HANDLER.load(Ordering::Acquire);
    // SAFETY: the address of this thread's errno. What was interrupted may be about to look at it.
    let errno = unsafe { *libc::__errno_location() };
    match Diagnosis::from_signal(value) {
        // SAFETY: `install` stored a pointer to a handler that lives for ever before it made this one known.
        Some(diagnosis) => unsafe { (*handler)(diagnosis) },
        None => {
            // SAFETY: both are async-signal-safe. The signal is blocked now, and has its effect on return.
            unsafe {
                libc::signal(signal, libc::SIG_DFL);
                libc::raise(signal);
            }
        }
    }
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno };
}

/// A [`Handler`] that writes a line to standard error.
///
/// **Stage: in-band.**
pub fn print(diagnosis: Diagnosis) {
    let parts = ["evl: ", diagnosis.as_str(), "\n"];
    for part in parts {
        // SAFETY: write(2) is async-signal-safe, and reads the text.
        unsafe { libc::write(libc::STDERR_FILENO, part.as_ptr().cast(), part.len()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marked_values_are_diagnoses() {
        for diagnosis in Diagnosis::ALL {
            let value = (EVL_SIGDEBUG_MARKER | diagnosis as u32) as i32;
            assert_eq!(Diagnosis::from_signal(value), Some(diagnosis));
            assert_eq!(Diagnosis::from_signal(diagnosis as i32), None);
        }
        for unknown in [0, EVL_HMDIAG_OVERRUN + 1, 0xff] {
            let value = (EVL_SIGDEBUG_MARKER | unknown) as i32;
            assert_eq!(Diagnosis::from_signal(value), None);
        }
    }
}
