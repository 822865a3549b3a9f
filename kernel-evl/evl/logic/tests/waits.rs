// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Wait queues, semaphores, groups of flags and gated events against plain lists.

mod common;

use std::{
    collections::VecDeque,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use common::{
    fifo,
    gates::{gate, Gates, Told},
    thread,
};
use evl_logic::{
    error::Error,
    event::{Event, EventLink, Events},
    flags::{Flags, Need},
    gate::Pi,
    semaphore::{Get, Semaphore},
    status::{Block, Release, Status},
    table::{EventId, Id},
    tree::Place,
    waitqueue::{Order, WaitQueue},
    word::{count, signal, Word},
};
use proptest::prelude::*;

const THREADS: usize = 10;

/// Threads with priorities 1 to 4, and a word.
fn system(word: u32) -> Gates<AtomicU32> {
    let priorities: Vec<i32> = (0..THREADS as i32).map(|t| 1 + t % 4).collect();
    Gates::new(&priorities, vec![AtomicU32::new(word)])
}

/// Changes the priority of a thread of its own.
fn set_priority(system: &Gates<AtomicU32>, t: usize, priority: i32) {
    let (mut pi, mut told) = (Pi::new(), Told::new(THREADS));
    pi.chain(system, &mut told)
        .set_base(thread(t), fifo(priority));
}

/// Waiters in their order, of a priority each.
#[derive(Default)]
struct Model(VecDeque<(usize, i32)>);

impl Model {
    fn add(&mut self, t: usize, priority: i32) -> bool {
        if self.0.iter().any(|(other, _)| *other == t) {
            return false;
        }
        let at = self.0.iter().position(|(_, other)| *other < priority);
        self.0.insert(at.unwrap_or(self.0.len()), (t, priority));
        true
    }

    fn remove(&mut self, t: usize) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| *other != t);
        self.0.len() != before
    }

    fn pop(&mut self) -> Option<usize> {
        self.0.pop_front().map(|(t, _)| t)
    }

    fn requeue(&mut self, t: usize, priority: i32) {
        let changes = self
            .0
            .iter()
            .any(|entry| entry.0 == t && entry.1 != priority);
        if changes && self.remove(t) {
            self.add(t, priority);
        }
    }
}

#[derive(Clone, Debug)]
enum Op {
    Add(usize),
    Remove(usize),
    Pop,
    Requeue(usize, i32),
}

fn any_op() -> impl Strategy<Value = Op> {
    let t = 0..THREADS;
    prop_oneof![
        4 => t.clone().prop_map(Op::Add),
        1 => t.clone().prop_map(Op::Remove),
        2 => Just(Op::Pop),
        2 => (t, 1..6).prop_map(|(t, p)| Op::Requeue(t, p)),
    ]
}

proptest! {
    #![proptest_config(common::cases(2000))]

    #[test]
    fn queues_keep_their_order(
        by_priority in any::<bool>(),
        ops in prop::collection::vec(any_op(), 1..100),
    ) {
        let system = system(0);
        let order = if by_priority { Order::Priority } else { Order::Fifo };
        let mut queue = WaitQueue::new(1, order);
        let mut elsewhere = WaitQueue::new(2, order);
        let mut priorities: Vec<i32> = (0..THREADS as i32).map(|t| 1 + t % 4).collect();
        let mut model = Model::default();
        for op in ops {
            match op {
                Op::Add(t) => {
                    let priority = if by_priority { priorities[t] } else { 0 };
                    prop_assert_eq!(queue.add(&system, thread(t)), model.add(t, priority));
                    prop_assert!(!elsewhere.add(&system, thread(t)));
                    prop_assert!(!elsewhere.remove(&system, thread(t)));
                }
                Op::Remove(t) => {
                    prop_assert_eq!(queue.remove(&system, thread(t)), model.remove(t));
                }
                Op::Pop => {
                    prop_assert_eq!(queue.pop(&system), model.pop().map(thread));
                }
                Op::Requeue(t, priority) => {
                    set_priority(&system, t, priority);
                    priorities[t] = priority;
                    queue.requeue(&system, thread(t));
                    model.requeue(t, if by_priority { priority } else { 0 });
                }
            }
            let mut at = queue.first();
            for (t, _) in &model.0 {
                prop_assert_eq!(at, Some(thread(*t)));
                at = at.and_then(|at| queue.next(&system, at));
            }
            prop_assert_eq!(at, None);
            prop_assert_eq!(queue.len() as usize, model.0.len());
        }
    }

    // Units are conserved: what was put in is there, or was taken out.
    #[test]
    fn semaphores_count(
        initial in 0..3_u32,
        ops in prop::collection::vec((0..5_u8, 0..THREADS), 1..100),
    ) {
        let system = system(initial);
        let value = &system.words[0];
        let mut semaphore = Semaphore::new(1, Order::Fifo);
        let mut model = Model::default();
        let mut units = initial;
        for (op, t) in ops {
            let waits = model.0.iter().any(|(other, _)| *other == t);
            match op {
                0 if waits => {
                    let before = value.load(Relaxed);
                    let again = semaphore.get(&system, value, thread(t));
                    prop_assert_eq!(again, Err(Error::Invalid));
                    prop_assert_eq!(value.load(Relaxed), before);
                }
                0 => {
                    let expected = if units > 0 { Get::Got } else { Get::Wait };
                    prop_assert_eq!(semaphore.get(&system, value, thread(t)), Ok(expected));
                    if units > 0 {
                        units -= 1;
                    } else {
                        model.add(t, 0);
                    }
                }
                1 => {
                    let expected = if units > 0 { Ok(()) } else { Err(Error::Again) };
                    prop_assert_eq!(semaphore.try_get(value), expected);
                    units = units.saturating_sub(1);
                }
                2 => {
                    let woken = model.pop();
                    if woken.is_none() {
                        units += 1;
                    }
                    prop_assert_eq!(semaphore.put(&system, value), Ok(woken.map(thread)));
                }
                3 => {
                    prop_assert_eq!(semaphore.cancel(&system, value, thread(t)), model.remove(t));
                }
                _ => {
                    let step = count::put(value, false);
                    if model.0.is_empty() {
                        prop_assert_eq!(step, Some(Ok(())));
                        units += 1;
                    } else {
                        prop_assert_eq!(step, Some(Err(Error::Again)));
                    }
                }
            }
            let expected = i64::from(units) - model.0.len() as i64;
            prop_assert_eq!(i64::from(value.load(Relaxed) as i32), expected);
        }
        while let Some(id) = semaphore.flush(&system, value) {
            prop_assert_eq!(Some(id), model.pop().map(thread));
        }
        prop_assert!(model.0.is_empty());
        prop_assert_eq!(value.load(Relaxed), units);
    }

    // Every flag posted is set, or was received by exactly one; nobody waits for what is set.
    #[test]
    fn flags_are_received_once(
        ops in prop::collection::vec((0..5_u8, 0..THREADS, 1..16_u32, any::<bool>()), 1..80)
    ) {
        let system = system(0);
        let word = &system.words[0];
        let mut flags = Flags::new(1, Order::Fifo);
        let mut waiting: Vec<(usize, u32, Need)> = Vec::new();
        let mut value = 0_u32;
        let enough = |value: u32, wanted: u32, need: Need| match need {
            Need::Any => value & wanted != 0,
            Need::All => value & wanted == wanted,
        };
        for (op, t, bits, all) in ops {
            let need = if all { Need::All } else { Need::Any };
            let mut served = Vec::new();
            match op {
                0 | 1 if waiting.iter().all(|(other, _, _)| *other != t) => {
                    let found = flags.wait(&system, word, thread(t), bits, need);
                    if enough(value, bits, need) {
                        prop_assert_eq!(found, Ok(Some(value & bits)));
                        value &= !bits;
                    } else {
                        prop_assert_eq!(found, Ok(None));
                        waiting.push((t, bits, need));
                    }
                }
                2 => {
                    flags.post(&system, word, bits, |id| served.push(id.index() as usize));
                    value |= bits;
                    let mut expected = Vec::new();
                    waiting.retain(|(t, wanted, need)| {
                        let hit = enough(value, *wanted, *need);
                        if hit {
                            expected.push((*t, value & wanted));
                            value &= !wanted;
                        }
                        !hit
                    });
                    for (t, hit) in &expected {
                        prop_assert_eq!(system.threads[*t].received(), *hit);
                    }
                    let order: Vec<usize> = expected.iter().map(|(t, _)| *t).collect();
                    prop_assert_eq!(served, order);
                }
                3 => {
                    flags.broadcast(&system, word, bits, |id| served.push(id.index() as usize));
                    let seen = value | bits;
                    let mut expected = Vec::new();
                    waiting.retain(|(t, wanted, need)| {
                        let hit = enough(seen, *wanted, *need);
                        if hit {
                            expected.push(*t);
                        }
                        !hit
                    });
                    prop_assert_eq!(served, expected);
                }
                _ => {
                    let known = waiting.iter().any(|(other, _, _)| *other == t);
                    waiting.retain(|(other, _, _)| *other != t);
                    prop_assert_eq!(flags.waiters().remove(&system, thread(t)), known);
                }
            }
            prop_assert_eq!(word.load(Relaxed), value);
            prop_assert!(waiting.iter().all(|(_, wanted, need)| !enough(value, *wanted, *need)));
        }
    }
}

#[test]
fn no_flags_are_not_waited_for() {
    let system = system(u32::MAX);
    let mut flags = Flags::new(1, Order::Fifo);
    let step = flags.wait(&system, &system.words[0], thread(0), 0, Need::Any);
    assert_eq!(step, Err(Error::Invalid));
}

#[test]
fn semaphores_end_at_their_end() {
    let system = system(i32::MAX as u32);
    let value = &system.words[0];
    let mut semaphore = Semaphore::new(1, Order::Fifo);
    assert_eq!(semaphore.put(&system, value), Err(Error::Overflow));
    assert_eq!(count::put(value, false), Some(Err(Error::Overflow)));
    assert_eq!(value.load(Relaxed), i32::MAX as u32);
    assert_eq!(Semaphore::check_initial(1 << 31), Err(Error::Invalid));
    assert_eq!(Semaphore::check_initial(7), Ok(7));
    // Who polls must be told by the kernel.
    assert_eq!(
        count::put(&AtomicU32::new(0), true),
        Some(Err(Error::Again))
    );
}

#[test]
fn a_flushed_waiter_is_told_so() {
    let waits = Status::default()
        .block(Block::Wait { timed: true })
        .unwrap();
    for (cause, result) in [
        (Release::Wakeup, Ok(())),
        (Release::Broadcast, Err(Error::Again)),
        (Release::Timeout, Err(Error::TimedOut)),
        (Release::Remove, Err(Error::Removed)),
    ] {
        let ended = waits.release(cause).unwrap();
        assert_eq!(Semaphore::wait_result(ended), result);
    }
}

/// The threads that a signal wakes.
fn delivered(event: &mut Event, system: &Gates<AtomicU32>, signal: signal::Signal) -> Vec<usize> {
    let mut woken = Vec::new();
    event.deliver(system, signal, |id| woken.push(id.index() as usize));
    woken
}

#[test]
fn an_event_wakes_whom_it_was_told() {
    use signal::{Signal, BROADCAST, SIGNALED, TARGETED};
    let system = system(0);
    let word = &system.words[0];
    let mut event = Event::new(1, 2, Order::Priority);
    assert_eq!(event.wait(&system, thread(0), gate(3)), Ok(true));
    for t in 1..6 {
        assert_eq!(event.wait(&system, thread(t), gate(3)), Ok(false));
    }
    let elsewhere = event.wait(&system, thread(6), gate(4));
    assert_eq!(elsewhere, Err(Error::BadState));

    word.set(SIGNALED);
    let signal = signal::collect(word);
    assert_eq!(signal, Signal::One);
    assert_eq!(signal::collect(word), Signal::None);
    // Priorities are 1 2 3 4 1 2.
    assert_eq!(delivered(&mut event, &system, signal), [3]);

    assert!(event.pick(&system, thread(0)));
    assert!(!event.pick(&system, thread(0)));
    assert!(!event.pick(&system, thread(7)));
    word.set(SIGNALED | TARGETED);
    let signal = signal::collect(word);
    assert_eq!(delivered(&mut event, &system, signal), [0]);

    assert!(event.pick(&system, thread(1)));
    assert!(event.cancel(&system, thread(1)));
    assert!(!event.cancel(&system, thread(1)));
    assert_eq!(event.unbind(), None);
    word.set(SIGNALED | BROADCAST);
    let signal = signal::collect(word);
    assert_eq!(delivered(&mut event, &system, signal), [2, 5, 4]);
    assert_eq!(event.unbind(), Some(gate(3)));
    assert_eq!(event.gate(), None);
    assert_eq!(event.wait(&system, thread(6), gate(4)), Ok(true));
}

#[test]
fn a_gate_knows_its_events() {
    let links = [EventLink::new(), EventLink::new(), EventLink::new()];
    let [a, b, c] = [0, 1, 2].map(|i| EventId::new(i).unwrap());
    let (mut one, mut two) = (Events::new(1), Events::new(2));
    for id in [a, b, c] {
        assert!(one.insert(&links[..], id, Place::Tail));
    }
    assert!(!two.insert(&links[..], b, Place::Tail));
    assert!(!two.remove(&links[..], b));
    assert!(one.remove(&links[..], b));
    assert!(two.insert(&links[..], b, Place::Head));
    assert_eq!(one.next(&links[..], a), Some(c));
    assert_eq!(
        [
            one.pop(&links[..]),
            one.pop(&links[..]),
            one.pop(&links[..])
        ],
        [Some(a), Some(c), None]
    );
    assert_eq!(two.first(), Some(b));
}
