// SPDX-License-Identifier: MIT OR Apache-2.0
//! Clocks and timers: by the core of the target, or by POSIX on the host.

use std::time::Duration;

use evl::thread::{Builder, Flags};
use evl::{Clock, ClockId, Error, Policy, Setting, Timer};

mod common;
use common::until;

const MS: Duration = Duration::from_millis(1);

fn clock() -> Clock {
    Clock::open(ClockId::Monotonic).expect("clock")
}

#[test]
fn clocks_agree_with_linux() {
    for id in ClockId::ALL {
        let clock = Clock::open(id).expect("clock");
        let before = clock.now();
        let core = clock.core_time().expect("time");
        let after = clock.now();
        assert!((before..=after).contains(&core), "{id}: {core:?}");
        assert!(clock.resolution().expect("resolution") <= MS);
    }
}

#[test]
fn a_sleep_ends_at_its_date_and_not_before() {
    let _me = Builder::new().policy(Policy::fifo(30)).attach();
    for id in ClockId::ALL {
        let clock = Clock::open(id).expect("clock");
        let date = clock.now() + 3 * MS;
        clock.sleep_until(date).expect("sleep");
        assert!(clock.now() >= date, "{id}");
        clock.sleep_until(Duration::ZERO).expect("a date long past");
        let late = clock.sleep_until(Duration::MAX);
        assert!(matches!(late, Err(Error::OutOfRange { .. })), "{late:?}");
    }
}

#[test]
fn a_timer_ends_its_periods_in_time() {
    let clock = clock();
    let timer = Timer::new(&clock).expect("timer");
    let me = Builder::new().policy(Policy::fifo(30)).attach();
    let me = me.expect("attach");
    let first = clock.now() + 2 * MS;
    let before = timer.start(first, MS).expect("start");
    assert_eq!(before, None);
    let mut ended = 0;
    for elapsed in timer.periods().take(20) {
        ended += elapsed.expect("wait");
        let date = first + MS * (ended as u32 - 1);
        assert!(clock.now() >= date, "{ended} periods had not ended");
    }
    assert!(ended >= 20);
    let setting = timer.stop().expect("stop").expect("it ran");
    assert_eq!(setting.period, MS);
    assert!(setting.next > first);
    drop(me);
}

#[test]
fn missed_periods_are_counted() {
    let clock = clock();
    let timer = Timer::new(&clock).expect("timer");
    let _me = Builder::new().policy(Policy::fifo(30)).attach();
    timer.start(clock.now(), MS).expect("start");
    clock.sleep(10 * MS).expect("sleep");
    assert!(timer.wait().expect("wait") >= 10);
}

#[test]
fn a_single_shot_is_one() {
    let clock = clock();
    let timer = Timer::new(&clock).expect("timer");
    let _me = Builder::new().policy(Policy::fifo(30)).attach();
    timer.set_nonblocking(true).expect("set");
    let early = timer.wait();
    assert!(matches!(early, Err(Error::WouldBlock { .. })), "{early:?}");
    timer.set_nonblocking(false).expect("set");
    timer
        .start(clock.now() + MS, Duration::ZERO)
        .expect("start");
    assert_eq!(timer.wait().expect("wait"), 1);
    assert_eq!(timer.setting().expect("setting"), None);
    timer.set_nonblocking(true).expect("set");
    let again = timer.wait();
    assert!(matches!(again, Err(Error::WouldBlock { .. })), "{again:?}");
}

#[test]
fn settings_can_be_read_and_replaced() {
    let clock = clock();
    let timer = Timer::new(&clock).expect("timer");
    assert_eq!(timer.setting().expect("setting"), None);
    let setting = Setting {
        next: clock.now() + Duration::from_secs(1000),
        period: Duration::from_secs(1),
    };
    timer.start(setting.next, setting.period).expect("start");
    assert_eq!(timer.setting().expect("setting"), Some(setting));
    let before = timer.start(setting.next, Duration::ZERO);
    assert_eq!(before.expect("start"), Some(setting));
    let epoch = timer.start(Duration::ZERO, MS);
    assert!(matches!(epoch, Err(Error::OutOfRange { .. })), "{epoch:?}");
    assert_eq!(
        timer.stop().expect("stop").map(|s| s.next),
        Some(setting.next)
    );
    assert_eq!(timer.stop().expect("stop"), None);
}

#[test]
fn who_waits_for_a_timer_can_be_unblocked() {
    let waiter = Builder::new().policy(Policy::fifo(20)).spawn(|| {
        let timer = Timer::new(&clock()).expect("timer");
        timer.wait()
    });
    let waiter = waiter.expect("spawn");
    let waits = || {
        let state = waiter.thread().state().expect("state");
        state.flags.contains(Flags::PEND)
    };
    assert!(until(waits, 1000), "it never waited");
    waiter.thread().unblock().expect("unblock");
    let waited = waiter.join().expect("join");
    assert!(
        matches!(waited, Err(Error::Interrupted { .. })),
        "{waited:?}"
    );
}

#[test]
fn who_is_not_attached_cannot_wait() {
    let timer = Timer::new(&clock()).expect("timer");
    let error = timer.wait().expect_err("not attached");
    assert!(matches!(error, Error::NotAttached { .. }), "{error}");
}
