// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! What the algorithms keep of a thread.

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::{
    gate::BoosterSlot,
    list::{Link, ListSlot},
    priority::{Policy, Priority},
    status::{state, Status},
    table::{GroupId, PartitionId, ThreadId},
    tree::{IdCell, Node, SetCell, Slot},
};

/// The record of a thread.
///
/// | members | protected by the lock of |
/// |---|---|
/// | `state`, `info`, `policy`, `level`, quantum, group, partition, `run`, `run_set` | the run queue of the thread's CPU |
/// | `wait`, `wanted`, `exact`, `received` | the element it waits on; gates: the PI lock |
/// | `base`, `effective`, `boosters`, `blocked_on` | PI; `effective` may be read without |
#[derive(Debug)]
pub struct Thread {
    pub(super) state: AtomicU32,
    pub(super) info: AtomicU32,
    policy: AtomicU32,
    /// The priority by which the run queue serves it: follows `effective`.
    pub(super) level: AtomicU32,
    pub(super) quantum: AtomicU64,
    pub(super) quantum_left: AtomicU64,
    pub(super) group: IdCell,
    pub(super) partition: IdCell,
    pub(super) run: Link,
    pub(super) run_set: Node,

    pub(super) wait: Node,
    /// Flags that it waits for, and whether for all of them.
    pub(super) wanted: AtomicU32,
    pub(super) exact: AtomicBool,
    pub(super) received: AtomicU32,

    pub(super) base: AtomicU32,
    pub(super) effective: AtomicU32,
    pub(super) boosters: SetCell<BoosterSlot>,
    pub(super) blocked_on: IdCell,
}

impl Thread {
    /// A dormant thread.
    pub const fn new(policy: Policy, priority: Priority) -> Self {
        let level = priority.level() as u32;
        Self {
            state: AtomicU32::new(state::DORMANT),
            info: AtomicU32::new(0),
            policy: AtomicU32::new(policy as u32),
            level: AtomicU32::new(level),
            quantum: AtomicU64::new(0),
            quantum_left: AtomicU64::new(0),
            group: IdCell::new(),
            partition: IdCell::new(),
            run: Link::new(),
            run_set: Node::new(),
            wait: Node::new(),
            wanted: AtomicU32::new(0),
            exact: AtomicBool::new(false),
            received: AtomicU32::new(0),
            base: AtomicU32::new(level),
            effective: AtomicU32::new(level),
            boosters: SetCell::new(),
            blocked_on: IdCell::new(),
        }
    }

    /// Makes it the record of another thread, which runs in-band.
    ///
    /// Nobody else uses the record, and nothing links it: the thread that it belonged to is gone.
    pub fn attach(&self, policy: Policy, priority: Priority) {
        let level = u32::from(priority.level());
        let weak = if matches!(policy, Policy::Weak) {
            state::WEAK
        } else {
            0
        };
        self.set_status(Status {
            state: state::INBAND | weak,
            info: 0,
        });
        self.set_policy(policy);
        for cell in [&self.level, &self.base, &self.effective] {
            cell.store(level, Relaxed);
        }
        self.quantum.store(0, Relaxed);
        self.quantum_left.store(0, Relaxed);
        self.group.set(None::<GroupId>);
        self.partition.set(None::<PartitionId>);
    }

    /// The round-robin quantum in ns, 0 if it has none.
    pub fn quantum(&self) -> u64 {
        self.quantum.load(Relaxed)
    }

    /// State and info words.
    pub fn status(&self) -> Status {
        Status {
            state: self.state.load(Relaxed),
            info: self.info.load(Relaxed),
        }
    }

    /// Under the lock of the thread's run queue.
    pub(super) fn set_status(&self, status: Status) {
        self.state.store(status.state, Relaxed);
        self.info.store(status.info, Relaxed);
    }

    /// Its policy.
    pub fn policy(&self) -> Policy {
        const FIFO: u32 = Policy::Fifo as u32;
        const ROUND_ROBIN: u32 = Policy::RoundRobin as u32;
        const WEAK: u32 = Policy::Weak as u32;
        const QUOTA: u32 = Policy::Quota as u32;
        match self.policy.load(Relaxed) {
            FIFO => Policy::Fifo,
            ROUND_ROBIN => Policy::RoundRobin,
            WEAK => Policy::Weak,
            QUOTA => Policy::Quota,
            _ => Policy::Tp,
        }
    }

    pub(super) fn set_policy(&self, policy: Policy) {
        self.policy.store(policy as u32, Relaxed);
    }

    /// The priority of its own.
    pub fn base(&self) -> Priority {
        Priority::from_level(self.base.load(Relaxed))
    }

    /// The highest of its own priority, those of its waiters and the ceilings it holds.
    pub fn effective(&self) -> Priority {
        Priority::from_level(self.effective.load(Relaxed))
    }

    /// The priority by which its run queue serves it.
    pub fn level(&self) -> Priority {
        Priority::from_level(self.level.load(Relaxed))
    }

    /// The group of a SCHED_QUOTA thread.
    pub fn group(&self) -> Option<GroupId> {
        self.group.get()
    }

    /// The partition of a SCHED_TP thread.
    pub fn partition(&self) -> Option<PartitionId> {
        self.partition.get()
    }

    /// The tag of the wait queue it is in. A hint, without the lock of that queue.
    pub fn waits_in(&self) -> Option<u32> {
        self.wait.set()
    }

    /// The flags that a wait on a group of flags received.
    pub fn received(&self) -> u32 {
        self.received.load(Relaxed)
    }
}

/// Links a ready thread at its level.
#[derive(Debug)]
pub struct LevelSlot;

impl ListSlot for LevelSlot {
    type Id = ThreadId;
    type Record = Thread;

    fn link(thread: &Thread) -> &Link {
        &thread.run
    }
}

/// Links a ready thread in its group or partition.
#[derive(Debug)]
pub struct MemberSlot;

impl Slot for MemberSlot {
    type Id = ThreadId;
    type Record = Thread;

    fn node(thread: &Thread) -> &Node {
        &thread.run_set
    }
}

/// Links a waiting thread.
#[derive(Debug)]
pub struct WaitSlot;

impl Slot for WaitSlot {
    type Id = ThreadId;
    type Record = Thread;

    fn node(thread: &Thread) -> &Node {
        &thread.wait
    }
}
