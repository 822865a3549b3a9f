// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gates, which mutexes are made of.

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::core::{Core, Limit, Locked, block, call, core};
use super::monitor::{Handle, Kind};
use super::thread::my_id;
use crate::error::Result;
use crate::sync::{Options, Protocol};

/// Owned by at most one thread.
#[derive(Debug)]
pub(crate) struct Gate(Handle);

impl Core {
    /// Who owns a gate.
    fn owner(&self, gate: u64) -> Option<u64> {
        match self.monitors.get(&gate)?.kind {
            Kind::Gate { owner, .. } => owner,
            _ => None,
        }
    }

    fn set_owner(&mut self, gate: u64, thread: Option<u64>) {
        let monitor = self.monitors.get_mut(&gate);
        if let Some(Kind::Gate { owner, nesting, .. }) = monitor.map(|monitor| &mut monitor.kind) {
            *owner = thread;
            *nesting = 1;
        }
    }

    /// Gives a gate to the best of those who wait for it, if a thread owns it.
    pub(super) fn release_gate(&mut self, gate: u64, thread: u64) {
        if self.owner(gate) == Some(thread) {
            let next = self.wake_first(gate);
            self.set_owner(gate, next);
        }
    }

    /// Whether the owner of a gate waits, in the end, for a gate that a thread owns.
    fn waits_for(&self, gate: u64, thread: u64) -> bool {
        let mut owner = self.owner(gate);
        // Each turn looks at another thread, for there is no circle yet.
        while let Some(id) = owner {
            if id == thread {
                return true;
            }
            let wait = self.threads.get(&id).and_then(|record| record.wait);
            owner = wait.and_then(|wait| self.owner(wait.on));
        }
        false
    }

    /// Takes a gate that is free.
    fn take_gate(&mut self, gate: u64, me: u64) -> io::Result<()> {
        match self.owner(gate) {
            None => {
                self.set_owner(gate, Some(me));
                Ok(())
            }
            Some(owner) if owner == me => Err(Errno::DEADLK),
            Some(_) => Err(Errno::BUSY),
        }
    }
}

/// Takes a gate, and waits for it if need be. Signals and requests do not end the wait.
fn enter(mut locked: Locked, gate: u64, me: u64, limit: Limit) -> (Locked, io::Result<()>) {
    loop {
        match locked.take_gate(gate, me) {
            Err(Errno::BUSY) => {}
            done => return (locked, done),
        }
        if locked.waits_for(gate, me) {
            return (locked, Err(Errno::DEADLK));
        }
        let done;
        (locked, done) = block(locked, me, gate, (0, false), limit);
        match done {
            // It was handed over.
            Ok(_) => return (locked, Ok(())),
            Err(Errno::INTR) => {}
            Err(errno) => return (locked, Err(errno)),
        }
    }
}

impl Gate {
    /// Makes one that is free.
    pub(crate) fn new(options: &Options, protocol: Protocol, recursive: bool) -> Result<Self> {
        let ceiling = match protocol {
            Protocol::Inheritance => None,
            Protocol::Ceiling(priority) => Some(priority),
        };
        let kind = Kind::Gate {
            owner: None,
            nesting: 0,
            ceiling,
            recursive,
        };
        Ok(Self(Handle::new(options, kind)?))
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        Ok(Self(Handle::open("mutex", name)?))
    }

    pub(super) fn id(&self) -> u64 {
        self.0.id
    }

    /// Whether it is recursive.
    pub(crate) fn is_recursive(&self) -> bool {
        matches!(
            self.0.kind(&mut core()),
            Kind::Gate {
                recursive: true,
                ..
            }
        )
    }

    /// Its ceiling, if it has one.
    pub(crate) fn ceiling(&self) -> Option<u8> {
        match self.0.kind(&mut core()) {
            Kind::Gate { ceiling, .. } => *ceiling,
            _ => None,
        }
    }

    /// Changes its ceiling.
    pub(crate) fn set_ceiling(&self, priority: u8) {
        if let Kind::Gate { ceiling, .. } = self.0.kind(&mut core()) {
            *ceiling = Some(priority);
        }
    }

    /// Whether the caller owns it.
    pub(crate) fn is_mine(&self) -> bool {
        my_id().is_some_and(|me| core().owner(self.0.id) == Some(me))
    }

    /// Takes it, until a date of its clock at most.
    pub(crate) fn lock(&self, date: Option<__kernel_timespec>) -> io::Result<()> {
        call(|locked, me| enter(locked, self.0.id, me, self.0.limit(date)))
    }

    /// Takes it, if it is free: otherwise BUSY.
    pub(crate) fn try_lock(&self) -> io::Result<()> {
        call(|mut locked, me| {
            let done = locked.take_gate(self.0.id, me);
            (locked, done)
        })
    }

    /// Locks once more what the caller owns.
    pub(crate) fn lock_again(&self) -> io::Result<()> {
        match self.0.kind(&mut core()) {
            Kind::Gate { nesting, .. } if *nesting < u32::MAX >> 1 => {
                *nesting += 1;
                Ok(())
            }
            _ => Err(Errno::AGAIN),
        }
    }

    /// Unlocks it, as often as it was locked.
    pub(crate) fn unlock(&self) -> io::Result<()> {
        call(|mut locked, me| {
            if locked.owner(self.0.id) != Some(me) {
                return (locked, Err(Errno::PERM));
            }
            match self.0.kind(&mut locked) {
                Kind::Gate { nesting, .. } if *nesting > 1 => *nesting -= 1,
                _ => locked.release_gate(self.0.id, me),
            }
            (locked, Ok(()))
        })
    }

    /// Releases it while the caller waits for an event, and takes it again whatever came of that.
    pub(super) fn without(
        &self,
        mut locked: Locked,
        me: u64,
        wait: impl FnOnce(Locked) -> (Locked, io::Result<u32>),
    ) -> (Locked, io::Result<()>) {
        locked.release_gate(self.0.id, me);
        let (locked, waited) = wait(locked);
        let (locked, back) = enter(locked, self.0.id, me, None);
        (locked, back.and(waited.map(drop)))
    }
}
