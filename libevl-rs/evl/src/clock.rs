// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clocks.

use std::fmt;
#[cfg(not(feature = "posix"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io;

use crate::error::{Error, Result};
use crate::sys;
use crate::system::System;
use crate::time::{duration, timespec};

/// A clock which every core has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockId {
    /// Time since an arbitrary start, which nobody can set: CLOCK_MONOTONIC.
    Monotonic,
    /// Time since 1970-01-01 00:00:00 UTC, which can be set: CLOCK_REALTIME.
    Realtime,
}

impl ClockId {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Monotonic, Self::Realtime];

    /// Its name in /dev/evl/clock.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monotonic => "monotonic",
            Self::Realtime => "realtime",
        }
    }

    pub(crate) fn posix(self) -> rustix::time::ClockId {
        match self {
            Self::Monotonic => rustix::time::ClockId::Monotonic,
            Self::Realtime => rustix::time::ClockId::Realtime,
        }
    }
}

impl fmt::Display for ClockId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An open clock of the core. Its dates are durations since its epoch.
#[derive(Debug)]
pub struct Clock {
    id: ClockId,
    inner: sys::Clock,
}

impl Clock {
    /// Opens a built-in clock.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::Permission`], [`Error::NoDriver`] or [`Error::Io`] if its device node cannot be opened.
    pub fn open(id: ClockId) -> Result<Self> {
        Self::open_in(&System::default(), id)
    }

    pub(crate) fn open_in(system: &System, id: ClockId) -> Result<Self> {
        let inner = sys::Clock::open(system, id)?;
        Ok(Self { id, inner })
    }

    /// What the operating system has.
    pub(crate) fn inner(&self) -> &sys::Clock {
        &self.inner
    }

    /// Which clock it is.
    ///
    /// **Stage: any.**
    pub fn id(&self) -> ClockId {
        self.id
    }

    /// The time, read without entering the kernel if the clock source allows it.
    ///
    /// This is the call for a control loop: it goes through the vDSO. If user space cannot read the clock source, the
    /// vDSO falls back to a system call of Linux; `evl check` names such clock sources.
    ///
    /// **Stage: any**, if user space can read the clock source; otherwise **in-band**.
    pub fn now(&self) -> Duration {
        let time = rustix::time::clock_gettime(self.id.posix());
        // Linux lets neither clock be set before its epoch, and keeps nanoseconds in 0..1_000_000_000.
        Duration::new(
            time.tv_sec.unsigned_abs(),
            time.tv_nsec.unsigned_abs() as u32,
        )
    }

    /// Sleeps until a date, less than 292 years after the epoch. A date in the past is no error: it returns at once.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if a signal came or the thread was unblocked, [`Error::NotAttached`],
    /// [`Error::OutOfRange`].
    pub fn sleep_until(&self, date: Duration) -> Result<()> {
        let date = timespec("the date", date)?;
        let slept = self.inner.sleep_until(date);
        slept.map_err(|errno| Error::from_call("sleep", errno))
    }

    /// Sleeps for a time. A loop drifts by this; use [`Clock::sleep_until`] or a [`Timer`](crate::Timer) for periods.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// As [`Clock::sleep_until`].
    pub fn sleep(&self, time: Duration) -> Result<()> {
        self.sleep_until(self.now().saturating_add(time))
    }

    /// The time, as the core tells it.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::NotEvl`] if the device is not a clock of the core, [`Error::Unexpected`] if it did not answer with a time.
    pub fn core_time(&self) -> Result<Duration> {
        self.answer(self.inner.time())
    }

    /// The shortest time that the clock can tell.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// As [`Clock::core_time`].
    pub fn resolution(&self) -> Result<Duration> {
        self.answer(self.inner.resolution())
    }

    fn answer(&self, time: io::Result<__kernel_timespec>) -> Result<Duration> {
        let path = self.inner.path();
        let time = time.map_err(|errno| Error::from_query(path, errno))?;
        duration(&time).ok_or_else(|| Error::Unexpected {
            path: path.to_owned(),
            found: format!("{} s {} ns", time.tv_sec, time.tv_nsec),
            wanted: "a time",
        })
    }
}

#[cfg(not(feature = "posix"))]
impl AsFd for Clock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

#[cfg(all(test, not(feature = "posix")))]
mod tests {
    use super::*;

    #[test]
    fn missing_clock_is_named() {
        let root = tempfile::tempdir().expect("tempdir");
        let error =
            Clock::open_in(&System::at(root.path()), ClockId::Realtime).expect_err("no node");
        assert!(
            error.to_string().contains("dev/evl/clock/realtime"),
            "{error}"
        );
    }

    #[test]
    fn a_file_is_not_a_clock() {
        let root = tempfile::tempdir().expect("tempdir");
        std::fs::create_dir_all(root.path().join("dev/evl/clock")).expect("create");
        std::fs::write(root.path().join("dev/evl/clock/monotonic"), "").expect("write");
        let clock = Clock::open_in(&System::at(root.path()), ClockId::Monotonic).expect("open");
        assert!(matches!(clock.resolution(), Err(Error::NotEvl { .. })));
        assert!(matches!(clock.core_time(), Err(Error::NotEvl { .. })));
        assert!(clock.now() > Duration::ZERO && clock.now() <= clock.now());
    }
}
