// SPDX-License-Identifier: MIT OR Apache-2.0
//! Timers.

#[cfg(not(feature = "posix"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::time::Duration;

use evl_sys::__kernel_itimerspec;
use rustix::io::Errno;

use crate::clock::Clock;
use crate::error::{Error, Result};
use crate::sys;
use crate::time::{duration, timespec};

/// When a timer fires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The date of the next shot, by the timer's clock.
    pub next: Duration,
    /// The time between shots; zero if there is one only.
    pub period: Duration,
}

/// A timer of a clock, read for the number of periods that have ended.
///
/// The k-th period ends at `first + k * period`, however late the ones before were served.
///
/// ```no_run
/// use std::time::Duration;
/// use evl::{Clock, ClockId, Policy, Timer, thread};
///
/// # fn main() -> Result<(), evl::Error> {
/// let clock = Clock::open(ClockId::Monotonic)?;
/// let timer = Timer::new(&clock)?;
/// let me = thread::Builder::new().name("blink").policy(Policy::fifo(50)).attach()?;
/// timer.start(clock.now(), Duration::from_millis(1))?;
/// for elapsed in timer.periods().take(1000) {
///     let overruns = elapsed? - 1;
///     assert_eq!(overruns, 0);
/// }
/// # drop(me);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Timer {
    inner: sys::Timer,
}

impl Timer {
    /// Makes a timer which is stopped.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::TooMany`], [`Error::NotRunning`], or [`Error::Io`] if the process has too many files.
    pub fn new(clock: &Clock) -> Result<Self> {
        let inner = sys::Timer::new(clock.inner()).map_err(|errno| match errno {
            Errno::AGAIN => Error::TooMany {
                what: "timers",
                option: "CONFIG_EVL_NR_TIMERS",
            },
            Errno::NXIO => Error::NotRunning,
            _ => Error::from_io(
                "make a timer of",
                Path::new(clock.id().as_str()),
                errno.into(),
            ),
        })?;
        Ok(Self { inner })
    }

    /// Starts it, from now on for a first shot at the date `first` of its clock, and one each `period` after it. With a
    /// period of zero there is only the first. Periods that ended before and were not read are forgotten.
    ///
    /// Returns how it was set, if it ran.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`] for a first date of zero, or times of 292 years and more.
    pub fn start(&self, first: Duration, period: Duration) -> Result<Option<Setting>> {
        if first.is_zero() {
            return Err(Error::OutOfRange {
                what: "the first date",
                found: "0".to_owned(),
                wanted: "later than the epoch of the clock",
            });
        }
        self.set(first, period)
    }

    /// Stops it. Returns how it was set, if it ran.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Call`], if the descriptor was closed behind its back.
    pub fn stop(&self) -> Result<Option<Setting>> {
        self.set(Duration::ZERO, Duration::ZERO)
    }

    /// How it is set, if it runs.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// As [`Timer::stop`].
    pub fn setting(&self) -> Result<Option<Setting>> {
        let setting = self.inner.get();
        setting
            .map(from_kernel)
            .map_err(|errno| Error::from_call("query a timer", errno))
    }

    /// Waits for the end of a period, and returns how many have ended since the last time: 1, if none was missed.
    ///
    /// A timer that is stopped, or had its only shot, never ends another period.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if a signal came or the thread was unblocked, [`Error::NotAttached`],
    /// [`Error::WouldBlock`] if it is [non-blocking](Timer::set_nonblocking).
    pub fn wait(&self) -> Result<u64> {
        let elapsed = self.inner.wait();
        elapsed.map_err(|errno| Error::from_call("wait for a timer", errno))
    }

    /// [`Timer::wait`], again and again.
    ///
    /// **Stage: oob**, each step of it.
    pub fn periods(&self) -> Periods<'_> {
        Periods(self)
    }

    /// Whether [`Timer::wait`] shall fail with [`Error::WouldBlock`] instead of waiting.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`Timer::stop`].
    pub fn set_nonblocking(&self, nonblocking: bool) -> Result<()> {
        let done = self.inner.set_nonblocking(nonblocking);
        done.map_err(|errno| Error::from_call("change a timer", errno))
    }

    fn set(&self, first: Duration, period: Duration) -> Result<Option<Setting>> {
        let setting = __kernel_itimerspec {
            it_interval: timespec("the period", period)?,
            it_value: timespec("the first date", first)?,
        };
        let before = self.inner.set(&setting);
        before
            .map(from_kernel)
            .map_err(|errno| Error::from_call("set a timer", errno))
    }
}

/// A setting, unless it is that of a timer which is stopped.
fn from_kernel(setting: __kernel_itimerspec) -> Option<Setting> {
    let next = duration(&setting.it_value).filter(|next| !next.is_zero())?;
    let period = duration(&setting.it_interval)?;
    Some(Setting { next, period })
}

#[cfg(not(feature = "posix"))]
impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// The ends of a timer's periods, without end: each item is what [`Timer::wait`] returns.
#[derive(Debug)]
pub struct Periods<'a>(&'a Timer);

impl Iterator for Periods<'_> {
    type Item = Result<u64>;

    fn next(&mut self) -> Option<Self::Item> {
        Some(self.0.wait())
    }
}
