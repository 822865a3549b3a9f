// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads of the core.

use std::cell::Cell;
use std::io::ErrorKind;
use std::mem::offset_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use evl_sys::{
    EVL_T_INBAND, EVL_THRIOC_CLEAR_MODE, EVL_THRIOC_DEMOTE, EVL_THRIOC_DETACH_SELF,
    EVL_THRIOC_GET_STATE, EVL_THRIOC_SET_MODE, EVL_THRIOC_SET_SCHEDPARAM, EVL_THRIOC_SWITCH_INBAND,
    EVL_THRIOC_SWITCH_OOB, EVL_THRIOC_UNBLOCK, EVL_THRIOC_YIELD, evl_sched_attrs, evl_thread_state,
    evl_user_window,
};
use rustix::io::{self, Errno};
use rustix::ioctl::{Getter, NoArg, Opcode, Setter, Updater};

use super::call::{ioctl, oob_ioctl};
use super::element::Class;
use super::process::shared;
use crate::clock::{Clock, ClockId};
use crate::error::{Error, Result};
use crate::memory::lock_memory;
use crate::system::System;

/// What an attached thread knows of itself.
#[derive(Clone, Copy)]
pub(crate) struct Me {
    fd: RawFd,
    /// What gates know it by.
    pub(crate) handle: u32,
    /// EVL_T_*, written by the core.
    state: &'static AtomicU32,
    /// Tells times of being attached apart: handles are used again.
    serial: u64,
    /// The gate whose ceiling is to be committed.
    pub(crate) pp_pending: &'static AtomicU32,
}

thread_local! {
    static ME: Cell<Option<Me>> = const { Cell::new(None) };
}

/// The caller, if it is attached.
pub(crate) fn me() -> Option<Me> {
    ME.get()
}

/// The caller is not attached any more.
pub(crate) fn forget_current() {
    ME.set(None);
}

impl Me {
    /// Its state. What the caller itself caused is there; the rest may change at any time.
    pub(crate) fn state(&self) -> u32 {
        self.state.load(Ordering::Relaxed)
    }
}

/// The number of the next time that a thread attaches.
static SERIAL: AtomicU64 = AtomicU64::new(1);

/// A number that no other time of being attached has, not 0.
pub(crate) fn serial() -> Option<u64> {
    me().map(|me| me.serial)
}

/// Whether the caller is attached.
pub(crate) fn is_attached() -> bool {
    me().is_some()
}

/// Whether the caller is in-band, or not attached.
pub(crate) fn is_inband() -> bool {
    me().is_none_or(|me| me.state() & EVL_T_INBAND != 0)
}

/// The file of the caller, which stays open as long as it is attached.
fn my_fd() -> io::Result<BorrowedFd<'static>> {
    let me = me().ok_or(Errno::PERM)?;
    // SAFETY: `attach` keeps the descriptor open until `Thread::detach`, which forgets it. The users here do not keep
    // it beyond a call.
    Ok(unsafe { BorrowedFd::borrow_raw(me.fd) })
}

/// Takes the caller out-of-band.
pub(crate) fn switch_oob() -> io::Result<()> {
    // SAFETY: the request has no argument.
    unsafe { oob_ioctl(my_fd()?, NoArg::<EVL_THRIOC_SWITCH_OOB>::new()) }
}

/// Takes the caller in-band.
pub(crate) fn switch_inband() -> io::Result<()> {
    // SAFETY: the request has no argument.
    unsafe { rustix::ioctl::ioctl(my_fd()?, NoArg::<EVL_THRIOC_SWITCH_INBAND>::new()) }
}

/// Lets the equals of the caller run, out-of-band.
pub(crate) fn yield_now() -> io::Result<()> {
    // SAFETY: the request has no argument.
    unsafe { oob_ioctl(my_fd()?, NoArg::<EVL_THRIOC_YIELD>::new()) }
}

/// A file of a thread.
#[derive(Debug)]
pub(crate) struct Thread {
    fd: OwnedFd,
    path: PathBuf,
}

/// The class of threads.
const THREADS: Class = Class {
    kind: "thread",
    folder: "thread",
    option: "CONFIG_EVL_NR_THREADS",
};

/// Attaches the caller, as a thread of SCHED_WEAK that is in-band. A public thread has a name.
pub(crate) fn attach(name: Option<&str>, public: bool) -> Result<Thread> {
    lock_memory()?;
    let shared = shared()?;
    // The first look at the time faults in pages of the vDSO.
    Clock::open(ClockId::Monotonic)?.now();

    let (fd, eids) = THREADS
        .make(name, public, None)
        .map_err(|error| match error {
            Error::Io { source, .. } if source.kind() == ErrorKind::InvalidInput => {
                Error::NoOobCpu {
                    cpus: System::default().oob_cpus().unwrap_or_default(),
                }
            }
            error => error,
        })?;
    let window = eids.state_offset as usize;
    let word = |offset| shared.word(window + offset);
    let words = word(offset_of!(evl_user_window, state))
        .and_then(|state| Ok((state, word(offset_of!(evl_user_window, pp_pending))?)));
    let (state, pp_pending) = words.inspect_err(|_| {
        // It reports the error that there was first.
        let _ = detach(fd.as_fd());
    })?;
    ME.set(Some(Me {
        fd: fd.as_raw_fd(),
        handle: eids.fundle,
        serial: SERIAL.fetch_add(1, Ordering::Relaxed),
        state,
        pp_pending,
    }));
    let path = THREADS.path(name.unwrap_or("[private]"));
    Ok(Thread { fd, path })
}

fn detach(thread: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the request has no argument.
    unsafe { rustix::ioctl::ioctl(thread, NoArg::<EVL_THRIOC_DETACH_SELF>::new()) }
}

impl Thread {
    /// Opens a public thread.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let fd = THREADS.open(name)?;
        let path = THREADS.path(name);
        Ok(Self { fd, path })
    }

    /// Detaches the caller, whose file this is.
    pub(crate) fn detach(&self) -> io::Result<()> {
        if me().is_none_or(|me| me.fd != self.fd.as_raw_fd()) {
            return Err(Errno::PERM);
        }
        // To go in-band is asked for, hence nothing to notify of. Detaching does what that fails to do.
        let _ = switch_inband();
        forget_current();
        detach(self.as_fd())
    }

    /// Sets policy and priority.
    pub(crate) fn set_attrs(&self, attrs: evl_sched_attrs) -> io::Result<()> {
        // SAFETY: the request reads an `evl_sched_attrs`.
        unsafe {
            ioctl(
                self.as_fd(),
                Setter::<EVL_THRIOC_SET_SCHEDPARAM, _>::new(attrs),
            )
        }
    }

    /// What the core says of it.
    pub(crate) fn state(&self) -> io::Result<evl_thread_state> {
        // SAFETY: the request writes an `evl_thread_state`, all of it.
        unsafe {
            ioctl(
                self.as_fd(),
                Getter::<EVL_THRIOC_GET_STATE, evl_thread_state>::new(),
            )
        }
    }

    /// Ends its wait.
    pub(crate) fn unblock(&self) -> io::Result<()> {
        // SAFETY: the request has no argument.
        unsafe { ioctl(self.as_fd(), NoArg::<EVL_THRIOC_UNBLOCK>::new()) }
    }

    /// Makes it one of SCHED_WEAK, in-band.
    pub(crate) fn demote(&self) -> io::Result<()> {
        // SAFETY: the request has no argument.
        unsafe { ioctl(self.as_fd(), NoArg::<EVL_THRIOC_DEMOTE>::new()) }
    }

    /// Sets modes: those before.
    pub(crate) fn set_mode(&self, modes: u32) -> io::Result<u32> {
        self.change_mode::<EVL_THRIOC_SET_MODE>(modes)
    }

    /// Clears modes: those before.
    pub(crate) fn clear_mode(&self, modes: u32) -> io::Result<u32> {
        self.change_mode::<EVL_THRIOC_CLEAR_MODE>(modes)
    }

    fn change_mode<const REQUEST: Opcode>(&self, mut modes: u32) -> io::Result<u32> {
        const { assert!(REQUEST == EVL_THRIOC_SET_MODE || REQUEST == EVL_THRIOC_CLEAR_MODE) };
        // SAFETY: both requests read and write a word.
        unsafe { ioctl(self.as_fd(), Updater::<REQUEST, _>::new(&mut modes)) }?;
        Ok(modes)
    }

    /// The node that it is known by.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl AsFd for Thread {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
