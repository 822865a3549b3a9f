// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Gated events (EVL_EVENT_GATED): condition variables.
//!
//! An event is bound to the gate under which threads wait for it, as long as any do. Signaling
//! it marks the shared [words](super::word::signal) of the event and of its gate; the waiters are woken
//! when the gate is released, which is when they can have it. One lock protects the events of all
//! gates, and these with their waiters; it is taken outside of the PI lock.

use super::{
    error::Error,
    list::{Link, List, ListSlot},
    table::{EventId, GateId, Table, ThreadId},
    thread::Thread,
    waitqueue::{Order, WaitQueue},
    word::signal::Signal,
};

/// The record that links an event to its gate.
#[derive(Debug, Default)]
pub struct EventLink {
    link: Link,
}

impl EventLink {
    /// Of an event bound to no gate.
    pub const fn new() -> Self {
        Self { link: Link::new() }
    }
}

/// Links an event to its gate.
#[derive(Debug)]
pub struct EventSlot;

impl ListSlot for EventSlot {
    type Id = EventId;
    type Record = EventLink;

    fn link(event: &EventLink) -> &Link {
        &event.link
    }
}

/// The events bound to a gate.
pub type Events = List<EventSlot>;

/// The waiters of an event.
#[derive(Debug)]
pub struct Event {
    gate: Option<GateId>,
    waiters: WaitQueue,
    /// Waiters that were signaled by name, until the gate is released.
    picked: WaitQueue,
}

impl Event {
    /// Nobody waits, bound to no gate. Tags as for [`WaitQueue::new`].
    pub const fn new(waiters: u32, picked: u32, order: Order) -> Self {
        Self {
            gate: None,
            waiters: WaitQueue::new(waiters, order),
            picked: WaitQueue::new(picked, order),
        }
    }

    /// The gate that it is bound to.
    pub const fn gate(&self) -> Option<GateId> {
        self.gate
    }

    /// Queues `me`, who owns the gate and is about to release it. O(log n).
    ///
    /// Returns whether the event was bound to the gate by this, and must be added to the gate's
    /// [`Events`].
    ///
    /// # Errors
    ///
    /// [`Error::BadState`] if the event is bound to another gate, [`Error::Invalid`] if `me` waits
    /// elsewhere.
    pub fn wait<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        me: ThreadId,
        gate: GateId,
    ) -> Result<bool, Error> {
        if self.gate.is_some_and(|bound| bound != gate) {
            return Err(Error::BadState);
        }
        if !self.waiters.add(table, me) {
            return Err(Error::Invalid);
        }
        Ok(self.gate.replace(gate).is_none())
    }

    /// Picks a waiter to be woken when the gate is released; false if it does not wait here, or
    /// was picked before. O(log n).
    ///
    /// The caller then sets SIGNALED and TARGETED of the event, and SIGNALED of the gate.
    pub fn pick<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        target: ThreadId,
    ) -> bool {
        self.waiters.remove(table, target) && self.picked.add(table, target)
    }

    /// Takes out whom a signal wakes. O(log n) each.
    ///
    /// `woken` gets the threads to wake: [`Broadcast`](super::status::Release::Broadcast) for
    /// [`Signal::All`], [`Signal`](super::status::Release::Signal) for [`Signal::Targeted`], else
    /// [`Wakeup`](super::status::Release::Wakeup). They go for the gate again by themselves.
    pub fn deliver<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        signal: Signal,
        mut woken: impl FnMut(ThreadId),
    ) {
        let (ordinary, picked) = match signal {
            Signal::None => (0, 0),
            Signal::One => (1, 0),
            Signal::Targeted => (0, self.picked.len()),
            Signal::All => (self.waiters.len(), self.picked.len()),
        };
        for _ in 0..picked {
            self.picked.pop(table).into_iter().for_each(&mut woken);
        }
        for _ in 0..ordinary {
            self.waiters.pop(table).into_iter().for_each(&mut woken);
        }
    }

    /// Ends a wait that a time limit, a signal or a request broke; false if it had ended. O(log n).
    pub fn cancel<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T, id: ThreadId) -> bool {
        self.waiters.remove(table, id) || self.picked.remove(table, id)
    }

    /// Gives a waiter the place of its present priority. O(log n).
    pub fn requeue<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T, id: ThreadId) {
        self.waiters.requeue(table, id);
        self.picked.requeue(table, id);
    }

    /// Unbinds the event if nobody waits any more: the gate that it was bound to, from whose
    /// [`Events`] it must be removed. To be called after waiters left.
    pub fn unbind(&mut self) -> Option<GateId> {
        if self.waiters.is_empty() && self.picked.is_empty() {
            self.gate.take()
        } else {
            None
        }
    }
}
