// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads of the core.

use std::cell::Cell;
use std::ffi::CString;
use std::mem::offset_of;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::{
    EVL_CLONE_PRIVATE, EVL_CLONE_PUBLIC, EVL_IOC_CLONE, EVL_T_INBAND, EVL_THRIOC_CLEAR_MODE,
    EVL_THRIOC_DEMOTE, EVL_THRIOC_DETACH_SELF, EVL_THRIOC_GET_STATE, EVL_THRIOC_SET_MODE,
    EVL_THRIOC_SET_SCHEDPARAM, EVL_THRIOC_SWITCH_INBAND, EVL_THRIOC_SWITCH_OOB, EVL_THRIOC_UNBLOCK,
    EVL_THRIOC_YIELD, evl_clone_req, evl_sched_attrs, evl_thread_state, evl_user_window,
};
use rustix::fs::{Mode, OFlags};
use rustix::io::{self, Errno};
use rustix::ioctl::{Getter, NoArg, Opcode, Setter, Updater};

use super::call::{ioctl, oob_ioctl};
use super::process::shared;
use crate::clock::{Clock, ClockId};
use crate::error::{Error, Result};
use crate::memory::lock_memory;
use crate::system::System;

/// What an attached thread knows of itself.
#[derive(Clone, Copy)]
pub(crate) struct Me {
    fd: RawFd,
    /// EVL_T_*, written by the core.
    state: &'static AtomicU32,
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

fn class_path(name: &str) -> PathBuf {
    Path::new("/dev/evl/thread").join(name)
}

/// Attaches the caller, as a thread of SCHED_WEAK that is in-band. A public thread has a name.
pub(crate) fn attach(name: Option<&str>, public: bool) -> Result<Thread> {
    lock_memory()?;
    let shared = shared()?;
    // The first look at the time faults in pages of the vDSO.
    Clock::open(ClockId::Monotonic)?.now();

    let clone = System::default().open_device(&class_path("clone"))?;
    let c_name = match name {
        Some(name) => Some(CString::new(name).map_err(|_| Error::bad_name(name))?),
        None => None,
    };
    let mut request = evl_clone_req {
        name_ptr: c_name
            .as_ref()
            .map_or(0, |name| name.as_ptr().expose_provenance() as u64),
        clone_flags: if public {
            EVL_CLONE_PUBLIC
        } else {
            EVL_CLONE_PRIVATE
        },
        ..evl_clone_req::default()
    };
    // SAFETY: the request reads and writes an `evl_clone_req`, and reads a name that ends in NUL where that says.
    unsafe { rustix::ioctl::ioctl(&clone, Updater::<EVL_IOC_CLONE, _>::new(&mut request)) }
        .map_err(|errno| attach_error(name, errno))?;

    let path = class_path(name.unwrap_or("[private]"));
    let fd = if public {
        System::default().open_device(&path)?
    } else {
        // SAFETY: the core has just made this descriptor for us.
        unsafe { OwnedFd::from_raw_fd(request.efd as RawFd) }
    };
    let window = request.eids.state_offset as usize;
    let state = shared
        .word(window + offset_of!(evl_user_window, state))
        .inspect_err(|_| {
            // It reports the error that there was first.
            let _ = detach(fd.as_fd());
        })?;
    ME.set(Some(Me {
        fd: fd.as_raw_fd(),
        state,
    }));
    Ok(Thread { fd, path })
}

fn attach_error(name: Option<&str>, errno: Errno) -> Error {
    let path = class_path("clone");
    match errno {
        Errno::BUSY => Error::AlreadyAttached,
        Errno::INVAL | Errno::NAMETOOLONG
            if name.is_some_and(|name| !crate::name::is_valid(name)) =>
        {
            Error::bad_name(name.unwrap_or_default())
        }
        Errno::INVAL => Error::NoOobCpu {
            cpus: System::default().oob_cpus().unwrap_or_default(),
        },
        Errno::EXIST => Error::NameInUse {
            class: "thread",
            name: name.unwrap_or_default().to_owned(),
        },
        Errno::AGAIN => Error::TooMany {
            what: "threads",
            option: "CONFIG_EVL_NR_THREADS",
        },
        Errno::NXIO => Error::NotRunning,
        _ => Error::from_io("attach to", &path, errno.into()),
    }
}

fn detach(thread: BorrowedFd<'_>) -> io::Result<()> {
    // SAFETY: the request has no argument.
    unsafe { rustix::ioctl::ioctl(thread, NoArg::<EVL_THRIOC_DETACH_SELF>::new()) }
}

impl Thread {
    /// Opens a public thread.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let path = class_path(name);
        let fd = rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()).map_err(
            |errno| match errno {
                Errno::NOENT => Error::NotFound {
                    class: "thread",
                    name: name.to_owned(),
                },
                _ => Error::from_open(&path, errno),
            },
        )?;
        Ok(Self { fd, path })
    }

    /// Detaches the caller, whose file this is.
    pub(crate) fn detach(&self) -> io::Result<()> {
        if me().is_none_or(|me| me.fd != self.fd.as_raw_fd()) {
            return Err(Errno::PERM);
        }
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
