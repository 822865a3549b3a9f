// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The run queue of a CPU: what runs next.
//!
//! A ready thread is in exactly one place: at its level, in its group or in its partition. The
//! running thread stays in its place, so that a preempted thread is the first of its priority, as
//! POSIX wants it, with nothing to do for it.
//!
//! A thread whose priority is boosted is served at its level, out of reach of budgets and windows:
//! who waits for it shall not wait for those.
//!
//! All methods are called oob or with hard interrupts off, under the lock of the run queue. None
//! switches, sends interrupts or programs timers: they return what the caller has to do.

use core::sync::atomic::Ordering::Relaxed;

use super::{
    error::Error,
    levels::Levels,
    priority::{Class, Policy, Priority},
    quota::{self, sooner, Quota},
    status::{
        state::{BOOST, READY, RRB, WEAK},
        Block, Release,
    },
    table::{GroupId, PartitionId, Table, ThreadId},
    thread::Thread,
    tp::{self, Plan, Tp},
    tree::Place,
};

/// The tables of threads, groups and partitions.
pub trait Tables: quota::Tables + tp::Tables {}

impl<T: quota::Tables + tp::Tables + ?Sized> Tables for T {}

/// What the caller has to do after a change.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[must_use]
pub struct Outcome {
    /// The CPU of the run queue must pick again: by itself, or told by an interrupt.
    pub resched: bool,
    /// A SCHED_TP thread became ready outside its window: to be reported (OVERRUN) in mode WOSO.
    pub overrun: bool,
}

/// A switch from one thread to another; `None` stands for Linux.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Switch {
    /// What ran.
    pub prev: Option<ThreadId>,
    /// What shall run.
    pub next: Option<ThreadId>,
}

/// Scheduling parameters of a thread.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Params {
    /// SCHED_FIFO.
    Fifo,
    /// SCHED_RR.
    RoundRobin {
        /// Quantum in ns, at least 1.
        quantum: u64,
    },
    /// SCHED_WEAK.
    Weak,
    /// SCHED_QUOTA.
    Quota {
        /// A group of this CPU.
        group: GroupId,
    },
    /// SCHED_TP.
    Tp {
        /// A partition of this CPU.
        partition: PartitionId,
    },
}

impl Params {
    /// The policy they belong to.
    pub const fn policy(self) -> Policy {
        match self {
            Self::Fifo => Policy::Fifo,
            Self::RoundRobin { .. } => Policy::RoundRobin,
            Self::Weak => Policy::Weak,
            Self::Quota { .. } => Policy::Quota,
            Self::Tp { .. } => Policy::Tp,
        }
    }
}

/// Where a ready thread is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Home {
    Level,
    Group(GroupId),
    Partition(PartitionId),
}

impl Home {
    fn of(thread: &Thread) -> Self {
        let home = match thread.policy() {
            Policy::Quota => thread.group().map(Self::Group),
            Policy::Tp => thread.partition().map(Self::Partition),
            Policy::Fifo | Policy::RoundRobin | Policy::Weak => return Self::Level,
        };
        let boosted = thread.status().state & BOOST != 0;
        home.filter(|_| !boosted).unwrap_or(Self::Level)
    }
}

/// The run queue of a CPU.
#[derive(Debug)]
pub struct RunQueue {
    levels: Levels,
    quota: Quota,
    tp: Tp,
    current: Option<ThreadId>,
    /// The date up to which the current thread was charged.
    charged: u64,
}

impl RunQueue {
    /// An empty run queue for a CPU (below 2^22), at the date `now` in ns.
    ///
    /// Constant, so that it can be built where it stays: it is large for a kernel's stack.
    pub const fn new(cpu: u32, now: u64) -> Self {
        Self {
            levels: Levels::new(cpu),
            quota: Quota::new(cpu, now),
            tp: Tp::new(),
            current: None,
            charged: now,
        }
    }

    /// The thread that runs; `None` stands for Linux.
    pub const fn current(&self) -> Option<ThreadId> {
        self.current
    }

    /// The groups of the CPU.
    pub fn quota(&mut self) -> &mut Quota {
        &mut self.quota
    }

    /// The time partitions of the CPU.
    pub fn tp(&mut self) -> &mut Tp {
        &mut self.tp
    }

    /// Gives a thread a reason not to run. O(1), or O(log n) in groups and partitions.
    ///
    /// # Errors
    ///
    /// Those of [`Status::block`](super::status::Status::block); nothing has changed then. Blocks
    /// that only the running thread may begin are refused for others, with [`Error::Invalid`].
    pub fn block<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        why: Block,
    ) -> Result<Outcome, Error> {
        let thread: &Thread = tables.get(id).ok_or(Error::Gone)?;
        let own = !matches!(why, Block::Suspend | Block::Freeze | Block::Exit);
        if own && self.current != Some(id) {
            return Err(Error::Invalid);
        }
        let was_ready = thread.status().runnable();
        let status = thread.status().block(why)?;
        thread.set_status(status);
        if was_ready {
            self.dequeue(tables, id, thread);
            // Who blocks begins with a whole quantum.
            thread
                .quantum_left
                .store(thread.quantum.load(Relaxed), Relaxed);
        }
        Ok(Outcome {
            resched: self.current == Some(id),
            overrun: false,
        })
    }

    /// Ends a reason not to run; `None` if there was no such reason, and nothing changes.
    ///
    /// A thread that becomes runnable is the last of its priority. O(1), or O(log n) in groups and
    /// partitions.
    pub fn release<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        cause: Release,
    ) -> Option<Outcome> {
        let thread: &Thread = tables.get(id)?;
        let before = thread.status();
        let after = before.release(cause)?;
        thread.set_status(after);
        if before.runnable() || !after.runnable() {
            return Some(Outcome::default());
        }
        self.enqueue(tables, id, thread, Place::Tail);
        Some(Outcome {
            resched: self.best(tables) == Some(id) || self.quota.is_stale(),
            overrun: self.is_outside_window(thread),
        })
    }

    /// Takes a thread out, to give it to another CPU; its status stays.
    ///
    /// A member of a group or partition must leave it first by
    /// [`set_params`](Self::set_params): both belong to a CPU. Nor can the current thread be
    /// taken: `None` then. O(1).
    pub fn expel<T: Tables + ?Sized>(&mut self, tables: &T, id: ThreadId) -> Option<()> {
        let thread: &Thread = tables.get(id)?;
        if self.current == Some(id) || matches!(thread.policy(), Policy::Quota | Policy::Tp) {
            return None;
        }
        self.dequeue(tables, id, thread);
        Some(())
    }

    /// Takes in a thread that was [expelled](Self::expel) from another CPU. O(1).
    pub fn admit<T: Tables + ?Sized>(&mut self, tables: &T, id: ThreadId) -> Outcome {
        if let Some(thread) = Table::<ThreadId, Thread>::get(tables, id) {
            if thread.status().runnable() {
                self.enqueue(tables, id, thread, Place::Tail);
            }
        }
        self.outcome(tables)
    }

    /// Lets equals of the current thread run before it.
    ///
    /// Returns whether another thread is to run. O(1), or O(log n) in groups and partitions.
    pub fn yield_current<T: Tables + ?Sized>(&mut self, tables: &T) -> Outcome {
        if let Some(id) = self.current {
            self.requeue(tables, id, Place::Tail);
        }
        self.outcome(tables)
    }

    /// Serves a thread by another priority, after its effective priority changed.
    ///
    /// `boosted`: the priority is not its own. When a boost ends, the thread is the first of its
    /// priority: what it did in the meantime was not its own turn. Else it is the last, as POSIX
    /// wants it after a change by request.
    /// O(1), or O(log n) in groups and partitions.
    pub fn set_level<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        level: Priority,
        boosted: bool,
    ) -> Outcome {
        let Some(thread) = Table::<ThreadId, Thread>::get(tables, id) else {
            return Outcome::default();
        };
        let before = thread.status().state & BOOST != 0;
        if level == thread.level() && boosted == before {
            return Outcome::default();
        }
        let place = if before && level < thread.level() {
            Place::Head
        } else {
            Place::Tail
        };
        self.change(tables, id, thread, place, |thread| {
            thread.level.store(u32::from(level.level()), Relaxed);
            let mut status = thread.status();
            status.state &= !BOOST;
            if boosted {
                status.state |= BOOST;
            }
            thread.set_status(status);
        });
        self.outcome(tables)
    }

    /// Changes policy and parameters of a thread; it becomes the last of its priority.
    ///
    /// A thread that exits leaves its group by taking another policy.
    ///
    /// Its priority follows by [`Chain::set_base`](super::gate::Chain::set_base), which ends up in
    /// [`set_level`](Self::set_level).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a quantum of 0, or a group or partition that is not there.
    pub fn set_params<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        params: Params,
    ) -> Result<Outcome, Error> {
        let thread: &Thread = tables.get(id).ok_or(Error::Gone)?;
        let known = match params {
            Params::RoundRobin { quantum } => quantum != 0,
            Params::Quota { group } => quota::existing(tables, group).is_ok(),
            Params::Tp { partition } => {
                Table::<PartitionId, tp::Partition>::get(tables, partition).is_some()
            }
            Params::Fifo | Params::Weak => true,
        };
        if !known {
            return Err(Error::Invalid);
        }
        self.change(tables, id, thread, Place::Tail, |thread| {
            apply(tables, thread, params);
        });
        Ok(self.outcome(tables))
    }

    /// Charges the current thread for the time until `now`, in ns, and acts on what ended by then:
    /// quantum, budget, window.
    ///
    /// `plan` is the plan installed on the CPU, if any. O(log n), plus refills of groups.
    pub fn tick<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        plan: Option<Plan<'_>>,
        now: u64,
    ) -> Outcome {
        self.charge(tables, now);
        self.quota.refill(tables, now);
        if let (Some(plan), Some(until)) = (plan, self.tp.deadline()) {
            if until <= now {
                self.tp.advance(plan, now);
            }
        }
        self.outcome(tables)
    }

    /// The date of the next [`tick`](Self::tick) that may have something to do, in ns. O(1).
    #[inline]
    pub fn deadline<T: Tables + ?Sized>(&self, tables: &T) -> Option<u64> {
        let thread = self.current_thread(tables);
        let group = thread.and_then(|thread| match Home::of(thread) {
            Home::Group(group) => Some(group),
            _ => None,
        });
        let quantum = thread
            .filter(|thread| thread.quantum.load(Relaxed) != 0)
            .map(|thread| {
                self.charged
                    .saturating_add(thread.quantum_left.load(Relaxed))
            });
        let budget = if group.is_some() || self.quota.has_stalled() {
            self.quota.deadline(tables, group, self.charged)
        } else {
            None
        };
        sooner(sooner(quantum, budget), self.tp.deadline())
    }

    /// Decides what runs from `now` on, in ns. O(1), plus charges and refills of groups.
    pub fn pick<T: Tables + ?Sized>(&mut self, tables: &T, now: u64) -> Switch {
        self.charge(tables, now);
        self.quota.refill(tables, now);
        let prev = self.current;
        self.current = self.best(tables);
        // What it may use from now on.
        if let Some(group) = self.current_thread(tables).and_then(Thread::group) {
            self.quota.charge(tables, group, 0, now);
        }
        Switch {
            prev,
            next: self.current,
        }
    }

    /// The thread that should run: FIFO before TP before QUOTA before WEAK. O(1).
    fn best<T: Tables + ?Sized>(&self, tables: &T) -> Option<ThreadId> {
        let top = self.levels.top();
        let plain = top.and_then(|level| self.levels.first(level));
        if top.map(Priority::class) == Some(Class::Fifo) {
            return plain;
        }
        let candidates = [plain, self.tp.first(tables), self.quota.first(tables)];
        let mut best: Option<(Priority, ThreadId)> = None;
        for id in candidates.into_iter().flatten() {
            let thread: &Thread = tables.get(id)?;
            if best.is_none_or(|(level, _)| level < thread.level()) {
                best = Some((thread.level(), id));
            }
        }
        best.map(|(_, id)| id)
    }

    fn outcome<T: Tables + ?Sized>(&self, tables: &T) -> Outcome {
        Outcome {
            resched: self.best(tables) != self.current || self.quota.is_stale(),
            overrun: false,
        }
    }

    fn is_outside_window(&self, thread: &Thread) -> bool {
        matches!(Home::of(thread), Home::Partition(id) if self.tp.active() != Some(id))
    }

    fn current_thread<'a, T: Tables + ?Sized>(&self, tables: &'a T) -> Option<&'a Thread> {
        tables.get(self.current?)
    }

    /// Charges the current thread's quantum and its group's budget.
    fn charge<T: Tables + ?Sized>(&mut self, tables: &T, now: u64) {
        let elapsed = now.saturating_sub(self.charged);
        self.charged = self.charged.max(now);
        let (Some(id), Some(thread)) = (self.current, self.current_thread(tables)) else {
            return;
        };
        // A boosted member is not stopped by its budget, but its group pays nevertheless.
        if let Some(group) = thread.group() {
            self.quota.charge(tables, group, elapsed, now);
        }
        let quantum = thread.quantum.load(Relaxed);
        // A thread that blocked has a new quantum already.
        if quantum == 0 || !thread.status().runnable() {
            return;
        }
        let left = thread.quantum_left.load(Relaxed).saturating_sub(elapsed);
        thread
            .quantum_left
            .store(if left == 0 { quantum } else { left }, Relaxed);
        if left == 0 {
            self.requeue(tables, id, Place::Tail);
        }
    }

    fn requeue<T: Tables + ?Sized>(&mut self, tables: &T, id: ThreadId, place: Place) {
        if let Some(thread) = Table::<ThreadId, Thread>::get(tables, id) {
            self.change(tables, id, thread, place, |_| ());
        }
    }

    /// Changes what decides on a thread's place, and puts it there.
    fn change<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        thread: &Thread,
        place: Place,
        change: impl FnOnce(&Thread),
    ) {
        let ready = self.dequeue(tables, id, thread);
        change(thread);
        if ready {
            self.enqueue(tables, id, thread, place);
        }
    }

    fn enqueue<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: ThreadId,
        thread: &Thread,
        place: Place,
    ) {
        let level = thread.level();
        let done = match Home::of(thread) {
            Home::Level => self.levels.insert(tables, id, level, place),
            Home::Group(group) => self.quota.enqueue(tables, group, id, level, place),
            Home::Partition(partition) => self.tp.enqueue(tables, partition, id, level, place),
        };
        if done {
            let mut status = thread.status();
            status.state |= READY;
            thread.set_status(status);
        }
    }

    /// Takes a thread from its place; false if it was not ready.
    fn dequeue<T: Tables + ?Sized>(&mut self, tables: &T, id: ThreadId, thread: &Thread) -> bool {
        let done = match Home::of(thread) {
            Home::Level => self.levels.remove(tables, id, thread.level()),
            Home::Group(group) => self.quota.dequeue(tables, group, id),
            Home::Partition(partition) => self.tp.dequeue(tables, partition, id),
        };
        if done {
            let mut status = thread.status();
            status.state &= !READY;
            thread.set_status(status);
        }
        done
    }
}

/// Writes parameters to a thread that is in no run queue.
fn apply<T: Tables + ?Sized>(tables: &T, thread: &Thread, params: Params) {
    let group_of = |thread: &Thread| {
        thread
            .group()
            .and_then(|id| quota::existing(tables, id).ok())
    };
    group_of(thread).into_iter().for_each(quota::Group::leave);
    thread.set_policy(params.policy());
    let quantum = match params {
        Params::RoundRobin { quantum } => quantum,
        _ => 0,
    };
    thread.quantum.store(quantum, Relaxed);
    thread.quantum_left.store(quantum, Relaxed);
    thread.group.set(match params {
        Params::Quota { group } => Some(group),
        _ => None,
    });
    group_of(thread).into_iter().for_each(quota::Group::join);
    thread.partition.set(match params {
        Params::Tp { partition } => Some(partition),
        _ => None,
    });
    let mut status = thread.status();
    status.state &= !(RRB | WEAK);
    match params {
        Params::RoundRobin { .. } => status.state |= RRB,
        Params::Weak => status.state |= WEAK,
        _ => {}
    }
    thread.set_status(status);
}
