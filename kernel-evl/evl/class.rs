// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Device classes.
//!
//! A class is a directory in `/sys/class`, its devices have their nodes in `/dev/evl`. This is the
//! safe side of `device.c`.

use kernel::{bindings, error::to_result, ioctl::_IOC_DIR, prelude::*, uapi};

use crate::{
    clock, control, element::Handle, ffi, logic::table::ThreadId, monitor, stage::Call, thread_ops,
    timerfd,
};

/// A request for an element, of the current task.
pub(crate) struct Request {
    /// The element.
    pub(crate) element: Handle,
    /// The current task, if it is attached.
    pub(crate) me: Option<ThreadId>,
    /// O_* flags of the file, as if it were O_NONBLOCK for in-band callers. 0 for `ioctl()`.
    pub(crate) flags: u32,
    /// The argument: an address, if anything.
    pub(crate) arg: usize,
}

/// Serves a command of `ioctl()`.
///
/// Requests of 32-bit programs arrive here too: the layout of all arguments must be the same for
/// them.
pub(crate) type Handler = fn(call: &mut Call, request: &Request) -> Result;

/// Where a command may be used.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) enum Where {
    /// By `ioctl()`. May sleep.
    Inband,
    /// By `oob_ioctl()`, which goes out-of-band for it.
    Oob,
    /// By both.
    Both,
}

/// A command, where it may be used, and what serves it.
pub(crate) type Command = (u32, Where, Handler);

/// What the elements of a class do.
pub(crate) struct Ops {
    /// What they know.
    pub(crate) commands: &'static [Command],
    /// `oob_read()` into so many bytes at the request's argument: how many were written.
    pub(crate) read: Option<Transfer>,
    /// `oob_write()` of so many bytes there: how many were read.
    pub(crate) write: Option<Transfer>,
    /// What `poll()` tells, as `EPOLL*`. With it, `read` and `write` serve in-band callers too,
    /// for whom they do not wait.
    pub(crate) poll: Option<fn(Handle) -> u32>,
}

/// Moves data to or from the memory of the application.
pub(crate) type Transfer = fn(&mut Call, &Request, usize) -> Result<usize>;

impl Ops {
    /// What the elements of a class do.
    pub(crate) fn of(class: bindings::evl_class_id) -> Result<&'static Self> {
        match class {
            bindings::evl_class_id_EVL_CLASS_CORE => Ok(&control::OPS),
            bindings::evl_class_id_EVL_CLASS_CLOCK => Ok(&clock::OPS),
            #[cfg(CONFIG_EVL_HECTIC)]
            bindings::evl_class_id_EVL_CLASS_HECTIC => Ok(&crate::hectic::OPS),
            #[cfg(CONFIG_EVL_LATMUS)]
            bindings::evl_class_id_EVL_CLASS_LATMUS => Ok(&crate::latmus::OPS),
            bindings::evl_class_id_EVL_CLASS_MONITOR => Ok(&monitor::OPS),
            bindings::evl_class_id_EVL_CLASS_THREAD => Ok(&thread_ops::OPS),
            bindings::evl_class_id_EVL_CLASS_TIMER => Ok(&timerfd::OPS),
            bindings::evl_class_id_EVL_CLASS_TRACE => Ok(&crate::trace::OPS),
            bindings::evl_class_id_EVL_CLASS_XBUF => Ok(&crate::xbuf::OPS),
            _ => Err(ENXIO),
        }
    }

    /// Serves a command that came by the given way.
    ///
    /// # Errors
    ///
    /// [`ENOTTY`] if there is no such command, [`EBADF`] if the file is not open for it, and those
    /// of the command.
    pub(crate) fn serve(
        &self,
        by: Where,
        cmd: u32,
        mode: bindings::fmode_t,
        call: &mut Call,
        request: &Request,
    ) -> Result {
        let mut commands = self.commands.iter();
        let found = commands
            .find(|(known, place, _)| *known == cmd && (*place == by || *place == Where::Both));
        let (_, _, handler) = found.ok_or(ENOTTY)?;
        check_mode(mode, cmd)?;
        handler(call, request)
    }
}

/// A registered device class. Dropping it removes the class and its devices.
///
/// # Invariants
///
/// The class `self.0` is registered, and no other instance stands for it.
pub(crate) struct Class(bindings::evl_class_id);

impl Class {
    /// Registers a class that can have devices with minor numbers below `nr_minors`.
    ///
    /// # Errors
    ///
    /// [`EEXIST`] if the class is registered, [`ENOMEM`], [`EBUSY`] if no device numbers are left.
    pub(crate) fn register(id: bindings::evl_class_id, nr_minors: u32) -> Result<Self> {
        to_result(ffi::evl_register_class(id, nr_minors))?;

        // INVARIANT: The driver core refuses to register a class twice.
        Ok(Self(id))
    }

    /// Adds a device, with its node.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if `minor` is out of the class's range, [`EEXIST`] if `name` or `minor` is in
    /// use, [`ENOMEM`].
    pub(crate) fn add_device(&self, minor: u32, name: &CStr) -> Result {
        add_device(Handle::new(self.0, minor), name, true)
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        // SAFETY: The class is registered by the type invariants. A file of its devices that is
        // still open uses nothing that goes away: class and cdev are static.
        unsafe { bindings::evl_unregister_class(self.0) };
    }
}

/// Adds the device of an element, with a node if so wanted. In-band, may sleep.
///
/// # Errors
///
/// [`EINVAL`] if its class has no such minor number, [`EEXIST`] if `name` or the number is in use,
/// [`ENOMEM`].
pub(crate) fn add_device(element: Handle, name: &CStr, node: bool) -> Result {
    // SAFETY: `name` ends in NUL; the numbers are checked.
    to_result(unsafe {
        bindings::evl_add_device(element.class(), element.minor(), name.as_char_ptr(), node)
    })
}

/// Checks that a file is open for what a command does: in `mode`, it must be readable for a
/// command with an answer, and writable for one that brings data.
///
/// # Errors
///
/// [`EBADF`] if it is not.
pub(crate) fn check_mode(mode: bindings::fmode_t, cmd: u32) -> Result {
    for (direction, needed) in [
        (uapi::_IOC_READ, bindings::FMODE_READ),
        (uapi::_IOC_WRITE, bindings::FMODE_WRITE),
    ] {
        if _IOC_DIR(cmd) & direction != 0 && mode & needed == 0 {
            return Err(EBADF);
        }
    }

    Ok(())
}
