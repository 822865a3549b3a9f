// SPDX-License-Identifier: MIT OR Apache-2.0
//! Timers of the core.

use std::os::fd::{AsFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};

use evl_sys::{
    __kernel_itimerspec, EVL_CLKIOC_NEW_TIMER, EVL_TFDIOC_GET, EVL_TFDIOC_SET, evl_timer_setreq,
};
use rustix::io::{self, Errno};
use rustix::ioctl::{Getter, Updater};

use super::Clock;
use super::call::{ioctl, oob_read};

/// A file of a timer.
#[derive(Debug)]
pub(crate) struct Timer(OwnedFd);

impl Timer {
    /// Makes one that is stopped.
    pub(crate) fn new(clock: &Clock) -> io::Result<Self> {
        let mut fd: RawFd = -1;
        // SAFETY: the request writes an int to its argument.
        unsafe { rustix::ioctl::ioctl(clock, Updater::<EVL_CLKIOC_NEW_TIMER, _>::new(&mut fd)) }?;
        // SAFETY: the core has just made this descriptor for us.
        Ok(Self(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    /// Starts or stops it: the setting before.
    pub(crate) fn set(&self, setting: &__kernel_itimerspec) -> io::Result<__kernel_itimerspec> {
        let mut before = __kernel_itimerspec::default();
        let mut request = evl_timer_setreq {
            value_ptr: std::ptr::from_ref(setting).expose_provenance() as u64,
            ovalue_ptr: std::ptr::from_mut(&mut before).expose_provenance() as u64,
        };
        // SAFETY: the request reads an `evl_timer_setreq`; it reads and writes an `__kernel_itimerspec` where that says.
        unsafe {
            ioctl(
                self.as_fd(),
                Updater::<EVL_TFDIOC_SET, _>::new(&mut request),
            )
        }?;
        Ok(before)
    }

    /// Its setting.
    pub(crate) fn get(&self) -> io::Result<__kernel_itimerspec> {
        // SAFETY: the request writes an `__kernel_itimerspec`.
        unsafe {
            ioctl(
                self.as_fd(),
                Getter::<EVL_TFDIOC_GET, __kernel_itimerspec>::new(),
            )
        }
    }

    /// Waits for the end of a period, out-of-band: how many have ended.
    pub(crate) fn wait(&self) -> io::Result<u64> {
        let mut elapsed = [0; size_of::<u64>()];
        match oob_read(self.as_fd(), &mut elapsed)? {
            size if size == elapsed.len() => Ok(u64::from_ne_bytes(elapsed)),
            _ => Err(Errno::IO),
        }
    }

    /// Whether to wait.
    pub(crate) fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        rustix::io::ioctl_fionbio(&self.0, nonblocking)
    }
}

impl AsFd for Timer {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
