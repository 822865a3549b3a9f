// SPDX-License-Identifier: MIT OR Apache-2.0
//! Semaphores.

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::core::{Core, block, call, core};
use super::monitor::{Handle, Kind};
use super::thread::is_attached;
use crate::error::Result;
use crate::sync::Options;

/// Units to get and put.
#[derive(Debug)]
pub(crate) struct Semaphore(Handle);

impl Semaphore {
    /// Makes one with some units, which fit an i32.
    pub(crate) fn new(options: &Options, units: u32) -> Result<Self> {
        let units = units as i32;
        Ok(Self(Handle::new(options, Kind::Semaphore { units })?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Handle::open("semaphore", name)?))
    }

    /// Adds to the units, if the sum is not negative and fits.
    fn add(&self, core: &mut Core, change: i32) -> bool {
        match self.0.kind(core) {
            Kind::Semaphore { units } => match units.checked_add(change).filter(|&sum| sum >= 0) {
                Some(sum) => {
                    *units = sum;
                    true
                }
                None => false,
            },
            _ => false,
        }
    }

    /// Gets a unit, until a date of its clock at most. AGAIN if it was flushed.
    pub(crate) fn get(&self, date: Option<__kernel_timespec>) -> io::Result<()> {
        call(|mut locked, me| {
            if self.add(&mut locked, -1) {
                return (locked, Ok(()));
            }
            let (locked, done) = block(locked, me, self.0.id, (0, false), self.0.limit(date));
            (locked, done.map(drop))
        })
    }

    /// Gets a unit, if there is one: otherwise AGAIN.
    pub(crate) fn try_get(&self) -> io::Result<()> {
        if !is_attached() {
            return Err(Errno::PERM);
        }
        if self.add(&mut core(), -1) {
            Ok(())
        } else {
            Err(Errno::AGAIN)
        }
    }

    /// Puts a unit. OVERFLOW if there are 2^31 - 1.
    pub(crate) fn put(&self) -> io::Result<()> {
        let mut locked = core();
        if locked.wake_first(self.0.id).is_some() || self.add(&mut locked, 1) {
            return Ok(());
        }
        Err(Errno::OVERFLOW)
    }

    /// Wakes all waiters, who get AGAIN.
    pub(crate) fn flush(&self) -> io::Result<()> {
        core().wake_all(self.0.id, Err(Errno::AGAIN));
        Ok(())
    }

    /// Its units, or minus the number of its waiters.
    pub(crate) fn value(&self) -> i32 {
        let mut locked = core();
        let waiters = locked.waiters(self.0.id).len() as i32;
        match self.0.kind(&mut locked) {
            Kind::Semaphore { units } => *units - waiters,
            _ => 0,
        }
    }
}
