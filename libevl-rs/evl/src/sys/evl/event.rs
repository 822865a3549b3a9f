// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events that are waited for under a gate.

use std::os::fd::{AsFd, AsRawFd};
use std::sync::atomic::Ordering;

use evl_sys::{
    __kernel_timespec, EVL_EVENT_GATED, EVL_MONIOC_UNWAIT, EVL_MONIOC_WAIT, EVL_MONITOR_BROADCAST,
    EVL_MONITOR_EVENT, EVL_MONITOR_NOGATE, EVL_MONITOR_SIGNALED, EVL_THRIOC_SIGNAL,
    evl_monitor_waitreq,
};
use rustix::io::{self, Errno};
use rustix::ioctl::{Setter, Updater};

use super::Thread;
use super::call::{oob_ioctl, oob_request};
use super::gate::Gate;
use super::monitor::{Kind, Monitor};
use crate::error::Result;
use crate::sync::Options;

const KIND: Kind = Kind {
    r#type: EVL_MONITOR_EVENT,
    protocol: EVL_EVENT_GATED,
    name: "event",
};

/// Waited for under a gate.
#[derive(Debug)]
pub(crate) struct Event(Monitor);

impl Event {
    /// Makes one that is bound to no gate.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        Ok(Self(Monitor::new(&KIND, options, 0)?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Monitor::open(&[KIND], name)?.0))
    }

    /// Waits, until a date of its clock at most. The gate, which the caller owns, is released meanwhile, and owned again
    /// whatever the result is.
    pub(crate) fn wait(&self, gate: &Gate, limit: Option<__kernel_timespec>) -> io::Result<()> {
        if !gate.is_mine() {
            return Err(Errno::PERM);
        }
        let mut request = evl_monitor_waitreq {
            gatefd: gate.monitor.as_fd().as_raw_fd(),
            // What the wait came to if the core does not say: interrupted.
            status: -Errno::INTR.raw_os_error(),
            ..evl_monitor_waitreq::default()
        };
        let done = self.0.wait::<EVL_MONIOC_WAIT>(&mut request, limit);
        if done.is_err() {
            regain(&self.0, gate);
        }
        gate.begin();
        match done {
            // The wait had ended, and the attempt to get the gate back was interrupted.
            Err(Errno::INTR) => result_of(request.status),
            done => done,
        }
    }

    /// Wakes one waiter when the gate, which the caller owns, is released.
    pub(crate) fn signal(&self, gate: &Gate) -> io::Result<()> {
        self.mark(gate, EVL_MONITOR_SIGNALED)
    }

    /// Wakes all waiters when the gate, which the caller owns, is released.
    pub(crate) fn broadcast(&self, gate: &Gate) -> io::Result<()> {
        self.mark(gate, EVL_MONITOR_SIGNALED | EVL_MONITOR_BROADCAST)
    }

    /// Wakes a thread, if it waits, when the gate, which the caller owns, is released.
    pub(crate) fn signal_thread(&self, gate: &Gate, thread: &Thread) -> io::Result<()> {
        if self.is_bound(gate)? {
            let event = self.0.as_fd().as_raw_fd() as u32;
            // SAFETY: the request reads the number of a descriptor.
            unsafe { oob_request(thread.as_fd(), Setter::<EVL_THRIOC_SIGNAL, _>::new(event)) }?;
        }
        Ok(())
    }

    /// Whether the event is bound to the gate, by those who wait.
    ///
    /// Relaxed: it is bound and unbound by threads that own the gate, as the caller does.
    fn is_bound(&self, gate: &Gate) -> io::Result<bool> {
        if !gate.is_mine() {
            return Err(Errno::PERM);
        }
        match self.0.words[2].load(Ordering::Relaxed) {
            EVL_MONITOR_NOGATE => Ok(false),
            offset if offset == gate.monitor.offset => Ok(true),
            _ => Err(Errno::BADFD),
        }
    }

    /// Relaxed: the core reads the flags when the caller calls it to release the gate.
    fn mark(&self, gate: &Gate, flags: u32) -> io::Result<()> {
        if self.is_bound(gate)? {
            self.0.flags.fetch_or(flags, Ordering::Relaxed);
            gate.monitor
                .flags
                .fetch_or(EVL_MONITOR_SIGNALED, Ordering::Relaxed);
        }
        Ok(())
    }
}

fn result_of(status: i32) -> io::Result<()> {
    match status {
        0 => Ok(()),
        status => Err(Errno::from_raw_os_error(status.wrapping_neg())),
    }
}

/// Takes the gate back after a wait that failed, unless it was refused before the gate was released.
fn regain(event: &Monitor, gate: &Gate) {
    while !gate.is_mine() {
        let mut fd = gate.monitor.as_fd().as_raw_fd();
        // SAFETY: the request reads, and may write, the number of a descriptor.
        let done =
            unsafe { oob_ioctl(event.as_fd(), Updater::<EVL_MONIOC_UNWAIT, _>::new(&mut fd)) };
        match done {
            Ok(()) => return,
            Err(Errno::INTR) => {}
            Err(errno) => {
                // The caller has a guard, which promises that the gate is owned: there is no way back.
                eprintln!("evl: cannot lock a mutex again after a wait: {errno}");
                std::process::abort();
            }
        }
    }
}
