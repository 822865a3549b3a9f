// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gated events: condition variables.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::{
    EVL_MONIOC_SIGNAL, EVL_MONIOC_WAIT_EXACT, EVL_MONITOR_NOGATE, EVL_MONITOR_SIGNALED,
    EVL_MONITOR_TARGETED, EVL_THRIOC_SIGNAL, evl_monitor_waitreq,
};
use evl_target_tests::monitor::{GATED, INHERIT, Monitor, NEVER, date};
use evl_target_tests::thread::{Attached, in_child, kill, now, oob_ioctl, set_params};
use evl_target_tests::worker::{Gong, Worker, eventually, handle_quietly, worker};
use std::os::fd::AsRawFd;

const MS: u64 = 1_000_000;

struct Pair {
    event: Monitor,
    gate: Monitor,
}

impl Pair {
    fn new() -> Self {
        Self {
            event: Monitor::new(GATED, 0),
            gate: Monitor::new(INHERIT, 0),
        }
    }

    fn share(&self) -> Self {
        Self {
            event: self.event.share(),
            gate: self.gate.share(),
        }
    }

    /// Waits; the result of the request, its status, and who owns the gate afterwards.
    fn wait(&self, limit: u64) -> (Result<(), i32>, i32, u32) {
        assert_eq!(self.gate.enter(NEVER), Ok(0));
        let (result, status) = self.event.wait_with(&self.gate, limit);
        (result, status, self.gate.word(1) & 0x3fff_ffff)
    }

    /// A waiter that leaves the gate when it is woken; it waits when this returns.
    fn waiter(&self, priority: i32, cpu: usize) -> Worker<Result<(), i32>> {
        let pair = self.share();
        let worker = worker(priority, cpu, move |me| {
            let (result, status, owner) = pair.wait(NEVER);
            if result.is_ok() {
                assert_eq!((status, owner), (0, me.eids.fundle));
                assert_eq!(pair.gate.exit(), Ok(0));
            }
            result
        });
        worker.await_wait();
        worker
    }
}

fn signal_thread(pair: &Pair, target: &impl AsRawFd) -> Result<usize, i32> {
    let mut fd = pair.event.file().as_raw_fd() as u32;
    oob_ioctl(target, EVL_THRIOC_SIGNAL, &mut fd)
}

#[test]
fn a_signal_wakes_one_when_the_gate_is_left() {
    let pair = Pair::new();
    let workers = [(10, 0), (30, 1), (20, 2)].map(|(priority, cpu)| pair.waiter(priority, cpu));
    assert_eq!(pair.event.word(3), pair.gate.eids.state_offset);
    let me = Attached::fifo(40);
    for (ended, next) in [1, 2, 0].into_iter().enumerate() {
        assert_eq!(pair.gate.enter(NEVER), Ok(0));
        pair.event.mark(&pair.gate, false);
        // Nobody moves as long as the gate is owned.
        assert!(workers[next].waits());
        assert!(!pair.gate.fast_exit(me.eids.fundle));
        assert_eq!(pair.gate.exit(), Ok(0));
        eventually("the waiter", || {
            workers.iter().filter(|worker| worker.waits()).count() == 2 - ended
        });
        assert_eq!(pair.event.word(0), 0);
    }
    assert_eq!(pair.event.word(3), EVL_MONITOR_NOGATE);
    for worker in workers {
        assert_eq!(worker.join(), Ok(()));
    }
}

#[test]
fn a_broadcast_wakes_all() {
    let pair = Pair::new();
    let workers = [0, 1, 2, 3].map(|cpu| pair.waiter(10, cpu));
    let _me = Attached::fifo(40);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    pair.event.mark(&pair.gate, true);
    assert_eq!(pair.gate.exit(), Ok(0));
    for worker in workers {
        assert_eq!(worker.join(), Ok(()));
    }
    assert_eq!(pair.gate.word(1), 0);
}

#[test]
fn a_targeted_signal_wakes_its_target() {
    let pair = Pair::new();
    let workers = [(30, 0), (10, 1), (20, 2)].map(|(priority, cpu)| pair.waiter(priority, cpu));
    let other = worker(5, 0, |_| {
        std::thread::sleep(std::time::Duration::from_millis(500))
    });
    let _me = Attached::fifo(40);
    // Who does not own the gate has no say.
    assert_eq!(signal_thread(&pair, workers[1].file()), Err(libc::EPERM));
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    // Nobody to wake.
    assert_eq!(signal_thread(&pair, other.file()), Ok(0));
    assert_eq!(pair.event.word(0), 0);
    assert_eq!(signal_thread(&pair, workers[1].file()), Ok(0));
    assert_eq!(
        pair.event.word(0),
        EVL_MONITOR_SIGNALED | EVL_MONITOR_TARGETED
    );
    assert_eq!(pair.gate.exit(), Ok(0));
    let [first, target, last] = workers;
    assert_eq!(target.join(), Ok(()));
    for worker in [first, last] {
        assert!(worker.waits());
        worker.unblock();
        assert_eq!(worker.join(), Err(libc::EINTR));
    }
    other.join();
    let gate = Monitor::new(INHERIT, 0);
    let mut fd = gate.file().as_raw_fd() as u32;
    let me = _me.file();
    assert_eq!(
        oob_ioctl(&me, EVL_THRIOC_SIGNAL, &mut fd),
        Err(libc::EINVAL)
    );
}

#[test]
fn a_time_limit_ends_a_wait_without_the_gate() {
    let pair = Pair::new();
    let me = Attached::fifo(10);
    for span in [0, 1000, 3 * MS] {
        let limit = now() + span;
        let (result, status, owner) = pair.wait(limit);
        assert!(now() >= limit);
        assert_eq!(
            (result, status, owner),
            (Err(libc::ETIMEDOUT), -libc::ETIMEDOUT, 0)
        );
        assert_eq!(pair.event.unwait(&pair.gate), Ok(0));
        assert_eq!(pair.gate.word(1), me.eids.fundle);
        // Who has it already has it.
        assert_eq!(pair.event.unwait(&pair.gate), Ok(0));
        assert_eq!(pair.gate.exit(), Ok(0));
    }
    assert_eq!(pair.event.word(3), EVL_MONITOR_NOGATE);
}

#[test]
fn misuse_is_refused_and_leaves_the_gate_alone() {
    let pair = Pair::new();
    let other = Monitor::new(INHERIT, 0);
    let waiter = pair.waiter(20, 1);
    let me = Attached::fifo(10);
    // Not its owner.
    let (result, status) = pair.event.wait_with(&pair.gate, NEVER);
    assert_eq!((result, status), (Err(libc::EPERM), -libc::EPERM));
    // Another gate.
    assert_eq!(other.enter(NEVER), Ok(0));
    let (result, status) = pair.event.wait_with(&other, NEVER);
    assert_eq!((result, status), (Err(libc::EBADFD), -libc::EBADFD));
    assert_eq!(other.word(1), me.eids.fundle);
    // No gate.
    let (result, _) = pair.event.wait_with(&pair.event, NEVER);
    assert_eq!(result, Err(libc::EINVAL));
    let limit = date(NEVER);
    let mut request = evl_monitor_waitreq {
        timeout_ptr: (&raw const limit).expose_provenance() as u64,
        gatefd: -1,
        ..evl_monitor_waitreq::default()
    };
    let event = pair.event.file();
    assert_eq!(
        oob_ioctl(event, evl_sys::EVL_MONIOC_WAIT, &mut request),
        Err(libc::EBADF)
    );
    request.gatefd = other.file().as_raw_fd();
    assert_eq!(
        oob_ioctl(event, EVL_MONIOC_WAIT_EXACT, &mut request),
        Err(libc::EINVAL)
    );
    assert_eq!(
        pair.event.inband(EVL_MONIOC_SIGNAL, &mut 1),
        Err(libc::EINVAL)
    );
    assert_eq!(other.exit(), Ok(0));
    waiter.unblock();
    assert_eq!(waiter.join(), Err(libc::EINTR));
}

#[test]
fn events_of_one_gate_are_told_apart() {
    let pair = Pair::new();
    let second = Pair {
        event: Monitor::new(GATED, 0),
        gate: pair.gate.share(),
    };
    let (one, two) = (pair.waiter(10, 0), second.waiter(20, 1));
    let _me = Attached::fifo(40);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    pair.event.mark(&pair.gate, false);
    assert_eq!(pair.gate.exit(), Ok(0));
    assert_eq!(one.join(), Ok(()));
    assert!(two.waits());
    // Waiting for one delivers what was signaled to the other.
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    second.event.mark(&pair.gate, false);
    let (result, _) = pair.event.wait_with(&pair.gate, now() + 100 * MS);
    assert_eq!(result, Err(libc::ETIMEDOUT));
    assert_eq!(two.join(), Ok(()));
}

#[test]
fn a_signal_to_nobody_is_forgotten() {
    let pair = Pair::new();
    let _me = Attached::fifo(10);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    pair.event.mark(&pair.gate, false);
    assert_eq!(pair.gate.exit(), Ok(0));
    let (result, ..) = pair.wait(now() + 2 * MS);
    assert_eq!(result, Err(libc::ETIMEDOUT));
}

#[test]
fn a_wait_can_be_broken() {
    handle_quietly(libc::SIGUSR1);
    for by_signal in [false, true] {
        let pair = Pair::new();
        let shared = pair.share();
        let worker = worker(10, 1, move |me| {
            let (result, status, owner) = shared.wait(NEVER);
            assert_eq!((status, owner), (-libc::EINTR, 0));
            while shared.event.unwait(&shared.gate) == Err(libc::EINTR) {}
            assert_eq!(shared.gate.word(1), me.eids.fundle);
            assert_eq!(shared.gate.exit(), Ok(0));
            result
        });
        worker.await_wait();
        if by_signal {
            worker.kill(libc::SIGUSR1);
        } else {
            worker.unblock();
        }
        assert_eq!(worker.join(), Err(libc::EINTR));
    }
}

#[test]
fn the_way_back_to_the_gate_can_be_broken() {
    let pair = Pair::new();
    let shared = pair.share();
    let back = Arc::new(AtomicU32::new(0));
    let told_back = Arc::clone(&back);
    let waiter = worker(10, 1, move |me| {
        let (result, status, owner) = shared.wait(NEVER);
        told_back.store(1, Ordering::Relaxed);
        // The event came; the gate is the other's.
        assert_ne!(owner, me.eids.fundle);
        assert_eq!(shared.event.unwait(&shared.gate), Ok(0));
        assert_eq!(shared.gate.exit(), Ok(0));
        (result, status)
    });
    waiter.await_wait();
    let _me = Attached::fifo(5);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    // Somebody with more to say is before it at the gate.
    let (gong, told) = Gong::new();
    let gate = pair.gate.share();
    let other = worker(50, 0, move |_| {
        assert_eq!(gate.enter(NEVER), Ok(0));
        told.recv().unwrap();
        gate.exit()
    });
    other.await_wait();
    pair.event.mark(&pair.gate, false);
    assert_eq!(pair.gate.exit(), Ok(0));
    let name = pair.gate.name();
    eventually("the worker at the gate", || waiter.channel() == name);
    waiter.unblock();
    eventually("the worker to give up", || {
        back.load(Ordering::Relaxed) == 1
    });
    gong.strike();
    assert_eq!(other.join(), Ok(0));
    assert_eq!(waiter.join(), (Err(libc::EINTR), 0));
}

#[test]
fn deletion_ends_waits() {
    for gate_too in [false, true] {
        let pair = Pair::new();
        let alias = (pair.event.alias(), pair.gate.alias());
        let worker = worker(10, 1, move |_| {
            let (event, gate) = alias;
            assert_eq!(gate.enter(NEVER), Ok(0));
            event.wait_with(&gate, NEVER)
        });
        worker.await_wait();
        let Pair { event, gate } = pair;
        if gate_too {
            drop(gate);
        } else {
            drop(event);
        }
        assert_eq!(worker.join(), (Err(libc::EIDRM), -libc::EIDRM));
    }
}

#[test]
fn a_change_of_priority_changes_the_order() {
    let pair = Pair::new();
    let [one, two] = [20, 10].map(|priority| pair.waiter(priority, 0));
    assert_eq!(set_params(two.file(), libc::SCHED_FIFO, 30), Ok(0));
    let _me = Attached::fifo(40);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
    pair.event.mark(&pair.gate, false);
    assert_eq!(pair.gate.exit(), Ok(0));
    assert_eq!(two.join(), Ok(()));
    assert!(one.waits());
    one.unblock();
    assert_eq!(one.join(), Err(libc::EINTR));
}

#[test]
fn a_waiting_process_can_be_killed() {
    let pair = Pair::new();
    let status = in_child(
        || {
            let _me = Attached::fifo(10);
            let _ = pair.wait(NEVER);
        },
        |pid| {
            eventually("the child", || pair.event.word(3) != EVL_MONITOR_NOGATE);
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
    eventually("the end", || pair.event.word(3) == EVL_MONITOR_NOGATE);
    let _me = Attached::fifo(10);
    assert_eq!(pair.gate.enter(NEVER), Ok(0));
}

/// A queue of one place between two threads.
#[test]
fn producer_and_consumer_agree() {
    const ROUNDS: u32 = 2000;
    let gate = Monitor::new(INHERIT, 0);
    let [full, empty] = [0, 0].map(|_| Monitor::new(GATED, 0));
    let place = Arc::new(AtomicU32::new(0));
    let half = |get: bool, cpu: usize| {
        let (gate, full, empty) = (gate.share(), full.share(), empty.share());
        let place = Arc::clone(&place);
        worker(10, cpu, move |_| {
            for round in 1..=ROUNDS {
                let (awaited, told) = if get {
                    (&full, &empty)
                } else {
                    (&empty, &full)
                };
                assert_eq!(gate.enter(NEVER), Ok(0));
                while (place.load(Ordering::Relaxed) != 0) != get {
                    assert_eq!(awaited.wait_with(&gate, NEVER), (Ok(()), 0));
                }
                if get {
                    assert_eq!(place.swap(0, Ordering::Relaxed), round);
                } else {
                    place.store(round, Ordering::Relaxed);
                }
                told.mark(&gate, false);
                assert_eq!(gate.exit(), Ok(0));
            }
        })
    };
    let (consumer, producer) = (half(true, 0), half(false, 1));
    producer.join();
    consumer.join();
}
