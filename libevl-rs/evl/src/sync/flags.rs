// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups of flags.

use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::{Options, limit};
use crate::error::{Error, Result};
use crate::sys;

/// A group of 32 flags, which threads post and wait for.
#[derive(Debug)]
pub struct Flags {
    inner: sys::Flags,
}

const WAIT: &str = "wait for flags";
const POST: &str = "post flags";

impl Flags {
    /// All flags, to wait for any.
    pub const ALL: u32 = u32::MAX;

    /// Makes a private one, with no flag set.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::new`](super::Mutex::new).
    pub fn new() -> Result<Self> {
        Self::with(&Options::new(), 0)
    }

    /// Makes one, with some flags set.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`](super::Mutex::with).
    pub fn with(options: &Options, bits: u32) -> Result<Self> {
        let inner = sys::Flags::new(options, bits)?;
        Ok(Self { inner })
    }

    /// Opens a public one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Permission`]; [`Error::Unexpected`] if it is no group of flags.
    pub fn open(name: &str) -> Result<Self> {
        let inner = sys::Flags::open(name)?;
        Ok(Self { inner })
    }

    /// Waits until one or more of `bits` are set, and takes those: which they were.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if a signal came or the thread was unblocked, [`Error::NotAttached`],
    /// [`Error::OutOfRange`] if no flag is wanted.
    pub fn wait(&self, bits: u32) -> Result<u32> {
        self.wait_by(bits, false, None)
    }

    /// The same, until a date at most.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// Those of [`Flags::wait`], [`Error::TimedOut`], and [`Error::OutOfRange`] for dates after 292 years.
    pub fn wait_until(&self, bits: u32, date: Duration) -> Result<u32> {
        self.wait_by(bits, false, limit(date)?)
    }

    /// Waits until all of `bits` are set, and takes them.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// Those of [`Flags::wait`].
    pub fn wait_all(&self, bits: u32) -> Result<()> {
        self.wait_by(bits, true, None).map(drop)
    }

    /// The same, until a date at most.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// Those of [`Flags::wait_until`].
    pub fn wait_all_until(&self, bits: u32, date: Duration) -> Result<()> {
        self.wait_by(bits, true, limit(date)?).map(drop)
    }

    fn wait_by(&self, bits: u32, all: bool, limit: Option<__kernel_timespec>) -> Result<u32> {
        check(bits)?;
        let received = self.inner.wait(bits, all, limit);
        received.map_err(|errno| Error::from_call(WAIT, errno))
    }

    /// Takes those of `bits` that are set: 0 if none is.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::NotAttached`], [`Error::OutOfRange`] if no flag is wanted.
    pub fn try_wait(&self, bits: u32) -> Result<u32> {
        check(bits)?;
        or_none(self.inner.try_wait(bits, false))
    }

    /// Takes all of `bits` if all are set: whether they were.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// Those of [`Flags::try_wait`].
    pub fn try_wait_all(&self, bits: u32) -> Result<bool> {
        check(bits)?;
        or_none(self.inner.try_wait(bits, true)).map(|received| received != 0)
    }

    /// Sets flags. Each goes to one of those who wait for it, or stays until somebody does. Threads that are not attached
    /// may do this.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if there is no flag in `bits`.
    pub fn post(&self, bits: u32) -> Result<()> {
        check(bits)?;
        let done = self.inner.post(bits);
        done.map_err(|errno| Error::from_call(POST, errno))
    }

    /// Gives flags to all who wait for some of them, and keeps none. Threads that are not attached may do this.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if there is no flag in `bits`.
    pub fn broadcast(&self, bits: u32) -> Result<()> {
        check(bits)?;
        let done = self.inner.broadcast(bits);
        done.map_err(|errno| Error::from_call(POST, errno))
    }

    /// Which are set. It may have changed already.
    ///
    /// **Stage: any.**
    pub fn value(&self) -> u32 {
        self.inner.value()
    }
}

fn check(bits: u32) -> Result<()> {
    if bits == 0 {
        return Err(Error::OutOfRange {
            what: "the set of flags",
            found: "empty".to_owned(),
            wanted: "one or more",
        });
    }
    Ok(())
}

fn or_none(received: io::Result<u32>) -> Result<u32> {
    match received {
        Ok(bits) => Ok(bits),
        Err(Errno::AGAIN) => Ok(0),
        Err(errno) => Err(Error::from_call(WAIT, errno)),
    }
}
