// SPDX-License-Identifier: MIT OR Apache-2.0
//! Semaphores.

use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io::Errno;

use super::{Options, limit};
use crate::error::{Error, Result};
use crate::sys;

/// A semaphore: units that threads get and put.
#[derive(Debug)]
pub struct Semaphore {
    inner: sys::Semaphore,
}

const GET: &str = "get a unit of a semaphore";
const PUT: &str = "put a unit to a semaphore";

impl Semaphore {
    /// Makes a private one with some units, 2^31 - 1 at most.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::new`](super::Mutex::new).
    pub fn new(units: u32) -> Result<Self> {
        Self::with(&Options::new(), units)
    }

    /// Makes one with some units, 2^31 - 1 at most.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`](super::Mutex::with).
    pub fn with(options: &Options, units: u32) -> Result<Self> {
        if i32::try_from(units).is_err() {
            return Err(Error::OutOfRange {
                what: "the number of units",
                found: units.to_string(),
                wanted: "2147483647 or less",
            });
        }
        let inner = sys::Semaphore::new(options, units)?;
        Ok(Self { inner })
    }

    /// Opens a public one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Permission`]; [`Error::Unexpected`] if it is no semaphore.
    pub fn open(name: &str) -> Result<Self> {
        let inner = sys::Semaphore::open(name)?;
        Ok(Self { inner })
    }

    /// Gets a unit, and waits for one if need be: highest priority first.
    ///
    /// **Stage: oob** if it waits, else any.
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if a signal came or the thread was unblocked, [`Error::Flushed`],
    /// [`Error::NotAttached`].
    pub fn get(&self) -> Result<()> {
        self.get_by(None)
    }

    /// Gets a unit, until a date at most.
    ///
    /// **Stage: oob** if it waits, else any.
    ///
    /// # Errors
    ///
    /// Those of [`Semaphore::get`], [`Error::TimedOut`], and [`Error::OutOfRange`] for dates after 292 years.
    pub fn get_until(&self, date: Duration) -> Result<()> {
        self.get_by(limit(date)?)
    }

    fn get_by(&self, limit: Option<__kernel_timespec>) -> Result<()> {
        self.inner.get(limit).map_err(|errno| match errno {
            Errno::AGAIN => Error::Flushed,
            _ => Error::from_call(GET, errno),
        })
    }

    /// Gets a unit if there is one: whether there was.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::NotAttached`].
    pub fn try_get(&self) -> Result<bool> {
        match self.inner.try_get() {
            Ok(()) => Ok(true),
            Err(Errno::AGAIN) => Ok(false),
            Err(errno) => Err(Error::from_call(GET, errno)),
        }
    }

    /// Puts a unit, which the first of those who wait gets. Threads that are not attached may do this.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] if there are 2^31 - 1.
    pub fn put(&self) -> Result<()> {
        self.inner.put().map_err(|errno| match errno {
            Errno::OVERFLOW => Error::OutOfRange {
                what: "the number of units",
                found: "2147483648".to_owned(),
                wanted: "2147483647 or less",
            },
            _ => Error::from_call(PUT, errno),
        })
    }

    /// Wakes up all who wait, with [`Error::Flushed`]. Threads that are not attached may do this.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Call`], if the descriptor was closed behind its back.
    pub fn flush(&self) -> Result<()> {
        let done = self.inner.flush();
        done.map_err(|errno| Error::from_call("flush a semaphore", errno))
    }

    /// How many units there are, or minus the number of those who wait. It may have changed already.
    ///
    /// **Stage: any.**
    pub fn value(&self) -> i32 {
        self.inner.value()
    }
}
