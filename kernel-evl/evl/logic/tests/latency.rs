// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Response times, and the search for the gravity.

mod common;

use evl_logic::latency::{cell_of, Bulk, Gauge, Tune, Tuner};
use proptest::prelude::*;

/// A gauge that counts from the first response on.
fn warm(period: u64) -> Gauge {
    let mut gauge = Gauge::new(period);
    gauge.skip(0);
    gauge
}

#[test]
fn the_first_responses_are_not_counted() {
    let mut gauge = Gauge::new(1_000_000);
    let mut counted = 0;
    for date in 1..=1000 {
        assert!(gauge.date(date, 0));
        counted += u32::from(gauge.response(date + 5).is_some());
    }
    assert_eq!(counted, 1000 - 101);
    assert_eq!(gauge.rest().samples, counted);
}

#[test]
fn a_date_that_nobody_waited_for_is_not_lost() {
    let mut gauge = warm(1_000_000);
    assert!(!gauge.is_pending());
    assert!(gauge.date(1_000_000, 0));
    gauge.response(1_002_000);
    // Between a response and the wait for the next date.
    assert!(gauge.date(2_000_000, 0));
    assert!(gauge.is_pending());
    assert_eq!(gauge.response(2_003_000), Some(3000));
    assert!(!gauge.is_pending());
}

#[test]
fn a_late_response_holds_the_dates_that_it_missed() {
    let mut gauge = warm(100);
    assert!(gauge.date(100, 0));
    assert!(!gauge.date(200, 0));
    assert!(!gauge.date(300, 0));
    assert_eq!(gauge.response(350), Some(250));
    // Nobody expects another one.
    assert_eq!(gauge.response(351), None);
    // The timer itself was late.
    assert!(gauge.date(600, 2));
    assert_eq!(gauge.response(590), Some(-10));
    let wanted = Bulk {
        sum: 240,
        min: -10,
        max: 250,
        overruns: 4,
        samples: 2,
    };
    assert_eq!(gauge.rest(), wanted);
    assert_eq!(gauge.rest(), Bulk::new());
}

#[test]
fn a_bulk_is_a_second() {
    let mut gauge = warm(100_000_000);
    for date in 1..10 {
        gauge.date(date, 0);
        gauge.response(date);
        assert_eq!(gauge.full_bulk(), None);
    }
    gauge.date(10, 0);
    gauge.response(10);
    assert_eq!(gauge.full_bulk().map(|bulk| bulk.samples), Some(10));
    assert_eq!(gauge.full_bulk(), None);
}

#[test]
fn times_have_cells() {
    assert_eq!(cell_of(5, 0), None);
    for (time, cell) in [
        (i32::MIN, 0),
        (0, 0),
        (999, 0),
        (1000, 1),
        (9999, 9),
        (10_000, 9),
        (i32::MAX, 9),
    ] {
        assert_eq!(cell_of(time, 10), Some(cell), "{time}");
    }
}

/// Responses which take some time after the timer fired, which is earlier by the gravity.
fn search(mut response: impl FnMut(u32) -> i32) -> (u32, u32) {
    let mut tuner = Tuner::new();
    let mut gravity = 0;
    for count in 0..100_000 {
        match tuner.add(response(gravity)) {
            Tune::More => {}
            Tune::Try(other) => gravity = other,
            Tune::Done(found) => return (found, count),
        }
    }
    panic!("the search does not end");
}

proptest! {
    #[test]
    fn the_gravity_is_the_shortest_response_time(shortest in 0..1_000_000_i32, jitter in 1..100_000_i32) {
        let mut turn = 0;
        let (found, _) = search(|gravity| {
            turn = (turn + 7919) % jitter.max(1);
            let time = if turn % 97 == 0 { shortest } else { shortest + turn };
            time - gravity as i32
        });
        prop_assert!(found as i32 >= shortest && found as i32 <= shortest + jitter);
    }

    #[test]
    fn a_search_ends_whatever_it_is_fed_with(times in proptest::collection::vec(any::<i32>(), 1..50)) {
        let mut times = times.into_iter().cycle();
        let (_, count) = search(|_| times.next().unwrap());
        prop_assert!(count <= 5000);
    }
}

#[test]
fn a_gravity_that_shortens_the_way_is_taken_back() {
    // With any gravity, the CPU is found idle half as late.
    let (found, _) = search(|gravity| {
        if gravity == 0 {
            1000
        } else {
            500 - gravity as i32
        }
    });
    assert_eq!(found, 500);
}
