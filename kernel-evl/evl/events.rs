// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Gated events: what threads wait for with a gate.
//!
//! Applications signal an event by marking its window, and that of the gate, which they own. The
//! waiters are woken when the gate is left, and take it again by themselves.

use core::sync::atomic::Ordering::Relaxed;
use kernel::{alloc::KVVec, bindings, prelude::*};

use crate::{
    element::Handle,
    errno::errno,
    gates,
    lock::HardSpinLock,
    logic::{
        error::Error as Refusal,
        event::{Event, Events},
        status::{Block, Release},
        table::{EventId, GateId, Id, ThreadId},
        tree::Place,
        waitqueue::Order,
        word::signal::{collect, Signal, BROADCAST, SIGNALED, TARGETED},
        word::Word,
    },
    monitor::{self, FLAGS, GATE_OFFSET, NESTING},
    stage::{HardIrqs, HardIrqsOff, Oob},
    system::System,
    thread,
    waits::{self, pause, Kind, Limit},
};

/// The events, by index of their monitors, and which of them are bound to a gate.
struct Table {
    events: KVVec<Event>,
    bound: KVVec<Events>,
}

/// The lock of all gated events. Taken outside of the PI lock.
static TABLE: HardSpinLock<Table> = HardSpinLock::new(Table {
    events: KVVec::new(),
    bound: KVVec::new(),
});

/// Makes room for so many. Once, in-band, may sleep.
pub(crate) fn init(count: usize) -> Result {
    let mut events = KVVec::with_capacity(count, GFP_KERNEL)?;
    let mut bound = KVVec::with_capacity(count, GFP_KERNEL)?;
    for index in (0..).take(count) {
        let tags = [Kind::Event, Kind::Picked].map(|kind| waits::tag(kind, index));
        events.push(Event::new(tags[0], tags[1], Order::Priority), GFP_KERNEL)?;
        bound.push(Events::new(index), GFP_KERNEL)?;
    }
    let guard = HardIrqs::off();
    // What it replaces is empty: nothing to free.
    *TABLE.lock(&guard.token()) = Table { events, bound };
    Ok(())
}

fn set_word(index: u32, word: usize, value: u32) {
    if let Some(word) = monitor::of(index).and_then(|record| record.word(word)) {
        word.store(value, Relaxed);
    }
}

impl Table {
    fn event(&mut self, index: u32) -> Option<&mut Event> {
        self.events.get_mut(index as usize)
    }

    /// Queues a thread, which owns the gate.
    fn wait(&mut self, id: EventId, gate: GateId, me: ThreadId) -> Result<(), Refusal> {
        let event = self.event(id.index()).ok_or(Refusal::Invalid)?;
        if !event.wait(&System, me, gate)? {
            return Ok(());
        }
        if let Some(bound) = self.bound.get_mut(gate.index() as usize) {
            // It was bound to none: nothing to refuse.
            let _ = bound.insert(&System, id, Place::Tail);
        }
        // What was signaled to nobody is forgotten.
        set_word(id.index(), FLAGS, 0);
        let offset = monitor::of(gate.index()).map_or(0, |record| record.state_offset());
        set_word(id.index(), GATE_OFFSET, offset);
        Ok(())
    }

    /// Unbinds an event if nobody waits for it any more.
    fn unbind(&mut self, id: EventId) {
        let Some(gate) = self.event(id.index()).and_then(Event::unbind) else {
            return;
        };
        if let Some(bound) = self.bound.get_mut(gate.index() as usize) {
            bound.remove(&System, id);
        }
        set_word(id.index(), GATE_OFFSET, bindings::EVL_MONITOR_NOGATE);
    }

    /// Wakes whom a signal is for.
    fn wake(&mut self, id: EventId, signal: Signal, cause: Release, irqs: &HardIrqsOff<'_>) {
        if let Some(event) = self.event(id.index()) {
            event.deliver(&System, signal, |waiter| {
                thread::release(waiter, cause, irqs);
            });
        }
        self.unbind(id);
    }

    /// Calls `f` for each event that is bound to a gate, which may unbind it.
    fn for_each(&mut self, gate: GateId, mut f: impl FnMut(&mut Self, EventId)) {
        let first = |table: &Self| table.bound.get(gate.index() as usize)?.first();
        let mut at = first(self);
        while let Some(id) = at {
            at = self
                .bound
                .get(gate.index() as usize)
                .and_then(|bound| bound.next(&System, id));
            f(self, id);
        }
    }
}

/// Wakes whom events were signaled to under a gate, whose owner is about to leave it.
pub(crate) fn deliver(gate: GateId, irqs: &HardIrqsOff<'_>) {
    let flags = |index| monitor::of(index).and_then(|record| record.word(FLAGS));
    let Some(word) = flags(gate.index()) else {
        return;
    };
    if word.load(Relaxed) & SIGNALED == 0 {
        return;
    }
    Word::clear(word, SIGNALED);
    TABLE.lock(irqs).for_each(gate, |table, id| {
        let signal = flags(id.index()).map_or(Signal::None, collect);
        let cause = match signal {
            Signal::None => return,
            Signal::One => Release::Wakeup,
            Signal::Targeted => Release::Signal,
            Signal::All => Release::Broadcast,
        };
        table.wake(id, signal, cause, irqs);
    });
}

/// Begins to wait: the current thread is queued and blocked, and has left the gate.
fn begin(
    id: EventId,
    gate: GateId,
    me: ThreadId,
    timed: bool,
    irqs: &HardIrqsOff<'_>,
) -> Result<(), Refusal> {
    if !gates::is_owner(gate, me) {
        return Err(Refusal::NotOwner);
    }
    deliver(gate, irqs);
    {
        let mut table = TABLE.lock(irqs);
        let is_deleted = |index| monitor::of(index).is_none_or(|record| record.is_deleted());
        if is_deleted(id.index()) || is_deleted(gate.index()) {
            return Err(Refusal::Removed);
        }
        table.wait(id, gate, me)?;
        if let Err(refusal) = thread::block(me, Block::Wait { timed }, irqs) {
            if let Some(event) = table.event(id.index()) {
                event.cancel(&System, me);
            }
            table.unbind(id);
            return Err(refusal);
        }
    }
    // Who signals can do so from here on. It is refused if the application wrote to the gate's word.
    gates::leave(gate, me, irqs).inspect_err(|_| waits::end(me, Release::Break, irqs))
}

/// What became of a wait for an event.
pub(crate) struct Waited {
    /// Of the request: an error means that the caller does not own the gate.
    pub(crate) result: Result,
    /// Of the wait itself, whether the gate could be had again afterwards or not.
    pub(crate) status: Result,
}

/// Leaves a gate, waits for an event, and takes the gate again if that was successful.
///
/// # Errors
///
/// [`EPERM`] if the caller does not own the gate, [`EBADFD`](Refusal::BadState) if others wait with
/// another gate; the caller still owns the gate then. [`ETIMEDOUT`], [`EINTR`], and [`EIDRM`] if
/// event or gate are deleted: the caller does not own the gate.
pub(crate) fn wait(oob: &Oob<'_>, id: EventId, gate: GateId, me: ThreadId, limit: Limit) -> Waited {
    let nesting = monitor::of(gate.index()).and_then(|record| record.word(NESTING));
    let locks = nesting.map_or(0, |nesting| nesting.load(Relaxed));
    let status = {
        let guard = HardIrqs::off();
        begin(id, gate, me, limit.is_some(), &guard.token()).and_then(|()| pause(&guard, me, limit))
    }
    .map_err(errno);
    let result = status.and_then(|()| gates::enter(oob, gate, me, None));
    if let (Ok(()), Some(nesting)) = (result, nesting) {
        nesting.store(locks, Relaxed);
    }
    Waited { result, status }
}

/// Picks a waiter of an event, to be woken when the gate is left.
///
/// Nothing happens if it does not wait for the event.
///
/// # Errors
///
/// [`EINVAL`] if it is no gated event, [`EPERM`] if `me` does not own the gate that threads wait
/// with.
pub(crate) fn pick(_: &Oob<'_>, event: Handle, me: ThreadId, target: ThreadId) -> Result {
    let id = monitor::event_of(event).ok_or(EINVAL)?;
    let guard = HardIrqs::off();
    let irqs = guard.token();
    let mut table = TABLE.lock(&irqs);
    let found = table.event(id.index()).ok_or(EINVAL)?;
    let Some(gate) = found.gate() else {
        return Ok(());
    };
    if !gates::is_owner(gate, me) {
        return Err(EPERM);
    }
    if found.pick(&System, target) {
        for (index, bits) in [(id.index(), SIGNALED | TARGETED), (gate.index(), SIGNALED)] {
            if let Some(flags) = monitor::of(index).and_then(|record| record.word(FLAGS)) {
                Word::set(flags, bits);
            }
        }
    }
    Ok(())
}

/// Takes a thread out of a queue; whether it was there.
pub(crate) fn cancel(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    let mut table = TABLE.lock(irqs);
    let found = table
        .event(index)
        .is_some_and(|event| event.cancel(&System, id));
    if let (true, Some(event)) = (found, EventId::new(index)) {
        table.unbind(event);
    }
    found
}

/// The priority of a waiter changed.
pub(crate) fn requeue(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) {
    if let Some(event) = TABLE.lock(irqs).event(index) {
        event.requeue(&System, id);
    }
}

/// An event was deleted. In-band.
pub(crate) fn delete(id: EventId) {
    let guard = HardIrqs::off();
    let irqs = guard.token();
    TABLE
        .lock(&irqs)
        .wake(id, Signal::All, Release::Remove, &irqs);
}

/// A gate was deleted: nobody can wait with it. In-band.
pub(crate) fn delete_gate(gate: GateId) {
    let guard = HardIrqs::off();
    let irqs = guard.token();
    TABLE.lock(&irqs).for_each(gate, |table, id| {
        table.wake(id, Signal::All, Release::Remove, &irqs);
    });
}

/// What marks the window of an event for everybody: as applications do it.
const _: () = assert!(SIGNALED == bindings::EVL_MONITOR_SIGNALED);
const _: () = assert!(BROADCAST == bindings::EVL_MONITOR_BROADCAST);
const _: () = assert!(TARGETED == bindings::EVL_MONITOR_TARGETED);
