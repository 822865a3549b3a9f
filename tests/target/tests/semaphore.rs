// SPDX-License-Identifier: MIT OR Apache-2.0
//! Semaphores.

use evl_sys::{EVL_MONIOC_TRYWAIT, EVL_MONIOC_WAIT, EVL_MONIOC_WAIT_EXACT, evl_monitor_waitreq};
use evl_target_tests::monitor::{COUNT, MONOTONIC, Monitor, NEVER, REALTIME, date};
use evl_target_tests::thread::{Attached, in_child, kill, now, oob_ioctl, set_params};
use evl_target_tests::worker::{eventually, handle_quietly, worker};

const MS: u64 = 1_000_000;

fn value(semaphore: &Monitor) -> i32 {
    semaphore.word(1) as i32
}

fn try_get(semaphore: &Monitor) -> Result<i32, i32> {
    semaphore.inband(EVL_MONIOC_TRYWAIT, &mut 0)
}

#[test]
fn units_are_taken_and_returned() {
    let semaphore = Monitor::new(COUNT, 2);
    let _me = Attached::fifo(10);
    assert_eq!(semaphore.get(NEVER), Ok(()));
    assert_eq!(try_get(&semaphore), Ok(0));
    assert_eq!(value(&semaphore), 0);
    assert_eq!(try_get(&semaphore), Err(libc::EAGAIN));
    assert_eq!(value(&semaphore), 0);
    assert_eq!(semaphore.signal(0), Ok(0));
    assert_eq!(value(&semaphore), 1);
    assert_eq!(semaphore.get(now()), Ok(()));
}

#[test]
fn the_initial_value_has_a_range() {
    for (initial, expected) in [
        (0, None),
        (i32::MAX as u32, None),
        (1 << 31, Some(libc::EINVAL)),
    ] {
        let made = Monitor::create(COUNT, MONOTONIC, initial);
        assert_eq!(made.as_ref().err().copied(), expected);
        if let Ok(semaphore) = made {
            assert_eq!(value(&semaphore), initial as i32);
        }
    }
    let full = Monitor::new(COUNT, i32::MAX as u32);
    assert_eq!(full.signal(0), Err(libc::EOVERFLOW));
    assert_eq!(value(&full), i32::MAX);
}

#[test]
fn a_time_limit_is_kept() {
    for clock in [MONOTONIC, REALTIME] {
        let semaphore = Monitor::create(COUNT, clock, 0).unwrap();
        let _me = Attached::fifo(10);
        // Long ago, on both clocks.
        assert_eq!(semaphore.get(1), Err(libc::ETIMEDOUT));
        assert_eq!(value(&semaphore), 0);
    }
    let semaphore = Monitor::new(COUNT, 0);
    let _me = Attached::fifo(10);
    for span in [0, 1000, 5 * MS] {
        let limit = now() + span;
        assert_eq!(semaphore.get(limit), Err(libc::ETIMEDOUT));
        assert!(now() >= limit);
    }
    let mut bad = date(1);
    bad.tv_nsec = 1_000_000_000;
    let mut request = evl_monitor_waitreq {
        timeout_ptr: (&raw const bad).expose_provenance() as u64,
        ..evl_monitor_waitreq::default()
    };
    assert_eq!(
        oob_ioctl(semaphore.file(), EVL_MONIOC_WAIT, &mut request),
        Err(libc::EINVAL)
    );
    request.timeout_ptr = 8;
    assert_eq!(
        oob_ioctl(semaphore.file(), EVL_MONIOC_WAIT, &mut request),
        Err(libc::EFAULT)
    );
}

#[test]
fn waiters_are_served_by_priority_and_counted() {
    let semaphore = Monitor::new(COUNT, 0);
    let order = Monitor::new(COUNT, 0);
    let workers: Vec<_> = [(10, 0), (30, 1), (20, 2), (30, 3)]
        .into_iter()
        .map(|(priority, cpu)| {
            let (semaphore, order) = (semaphore.share(), order.share());
            let worker = worker(priority, cpu, move |_| {
                let result = semaphore.get(NEVER);
                order.signal(0).unwrap();
                result
            });
            worker.await_wait();
            worker
        })
        .collect();
    assert_eq!(value(&semaphore), -4);
    let mut left: Vec<usize> = vec![0, 1, 2, 3];
    for (count, next) in [1, 3, 2, 0].into_iter().enumerate() {
        assert_eq!(semaphore.signal(0), Ok(0));
        assert_eq!(value(&semaphore), -3 + count as i32);
        eventually("the waiter", || value(&order) == count as i32 + 1);
        left.retain(|index| *index != next);
        for index in &left {
            assert!(workers[*index].waits(), "{index}");
        }
    }
    for worker in workers {
        assert_eq!(worker.join(), Ok(()));
    }
}

#[test]
fn a_change_of_priority_changes_the_order() {
    let semaphore = Monitor::new(COUNT, 0);
    let workers: Vec<_> = [20, 10]
        .into_iter()
        .map(|priority| {
            let semaphore = semaphore.share();
            let worker = worker(priority, 0, move |_| semaphore.get(NEVER));
            worker.await_wait();
            worker
        })
        .collect();
    let raised = set_params(workers[1].file(), libc::SCHED_FIFO, 30);
    assert_eq!(raised, Ok(0));
    semaphore.signal(0).unwrap();
    eventually("the raised waiter", || !workers[1].waits());
    assert!(workers[0].waits());
    semaphore.signal(0).unwrap();
    for worker in workers {
        assert_eq!(worker.join(), Ok(()));
    }
}

#[test]
fn a_flush_wakes_all_without_units() {
    let semaphore = Monitor::new(COUNT, 0);
    let workers: Vec<_> = (0..3)
        .map(|cpu| {
            let semaphore = semaphore.share();
            let worker = worker(10, cpu, move |_| semaphore.get(NEVER));
            worker.await_wait();
            worker
        })
        .collect();
    assert_eq!(semaphore.broadcast(0), Ok(0));
    for worker in workers {
        assert_eq!(worker.join(), Err(libc::EAGAIN));
    }
    assert_eq!(value(&semaphore), 0);
}

#[test]
fn a_wait_can_be_broken() {
    handle_quietly(libc::SIGUSR1);
    for by_signal in [false, true] {
        let semaphore = Monitor::new(COUNT, 0);
        let shared = semaphore.share();
        let worker = worker(10, 1, move |_| shared.get(NEVER));
        worker.await_wait();
        if by_signal {
            worker.kill(libc::SIGUSR1);
        } else {
            worker.unblock();
        }
        assert_eq!(worker.join(), Err(libc::EINTR));
        assert_eq!(value(&semaphore), 0);
    }
}

#[test]
fn the_last_close_ends_waits() {
    let semaphore = Monitor::new(COUNT, 0);
    let other = semaphore.share();
    let alias = semaphore.alias();
    let worker = worker(10, 1, move |_| alias.get(NEVER));
    worker.await_wait();
    assert_eq!(worker.channel(), semaphore.name());
    drop(other);
    assert_eq!(value(&semaphore), -1);
    drop(semaphore);
    assert_eq!(worker.join(), Err(libc::EIDRM));
}

#[test]
fn a_waiting_process_can_be_killed() {
    let semaphore = Monitor::new(COUNT, 0);
    let status = in_child(
        || {
            let _me = Attached::fifo(10);
            let _ = semaphore.get(NEVER);
        },
        |pid| {
            eventually("the child", || value(&semaphore) == -1);
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
    eventually("the unit", || value(&semaphore) == 0);
}

#[test]
fn it_is_no_group_of_flags() {
    let semaphore = Monitor::new(COUNT, 1);
    let _me = Attached::fifo(10);
    let limit = date(NEVER);
    let mut request = evl_monitor_waitreq {
        timeout_ptr: (&raw const limit).expose_provenance() as u64,
        value: 1,
        ..evl_monitor_waitreq::default()
    };
    let exact = oob_ioctl(semaphore.file(), EVL_MONIOC_WAIT_EXACT, &mut request);
    assert_eq!(exact, Err(libc::EINVAL));
    assert_eq!(semaphore.try_wait(1, true), Err(libc::EINVAL));
    assert_eq!(semaphore.enter(NEVER), Err(libc::EINVAL));
}
