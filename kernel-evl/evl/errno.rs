// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Error codes that the `kernel` crate does not name.

use kernel::{bindings, prelude::*};

use crate::logic::error::Error as Refusal;

const fn negated(code: u32) -> i32 {
    -(code as i32)
}

/// ESTALE: the element is gone.
pub(crate) fn estale() -> Error {
    Error::from_errno(negated(bindings::ESTALE))
}

/// ENOSYS: the core has no such system call.
pub(crate) fn enosys() -> Error {
    Error::from_errno(negated(bindings::ENOSYS))
}

/// ENAMETOOLONG.
pub(crate) fn enametoolong() -> Error {
    Error::from_errno(negated(bindings::ENAMETOOLONG))
}

/// The error code of a refusal.
pub(crate) fn errno(refusal: Refusal) -> Error {
    Error::from_errno(refusal.errno().saturating_neg())
}
