// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups of flags.

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::core::{Core, block, call, core};
use super::monitor::{Handle, Kind};
use crate::error::Result;
use crate::sync::Options;

/// 32 flags.
#[derive(Debug)]
pub(crate) struct Flags(Handle);

/// What is received of some flags: nothing, if it is not enough.
fn received(bits: u32, (wanted, all): (u32, bool)) -> Option<u32> {
    let hit = bits & wanted;
    (if all { hit == wanted } else { hit != 0 }).then_some(hit)
}

impl Flags {
    /// Makes one with some flags set.
    pub(crate) fn new(options: &Options, bits: u32) -> Result<Self> {
        Ok(Self(Handle::new(options, Kind::Flags { bits })?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Handle::open("group of flags", name)?))
    }

    fn take(&self, core: &mut Core, wanted: (u32, bool)) -> io::Result<u32> {
        let Kind::Flags { bits } = self.0.kind(core) else {
            return Err(Errno::INVAL);
        };
        let hit = received(*bits, wanted).ok_or(Errno::AGAIN)?;
        *bits &= !hit;
        Ok(hit)
    }

    /// Receives some of `bits`, or all of them, until a date of its clock at most.
    pub(crate) fn wait(
        &self,
        bits: u32,
        all: bool,
        date: Option<__kernel_timespec>,
    ) -> io::Result<u32> {
        call(|mut locked, me| match self.take(&mut locked, (bits, all)) {
            Err(Errno::AGAIN) => block(locked, me, self.0.id, (bits, all), self.0.limit(date)),
            done => (locked, done),
        })
    }

    /// Receives some of `bits`, or all of them, if they are set: otherwise AGAIN.
    pub(crate) fn try_wait(&self, bits: u32, all: bool) -> io::Result<u32> {
        call(|mut locked, _| {
            let done = self.take(&mut locked, (bits, all));
            (locked, done)
        })
    }

    /// Sets flags, each for one waiter.
    pub(crate) fn post(&self, more: u32) -> io::Result<()> {
        let mut locked = core();
        if let Kind::Flags { bits } = self.0.kind(&mut locked) {
            *bits |= more;
        }
        for id in locked.waiters(self.0.id) {
            let wait = locked.threads.get(&id).and_then(|record| record.wait);
            let hit = wait.and_then(|wait| self.take(&mut locked, wait.wanted).ok());
            if let Some(hit) = hit {
                locked.wake(id, Ok(hit));
            }
        }
        Ok(())
    }

    /// Gives flags to all waiters, and keeps none.
    pub(crate) fn broadcast(&self, bits: u32) -> io::Result<()> {
        let mut locked = core();
        for id in locked.waiters(self.0.id) {
            let wait = locked.threads.get(&id).and_then(|record| record.wait);
            if let Some(hit) = wait.and_then(|wait| received(bits, wait.wanted)) {
                locked.wake(id, Ok(hit));
            }
        }
        Ok(())
    }

    /// Those that are set.
    pub(crate) fn value(&self) -> u32 {
        match self.0.kind(&mut core()) {
            Kind::Flags { bits } => *bits,
            _ => 0,
        }
    }
}
