// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The memory of applications, from both stages.

use kernel::{
    alloc::{flags, Flags},
    bindings,
    prelude::*,
    transmute::{AsBytes, FromBytes},
};

use crate::stage::Call;

/// How to allocate as much as an application says: it is charged for that, and refused without a
/// word in the kernel's log.
pub(crate) fn sized() -> Flags {
    flags::GFP_KERNEL_ACCOUNT | flags::__GFP_NOWARN
}

impl Call {
    /// Reads from the memory of the application.
    ///
    /// # Errors
    ///
    /// [`EFAULT`].
    pub(crate) fn read<T: FromBytes + Copy + Default>(&mut self, from: usize) -> Result<T> {
        let mut value = T::default();
        self.read_into(from, &mut value)?;
        Ok(value)
    }

    /// The same, to a place.
    ///
    /// # Errors
    ///
    /// [`EFAULT`].
    pub(crate) fn read_into<T: FromBytes + ?Sized>(&mut self, from: usize, to: &mut T) -> Result {
        // SAFETY: `to` has the size given, and any bytes make a `T`. No lock is held: a guard would
        // have borrowed a token, and that one `self`.
        let left = unsafe {
            bindings::evl_copy_from_user(
                (&raw mut *to).cast(),
                UserPtr::from_addr(from).as_const_ptr(),
                size_of_val(to),
            )
        };
        if left != 0 {
            return Err(EFAULT);
        }
        Ok(())
    }

    /// Writes to the memory of the application.
    ///
    /// # Errors
    ///
    /// [`EFAULT`].
    pub(crate) fn write<T: AsBytes + ?Sized>(&mut self, to: usize, value: &T) -> Result {
        // SAFETY: `value` has the size given, and no byte that is not initialised. No lock is held,
        // as in `read`.
        let left = unsafe {
            bindings::evl_copy_to_user(
                UserPtr::from_addr(to).as_mut_ptr(),
                (&raw const *value).cast(),
                size_of_val(value),
            )
        };
        if left != 0 {
            return Err(EFAULT);
        }
        Ok(())
    }
}
