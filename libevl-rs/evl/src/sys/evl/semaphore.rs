// SPDX-License-Identifier: MIT OR Apache-2.0
//! Semaphores.

use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use evl_sys::{
    __kernel_timespec, EVL_EVENT_COUNT, EVL_MONIOC_BROADCAST, EVL_MONIOC_SIGNAL, EVL_MONIOC_WAIT,
    EVL_MONITOR_EVENT, evl_monitor_waitreq,
};
use rustix::io::{self, Errno};
use rustix::ioctl::Setter;

use super::call::ioctl;
use super::monitor::{Kind, Monitor};
use super::thread::is_attached;
use crate::error::Result;
use crate::sync::Options;
use crate::word::{self, Step};

const KIND: Kind = Kind {
    r#type: EVL_MONITOR_EVENT,
    protocol: EVL_EVENT_COUNT,
    name: "semaphore",
};

/// Units to get and put.
#[derive(Debug)]
pub(crate) struct Semaphore(Monitor);

impl Semaphore {
    /// Makes one with some units.
    pub(crate) fn new(options: &Options, units: u32) -> Result<Self> {
        Ok(Self(Monitor::new(&KIND, options, units)?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Monitor::open(&[KIND], name)?.0))
    }

    /// Gets a unit, until a date of its clock at most. AGAIN if it was flushed.
    pub(crate) fn get(&self, limit: Option<__kernel_timespec>) -> io::Result<()> {
        if self.get_fast()? == Step::Done {
            return Ok(());
        }
        let mut request = evl_monitor_waitreq {
            gatefd: -1,
            ..evl_monitor_waitreq::default()
        };
        self.0.wait::<EVL_MONIOC_WAIT>(&mut request, limit)
    }

    /// Gets a unit, if there is one: otherwise AGAIN.
    pub(crate) fn try_get(&self) -> io::Result<()> {
        match self.get_fast()? {
            Step::Done => Ok(()),
            _ => Err(Errno::AGAIN),
        }
    }

    fn get_fast(&self) -> io::Result<Step> {
        if !is_attached() {
            return Err(Errno::PERM);
        }
        Ok(word::get(self.0.words[0]))
    }

    /// Puts a unit. OVERFLOW if there are 2^31 - 1.
    pub(crate) fn put(&self) -> io::Result<()> {
        match word::put(self.0.words[0], self.0.words[1]) {
            Step::Done => Ok(()),
            Step::Refused => Err(Errno::OVERFLOW),
            // SAFETY: the request reads an int.
            Step::Core => unsafe {
                ioctl(self.0.as_fd(), Setter::<EVL_MONIOC_SIGNAL, _>::new(1_i32))
            },
        }
    }

    /// Wakes all waiters, who get AGAIN.
    pub(crate) fn flush(&self) -> io::Result<()> {
        // SAFETY: the request reads an int.
        unsafe {
            ioctl(
                self.0.as_fd(),
                Setter::<EVL_MONIOC_BROADCAST, _>::new(0_i32),
            )
        }
    }

    /// Its units, or minus the number of its waiters. It may change at any time.
    pub(crate) fn value(&self) -> i32 {
        self.0.words[0].load(Ordering::Relaxed) as i32
    }
}
