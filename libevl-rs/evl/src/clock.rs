// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clocks.

use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::Duration;

use evl_sys::{__kernel_timespec, EVL_CLKIOC_GET_RES, EVL_CLKIOC_GET_TIME};
use rustix::fs::{Mode, OFlags};
use rustix::ioctl::{Getter, Opcode, ioctl};

use crate::error::{Error, Result};
use crate::system::System;

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

    fn posix(self) -> rustix::time::ClockId {
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

/// An open clock of the core.
#[derive(Debug)]
pub struct Clock {
    id: ClockId,
    path: PathBuf,
    fd: OwnedFd,
}

impl Clock {
    pub(crate) fn open_in(system: &System, id: ClockId) -> Result<Self> {
        let path = system.path("/dev/evl/clock").join(id.as_str());
        let fd = rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| Error::from_open(&path, errno))?;
        Ok(Self { id, path, fd })
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

    /// The time, as the core tells it.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotEvl`] if the device is not a clock of the core, [`Error::Unexpected`] if it did not answer with a time.
    pub fn core_time(&self) -> Result<Duration> {
        self.get::<EVL_CLKIOC_GET_TIME>()
    }

    /// The shortest time that the clock can tell.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`Clock::core_time`].
    pub fn resolution(&self) -> Result<Duration> {
        self.get::<EVL_CLKIOC_GET_RES>()
    }

    /// Issues one of the two requests above.
    fn get<const REQUEST: Opcode>(&self) -> Result<Duration> {
        const { assert!(REQUEST == EVL_CLKIOC_GET_TIME || REQUEST == EVL_CLKIOC_GET_RES) };
        // SAFETY: both requests write one `__kernel_timespec` to their argument, and their numbers, which evl-sys
        // checks, encode that size. A device which does not know them fails with ENOTTY and writes nothing.
        let time = unsafe { ioctl(&self.fd, Getter::<REQUEST, __kernel_timespec>::new()) }
            .map_err(|errno| Error::from_query(&self.path, errno))?;
        duration(&time).ok_or_else(|| Error::Unexpected {
            path: self.path.clone(),
            found: format!("{} s {} ns", time.tv_sec, time.tv_nsec),
            wanted: "a time",
        })
    }
}

fn duration(time: &__kernel_timespec) -> Option<Duration> {
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec)
        .ok()
        .filter(|&ns| ns < 1_000_000_000)?;
    Some(Duration::new(seconds, nanoseconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proper_times_are_times() {
        let time = |tv_sec, tv_nsec| duration(&__kernel_timespec { tv_sec, tv_nsec });
        assert_eq!(time(1, 500_000_000), Some(Duration::from_millis(1500)));
        assert_eq!(
            time(i64::MAX, 999_999_999),
            Some(Duration::new(i64::MAX as u64, 999_999_999))
        );
        for (seconds, nanoseconds) in [(-1, 0), (0, -1), (0, 1_000_000_000), (0, 1 << 40)] {
            assert_eq!(time(seconds, nanoseconds), None);
        }
    }

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
