// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The run queue against lists that are searched from end to end.

mod common;

use common::{fifo, thread, System};
use evl_logic::{
    priority::{Class, Policy, Priority},
    runqueue::{Params, RunQueue},
    status::{state::READY, Block, Release},
    table::{Id, PartitionId},
    tp::{Plan, Window},
};
use proptest::prelude::*;

const THREADS: usize = 12;
const QUANTUM: u64 = 10;

#[derive(Clone, Debug)]
enum Op {
    Block(Block),
    Suspend(usize),
    Release(usize, Release),
    Yield,
    Pick,
    Level(usize, Priority, bool),
    Params(usize, Policy),
    Elapse(u64),
}

fn any_op() -> impl Strategy<Value = Op> {
    let id = 0..THREADS;
    let block = prop_oneof![
        Just(Block::Wait { timed: true }),
        Just(Block::Sleep),
        Just(Block::Inband)
    ];
    let release = prop_oneof![
        Just(Release::Wakeup),
        Just(Release::Timeout),
        Just(Release::Kick),
        Just(Release::Break),
        Just(Release::Resume),
        Just(Release::Oob),
        Just(Release::Start),
    ];
    let class = prop_oneof![
        3 => Just(Class::Fifo),
        1 => Just(Class::Weak),
        1 => Just(Class::Tp),
    ];
    let level = (class, 1..6).prop_map(|(class, priority)| Priority::new(class, priority).unwrap());
    let policy = prop_oneof![
        Just(Policy::Fifo),
        Just(Policy::RoundRobin),
        Just(Policy::Weak),
        Just(Policy::Tp),
    ];
    prop_oneof![
        2 => block.prop_map(Op::Block),
        1 => id.clone().prop_map(Op::Suspend),
        6 => (id.clone(), release).prop_map(|(id, cause)| Op::Release(id, cause)),
        1 => Just(Op::Yield),
        4 => Just(Op::Pick),
        2 => (id.clone(), level, any::<bool>()).prop_map(|(id, l, b)| Op::Level(id, l, b)),
        1 => (id, policy).prop_map(|(id, policy)| Op::Params(id, policy)),
        2 => (0..15_u64).prop_map(Op::Elapse),
    ]
}

/// What a thread is in the model.
#[derive(Clone, Copy)]
struct Entry {
    level: Priority,
    boosted: bool,
    policy: Policy,
    left: u64,
}

/// Ready threads in the order of their turns among equals; the order among others means nothing.
struct Model {
    entries: Vec<Entry>,
    ready: Vec<usize>,
    current: Option<usize>,
    window: bool,
}

impl Model {
    fn new(levels: &[Priority]) -> Self {
        let entry = |level: &Priority| Entry {
            level: *level,
            boosted: false,
            policy: Policy::Fifo,
            left: 0,
        };
        Self {
            entries: levels.iter().map(entry).collect(),
            ready: Vec::new(),
            current: None,
            window: false,
        }
    }

    fn best(&self) -> Option<usize> {
        let may_run = |i: &usize| {
            let entry = self.entries[*i];
            entry.policy != Policy::Tp || entry.boosted || self.window
        };
        // A boosted thread goes before members of a partition with the same priority.
        let rank = |i: &usize| {
            let entry = self.entries[*i];
            (entry.level, entry.policy != Policy::Tp || entry.boosted)
        };
        let candidates: Vec<usize> = self.ready.iter().copied().filter(may_run).collect();
        let highest = candidates.iter().map(rank).max()?;
        candidates.into_iter().find(|i| rank(i) == highest)
    }

    fn leave(&mut self, i: usize) -> bool {
        let before = self.ready.len();
        self.ready.retain(|other| *other != i);
        self.ready.len() != before
    }

    fn move_last(&mut self, i: usize) {
        if self.leave(i) {
            self.ready.push(i);
        }
    }

    fn move_first(&mut self, i: usize) {
        if self.leave(i) {
            self.ready.insert(0, i);
        }
    }

    fn set_level(&mut self, i: usize, level: Priority, boosted: bool) {
        let old = self.entries[i];
        if (old.level, old.boosted) == (level, boosted) {
            return;
        }
        self.entries[i] = Entry {
            level,
            boosted,
            ..old
        };
        if old.boosted && level < old.level {
            self.move_first(i);
        } else {
            self.move_last(i);
        }
    }

    fn charge(&mut self, elapsed: u64) {
        let Some(i) = self.current else { return };
        let entry = &mut self.entries[i];
        // Who blocked has a new quantum already.
        if entry.policy != Policy::RoundRobin || !self.ready.contains(&i) {
            return;
        }
        entry.left = entry.left.saturating_sub(elapsed);
        if entry.left == 0 {
            entry.left = QUANTUM;
            self.move_last(i);
        }
    }
}

/// A window of 7 ns for partition 0 in every 20 ns.
fn windows() -> [Window; 2] {
    let window = |offset, duration, partition| Window {
        offset,
        duration,
        partition,
    };
    [window(3, 7, PartitionId::new(0)), window(15, 5, None)]
}

struct Run {
    system: System,
    queue: RunQueue,
    model: Model,
    now: u64,
}

impl Run {
    fn new() -> Self {
        let priorities: Vec<i32> = (0..THREADS as i32).map(|i| 1 + i % 4).collect();
        let levels: Vec<Priority> = priorities.iter().copied().map(fifo).collect();
        let mut queue = RunQueue::new(3, 0);
        let windows = windows();
        queue.tp().start(Plan::check(&windows).unwrap(), 0);
        Self {
            system: System::new(&priorities),
            queue,
            model: Model::new(&levels),
            now: 0,
        }
    }

    fn apply(&mut self, op: Op) -> Result<(), TestCaseError> {
        let system = &self.system;
        match op {
            Op::Block(why) => {
                if let Some(i) = self.model.current {
                    let expected = system.thread(i).status().block(why);
                    let found = self.queue.block(system, thread(i), why);
                    prop_assert_eq!(found.is_ok(), expected.is_ok());
                    if let Ok(outcome) = found {
                        prop_assert!(outcome.resched);
                        self.model.leave(i);
                        self.model.entries[i].left = QUANTUM;
                    }
                }
            }
            Op::Suspend(i) => {
                let done = self.queue.block(system, thread(i), Block::Suspend).is_ok();
                if done && self.model.leave(i) {
                    self.model.entries[i].left = QUANTUM;
                }
            }
            Op::Release(i, cause) => {
                let before = system.thread(i).status();
                let found = self.queue.release(system, thread(i), cause);
                prop_assert_eq!(found.is_some(), before.release(cause).is_some());
                if !before.runnable() && system.thread(i).status().runnable() {
                    self.model.ready.push(i);
                    let resched = found.unwrap_or_default().resched;
                    prop_assert_eq!(resched, self.model.best() == Some(i));
                }
            }
            Op::Yield => {
                if let Some(i) = self.model.current {
                    self.model.move_last(i);
                }
                let outcome = self.queue.yield_current(system);
                prop_assert_eq!(outcome.resched, self.model.best() != self.model.current);
            }
            Op::Pick => {
                let switch = self.queue.pick(system, self.now);
                prop_assert_eq!(
                    switch.prev.map(Id::index),
                    self.model.current.map(|i| i as u32)
                );
                self.model.current = self.model.best();
                prop_assert_eq!(
                    switch.next.map(Id::index),
                    self.model.current.map(|i| i as u32)
                );
            }
            Op::Level(i, level, boosted) => {
                // A priority of its own is in the range of its class.
                let class = self.model.entries[i].policy.class();
                let level = if boosted {
                    level
                } else {
                    Priority::new(class, level.in_class()).unwrap()
                };
                self.model.set_level(i, level, boosted);
                let changes = system.thread(i).level() != level;
                let outcome = self.queue.set_level(system, thread(i), level, boosted);
                if changes {
                    prop_assert_eq!(outcome.resched, self.model.best() != self.model.current);
                }
            }
            Op::Params(i, policy) => {
                let params = match policy {
                    Policy::RoundRobin => Params::RoundRobin { quantum: QUANTUM },
                    Policy::Weak => Params::Weak,
                    Policy::Tp => Params::Tp {
                        partition: PartitionId::new(0).unwrap(),
                    },
                    _ => Params::Fifo,
                };
                let _ = self.queue.set_params(system, thread(i), params).unwrap();
                self.model.entries[i].policy = policy;
                self.model.entries[i].left = QUANTUM;
                self.model.move_last(i);
                let level = self.model.entries[i].level.in_class();
                let level = Priority::new(policy.class(), level).unwrap();
                let boosted = self.model.entries[i].boosted;
                if !boosted {
                    self.model.set_level(i, level, false);
                    let _ = self.queue.set_level(system, thread(i), level, false);
                }
            }
            Op::Elapse(ns) => {
                self.now += ns;
                self.model.charge(ns);
                self.model.window = (3..10).contains(&(self.now % 20));
                let windows = windows();
                let outcome =
                    self.queue
                        .tick(system, Some(Plan::check(&windows).unwrap()), self.now);
                prop_assert_eq!(outcome.resched, self.model.best() != self.model.current);
                let deadline = self.queue.deadline(system);
                prop_assert!(deadline.is_some_and(|date| date > self.now && date <= self.now + 20));
            }
        }
        self.check()
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for i in 0..THREADS {
            let status = self.system.thread(i).status();
            let ready = self.model.ready.contains(&i);
            prop_assert_eq!(status.state & READY != 0, ready, "{}", i);
            prop_assert_eq!(status.runnable(), ready, "{}", i);
        }
        prop_assert_eq!(
            self.queue.current().map(Id::index),
            self.model.current.map(|i| i as u32)
        );
        Ok(())
    }
}

proptest! {
    #![proptest_config(common::cases(2000))]

    #[test]
    fn picks_like_a_search(ops in prop::collection::vec(any_op(), 1..150)) {
        let mut run = Run::new();
        for i in 0..THREADS {
            run.apply(Op::Release(i, Release::Start))?;
        }
        for op in ops {
            run.apply(op)?;
        }
    }
}

/// A run queue with all threads of a system ready.
fn started(system: &System) -> RunQueue {
    let mut queue = RunQueue::new(0, 0);
    for i in 0..system.threads.len() {
        assert!(queue.release(system, thread(i), Release::Start).is_some());
    }
    queue
}

fn next(queue: &mut RunQueue, system: &System, now: u64) -> Option<u32> {
    queue.pick(system, now).next.map(Id::index)
}

#[test]
fn a_preempted_thread_is_first_of_its_priority() {
    let system = System::new(&[5, 5, 9]);
    let mut queue = RunQueue::new(0, 0);
    for i in [0, 1] {
        let _ = queue.release(&system, thread(i), Release::Start);
    }
    assert_eq!(next(&mut queue, &system, 0), Some(0));
    let outcome = queue.release(&system, thread(2), Release::Start).unwrap();
    assert!(outcome.resched);
    assert_eq!(next(&mut queue, &system, 1), Some(2));
    let _ = queue.block(&system, thread(2), Block::Sleep).unwrap();
    assert_eq!(next(&mut queue, &system, 2), Some(0));
    assert!(queue.yield_current(&system).resched);
    assert_eq!(next(&mut queue, &system, 3), Some(1));
}

#[test]
fn the_end_of_a_boost_costs_no_turn_and_a_request_does() {
    let system = System::new(&[5, 5]);
    let mut queue = started(&system);
    assert_eq!(next(&mut queue, &system, 0), Some(0));
    let _ = queue.set_level(&system, thread(0), fifo(7), true);
    assert!(!queue.set_level(&system, thread(0), fifo(5), false).resched);
    let _ = queue.set_level(&system, thread(0), fifo(7), false);
    assert!(queue.set_level(&system, thread(0), fifo(5), false).resched);
    assert_eq!(next(&mut queue, &system, 0), Some(1));
}

#[test]
fn a_thread_moves_to_another_cpu() {
    let system = System::new(&[5, 6]);
    let (mut from, mut to) = (started(&system), RunQueue::new(1, 0));
    assert_eq!(next(&mut from, &system, 0), Some(1));
    assert_eq!(from.expel(&system, thread(1)), None);
    assert_eq!(from.expel(&system, thread(0)), Some(()));
    assert!(to.admit(&system, thread(0)).resched);
    assert_eq!(next(&mut to, &system, 0), Some(0));
    let _ = from.block(&system, thread(1), Block::Inband).unwrap();
    assert_eq!(next(&mut from, &system, 0), None);
    // In-band threads are moved as well; they are in no queue.
    assert_eq!(next(&mut from, &system, 0), None);
    assert_eq!(from.expel(&system, thread(1)), Some(()));
    assert!(!to.admit(&system, thread(1)).resched);
    assert!(
        to.release(&system, thread(1), Release::Oob)
            .unwrap()
            .resched
    );
}
