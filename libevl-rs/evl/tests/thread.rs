// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads: by the core of the target, or by POSIX on the host.

use std::sync::mpsc::channel;
use std::time::Duration;

use evl::thread::{self, Builder, Flags, Modes, Thread};
use evl::{Clock, ClockId, Error, Policy};

mod common;
use common::{unique, until};

#[test]
fn a_new_thread_is_weak_and_in_band() {
    assert!(!thread::is_attached() && thread::is_inband());
    let me = Builder::new().attach().expect("attach");
    assert!(thread::is_attached() && thread::is_inband());
    let same = thread::current().expect("current").state();
    assert_eq!(same.expect("state"), me.state().expect("state"));
    let state = me.state().expect("state");
    assert_eq!(state.policy, Policy::default());
    let flags = Flags::INBAND | Flags::WEAK | Flags::USER;
    assert!(state.flags.contains(flags), "{state:?}");
    drop(me);
    assert!(!thread::is_attached());
    let error = thread::current().expect_err("detached");
    assert!(matches!(error, Error::NotAttached { .. }), "{error}");
}

#[test]
fn a_fifo_thread_is_out_of_band() {
    let me = Builder::new()
        .policy(Policy::fifo(10))
        .attach()
        .expect("attach");
    assert!(!thread::is_inband());
    let state = me.state().expect("state");
    assert!(!thread::is_inband(), "a question keeps the stage");
    assert_eq!(state.policy, Policy::fifo(10));
    assert!(!state.flags.intersects(Flags::INBAND | Flags::WEAK));
    thread::switch_inband().expect("in-band");
    assert!(thread::is_inband());
    let after = me.state().expect("state");
    assert!(thread::is_inband(), "a question keeps the stage");
    assert_eq!(after.inband_switches, state.inband_switches + 1);
    thread::switch_oob().expect("oob");
    thread::yield_now().expect("yield");
    assert!(!thread::is_inband());
    me.detach().expect("detach");
    assert!(thread::is_inband());
}

#[test]
fn a_thread_attaches_once_at_a_time() {
    let me = Builder::new().attach().expect("attach");
    let twice = Builder::new().attach();
    assert!(matches!(twice, Err(Error::AlreadyAttached)), "{twice:?}");
    assert!(thread::is_attached());
    let handle = me.thread().clone();
    me.detach().expect("detach");
    let gone = handle.state();
    assert!(matches!(gone, Err(Error::Gone { .. })), "{gone:?}");
    Builder::new().attach().expect("again");
}

#[test]
fn who_is_not_attached_is_told_so() {
    let clock = Clock::open(ClockId::Monotonic).expect("clock");
    for outcome in [
        thread::switch_oob(),
        thread::switch_inband(),
        thread::yield_now(),
        clock.sleep(Duration::from_millis(1)),
    ] {
        let error = outcome.expect_err("not attached");
        assert!(matches!(error, Error::NotAttached { .. }), "{error}");
    }
}

#[test]
fn names_are_unique_and_checked() {
    let name = unique("names");
    let taken = Builder::new().name(&name).attach().expect("attach");
    let spawn = |name: &str| Builder::new().name(name).spawn(|| ());
    let error = spawn(&name).expect_err("taken");
    assert!(error.to_string().contains(&name), "{error}");
    assert!(matches!(error, Error::NameInUse { .. }), "{error}");
    for bad in ["", "a/b", "/a", "a\0", &"x".repeat(200)] {
        let error = spawn(bad).expect_err("bad");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
    drop(taken);
    let joined = spawn(&name).expect("free again").join();
    assert!(joined.is_ok());
}

#[test]
fn public_threads_can_be_opened() {
    let name = unique("public");
    let nameless = Builder::new().public().attach();
    assert!(matches!(nameless, Err(Error::OutOfRange { .. })));
    let error = Thread::open(&name).expect_err("not yet");
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    let me = Builder::new().name(&name).public().attach();
    let me = me.expect("attach");
    let other = Thread::open(&name).expect("open");
    other.set_policy(Policy::fifo(7)).expect("set");
    assert_eq!(me.state().expect("state").policy, Policy::fifo(7));
}

#[test]
fn arguments_are_checked_before_a_thread_is_made() {
    let builder = Builder::new;
    for builder in [
        builder().policy(Policy::fifo(0)),
        builder().policy(Policy::fifo(100)),
        builder().stack_size(100),
        builder().cpu(100_000),
    ] {
        let error = builder.clone().spawn(|| ()).expect_err("spawn");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
        let error = builder.attach().expect_err("attach");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
        assert!(!thread::is_attached());
    }
}

#[test]
fn a_stack_is_not_faulted_in_beyond_its_end() {
    let attach = || {
        let error = Builder::new().stack_size(1 << 20).attach().map(drop);
        error.expect_err("too large")
    };
    let small = std::thread::Builder::new().stack_size(256 << 10);
    let error = small.spawn(attach).expect("spawn").join().expect("join");
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
}

#[test]
fn a_thread_has_what_it_was_built_with() {
    let (send, receive) = channel();
    let built = Builder::new()
        .policy(Policy::RoundRobin {
            priority: 3,
            quantum: Duration::from_millis(2),
        })
        .modes(Modes::WOLI)
        .cpu(0)
        .stack_size(1 << 20)
        .spawn(move || {
            let inband = thread::is_inband();
            send.send(rustix::thread::sched_getcpu()).expect("send");
            until(|| false, 1);
            inband
        })
        .expect("spawn");
    assert_eq!(receive.recv(), Ok(0));
    let state = built.thread().state().expect("state");
    assert_eq!(state.policy.priority(), 3);
    assert_eq!(state.cpu, 0);
    assert_eq!(state.modes, Modes::WOLI | Modes::HMSIG);
    assert!(!built.join().expect("join"), "it began out-of-band");
}

#[test]
fn a_panic_detaches_and_is_handed_on() {
    let name = unique("panics");
    let spawned = Builder::new().name(&name).spawn(|| panic!("on purpose"));
    let payload = spawned.expect("spawn").join();
    let payload = payload.expect_err("panic");
    assert_eq!(payload.downcast_ref(), Some(&"on purpose"));
    Builder::new()
        .name(&name)
        .attach()
        .expect("the name is free");
}

#[test]
fn modes_are_set_and_cleared() {
    let me = Builder::new().attach().expect("attach");
    let before = me.set_modes(Modes::WOLI).expect("set");
    assert_eq!(before, Modes::empty());
    let before = me.set_modes(Modes::WOSS).expect("set");
    assert_eq!(before, Modes::WOLI | Modes::HMSIG);
    let before = me.clear_modes(Modes::WOLI).expect("clear");
    assert_eq!(before, Modes::WOLI | Modes::WOSS | Modes::HMSIG);
    me.clear_modes(Modes::WOSS).expect("clear");
    assert_eq!(me.state().expect("state").modes, Modes::empty());
    let error = me.set_modes(Modes::HMOBS).expect_err("not observable");
    assert!(matches!(error, Error::Call { .. }), "{error}");
}

/// A thread that sleeps for long, and says why it did not.
fn sleeper(policy: Policy) -> thread::JoinHandle<(evl::Result<()>, bool)> {
    let sleeper = Builder::new().policy(policy).spawn(|| {
        let clock = Clock::open(ClockId::Monotonic).expect("clock");
        let slept = clock.sleep(Duration::from_secs(3600));
        (slept, thread::is_inband())
    });
    let sleeper = sleeper.expect("spawn");
    let sleeps = || {
        let state = sleeper.thread().state().expect("state");
        state.flags.contains(Flags::DELAY)
    };
    assert!(until(sleeps, 1000), "it never slept");
    sleeper
}

#[test]
fn a_sleeper_can_be_unblocked() {
    let sleeper = sleeper(Policy::fifo(20));
    sleeper.thread().unblock().expect("unblock");
    let (slept, _) = sleeper.join().expect("join");
    assert!(matches!(slept, Err(Error::Interrupted { .. })), "{slept:?}");
}

#[test]
fn a_sleeper_can_be_demoted() {
    let sleeper = sleeper(Policy::fifo(20));
    let handle = sleeper.thread().clone();
    handle.demote().expect("demote");
    let (slept, inband) = sleeper.join().expect("join");
    assert!(matches!(slept, Err(Error::Interrupted { .. })), "{slept:?}");
    assert!(inband);
    let gone = handle.unblock();
    assert!(matches!(gone, Err(Error::Gone { .. })), "{gone:?}");
}

#[test]
fn weak_threads_sleep_out_of_band_and_come_back() {
    let me = Builder::new().attach().expect("attach");
    let clock = Clock::open(ClockId::Monotonic).expect("clock");
    clock.sleep(Duration::from_millis(1)).expect("sleep");
    assert!(thread::is_inband());
    assert_ne!(me.state().expect("state").oob_calls, 0);
}
