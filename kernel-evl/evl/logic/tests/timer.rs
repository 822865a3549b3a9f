// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Timers against a list that is searched from end to end; periods without drift.

mod common;

use common::Counting;
use evl_logic::{
    agenda::Seat,
    error::Error,
    table::{Id, TimerId},
    timer::{with_inband, Gravity, Program, Shot, Target, Timer, TimerQueue},
};
use proptest::prelude::*;

/// Three levels of the heap.
const TIMERS: u32 = 24;

const GRAVITY: Gravity = Gravity {
    irq: 1,
    kernel: 4,
    user: 9,
};

fn id(index: u32) -> TimerId {
    TimerId::new(index).unwrap()
}

fn target(index: u32) -> Target {
    match index % 3 {
        0 => Target::Irq,
        1 => Target::Kernel,
        _ => Target::User,
    }
}

fn gravity(index: u32) -> u64 {
    match target(index) {
        Target::Irq => 1,
        Target::Kernel => 4,
        Target::User => 9,
    }
}

fn timers(count: u32) -> Counting<Timer> {
    Counting::new((0..count).map(|i| Timer::new(target(i))))
}

fn queue(tag: u32, room: u32) -> TimerQueue<Vec<Seat>> {
    TimerQueue::new(tag, GRAVITY, vec![Seat::default(); room as usize])
}

#[derive(Clone, Debug)]
enum Op {
    Start(u32, u64, u64),
    Stop(u32),
    Elapse(u64),
}

fn any_op() -> impl Strategy<Value = Op> {
    let period = prop_oneof![Just(0_u64), 1..60_u64];
    prop_oneof![
        3 => (0..TIMERS, 0..200_u64, period).prop_map(|(i, date, p)| Op::Start(i, date, p)),
        1 => (0..TIMERS).prop_map(Op::Stop),
        4 => (0..100_u64).prop_map(Op::Elapse),
    ]
}

/// A running timer: what is programmed, which, nominal date, period.
type Entry = (u64, u32, u64, u64);

/// Takes what is due; the first programmed goes first.
fn model_expire(model: &mut Vec<Entry>, now: u64) -> Option<Shot> {
    let first = *model.iter().min_by_key(|entry| entry.0)?;
    let (key, index, date, period) = first;
    if key > now {
        return None;
    }
    model.retain(|entry| entry.1 != index);
    let mut overruns = 0;
    if period != 0 {
        let mut next = date + period;
        while next <= now {
            next += period;
            overruns += 1;
        }
        let key = next.saturating_sub(gravity(index)).max(now + 1);
        model.push((key, index, next, period));
    }
    Some(Shot {
        timer: id(index),
        date,
        overruns,
    })
}

proptest! {
    #![proptest_config(common::cases(3000))]

    #[test]
    fn behaves_like_a_search(ops in prop::collection::vec(any_op(), 1..120)) {
        let table = timers(TIMERS);
        let mut queue = queue(1, TIMERS);
        let mut model: Vec<Entry> = Vec::new();
        let mut programmed = None;
        let mut now = 100;
        for op in ops {
            match op {
                Op::Start(i, date, period) => {
                    let date = now + date - 50;
                    model.retain(|entry| entry.1 != i);
                    model.push((date.saturating_sub(gravity(i)), i, date, period));
                    programmed = follow(programmed, queue.start(&table, id(i), date, period).unwrap());
                }
                Op::Stop(i) => {
                    let before = model.len();
                    model.retain(|entry| entry.1 != i);
                    let found = queue.stop(&table, id(i));
                    prop_assert_eq!(found.is_some(), model.len() != before);
                    programmed = found.map_or(programmed, |found| follow(programmed, found));
                }
                Op::Elapse(ns) => {
                    now += ns;
                    loop {
                        let found = queue.expire(&table, now);
                        prop_assert_eq!(found, model_expire(&mut model, now));
                        if found.is_none() {
                            break;
                        }
                    }
                    programmed = queue.next();
                }
            }
            // The hardware is always programmed for the earliest date.
            prop_assert_eq!(programmed, model.iter().map(|entry| entry.0).min());
            prop_assert_eq!(queue.next(), programmed);
        }
    }

    // However late a periodic timer is served: every period is either a shot or an overrun, and
    // shots keep to the dates of the periods.
    #[test]
    fn periods_neither_drift_nor_get_lost(
        first in 0..1_000_u64,
        period in 1..1_000_u64,
        delays in prop::collection::vec(0..5_000_u64, 1..50),
    ) {
        let table = timers(1);
        let mut queue = queue(1, TIMERS);
        let _ = queue.start(&table, id(0), first, period).unwrap();
        let mut periods = 0;
        for delay in delays {
            let now = queue.next().unwrap() + delay;
            while let Some(shot) = queue.expire(&table, now) {
                prop_assert_eq!(shot.date, first + periods * period);
                periods += 1 + shot.overruns;
                // Early by the gravity at most, plus the ns that keeps it from firing twice.
                prop_assert!(shot.date <= now + 1);
                prop_assert!(first + periods * period > now);
            }
        }
    }
}

/// What is programmed after an instruction.
fn follow(before: Option<u64>, program: Program) -> Option<u64> {
    match program {
        Program::Keep => before,
        Program::At(date) => Some(date),
        Program::Off => None,
    }
}

#[test]
fn gravity_moves_the_hardware_and_not_the_date() {
    let table = timers(3);
    let mut queue = queue(1, TIMERS);
    assert_eq!(queue.start(&table, id(2), 1_000, 500), Ok(Program::At(991)));
    assert_eq!(queue.start(&table, id(0), 1_000, 0), Ok(Program::Keep));
    assert_eq!(queue.expire(&table, 990), None);
    let shot = Shot {
        timer: id(2),
        date: 1_000,
        overruns: 0,
    };
    assert_eq!(queue.expire(&table, 991), Some(shot));
    assert_eq!(queue.expire(&table, 991), None);
    assert_eq!(queue.next(), Some(999));
    assert_eq!(
        queue.expire(&table, 999).map(|shot| shot.timer),
        Some(id(0))
    );
    assert_eq!(queue.next(), Some(1_491));
}

#[test]
fn linux_waits_for_a_date_that_is_close() {
    assert_eq!(with_inband(20_000, 10_000), 10_000);
    assert_eq!(with_inband(20_000, 15_000), 15_000);
    assert_eq!(with_inband(20_000, 15_001), 20_000);
    assert_eq!(with_inband(20_000, 20_000), 20_000);
    assert_eq!(with_inband(20_000, u64::MAX), 20_000);
    // Without a date of ours, it does not.
    assert_eq!(with_inband(u64::MAX, 20_000), 20_000);
    assert_eq!(with_inband(u64::MAX, u64::MAX), u64::MAX);
}

#[test]
fn a_period_shorter_than_the_gravity_ends() {
    let table = timers(3);
    let mut queue = queue(1, TIMERS);
    let _ = queue.start(&table, id(2), 0, 1).unwrap();
    for now in 0..100 {
        assert_eq!(queue.expire(&table, now).map(|shot| shot.overruns), Some(0));
        assert_eq!(queue.expire(&table, now), None);
    }
}

#[test]
fn the_end_of_time_is_not_passed() {
    let table = timers(1);
    let mut queue = queue(1, TIMERS);
    let _ = queue.start(&table, id(0), 1, u64::MAX).unwrap();
    assert_eq!(queue.expire(&table, 5).map(|shot| shot.overruns), Some(0));
    assert_eq!(table_date(&table), u64::MAX);
    assert!(queue.expire(&table, u64::MAX).is_some());
}

fn table_date(table: &Counting<Timer>) -> u64 {
    use evl_logic::table::Table;
    table.get(id(0)).unwrap().date()
}

#[test]
fn a_timer_is_in_one_queue() {
    let table = timers(1);
    let mut here = queue(1, 1);
    let mut there = queue(2, 1);
    let _ = here.start(&table, id(0), 5, 0).unwrap();
    assert_eq!(there.start(&table, id(0), 5, 0), Err(Error::Busy));
    assert_eq!(there.stop(&table, id(0)), None);
    assert_eq!(here.stop(&table, id(0)), Some(Program::Off));
    assert_eq!(there.start(&table, id(0), 5, 0), Ok(Program::At(4)));
    assert_eq!(
        there.start(&table, TimerId::new(9).unwrap(), 5, 0),
        Err(Error::Invalid)
    );
}

#[test]
fn a_queue_without_room_refuses() {
    let table = timers(2);
    let mut queue = queue(1, 1);
    let _ = queue.start(&table, id(0), 5, 0).unwrap();
    assert_eq!(queue.start(&table, id(1), 1, 0), Err(Error::Busy));
    assert_eq!(queue.next(), Some(4));
    assert_eq!(queue.stop(&table, id(0)), Some(Program::Off));
    assert_eq!(queue.start(&table, id(1), 9, 0), Ok(Program::At(5)));
}

#[test]
fn cost_of_a_tick_grows_with_the_logarithm() {
    let sizes: &[u32] = if cfg!(miri) {
        &[10, 100]
    } else {
        &[10, 100, 1_000, 10_000]
    };
    for &size in sizes {
        let table = timers(size);
        let mut queue = queue(1, size);
        let mut worst = 0;
        for i in 0..size {
            let date = 1_000 + u64::from(i.wrapping_mul(2_654_435_761) >> 8);
            let (cost, done) = table.cost(|| queue.start(&table, id(i), date, 16_777_216));
            assert!(done.is_ok());
            worst = worst.max(cost);
        }
        for _ in 0..2 * size {
            let now = queue.next().unwrap();
            let (cost, shot) = table.cost(|| queue.expire(&table, now));
            assert!(shot.is_some_and(|shot| shot.timer.index() < size));
            worst = worst.max(cost);
        }
        println!("{size:6} timers: {worst} looks at worst");
        let height = f64::from(size).log(4.0).ceil();
        // One look a level, and those of the timer itself.
        assert!(worst <= height as u64 + 6, "{size}: {worst}");
    }
}
