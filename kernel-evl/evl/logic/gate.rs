// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Gates: mutual exclusion with priority inheritance and priority ceiling.
//!
//! A thread is boosted by the gates it owns: every gate with waiters, or with a ceiling in force,
//! is in the owner's set of boosters, keyed by the highest of its waiters' priorities and its
//! ceiling. The effective priority of a thread is the highest of its own and its first booster.
//! If it waits on a gate itself, that gate's waiters and its owner follow, along the chain:
//!
//! ```text
//!   T1 --waits--> G1 --owned by--> T2 --waits--> G2 --owned by--> T3   (runs at T1's priority)
//! ```
//!
//! A chain never closes to a circle, since the thread that would close it is refused.
//!
//! A released gate with waiters belongs to nobody. Its first waiter is woken, stays in the queue
//! and takes the gate when it runs; until then a thread of higher priority may steal the gate.
//! While a gate is free its first waiter is awake, whatever happens to priorities and waiters:
//! no wake-up is lost with a waiter that gives up.
//!
//! One lock, the PI lock, protects all of this. It is taken by those who wait on a gate, wake
//! such a waiter, or change priorities; not by those who find a gate free. Locks of run queues are
//! taken inside of it. All functions are called oob or with hard interrupts off.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use super::{
    error::Error,
    priority::Priority,
    table::{GateId, Id, Table, ThreadId, NIL},
    thread::{Thread, WaitSlot},
    tree::{IdCell, Node, OrderedSet, Place, SetCell, Slot},
    word::{
        gate::{CEILING, CLAIMED, OWNER},
        Word,
    },
};

/// More threads than the core can have, hence the end of any chain.
pub const MAX_CHAIN: usize = 4096;

/// Marks the tags of queues of gates; below are those of [wait queues](super::waitqueue).
const TAG: u32 = 0x8000_0000;

/// The gate whose queue [`Thread::waits_in`] names: its waiters leave it by themselves.
pub const fn of_tag(tag: u32) -> Option<GateId> {
    if tag & TAG == 0 {
        return None;
    }
    GateId::new(tag & !TAG)
}

/// The record of a gate. Protected by the PI lock.
#[derive(Debug)]
pub struct Gate {
    waiters: SetCell<WaitSlot>,
    /// Its owner, if it is among that one's boosters; else only the word tells.
    owner: IdCell,
    booster: Node,
    /// The ceiling in force, [`NIL`] if none is.
    ceiling: AtomicU32,
    /// The waiter that was told last that the gate is free.
    told: IdCell,
}

impl Gate {
    /// A free gate.
    pub const fn new() -> Self {
        Self {
            waiters: SetCell::new(),
            owner: IdCell::new(),
            booster: Node::new(),
            ceiling: AtomicU32::new(NIL),
            told: IdCell::new(),
        }
    }

    /// The owner, as far as the kernel had to know it.
    pub fn owner(&self) -> Option<ThreadId> {
        self.owner.get()
    }

    /// Its waiters, in the order of their effective priorities.
    pub fn waiters(&self, id: GateId) -> OrderedSet<WaitSlot> {
        self.waiters.load(TAG | id.index())
    }

    fn with_waiters<R>(
        &self,
        id: GateId,
        change: impl FnOnce(&mut OrderedSet<WaitSlot>) -> R,
    ) -> R {
        self.waiters.with(TAG | id.index(), change)
    }

    fn ceiling(&self) -> Option<Priority> {
        let level = self.ceiling.load(Relaxed);
        (level != NIL).then(|| Priority::from_level(level))
    }

    fn set_ceiling(&self, ceiling: Option<Priority>) {
        let level = ceiling.map_or(NIL, |ceiling| u32::from(ceiling.level()));
        self.ceiling.store(level, Relaxed);
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

/// Links a gate among the boosters of its owner.
#[derive(Debug)]
pub struct BoosterSlot;

impl Slot for BoosterSlot {
    type Id = GateId;
    type Record = Gate;

    fn node(gate: &Gate) -> &Node {
        &gate.booster
    }
}

/// What gates need to know of the system.
pub trait Env: Table<ThreadId, Thread> + Table<GateId, Gate> {
    /// The type of owner words.
    type Word: Word;

    /// The owner word of a gate, in memory shared with applications.
    fn word(&self, gate: GateId) -> Option<&Self::Word>;

    /// The ceiling of a gate, if it has one: shared with applications, hence read once and
    /// forced into its range.
    fn ceiling(&self, gate: GateId) -> Option<Priority>;

    /// The handle of a thread, not 0 and within [`OWNER`].
    fn handle(&self, thread: ThreadId) -> u32;

    /// The thread with a handle that was found in an owner word. `None` if there is none, or if it
    /// is none that the application at hand may boost; its gate counts as free then.
    fn thread(&self, handle: u32) -> Option<ThreadId>;
}

/// What the PI lock's holder has to do for others, at once.
pub trait Effects {
    /// The effective priority of a thread changed, `boosted` if it is not its own.
    ///
    /// To be passed to [`RunQueue::set_level`](super::runqueue::RunQueue::set_level), under the
    /// lock of the thread's run queue. If the thread waits on something other than a gate, that
    /// queue must be told, by [`WaitQueue::requeue`](super::waitqueue::WaitQueue::requeue), once the
    /// PI lock is released.
    fn reprioritized(&mut self, thread: ThreadId, effective: Priority, boosted: bool);

    /// A thread that waits on a gate is to look at the gate again:
    /// [`Wakeup`](super::status::Release::Wakeup), under the lock of its run queue. It may be
    /// awake already.
    fn wake(&mut self, thread: ThreadId);
}

/// What a thread that wants a gate has to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Entry {
    /// Nothing: it owns the gate.
    Owned,
    /// [Block](super::runqueue::RunQueue::block) before the PI lock is released, and call
    /// [`resume`](Chain::resume) when it runs again, or with the error if that is refused.
    Wait,
}

/// What the PI lock protects: all gates, and the priorities of all threads.
#[derive(Debug, Default)]
pub struct Pi(());

impl Pi {
    /// For the one PI lock of the system.
    pub const fn new() -> Self {
        Self(())
    }

    /// Gives access to the gates of a system.
    pub fn chain<'a, E: Env, F: Effects>(
        &'a mut self,
        env: &'a E,
        fx: &'a mut F,
    ) -> Chain<'a, E, F> {
        Chain {
            env,
            fx,
            _lock: self,
        }
    }
}

/// Gates and priorities, under the PI lock.
#[derive(Debug)]
pub struct Chain<'a, E, F> {
    env: &'a E,
    fx: &'a mut F,
    _lock: &'a mut Pi,
}

/// A gate, its owner word, and a thread.
type Found<'a, E> = (&'a Gate, &'a <E as Env>::Word, &'a Thread);

impl<'a, E: Env, F: Effects> Chain<'a, E, F> {
    /// Takes a gate for `me`, or queues it. O(chain log n).
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] if `me` owns the gate, or if its owner waits for `me` in the end;
    /// [`Error::Invalid`] if there is no such gate or thread, or if `me` waits elsewhere.
    pub fn enter(&mut self, id: GateId, me: ThreadId) -> Result<Entry, Error> {
        let (gate, word, thread) = self.find(id, me)?;
        if thread.wait.set().is_some() {
            return Err(Error::Invalid);
        }
        let found = word.set(CLAIMED);
        match self.owner(gate, found) {
            None if self.outranks(gate, id, thread) => {
                self.grant(id, gate, word, me);
                Ok(Entry::Owned)
            }
            Some(owner) if self.closes_circle(owner, me) => {
                if found & CLAIMED == 0 {
                    word.clear(CLAIMED);
                }
                Err(Error::Deadlock)
            }
            owner => {
                self.wait(id, gate, owner, me, thread);
                Ok(Entry::Wait)
            }
        }
    }

    /// Takes a gate for `me` if it is free. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if somebody else owns it, or a waiter of the same or a higher priority was
    /// woken to take it; [`Error::Deadlock`] if `me` owns it.
    pub fn try_enter(&mut self, id: GateId, me: ThreadId) -> Result<(), Error> {
        let (gate, word, thread) = self.find(id, me)?;
        // Free: claimed at once, lest an application takes it meanwhile.
        let found = word.exchange_if(0, CLAIMED).unwrap_or_else(|found| found);
        match self.owner(gate, found) {
            Some(owner) if owner == me => Err(Error::Deadlock),
            None if self.outranks(gate, id, thread) => {
                self.grant(id, gate, word, me);
                Ok(())
            }
            _ => Err(Error::Busy),
        }
    }

    /// Continues an [`enter`](Self::enter) that waited. `wait` is what
    /// [`wait_result`](super::status::Status::wait_result) said. O(chain log n).
    ///
    /// # Errors
    ///
    /// That of `wait`, unless the gate can be taken anyway; `me` does not wait any more then.
    pub fn resume(
        &mut self,
        id: GateId,
        me: ThreadId,
        wait: Result<(), Error>,
    ) -> Result<Entry, Error> {
        let (gate, word, _) = self.find(id, me)?;
        if self.owner(gate, word.load()).is_none() && gate.waiters(id).first() == Some(me) {
            self.leave_queue(id, gate, me);
            self.grant(id, gate, word, me);
            return Ok(Entry::Owned);
        }
        if let Err(error) = wait {
            self.leave_queue(id, gate, me);
            self.settle(id, gate);
            return Err(error);
        }
        Ok(Entry::Wait)
    }

    /// Releases a gate. O(log n): who owns the gate runs, and waits on none.
    ///
    /// # Errors
    ///
    /// [`Error::NotOwner`].
    pub fn exit(&mut self, id: GateId, me: ThreadId) -> Result<(), Error> {
        let (gate, word, _) = self.find(id, me)?;
        let found = word.load();
        if found & OWNER != self.env.handle(me) || self.owner(gate, found) != Some(me) {
            return Err(Error::NotOwner);
        }
        self.release(id, gate, word, me);
        self.update(me);
        Ok(())
    }

    /// Puts the ceiling of a gate in force that `me` has locked without the kernel.
    ///
    /// To be called with the gate that the thread's pp_pending names, when the thread is about to
    /// be preempted or enters the core. Nothing happens if `me` does not own the gate: pp_pending
    /// names it somewhat longer than it is owned.
    ///
    /// Returns whether the ceiling is in force by now. O(log n).
    pub fn commit_ceiling(&mut self, id: GateId, me: ThreadId) -> bool {
        let (Ok((gate, word, _)), Some(ceiling)) = (self.find(id, me), self.env.ceiling(id)) else {
            return false;
        };
        let found = word.load();
        if found & OWNER != self.env.handle(me) || self.owner(gate, found) != Some(me) {
            return false;
        }
        if gate.ceiling().is_some() {
            return true;
        }
        // A failure means that the gate was released in between: there is nothing to commit.
        if word.exchange_if(found, found | CEILING).is_err() {
            return false;
        }
        gate.set_ceiling(Some(ceiling));
        gate.owner.set(Some(me));
        self.settle(id, gate);
        true
    }

    /// Changes the priority of its own of a thread. O(chain log n).
    pub fn set_base(&mut self, id: ThreadId, base: Priority) {
        let Some(thread) = Table::<ThreadId, Thread>::get(self.env, id) else {
            return;
        };
        thread.base.store(u32::from(base.level()), Relaxed);
        let effective = self.boosted(id, thread);
        if effective == thread.effective() {
            // It may have become its own, or a boost.
            self.fx.reprioritized(id, effective, effective > base);
        } else {
            self.update(id);
        }
    }

    /// Releases all gates by which a thread that exits boosts itself.
    ///
    /// It waits on none. Gates that it owns and nobody waits for keep the handle of a thread that is
    /// gone: whoever wants one next finds it free. O(gates log n).
    pub fn release_all(&mut self, me: ThreadId) {
        let Some(thread) = Table::<ThreadId, Thread>::get(self.env, me) else {
            return;
        };
        for _ in 0..thread.boosters.load(me.index()).len() {
            let Some(id) = thread.boosters.load(me.index()).first() else {
                break;
            };
            match self.find(id, me) {
                Ok((gate, word, _)) => self.release(id, gate, word, me),
                Err(_) => break,
            }
        }
        self.update(me);
    }

    /// Whether somebody waits for a gate that a thread owns: to be reported (LKDEPEND) in mode WOLI
    /// before the thread goes in-band. O(gates log n).
    pub fn is_waited_for(&self, me: ThreadId) -> bool {
        let Some(thread) = Table::<ThreadId, Thread>::get(self.env, me) else {
            return false;
        };
        let boosters = thread.boosters.load(me.index());
        // Gates without waiters are there for their ceilings.
        let waited = boosters.iter(self.env).any(|id| {
            let gate: Option<&Gate> = self.env.get(id);
            gate.is_some_and(|gate| !gate.waiters(id).is_empty())
        });
        waited
    }

    /// Takes the next waiter out of a gate that is being deleted. O(chain log n).
    ///
    /// Called until it returns `None`; the caller releases each waiter
    /// ([`Remove`](super::status::Release::Remove)), still under the PI lock, and the waiter must not
    /// touch the gate then.
    pub fn evict(&mut self, id: GateId) -> Option<ThreadId> {
        let gate: &Gate = Table::<GateId, Gate>::get(self.env, id)?;
        let Some(first) = gate.waiters(id).first() else {
            gate.told.set::<ThreadId>(None);
            if let Some(owner) = gate.owner() {
                gate.set_ceiling(None);
                self.unboost(id, gate, owner);
                self.update(owner);
            }
            return None;
        };
        self.leave_queue(id, gate, first);
        if gate.owner().is_some() {
            self.settle(id, gate);
        }
        Some(first)
    }

    fn find(&self, id: GateId, me: ThreadId) -> Result<Found<'a, E>, Error> {
        let env = self.env;
        let gate = Table::<GateId, Gate>::get(env, id).ok_or(Error::Invalid)?;
        let word = env.word(id).ok_or(Error::Invalid)?;
        let thread = Table::<ThreadId, Thread>::get(env, me).ok_or(Error::Invalid)?;
        Ok((gate, word, thread))
    }

    /// Who owns a gate, given its word: the kernel's record decides.
    fn owner(&self, gate: &Gate, word: u32) -> Option<ThreadId> {
        match (gate.owner(), word & OWNER) {
            (Some(owner), _) => Some(owner),
            (None, 0) => None,
            (None, handle) => self.env.thread(handle),
        }
    }

    /// Whether a thread may take a free gate: nobody waits, or only threads of lower priority.
    fn outranks(&self, gate: &Gate, id: GateId, thread: &Thread) -> bool {
        let first = gate.waiters(id).first();
        let first = first.and_then(|first| Table::<ThreadId, Thread>::get(self.env, first));
        first.is_none_or(|first| first.effective() < thread.effective())
    }

    /// Whether `from` is `me`, or waits for it along the chain. O(chain).
    fn closes_circle(&self, from: ThreadId, me: ThreadId) -> bool {
        let mut at = from;
        for _ in 0..MAX_CHAIN {
            if at == me {
                return true;
            }
            match self.next_owner(at) {
                Some(next) => at = next,
                None => return false,
            }
        }
        true
    }

    /// The owner of the gate that a thread waits on.
    fn next_owner(&self, id: ThreadId) -> Option<ThreadId> {
        let thread = Table::<ThreadId, Thread>::get(self.env, id)?;
        let gate = Table::<GateId, Gate>::get(self.env, thread.blocked_on.get()?)?;
        gate.owner()
    }

    /// Gives a gate to a thread that does not wait. The word is not 0: no application changes it.
    fn grant(&mut self, id: GateId, gate: &Gate, word: &E::Word, me: ThreadId) {
        let ceiling = self.env.ceiling(id);
        let contended = !gate.waiters(id).is_empty();
        let mut value = self.env.handle(me);
        if contended {
            value |= CLAIMED;
        }
        if ceiling.is_some() {
            value |= CEILING;
        }
        gate.told.set::<ThreadId>(None);
        gate.set_ceiling(ceiling);
        if contended || ceiling.is_some() {
            gate.owner.set(Some(me));
            self.settle(id, gate);
        }
        word.store(value);
    }

    /// Takes a gate from its owner, whose priority is to be updated.
    fn release(&mut self, id: GateId, gate: &Gate, word: &E::Word, me: ThreadId) {
        gate.set_ceiling(None);
        self.unboost(id, gate, me);
        let contended = !gate.waiters(id).is_empty();
        word.store(if contended { CLAIMED } else { 0 });
        self.settle(id, gate);
    }

    /// Queues a thread on a gate.
    fn wait(
        &mut self,
        id: GateId,
        gate: &Gate,
        owner: Option<ThreadId>,
        me: ThreadId,
        thread: &Thread,
    ) {
        let key = thread.effective().key();
        // It waits nowhere else: nothing to refuse.
        let _ = gate.with_waiters(id, |waiters| waiters.insert(self.env, me, key, Place::Tail));
        thread.blocked_on.set(Some(id));
        gate.owner.set(owner);
        self.settle(id, gate);
    }

    fn leave_queue(&mut self, id: GateId, gate: &Gate, me: ThreadId) {
        let waited = gate.with_waiters(id, |waiters| waiters.remove(self.env, me));
        if let (true, Some(thread)) = (waited, Table::<ThreadId, Thread>::get(self.env, me)) {
            thread.blocked_on.set::<GateId>(None);
        }
    }

    /// After a change of a gate's waiters, ceiling or owner: boosts the owner as it should, or wakes
    /// the first waiter if there is none.
    fn settle(&mut self, id: GateId, gate: &Gate) {
        match self.settle_one(id, gate) {
            Some(owner) => self.update(owner),
            None => self.tell(id, gate),
        }
    }

    /// Brings the booster of a gate up to date; its owner, if it has one.
    fn settle_one(&self, id: GateId, gate: &Gate) -> Option<ThreadId> {
        let owner = gate.owner()?;
        let thread = Table::<ThreadId, Thread>::get(self.env, owner)?;
        let first = gate.waiters(id).first();
        let first = first.and_then(|first| Table::<ThreadId, Thread>::get(self.env, first));
        let boost = first.map(Thread::effective).max(gate.ceiling());
        let linked = gate.booster.set().is_some();
        match boost {
            Some(boost) if linked && gate.booster.key() == boost.key() => {}
            Some(boost) => thread.boosters.with(owner.index(), |boosters| {
                boosters.remove(self.env, id);
                // It is in no other owner's set: nothing to refuse.
                let _ = boosters.insert(self.env, id, boost.key(), Place::Tail);
            }),
            None => self.unboost(id, gate, owner),
        }
        Some(owner)
    }

    /// Takes a gate from its owner's boosters.
    fn unboost(&self, id: GateId, gate: &Gate, owner: ThreadId) {
        if let Some(thread) = Table::<ThreadId, Thread>::get(self.env, owner) {
            thread
                .boosters
                .with(owner.index(), |boosters| boosters.remove(self.env, id));
        }
        gate.owner.set::<ThreadId>(None);
    }

    /// Wakes the first waiter of a free gate, unless it was told already.
    fn tell(&mut self, id: GateId, gate: &Gate) {
        let first = gate.waiters(id).first();
        let told = gate.told.get();
        if let Some(thread) = first.filter(|_| first != told) {
            self.fx.wake(thread);
        }
        gate.told.set(first);
    }

    /// The highest of a thread's own priority and those of its boosters.
    fn boosted(&self, id: ThreadId, thread: &Thread) -> Priority {
        let first = thread.boosters.load(id.index()).first();
        let gate = first.and_then(|first| Table::<GateId, Gate>::get(self.env, first));
        let boost = gate.map(|gate| Priority::from_key(gate.booster.key()));
        boost.map_or(thread.base(), |boost| boost.max(thread.base()))
    }

    /// Brings effective priorities up to date along the chain that starts at a thread.
    ///
    /// Ends where nothing changes, at the latest at a thread that does not wait on a gate.
    fn update(&mut self, start: ThreadId) {
        let mut at = start;
        for _ in 0..MAX_CHAIN {
            let Some(thread) = Table::<ThreadId, Thread>::get(self.env, at) else {
                return;
            };
            let effective = self.boosted(at, thread);
            if effective == thread.effective() {
                return;
            }
            thread
                .effective
                .store(u32::from(effective.level()), Relaxed);
            self.fx
                .reprioritized(at, effective, effective > thread.base());
            match self.requeue(at, thread, effective) {
                Some(owner) => at = owner,
                None => return,
            }
        }
    }

    /// Moves a waiter to the place of its priority; the owner of the gate, who must follow.
    fn requeue(&mut self, id: ThreadId, thread: &Thread, effective: Priority) -> Option<ThreadId> {
        let gate_id = thread.blocked_on.get()?;
        let gate = Table::<GateId, Gate>::get(self.env, gate_id)?;
        gate.with_waiters(gate_id, |waiters| {
            waiters.rekey(self.env, id, effective.key(), Place::Tail)
        });
        let owner = self.settle_one(gate_id, gate);
        if owner.is_none() {
            self.tell(gate_id, gate);
        }
        owner
    }
}
