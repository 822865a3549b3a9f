// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Device classes.
//!
//! A class is a directory in `/sys/class`, its devices have their nodes in `/dev/evl`. This is the
//! safe side of `device.c`.

use core::marker::PhantomData;
use kernel::{bindings, error::to_result, prelude::*};

/// What the devices of a class do.
///
/// All methods run in-band, in the context of the calling task, and may sleep.
pub(crate) trait DeviceClass {
    /// The class, as `device.c` names it.
    const ID: bindings::evl_class_id;

    /// How many devices the class can hold.
    const NR_MINORS: u32;

    /// Serves an `ioctl()` on the device with the given minor number.
    ///
    /// Requests of 32-bit programs arrive here too: the layout of all arguments must be the same
    /// for them.
    ///
    /// # Errors
    ///
    /// [`ENOTTY`] for a command that the device does not know, else what the command defines.
    fn ioctl(minor: u32, cmd: u32, arg: UserPtr) -> Result<isize>;
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
        Self::new(T::ID, T::NR_MINORS, FopsVTable::<T>::build())
    }

    /// Registers a class that has no devices yet.
    ///
    /// # Errors
    ///
    /// [`EEXIST`] if the class is registered, [`ENOMEM`].
    pub(crate) fn reserve(id: bindings::evl_class_id) -> Result<Self> {
        Self::new(id, 0, core::ptr::null())
    }

    fn new(
        id: bindings::evl_class_id,
        nr_minors: u32,
        fops: *const bindings::file_operations,
    ) -> Result<Self> {
        // SAFETY: An unknown class is refused. `fops` comes from `build()`, hence is static; it is
        // NULL only if `nr_minors` is zero, and is not looked at then.
        to_result(unsafe { bindings::evl_register_class(id, nr_minors, fops) })?;

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
        // still open uses nothing that goes away: class, cdev and file operations are static.
        unsafe { bindings::evl_unregister_class(self.0) };
    }
}

/// The file operations of a [`DeviceClass`].
struct FopsVTable<T: DeviceClass>(PhantomData<T>);

impl<T: DeviceClass> FopsVTable<T> {
    /// # Safety
    ///
    /// `file` must be an open file of a device of the class.
    unsafe extern "C" fn ioctl(file: *mut bindings::file, cmd: c_uint, arg: c_ulong) -> c_long {
        // SAFETY: The inode of an open file stays, and its device number never changes.
        let dev = unsafe { (*(*file).f_inode).i_rdev };
        let minor = dev & ((1 << bindings::MINORBITS) - 1);

        match T::ioctl(minor, cmd, UserPtr::from_addr(arg)) {
            Ok(ret) => ret as c_long,
            Err(err) => err.to_errno() as c_long,
        }
    }

    const VTABLE: bindings::file_operations = bindings::file_operations {
        unlocked_ioctl: Some(Self::ioctl),
        #[cfg(CONFIG_COMPAT)]
        compat_ioctl: Some(bindings::compat_ptr_ioctl),
        ..pin_init::zeroed()
    };

    const fn build() -> &'static bindings::file_operations {
        &Self::VTABLE
    }
}
