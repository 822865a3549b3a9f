// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! What threads wait in, and how their waits end.
//!
//! A time limit or a request to unblock knows the thread only. The tag of the queue that the thread
//! is in tells whose lock to take; whoever takes the thread out of it has ended the wait.

use core::hint;
use kernel::bindings;

use crate::{
    clock::ClockId,
    cpu::{wait, Cpu},
    element::Handle,
    events, gates,
    logic::{
        error::Error as Refusal,
        gate,
        status::{state, Release},
        table::{Id, ThreadId},
    },
    monitor,
    stage::{HardIrqs, HardIrqsOff},
    system::timer_of_thread,
    thread, timerfd,
    timers::stop_timer,
    trace, xbuf,
};

/// Queues of one kind, one for each record of a table.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    /// Readers of timers.
    Timer,
    /// Threads that wait for a semaphore, or for flags.
    Monitor,
    /// Threads that wait for a gated event.
    Event,
    /// Those of them that were picked by a signal.
    Picked,
    /// Threads that read from cross buffers.
    XbufReader,
    /// Threads that write to them.
    XbufWriter,
}

const SHIFT: u32 = 24;

/// The tag of a queue.
pub(crate) const fn tag(kind: Kind, index: u32) -> u32 {
    ((kind as u32) << SHIFT) | index
}

/// Whose queue it is, and what the owner does, under its lock, given its index.
struct Owner {
    class: bindings::evl_class_id,
    /// Takes a thread out; whether it was there.
    cancel: fn(u32, ThreadId, &HardIrqsOff<'_>) -> bool,
    /// The priority of a waiter changed.
    requeue: fn(u32, ThreadId, &HardIrqsOff<'_>),
}

/// By [`Kind`].
static OWNERS: [Owner; 6] = [
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_TIMER,
        cancel: timerfd::cancel,
        requeue: timerfd::requeue,
    },
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_MONITOR,
        cancel: monitor::cancel,
        requeue: monitor::requeue,
    },
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_MONITOR,
        cancel: events::cancel,
        requeue: events::requeue,
    },
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_MONITOR,
        cancel: events::cancel,
        requeue: events::requeue,
    },
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_XBUF,
        cancel: xbuf::cancel,
        requeue: xbuf::requeue,
    },
    Owner {
        class: bindings::evl_class_id_EVL_CLASS_XBUF,
        cancel: xbuf::cancel,
        requeue: xbuf::requeue,
    },
];

fn owner(tag: u32) -> Option<(&'static Owner, u32)> {
    let owner = OWNERS.get((tag >> SHIFT) as usize)?;
    Some((owner, tag & ((1 << SHIFT) - 1)))
}

/// The element that a thread waits for.
pub(crate) fn channel(id: ThreadId) -> Option<Handle> {
    let tag = thread::of(id)?.logic.waits_in()?;
    let (class, index) = match gate::of_tag(tag) {
        Some(gate) => (bindings::evl_class_id_EVL_CLASS_MONITOR, gate.index()),
        None => owner(tag).map(|(owner, index)| (owner.class, index))?,
    };
    // Minor numbers begin with 1.
    Some(Handle::new(class, index.saturating_add(1)))
}

/// Ends the wait or sleep of a thread by `Timeout` or `Break`, unless it is being ended.
///
/// No lock is held.
pub(crate) fn end(id: ThreadId, cause: Release, irqs: &HardIrqsOff<'_>) {
    let Some(thread) = thread::of(id) else { return };
    // Until the tag is true: it may leave one queue for another at any time.
    loop {
        let done = match thread.logic.waits_in() {
            // Who waits and is in no queue is about to be released, or to be put into another.
            None => thread::release_unless(state::PEND, id, cause, irqs),
            Some(tag) => end_in(tag, id, cause, irqs),
        };
        if done {
            return;
        }
        hint::spin_loop();
    }
}

/// Ends the wait of a thread in the queue with a tag; false if that is to be looked up again.
#[cold]
fn end_in(tag: u32, id: ThreadId, cause: Release, irqs: &HardIrqsOff<'_>) -> bool {
    if gate::of_tag(tag).is_some() {
        return gates::end_wait(id, cause, irqs);
    }
    if owner(tag).is_some_and(|(owner, index)| (owner.cancel)(index, id, irqs)) {
        thread::release(id, cause, irqs);
    }
    true
}

/// Gives a thread the place of its present priority, if it waits. No lock is held.
pub(crate) fn requeue(id: ThreadId, irqs: &HardIrqsOff<'_>) {
    let tag = thread::of(id).and_then(|thread| thread.logic.waits_in());
    if let Some((owner, index)) = tag.and_then(owner) {
        (owner.requeue)(index, id, irqs);
    }
}

/// How long a wait may take: until a date in ns of a clock, or for ever.
pub(crate) type Limit = Option<(ClockId, u64)>;

/// Switches away from the current thread, which is blocked, until it is released.
///
/// # Errors
///
/// [`Refusal::TimedOut`], [`Refusal::Interrupted`], [`Refusal::Removed`]; [`Refusal::Gone`] if it
/// is no thread.
pub(crate) fn pause(guard: &HardIrqs, me: ThreadId, limit: Limit) -> Result<(), Refusal> {
    let thread = thread::of(me).ok_or(Refusal::Gone)?;
    let irqs = guard.token();
    if thread.has_gates() && thread.logic.waits_in().and_then(gate::of_tag).is_none() {
        thread::alert(me, bindings::EVL_HMDIAG_LKSLEEP);
    }
    trace::begin_wait(me, limit.map(|(_, date)| date));
    let timer = timer_of_thread(me).zip(limit).zip(Cpu::this(&irqs));
    if let Some(((timer, (clock, date)), cpu)) = timer {
        // It is the thread's own, which stops it before it goes on: it is not running.
        let _ = cpu.start_timer(timer, clock, date, 0, &irqs);
    }
    wait(guard);
    if let Some(((timer, _), _)) = timer {
        stop_timer(timer, &irqs);
    }
    let result = thread.logic.status().wait_result();
    trace::finish_wait(me, result);
    result
}
