// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Tables of records for tests.

// Every test uses some of it.
#![allow(dead_code)]

pub(crate) mod gates;
pub(crate) mod polls;

use std::cell::Cell;

use evl_logic::{
    priority::{Class, Policy, Priority},
    quota::Group,
    table::{GroupId, Id, PartitionId, Table, ThreadId},
    thread::Thread,
    tp::Partition,
};
use proptest::test_runner::Config as ProptestConfig;

/// A table that counts how often it is looked at.
pub(crate) struct Counting<R> {
    records: Vec<R>,
    looks: Cell<u64>,
}

impl<R> Counting<R> {
    pub(crate) fn new(records: impl IntoIterator<Item = R>) -> Self {
        Self {
            records: records.into_iter().collect(),
            looks: Cell::new(0),
        }
    }

    /// Looks at the table during a call, and its result.
    pub(crate) fn cost<T>(&self, call: impl FnOnce() -> T) -> (u64, T) {
        let before = self.looks.get();
        let result = call();
        (self.looks.get() - before, result)
    }
}

impl<I: Id, R> Table<I, R> for Counting<R> {
    fn get(&self, id: I) -> Option<&R> {
        self.looks.set(self.looks.get() + 1);
        self.records.get(id.index() as usize)
    }
}

/// Threads, groups and partitions.
pub(crate) struct System {
    pub(crate) threads: Vec<Thread>,
    pub(crate) groups: Vec<Group>,
    pub(crate) partitions: Vec<Partition>,
}

impl System {
    /// Dormant threads of SCHED_FIFO with the given priorities, and as many groups and partitions.
    pub(crate) fn new(priorities: &[i32]) -> Self {
        let thread = |priority| Thread::new(Policy::Fifo, fifo(priority));
        Self {
            threads: priorities.iter().copied().map(thread).collect(),
            groups: priorities.iter().map(|_| Group::new()).collect(),
            partitions: priorities.iter().map(|_| Partition::new()).collect(),
        }
    }

    pub(crate) fn thread(&self, index: usize) -> &Thread {
        &self.threads[index]
    }
}

impl Table<ThreadId, Thread> for System {
    fn get(&self, id: ThreadId) -> Option<&Thread> {
        self.threads.get(id.index() as usize)
    }
}

impl Table<GroupId, Group> for System {
    fn get(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(id.index() as usize)
    }
}

impl Table<PartitionId, Partition> for System {
    fn get(&self, id: PartitionId) -> Option<&Partition> {
        self.partitions.get(id.index() as usize)
    }
}

/// As many cases as given; few under miri, which is slow and has no files.
pub(crate) fn cases(cases: u32) -> ProptestConfig {
    let mut config = ProptestConfig::with_cases(cases);
    if cfg!(miri) {
        config.cases = 1;
        config.failure_persistence = None;
    }
    config
}

/// A priority of SCHED_FIFO.
pub(crate) fn fifo(priority: i32) -> Priority {
    Priority::new(Class::Fifo, priority).unwrap()
}

/// The id of a thread.
pub(crate) fn thread(index: usize) -> ThreadId {
    ThreadId::new(index as u32).unwrap()
}
