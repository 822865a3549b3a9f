// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups of flags.

use std::os::fd::AsFd;
use std::sync::atomic::Ordering;

use evl_sys::{
    __kernel_timespec, EVL_EVENT_MASK, EVL_MONIOC_BROADCAST, EVL_MONIOC_SIGNAL, EVL_MONIOC_TRYWAIT,
    EVL_MONIOC_TRYWAIT_EXACT, EVL_MONIOC_WAIT, EVL_MONIOC_WAIT_EXACT, EVL_MONITOR_EVENT,
    evl_monitor_waitreq,
};
use rustix::io;
use rustix::ioctl::{Setter, Updater};

use super::call::{ioctl, oob_request};
use super::monitor::{Kind, Monitor};
use crate::error::Result;
use crate::sync::Options;

const KIND: Kind = Kind {
    r#type: EVL_MONITOR_EVENT,
    protocol: EVL_EVENT_MASK,
    name: "group of flags",
};

/// 32 flags.
#[derive(Debug)]
pub(crate) struct Flags(Monitor);

impl Flags {
    /// Makes one with some flags set.
    pub(crate) fn new(options: &Options, bits: u32) -> Result<Self> {
        Ok(Self(Monitor::new(&KIND, options, bits)?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Monitor::open(&[KIND], name)?.0))
    }

    /// Receives some of `bits`, or all of them, until a date of its clock at most.
    pub(crate) fn wait(
        &self,
        bits: u32,
        all: bool,
        limit: Option<__kernel_timespec>,
    ) -> io::Result<u32> {
        let mut request = evl_monitor_waitreq {
            gatefd: -1,
            value: bits as i32,
            ..evl_monitor_waitreq::default()
        };
        if all {
            self.0.wait::<EVL_MONIOC_WAIT_EXACT>(&mut request, limit)?;
        } else {
            self.0.wait::<EVL_MONIOC_WAIT>(&mut request, limit)?;
        }
        Ok(request.value as u32)
    }

    /// Receives some of `bits`, or all of them, if they are set: otherwise AGAIN.
    pub(crate) fn try_wait(&self, bits: u32, all: bool) -> io::Result<u32> {
        let mut value = bits as i32;
        // SAFETY: both requests read and write an int.
        unsafe {
            if all {
                oob_request(
                    self.0.as_fd(),
                    Updater::<EVL_MONIOC_TRYWAIT_EXACT, _>::new(&mut value),
                )
            } else {
                oob_request(
                    self.0.as_fd(),
                    Updater::<EVL_MONIOC_TRYWAIT, _>::new(&mut value),
                )
            }
        }?;
        Ok(value as u32)
    }

    /// Sets flags, each for one waiter.
    pub(crate) fn post(&self, bits: u32) -> io::Result<()> {
        // SAFETY: the request reads an int.
        unsafe {
            ioctl(
                self.0.as_fd(),
                Setter::<EVL_MONIOC_SIGNAL, _>::new(bits as i32),
            )
        }
    }

    /// Gives flags to all waiters, and keeps none.
    pub(crate) fn broadcast(&self, bits: u32) -> io::Result<()> {
        // SAFETY: the request reads an int.
        unsafe {
            ioctl(
                self.0.as_fd(),
                Setter::<EVL_MONIOC_BROADCAST, _>::new(bits as i32),
            )
        }
    }

    /// Those that are set. They may change at any time.
    pub(crate) fn value(&self) -> u32 {
        self.0.words[0].load(Ordering::Relaxed)
    }
}
