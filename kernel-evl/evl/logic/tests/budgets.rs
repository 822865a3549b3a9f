// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Shares of time: round robin, quota groups, time partitions; and placement on CPUs.

mod common;

use std::ops::Range;

use common::{fifo, thread, System};
use evl_logic::{
    error::Error,
    placement::{place, CpuSet},
    priority::{Class, Policy, Priority},
    quota::DEFAULT_PERIOD,
    runqueue::{Params, RunQueue},
    status::{Block, Release},
    table::{GroupId, Id, PartitionId},
    tp::{Plan, Window, MAX_FRAME},
};
use proptest::prelude::*;

fn group(index: u32) -> GroupId {
    GroupId::new(index).unwrap()
}

fn partition(index: u32) -> PartitionId {
    PartitionId::new(index).unwrap()
}

/// A run queue with all threads ready, whose parameters and priorities are as given.
fn started(system: &System, params: &[(Params, i32)]) -> RunQueue {
    let mut queue = RunQueue::new(0, 0);
    for (t, (params, priority)) in params.iter().enumerate() {
        if let Params::Quota { group } = params {
            // Its second member finds it there.
            let _ = queue.quota().add(system, *group, 0);
        }
        let _ = queue.set_params(system, thread(t), *params).unwrap();
        let level = Priority::new(params.policy().class(), *priority).unwrap();
        let _ = queue.set_level(system, thread(t), level, false);
        assert!(queue.release(system, thread(t), Release::Start).is_some());
    }
    queue
}

/// Runs from one deadline to the next; what each thread got, in ns, the last entry for Linux.
fn run(
    queue: &mut RunQueue,
    system: &System,
    plan: Option<Plan<'_>>,
    span: Range<u64>,
    late: impl Fn(u64) -> u64,
) -> Vec<u64> {
    let mut got = vec![0; system.threads.len() + 1];
    let (mut now, until) = (span.start, span.end);
    while now < until {
        let next = queue.pick(system, now).next;
        let deadline = queue.deadline(system).unwrap_or(until);
        let end = (deadline + late(now)).clamp(now + 1, until);
        got[next.map_or(system.threads.len(), |id| id.index() as usize)] += end - now;
        now = end;
        let _ = queue.tick(system, plan, now);
    }
    got
}

#[test]
fn equals_share_the_cpu_round_robin() {
    let system = System::new(&[5, 5, 5, 4]);
    let rr = Params::RoundRobin { quantum: 1_000 };
    let all = [(rr, 5), (rr, 5), (rr, 5), (rr, 4)];
    let mut queue = started(&system, &all);
    let got = run(&mut queue, &system, None, 0..300_000, |_| 0);
    assert_eq!(got, [100_000, 100_000, 100_000, 0, 0]);
}

#[test]
fn a_preempted_quantum_is_completed_and_a_new_turn_is_whole() {
    let system = System::new(&[5, 5, 9]);
    let rr = Params::RoundRobin { quantum: 100 };
    let mut queue = started(&system, &[(rr, 5), (rr, 5), (Params::Fifo, 9)]);
    let _ = queue.pick(&system, 0);
    let _ = queue.block(&system, thread(2), Block::Sleep).unwrap();
    assert_eq!(queue.pick(&system, 0).next, Some(thread(0)));
    assert_eq!(queue.deadline(&system), Some(100));
    let _ = queue.release(&system, thread(2), Release::Timeout).unwrap();
    assert_eq!(queue.pick(&system, 60).next, Some(thread(2)));
    assert_eq!(queue.deadline(&system), None);
    let _ = queue.block(&system, thread(2), Block::Sleep).unwrap();
    assert_eq!(queue.pick(&system, 500).next, Some(thread(0)));
    assert_eq!(queue.deadline(&system), Some(540));
    assert!(queue.tick(&system, None, 540).resched);
    assert_eq!(queue.pick(&system, 540).next, Some(thread(1)));
    // It blocks after 30 of its 100 ns.
    let _ = queue.block(&system, thread(1), Block::Sleep).unwrap();
    assert_eq!(queue.pick(&system, 570).next, Some(thread(0)));
    let _ = queue.block(&system, thread(0), Block::Sleep).unwrap();
    let _ = queue.release(&system, thread(1), Release::Timeout).unwrap();
    assert_eq!(queue.pick(&system, 600).next, Some(thread(1)));
    assert_eq!(queue.deadline(&system), Some(700));
    let zero = queue.set_params(&system, thread(0), Params::RoundRobin { quantum: 0 });
    assert_eq!(zero, Err(Error::Invalid));
}

proptest! {
    #![proptest_config(common::cases(300))]

    // However late the core looks: over some periods a busy group gets its share, to a percent.
    #[test]
    fn groups_get_their_shares(
        quotas in prop::collection::vec(1..50_i32, 1..4),
        late in 0..2_000_000_u64,
    ) {
        prop_assume!(quotas.iter().sum::<i32>() <= 95);
        let members: Vec<(Params, i32)> = (0..quotas.len() * 2)
            .map(|t| (Params::Quota { group: group((t / 2) as u32) }, 1 + (t % 2) as i32))
            .collect();
        let system = System::new(&vec![1; members.len()]);
        let mut queue = started(&system, &members);
        for (g, quota) in quotas.iter().enumerate() {
            queue.quota().set(&system, group(g as u32), *quota, *quota, 0).unwrap();
        }
        let until = 20 * DEFAULT_PERIOD;
        let got = run(&mut queue, &system, None, 0..until, |now| now.wrapping_mul(31) % (late + 1));
        for (g, quota) in quotas.iter().enumerate() {
            let percent = (got[2 * g] + got[2 * g + 1]) as f64 * 100.0 / until as f64;
            prop_assert!((percent - f64::from(*quota)).abs() <= 1.0, "{}: {} of {}", g, percent, quota);
            // The better member takes it all.
            prop_assert_eq!(got[2 * g], 0);
        }
    }

    // Members run in their windows alone, whose dates do not drift.
    #[test]
    fn partitions_keep_to_their_windows(
        sizes in prop::collection::vec((0..200_u64, 1..300_u64, 0..4_u32), 1..8),
        late in 0..20_u64,
    ) {
        let mut offset = 0;
        let mut windows = Vec::new();
        for (gap, duration, ptid) in sizes {
            offset += gap;
            windows.push(Window {
                offset,
                duration,
                // The last stands for a hole.
                partition: (ptid < 3).then(|| partition(ptid)),
            });
            offset += duration;
        }
        let plan = Plan::check(&windows).unwrap();
        let system = System::new(&[1, 1, 1]);
        let members: Vec<(Params, i32)> = (0..3)
            .map(|t| (Params::Tp { partition: partition(t) }, 10))
            .collect();
        let mut queue = started(&system, &members);
        queue.tp().start(plan, 0);
        let frames = if cfg!(miri) { 2 } else { 50 };
        let got = run(&mut queue, &system, Some(plan), 0..frames * plan.frame(), |_| late);
        for t in 0..3_u32 {
            let mine = windows.iter().filter(|window| window.partition == Some(partition(t)));
            let planned: u64 = mine.clone().map(|window| window.duration).sum();
            // Lateness moves the end of a window and the start of the next, not the plan.
            let slack = late * (mine.count() as u64 + 1) * frames;
            prop_assert!(got[t as usize].abs_diff(planned * frames) <= slack);
        }
    }
}

#[test]
fn a_stalled_group_pays_back_and_saves_up_to_its_peak() {
    let system = System::new(&[1]);
    let member = (Params::Quota { group: group(0) }, 1);
    let mut queue = started(&system, &[member]);
    queue.quota().set(&system, group(0), 10, 15, 0).unwrap();
    let percent = DEFAULT_PERIOD / 100;
    assert_eq!(queue.pick(&system, 0).next, Some(thread(0)));
    assert_eq!(queue.deadline(&system), Some(10 * percent));
    // 2 % too late.
    assert!(queue.tick(&system, None, 12 * percent).resched);
    assert_eq!(queue.pick(&system, 12 * percent).next, None);
    assert_eq!(queue.deadline(&system), Some(DEFAULT_PERIOD));
    assert!(queue.tick(&system, None, DEFAULT_PERIOD).resched);
    assert_eq!(system.groups[0].left(), 8 * percent as i64);
    // Idle for three periods: not 38 %, but the peak.
    let _ = queue.pick(&system, DEFAULT_PERIOD);
    let _ = queue.block(&system, thread(0), Block::Sleep).unwrap();
    let _ = queue.pick(&system, DEFAULT_PERIOD);
    let _ = queue.release(&system, thread(0), Release::Timeout).unwrap();
    let _ = queue.pick(&system, 4 * DEFAULT_PERIOD);
    assert_eq!(system.groups[0].left(), 15 * percent as i64);
}

#[test]
fn a_group_that_slept_over_its_refill_runs_at_once() {
    let system = System::new(&[1]);
    let mut queue = started(&system, &[(Params::Quota { group: group(0) }, 1)]);
    queue.quota().set(&system, group(0), 10, 10, 0).unwrap();
    assert_eq!(queue.pick(&system, 0).next, Some(thread(0)));
    let used = DEFAULT_PERIOD / 10;
    assert!(queue.tick(&system, None, used).resched);
    let _ = queue.block(&system, thread(0), Block::Sleep).unwrap();
    assert_eq!(queue.pick(&system, used).next, None);
    assert_eq!(queue.deadline(&system), None);
    // In the same period it stalls; the CPU looks, and waits for the next one.
    assert!(
        queue
            .release(&system, thread(0), Release::Timeout)
            .unwrap()
            .resched
    );
    assert_eq!(queue.pick(&system, 2 * used).next, None);
    assert_eq!(queue.deadline(&system), Some(DEFAULT_PERIOD));
    let _ = queue.block(&system, thread(0), Block::Suspend).unwrap();
    let late = 5 * DEFAULT_PERIOD + 7;
    assert!(
        queue
            .release(&system, thread(0), Release::Resume)
            .unwrap()
            .resched
    );
    assert_eq!(queue.pick(&system, late).next, Some(thread(0)));
    assert_eq!(queue.deadline(&system), Some(late + used));
}

#[test]
fn a_new_period_refills_as_well() {
    let system = System::new(&[1]);
    let mut queue = RunQueue::new(0, 0);
    assert_eq!(queue.quota().add(&system, group(0), 0), Ok(()));
    let late = 100 * DEFAULT_PERIOD;
    // The group remembers period 100 of the old length.
    assert_eq!(queue.quota().set(&system, group(0), 10, 0, late), Ok(()));
    assert_eq!(queue.quota().set_period(1_000, late), Ok(()));
    let _ = queue
        .set_params(&system, thread(0), Params::Quota { group: group(0) })
        .unwrap();
    let level = Priority::new(Class::Quota, 1).unwrap();
    let _ = queue.set_level(&system, thread(0), level, false);
    assert!(queue.release(&system, thread(0), Release::Start).is_some());
    let refused = queue.quota().set_period(2_000, late);
    assert_eq!(refused, Err(Error::Busy));
    let got = run(&mut queue, &system, None, late..late + 20_000, |_| 0);
    assert_eq!(got, [20 * 100, 20_000 - 2_000]);
}

#[test]
fn a_boosted_member_runs_on_at_the_cost_of_its_group() {
    let system = System::new(&[1]);
    let mut queue = started(&system, &[(Params::Quota { group: group(0) }, 1)]);
    queue.quota().set(&system, group(0), 10, 10, 0).unwrap();
    let _ = queue.set_level(&system, thread(0), fifo(3), true);
    assert_eq!(queue.pick(&system, 0).next, Some(thread(0)));
    let half = DEFAULT_PERIOD / 2;
    assert!(!queue.tick(&system, None, half).resched);
    assert!(system.groups[0].left() < 0);
    let quota = Priority::new(Class::Quota, 1).unwrap();
    assert!(queue.set_level(&system, thread(0), quota, false).resched);
    assert_eq!(queue.pick(&system, half).next, None);
}

#[test]
fn senseless_budgets_and_plans_are_refused() {
    let system = System::new(&[1]);
    let mut queue = RunQueue::new(0, 0);
    let missing = queue.quota().set(&system, group(0), 10, 10, 0);
    assert_eq!(missing, Err(Error::Invalid));
    assert_eq!(queue.quota().add(&system, group(0), 0), Ok(()));
    assert_eq!(queue.quota().add(&system, group(0), 0), Err(Error::Busy));
    for (quota, peak) in [(-1, 0), (101, 101), (50, 40), (10, -1), (10, 101)] {
        let set = queue.quota().set(&system, group(0), quota, peak, 0);
        assert_eq!(set, Err(Error::Invalid), "{quota} {peak}");
    }
    assert_eq!(
        queue.quota().set(&system, group(9), 1, 1, 0),
        Err(Error::Invalid)
    );
    assert_eq!(queue.quota().set(&system, group(0), 10, 0, 0), Ok(()));
    assert_eq!(system.groups[0].peak(), 10);
    assert_eq!(queue.quota().set_period(0, 0), Err(Error::Invalid));
    for missing in [
        Params::Quota { group: group(9) },
        Params::Tp {
            partition: partition(9),
        },
    ] {
        let set = queue.set_params(&system, thread(0), missing);
        assert_eq!(set, Err(Error::Invalid));
    }
    let window = |offset, duration| Window {
        offset,
        duration,
        partition: None,
    };
    for windows in [
        &[][..],
        &[window(0, 0)],
        &[window(0, 10), window(9, 1)],
        &[window(5, 1), window(0, 1)],
        &[window(0, MAX_FRAME + 1)],
        &[window(u64::MAX, u64::MAX)],
    ] {
        assert!(Plan::check(windows).is_err(), "{windows:?}");
    }
    assert_eq!(system.thread(0).policy(), Policy::Fifo);
}

#[test]
fn a_group_lasts_while_it_has_members() {
    let system = System::new(&[1, 1, 1]);
    let mut queue = RunQueue::new(0, 0);
    for g in [0, 1] {
        assert_eq!(queue.quota().add(&system, group(g), 0), Ok(()));
    }
    assert_eq!(queue.quota().sum(), 200);
    assert_eq!(queue.quota().set(&system, group(1), 30, 0, 0), Ok(()));
    assert_eq!(queue.quota().sum(), 130);
    let member = Params::Quota { group: group(0) };
    for t in [0, 1] {
        assert!(queue.set_params(&system, thread(t), member).is_ok());
    }
    assert_eq!(queue.quota().remove(&system, group(0)), Err(Error::Busy));
    assert!(queue.set_params(&system, thread(0), Params::Fifo).is_ok());
    assert!(queue
        .set_params(&system, thread(1), Params::Quota { group: group(1) })
        .is_ok());
    assert_eq!(queue.quota().remove(&system, group(0)), Ok(()));
    assert_eq!(queue.quota().remove(&system, group(0)), Err(Error::Invalid));
    assert_eq!(queue.quota().sum(), 30);
    assert_eq!(system.groups[1].users(), 1);
    assert_eq!(
        queue.set_params(&system, thread(2), member),
        Err(Error::Invalid)
    );
}

#[test]
fn a_wakeup_outside_the_window_is_reported() {
    let system = System::new(&[1]);
    let windows = [
        Window {
            offset: 0,
            duration: 10,
            partition: Some(partition(0)),
        },
        Window {
            offset: 10,
            duration: 10,
            partition: None,
        },
    ];
    let plan = Plan::check(&windows).unwrap();
    let mut queue = started(
        &system,
        &[(
            Params::Tp {
                partition: partition(0),
            },
            1,
        )],
    );
    assert_eq!(queue.pick(&system, 0).next, None);
    assert_eq!(queue.tp().start(plan, 0), 10);
    assert_eq!(queue.pick(&system, 0).next, Some(thread(0)));
    let _ = queue.block(&system, thread(0), Block::Sleep).unwrap();
    assert!(
        !queue
            .release(&system, thread(0), Release::Timeout)
            .unwrap()
            .overrun
    );
    let _ = queue.pick(&system, 5);
    let _ = queue.block(&system, thread(0), Block::Sleep).unwrap();
    let _ = queue.tick(&system, Some(plan), 10);
    let outcome = queue.release(&system, thread(0), Release::Timeout).unwrap();
    assert!(outcome.overrun && !outcome.resched);
    queue.tp().stop();
    assert_eq!(queue.deadline(&system), None);
}

#[test]
fn a_thread_stays_where_it_may() {
    let set = |bits: u64| CpuSet::new([bits, 1]);
    assert_eq!(place(&set(0b1110), &set(0b0110), 2), Ok(2));
    assert_eq!(place(&set(0b1110), &set(0b0110), 3), Ok(1));
    assert_eq!(place(&set(0b1000), &set(0b0110), 3), Ok(64));
    let (low, high) = (CpuSet::new([1, 0]), CpuSet::new([0, 1]));
    assert_eq!(place(&low, &high, 0), Err(Error::Invalid));
    assert!(!low.contains(128));
    assert_eq!(CpuSet::new([0, 0]).first(), None);
}
