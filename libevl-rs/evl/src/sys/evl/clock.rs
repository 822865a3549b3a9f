// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clocks of the core.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use evl_sys::{__kernel_timespec, EVL_CLKIOC_GET_RES, EVL_CLKIOC_GET_TIME, EVL_CLKIOC_SLEEP};
use rustix::io;
use rustix::ioctl::{Getter, Opcode, Setter};

use super::call::{ioctl, oob_ioctl};
use crate::clock::ClockId;
use crate::error::Result;
use crate::system::System;

/// A file of a clock.
#[derive(Debug)]
pub(crate) struct Clock {
    fd: OwnedFd,
    path: PathBuf,
}

impl Clock {
    /// Opens the clock of a system.
    pub(crate) fn open(system: &System, id: ClockId) -> Result<Self> {
        let path = Path::new("/dev/evl/clock").join(id.as_str());
        let fd = system.open_device(&path)?;
        Ok(Self {
            fd,
            path: system.path(path),
        })
    }

    /// Its node.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Its time.
    pub(crate) fn time(&self) -> io::Result<__kernel_timespec> {
        self.get::<EVL_CLKIOC_GET_TIME>()
    }

    /// What separates two of its dates.
    pub(crate) fn resolution(&self) -> io::Result<__kernel_timespec> {
        self.get::<EVL_CLKIOC_GET_RES>()
    }

    fn get<const REQUEST: Opcode>(&self) -> io::Result<__kernel_timespec> {
        const { assert!(REQUEST == EVL_CLKIOC_GET_TIME || REQUEST == EVL_CLKIOC_GET_RES) };
        // SAFETY: both requests write one `__kernel_timespec` to their argument, and their numbers, which evl-sys
        // checks, encode that size. A device which does not know them fails with ENOTTY and writes nothing.
        unsafe { ioctl(self.as_fd(), Getter::<REQUEST, __kernel_timespec>::new()) }
    }

    /// Sleeps until a date, out-of-band.
    pub(crate) fn sleep_until(&self, date: __kernel_timespec) -> io::Result<()> {
        // SAFETY: the request reads a `__kernel_timespec`.
        unsafe { oob_ioctl(self.as_fd(), Setter::<EVL_CLKIOC_SLEEP, _>::new(date)) }
    }
}

impl AsFd for Clock {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
