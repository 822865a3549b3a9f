// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The memory of applications, from both stages.

use kernel::{
    bindings,
    prelude::*,
    transmute::{AsBytes, FromBytes},
};

use crate::stage::Call;

impl Call {
    /// Reads from the memory of the application.
    ///
    /// # Errors
    ///
    /// [`EFAULT`].
    pub(crate) fn read<T: FromBytes + Copy + Default>(&mut self, from: usize) -> Result<T> {
        let mut value = T::default();
        // SAFETY: `value` has the size given, and any bytes make a `T`. No lock is held: a guard
        // would have borrowed a token, and that one `self`.
        let left = unsafe {
            bindings::evl_copy_from_user(
                (&raw mut value).cast(),
                UserPtr::from_addr(from).as_const_ptr(),
                size_of::<T>(),
            )
        };
        if left != 0 {
            return Err(EFAULT);
        }
        Ok(value)
    }

    /// Writes to the memory of the application.
    ///
    /// # Errors
    ///
    /// [`EFAULT`].
    pub(crate) fn write<T: AsBytes>(&mut self, to: usize, value: &T) -> Result {
        // SAFETY: `value` has the size given, and no byte that is not initialised. No lock is held,
        // as in `read`.
        let left = unsafe {
            bindings::evl_copy_to_user(
                UserPtr::from_addr(to).as_mut_ptr(),
                (&raw const *value).cast(),
                size_of::<T>(),
            )
        };
        if left != 0 {
            return Err(EFAULT);
        }
        Ok(())
    }
}
