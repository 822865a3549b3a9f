// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clocks.

use std::path::{Path, PathBuf};

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::core::{block, call, limit};
use crate::clock::ClockId;
use crate::error::Result;
use crate::system::System;

/// A clock of Linux.
#[derive(Debug)]
pub(crate) struct Clock {
    id: ClockId,
    path: PathBuf,
}

impl Clock {
    /// A clock.
    pub(crate) fn open(system: &System, id: ClockId) -> Result<Self> {
        let path = system.path("/dev/evl/clock").join(id.as_str());
        Ok(Self { id, path })
    }

    pub(super) fn id(&self) -> ClockId {
        self.id
    }

    /// What its node would be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its time.
    pub(crate) fn time(&self) -> io::Result<__kernel_timespec> {
        let time = rustix::time::clock_gettime(self.id.posix());
        Ok(__kernel_timespec {
            tv_sec: time.tv_sec,
            tv_nsec: time.tv_nsec,
        })
    }

    /// What separates two of its dates.
    pub(crate) fn resolution(&self) -> io::Result<__kernel_timespec> {
        let time = rustix::time::clock_getres(self.id.posix());
        Ok(__kernel_timespec {
            tv_sec: time.tv_sec,
            tv_nsec: time.tv_nsec,
        })
    }

    /// Sleeps until a date.
    pub(crate) fn sleep_until(&self, date: __kernel_timespec) -> io::Result<()> {
        call(|locked, me| {
            let (locked, done) = block(locked, me, me, (0, false), limit(self.id, Some(date)));
            match done {
                Err(Errno::TIMEDOUT) => (locked, Ok(())),
                done => (locked, done.map(drop)),
            }
        })
    }
}
