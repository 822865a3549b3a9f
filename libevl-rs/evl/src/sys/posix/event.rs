// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events that are waited for under a gate.

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::Thread;
use super::core::{Core, block, call};
use super::gate::Gate;
use super::monitor::{Handle, Kind};
use crate::error::Result;
use crate::sync::Options;

/// Waited for under a gate.
#[derive(Debug)]
pub(crate) struct Event(Handle);

impl Event {
    /// Makes one that is bound to no gate.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        Ok(Self(Handle::new(options, Kind::Event { gate: None })?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Handle::open("event", name)?))
    }

    /// Whether it is bound to a gate, by those who wait.
    fn is_bound(&self, core: &mut Core, gate: &Gate) -> io::Result<bool> {
        if core.waiters(self.0.id).is_empty() {
            return Ok(false);
        }
        match self.0.kind(core) {
            Kind::Event { gate: Some(bound) } if *bound == gate.id() => Ok(true),
            _ => Err(Errno::BADFD),
        }
    }

    /// Waits, until a date of its clock at most. The gate, which the caller owns, is released meanwhile, and owned again
    /// whatever the result is.
    pub(crate) fn wait(&self, gate: &Gate, date: Option<__kernel_timespec>) -> io::Result<()> {
        call(|mut locked, me| {
            if let Err(errno) = self.is_bound(&mut locked, gate) {
                return (locked, Err(errno));
            }
            *self.0.kind(&mut locked) = Kind::Event {
                gate: Some(gate.id()),
            };
            let limit = self.0.limit(date);
            gate.without(locked, me, |locked| {
                block(locked, me, self.0.id, (0, false), limit)
            })
        })
    }

    /// Wakes one waiter, who goes when the gate is released.
    pub(crate) fn signal(&self, gate: &Gate) -> io::Result<()> {
        self.wake(gate, |core, event| {
            core.wake_first(event);
        })
    }

    /// Wakes all waiters, who go when the gate is released.
    pub(crate) fn broadcast(&self, gate: &Gate) -> io::Result<()> {
        self.wake(gate, |core, event| core.wake_all(event, Ok(0)))
    }

    /// Wakes a thread, if it waits, which goes when the gate is released.
    pub(crate) fn signal_thread(&self, gate: &Gate, thread: &Thread) -> io::Result<()> {
        let _ = thread.state()?;
        self.wake(gate, |core, event| {
            if core.waiters(event).contains(&thread.id()) {
                core.wake(thread.id(), Ok(0));
            }
        })
    }

    fn wake(&self, gate: &Gate, body: impl FnOnce(&mut Core, u64)) -> io::Result<()> {
        if !gate.is_mine() {
            return Err(Errno::PERM);
        }
        let mut locked = super::core::core();
        if self.is_bound(&mut locked, gate)? {
            body(&mut locked, self.0.id);
        }
        Ok(())
    }
}
