// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Why a request was refused.

/// A refusal, named after the error code that an application gets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Error {
    /// EPERM: the caller does not own the gate.
    NotOwner,
    /// ENOENT: there is no such file in the poll set.
    Missing,
    /// EEXIST: the poll set has the file already.
    Exists,
    /// ELOOP: poll sets would be nested too deeply, or within themselves.
    Loop,
    /// EINTR: the wait was broken, or must not begin since the thread was kicked.
    Interrupted,
    /// EAGAIN: it would have to wait, or a semaphore was flushed.
    Again,
    /// EBUSY: it is owned by somebody else, or still in use.
    Busy,
    /// EINVAL: a value out of range, or a combination that makes no sense.
    Invalid,
    /// EDEADLK: waiting would close a circle of owners and waiters.
    Deadlock,
    /// EIDRM: the resource was deleted.
    Removed,
    /// EOVERFLOW: a counter would exceed its range.
    Overflow,
    /// EBADFD: the event is bound to another gate.
    BadState,
    /// ETIMEDOUT: the time limit was reached.
    TimedOut,
    /// ESTALE: the thread is gone.
    Gone,
}

impl Error {
    /// The error code, positive, as on all architectures that the core supports.
    pub const fn errno(self) -> i32 {
        match self {
            Self::NotOwner => 1,
            Self::Missing => 2,
            Self::Interrupted => 4,
            Self::Again => 11,
            Self::Busy => 16,
            Self::Exists => 17,
            Self::Invalid => 22,
            Self::Deadlock => 35,
            Self::Loop => 40,
            Self::Removed => 43,
            Self::Overflow => 75,
            Self::BadState => 77,
            Self::TimedOut => 110,
            Self::Gone => 116,
        }
    }
}
