// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Gates: who owns them, who waits for them, and the priorities that follow.

use core::sync::atomic::{
    fence,
    Ordering::{Relaxed, SeqCst},
};
use kernel::{bindings, prelude::*};

use crate::{
    element::Handle,
    errno::errno,
    events,
    lock::HardSpinLock,
    logic::{
        error::Error as Refusal,
        gate::{of_tag, Chain, Effects, Entry, Pi},
        priority::Priority,
        status::{state, Block, Release},
        table::{GateId, Id, ThreadId},
        word::{gate::OWNER, Word},
    },
    monitor::{self, MonitorRecord},
    stage::{HardIrqs, HardIrqsOff, Oob},
    system::System,
    thread::{self, ThreadRecord},
    waits::{self, pause, Limit},
};

/// The PI lock: of all gates, and all priorities.
static PI: HardSpinLock<Pi> = HardSpinLock::new(Pi::new());

/// Has run queues and wait queues follow effective priorities.
pub(crate) struct Levels<'a> {
    irqs: &'a HardIrqsOff<'a>,
    /// A thread that waits for something other than a gate: the end of a chain, of which there is
    /// one in each operation.
    waiter: Option<ThreadId>,
}

impl Effects for Levels<'_> {
    fn reprioritized(&mut self, id: ThreadId, effective: Priority, boosted: bool) {
        thread::set_level(id, effective, boosted, self.irqs);
        // Who begins to wait meanwhile either is found here, or finds the priority.
        fence(SeqCst);
        let tag = thread::of(id).and_then(|thread| thread.logic.waits_in());
        if tag.is_some_and(|tag| of_tag(tag).is_none()) {
            self.waiter = Some(id);
        }
    }

    fn wake(&mut self, id: ThreadId) {
        thread::release(id, Release::Wakeup, self.irqs);
    }
}

/// Runs `f` under the PI lock.
///
/// No lock is held, but for those which `f` takes care of: of run queues, inside.
pub(crate) fn with_pi<R>(
    irqs: &HardIrqsOff<'_>,
    f: impl FnOnce(&mut Chain<'_, System, Levels<'_>>) -> R,
) -> R {
    let mut levels = Levels { irqs, waiter: None };
    let result = {
        let mut pi = PI.lock(irqs);
        f(&mut Pi::chain(&mut pi, &System, &mut levels))
    };
    if let Some(id) = levels.waiter {
        waits::requeue(id, irqs);
    }
    result
}

/// The owner word of a gate.
fn word(id: GateId) -> Option<&'static core::sync::atomic::AtomicU32> {
    monitor::of(id.index())?.word(monitor::OWNER)
}

/// Whether a thread owns a gate, by what the application says.
pub(crate) fn is_owner(id: GateId, me: ThreadId) -> bool {
    word(id).is_some_and(|word| Word::load(word) & OWNER == thread::handle(me).raw())
}

/// Blocks the current thread if it has to wait for a gate.
fn stay(
    chain: &mut Chain<'_, System, Levels<'_>>,
    id: GateId,
    me: ThreadId,
    entry: Entry,
    limit: Limit,
    irqs: &HardIrqsOff<'_>,
) -> Result<Entry, Refusal> {
    if entry == Entry::Owned {
        return Ok(entry);
    }
    let timed = limit.is_some();
    match thread::block(me, Block::Wait { timed }, irqs) {
        Ok(()) => Ok(entry),
        Err(refusal) => chain.resume(id, me, Err(refusal)),
    }
}

/// Ends a wait for a deleted gate, in which nobody may stay, nor own it.
fn quit(
    chain: &mut Chain<'_, System, Levels<'_>>,
    id: GateId,
    me: ThreadId,
) -> Result<Entry, Refusal> {
    if let Entry::Owned = chain.resume(id, me, Err(Refusal::Removed))? {
        chain.exit(id, me)?;
    }
    Err(Refusal::Removed)
}

/// A thread got a gate.
fn granted(me: ThreadId, record: &MonitorRecord) {
    // The owner alone writes the count of its locks, and it is here.
    if let Some(nesting) = record.word(monitor::NESTING) {
        let recursive = nesting.load(Relaxed) & monitor::RECURSIVE;
        nesting.store(recursive | monitor::ONE_LOCK, Relaxed);
    }
    thread::count_gate(me, true);
}

/// Takes a gate, or waits for it.
///
/// # Errors
///
/// [`EDEADLK`] if the caller owns it, or if its owner waits for the caller in the end;
/// [`ETIMEDOUT`]; [`EINTR`]; [`EIDRM`] if it was deleted.
pub(crate) fn enter(_: &Oob<'_>, id: GateId, me: ThreadId, limit: Limit) -> Result {
    let record = monitor::of(id.index()).ok_or(EINVAL)?;
    let guard = HardIrqs::off();
    let irqs = guard.token();
    let mut entry = with_pi(&irqs, |chain| {
        if record.is_deleted() {
            return Err(Refusal::Removed);
        }
        let entry = chain.enter(id, me)?;
        stay(chain, id, me, entry, limit, &irqs)
    })
    .map_err(errno)?;
    if entry == Entry::Wait {
        look_at_owner(id, me);
    }
    while entry == Entry::Wait {
        let woken = pause(&guard, me, limit);
        entry = with_pi(&irqs, |chain| {
            // Woken to take it, it may find it deleted.
            if record.is_deleted() {
                return quit(chain, id, me);
            }
            let entry = chain.resume(id, me, woken)?;
            stay(chain, id, me, entry, limit, &irqs)
        })
        .map_err(errno)?;
    }
    granted(me, record);
    Ok(())
}

/// Has a thread that waits for a gate stop waiting; false if it waits for none. It leaves the queue
/// by itself, for which it needs the lock: until then it waits for nothing else.
pub(crate) fn end_wait(id: ThreadId, cause: Release, irqs: &HardIrqsOff<'_>) -> bool {
    with_pi(irqs, |_| {
        let tag = thread::of(id).and_then(|thread| thread.logic.waits_in());
        let waits = tag.and_then(of_tag).is_some();
        if waits {
            thread::release(id, cause, irqs);
        }
        waits
    })
}

/// Notes for a thread in mode WOLI that it waits for one that is in-band.
fn look_at_owner(id: GateId, me: ThreadId) {
    let owner = word(id).and_then(|word| thread::of_handle(Word::load(word) & OWNER));
    let inband = owner.and_then(thread::of);
    if inband.is_some_and(|owner| owner.logic.status().state & state::INBAND != 0) {
        thread::alert(me, bindings::EVL_HMDIAG_LKDEPEND);
    }
}

/// Takes a gate if it is free.
///
/// # Errors
///
/// [`EBUSY`], [`EDEADLK`] if the caller owns it, [`EIDRM`] if it was deleted.
pub(crate) fn try_enter(_: &Oob<'_>, id: GateId, me: ThreadId) -> Result {
    let record = monitor::of(id.index()).ok_or(EINVAL)?;
    let guard = HardIrqs::off();
    with_pi(&guard.token(), |chain| {
        if record.is_deleted() {
            return Err(Refusal::Removed);
        }
        chain.try_enter(id, me)
    })
    .map_err(errno)?;
    granted(me, record);
    Ok(())
}

/// Leaves a gate, with interrupts off.
///
/// # Errors
///
/// [`Refusal::NotOwner`].
pub(crate) fn leave(id: GateId, me: ThreadId, irqs: &HardIrqsOff<'_>) -> Result<(), Refusal> {
    with_pi(irqs, |chain| chain.exit(id, me))?;
    thread::count_gate(me, false);
    Ok(())
}

/// Leaves a gate, and wakes whom events were signaled to under it.
///
/// # Errors
///
/// [`EPERM`] if the caller does not own it.
pub(crate) fn exit(_: &Oob<'_>, id: GateId, me: ThreadId) -> Result {
    let guard = HardIrqs::off();
    let irqs = guard.token();
    if !is_owner(id, me) {
        if word(id).is_some_and(|word| Word::load(word) == 0) {
            thread::alert(me, bindings::EVL_HMDIAG_LKIMBALANCE);
        }
        return Err(EPERM);
    }
    // While the gate is owned: nobody can begin to wait for what was signaled before.
    events::deliver(id, &irqs);
    leave(id, me, &irqs).map_err(errno)
}

/// Puts the ceiling in force of a gate that a thread took without the kernel, if there is one.
///
/// To be called when the thread, which is the current one, may be switched from.
#[inline]
pub(crate) fn commit_ceiling(me: ThreadId, irqs: &HardIrqsOff<'_>) {
    // Most often there is none.
    if let Some(thread) = thread::of(me).filter(|thread| thread.pending_gate() != 0) {
        commit_pending(me, thread, irqs);
    }
}

fn commit_pending(me: ThreadId, thread: &ThreadRecord, irqs: &HardIrqsOff<'_>) {
    let pending = thread.pending_gate();
    let Some(id) = monitor::gate_of(Handle::from_raw(pending)) else {
        return;
    };
    // What is not owned yet stays pending.
    if with_pi(irqs, |chain| chain.commit_ceiling(id, me)) {
        thread.clear_pending_gate();
    }
}

/// Releases what the current thread owns, which exits. In-band.
pub(crate) fn abandon(me: ThreadId) {
    // Those which the kernel knows it by, whatever the application wrote to their words.
    {
        let guard = HardIrqs::off();
        with_pi(&guard.token(), |chain| chain.release_all(me));
    }
    // And those which it took without the kernel. The next thread may have the same handle.
    for (index, _) in (0..).zip(monitor::all()) {
        if let Some(id) = monitor::gate(index).filter(|id| is_owner(*id, me)) {
            let guard = HardIrqs::off();
            // It is refused if the word was a lie.
            let _ = with_pi(&guard.token(), |chain| chain.exit(id, me));
        }
    }
}

/// A gate was deleted: its waiters are told, nobody owns it. In-band.
pub(crate) fn delete(id: GateId) {
    loop {
        let guard = HardIrqs::off();
        let irqs = guard.token();
        let evicted = with_pi(&irqs, |chain| {
            let waiter = chain.evict(id)?;
            // Before it finds out by itself, and waits for something else.
            thread::release(waiter, Release::Remove, &irqs);
            Some(waiter)
        });
        if evicted.is_none() {
            break;
        }
    }
    if let Some(owner) = word(id).and_then(|word| thread::of_handle(Word::load(word) & OWNER)) {
        thread::count_gate(owner, false);
    }
}

/// Whether somebody waits for a gate that a thread owns.
pub(crate) fn is_waited_for(me: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    with_pi(irqs, |chain| chain.is_waited_for(me))
}
