// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Device classes.
//!
//! A class is a directory in `/sys/class`, its devices have their nodes in `/dev/evl`. This is the
//! safe side of `device.c`.

use kernel::{
    bindings,
    error::{from_result, to_result},
    ioctl::_IOC_DIR,
    prelude::*,
    uapi,
};

/// Serves one command of `ioctl()` on the device with the given minor number.
///
/// Runs in-band, in the context of the calling task, and may sleep. Requests of 32-bit programs
/// arrive here too: the layout of all arguments must be the same for them.
pub(crate) type Handler = fn(minor: u32, arg: UserPtr) -> Result;

/// What the devices of a class do.
pub(crate) trait DeviceClass {
    /// The class, as `device.c` names it.
    const ID: bindings::evl_class_id;

    /// How many devices the class can hold.
    const NR_MINORS: u32;

    /// The commands that the devices know, and what serves them.
    const COMMANDS: &'static [(u32, Handler)];
}

/// A registered device class. Dropping it removes the class and its devices.
///
/// # Invariants
///
/// The class `self.0` is registered, and no other instance stands for it.
pub(crate) struct Class(bindings::evl_class_id);

impl Class {
    /// Registers a class that can have devices.
    ///
    /// # Errors
    ///
    /// [`EEXIST`] if the class is registered, [`ENOMEM`], [`EBUSY`] if no device numbers are left.
    pub(crate) fn register<T: DeviceClass>() -> Result<Self> {
        Self::new(T::ID, T::NR_MINORS, Some(ioctl::<T>))
    }

    /// Registers a class that has no devices yet.
    ///
    /// # Errors
    ///
    /// [`EEXIST`] if the class is registered, [`ENOMEM`].
    pub(crate) fn reserve(id: bindings::evl_class_id) -> Result<Self> {
        Self::new(id, 0, None)
    }

    fn new(
        id: bindings::evl_class_id,
        nr_minors: u32,
        ioctl: bindings::evl_ioctl_fn,
    ) -> Result<Self> {
        // SAFETY: The function refuses an unknown class, and minors without an `ioctl`. Functions
        // are static.
        to_result(unsafe { bindings::evl_register_class(id, nr_minors, ioctl) })?;

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
        // SAFETY: The class is registered by the type invariants, and `name` ends in NUL.
        to_result(unsafe { bindings::evl_add_device(self.0, minor, name.as_char_ptr()) })
    }
}

impl Drop for Class {
    fn drop(&mut self) {
        // SAFETY: The class is registered by the type invariants. A file of its devices that is
        // still open uses nothing that goes away: class, cdev and `ioctl` are static.
        unsafe { bindings::evl_unregister_class(self.0) };
    }
}

/// `ioctl()` on a device of the class, as C calls it.
extern "C" fn ioctl<T: DeviceClass>(
    minor: c_uint,
    mode: bindings::fmode_t,
    cmd: c_uint,
    arg: c_ulong,
) -> c_long {
    from_result(|| {
        let mut commands = T::COMMANDS.iter();
        let (_, handler) = commands.find(|(known, _)| *known == cmd).ok_or(ENOTTY)?;
        check_mode(mode, cmd)?;
        handler(minor, UserPtr::from_addr(arg))?;
        Ok(0)
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
