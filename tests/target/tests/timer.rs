// SPDX-License-Identifier: MIT OR Apache-2.0
//! Timers: files that are read for elapsed periods.

use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use evl_sys::{
    __kernel_itimerspec as itimerspec, __kernel_timespec as timespec, EVL_CLKIOC_NEW_TIMER,
    EVL_TFDIOC_GET, EVL_TFDIOC_SET, EVL_THRIOC_UNBLOCK, evl_timer_setreq,
};
use evl_target_tests::thread::{Attached, now, oob_ioctl, oob_read, sleep_until};
use evl_target_tests::{ioctl, open};

const MONOTONIC: &str = "/dev/evl/clock/monotonic";
const MS: u64 = 1_000_000;

fn new_timer(clock: &str) -> Result<File, i32> {
    let mut fd = -1_i32;
    let address = (&raw mut fd).expose_provenance();
    // SAFETY: the kernel writes an int, to `fd`.
    unsafe { ioctl(&open(clock), EVL_CLKIOC_NEW_TIMER, address) }?;
    // SAFETY: the core made this descriptor for us.
    Ok(unsafe { File::from_raw_fd(fd) })
}

fn split(ns: u64) -> timespec {
    timespec {
        tv_sec: (ns / 1_000_000_000) as i64,
        tv_nsec: (ns % 1_000_000_000) as i64,
    }
}

fn setting(date: u64, period: u64) -> itimerspec {
    itimerspec {
        it_interval: split(period),
        it_value: split(date),
    }
}

/// Sets a timer without leaving the stage; the setting before.
fn set(timer: &File, mut value: itimerspec) -> Result<itimerspec, i32> {
    let mut old = setting(1, 1);
    let mut request = evl_timer_setreq {
        value_ptr: (&raw mut value).expose_provenance() as u64,
        ovalue_ptr: (&raw mut old).expose_provenance() as u64,
    };
    oob_ioctl(timer, EVL_TFDIOC_SET, &mut request)?;
    Ok(old)
}

fn periods(timer: &File) -> Result<u64, i32> {
    let mut count = [0; 8];
    assert_eq!(oob_read(timer, &mut count)?, 8);
    Ok(u64::from_ne_bytes(count))
}

#[test]
fn a_periodic_timer_keeps_its_dates() {
    let me = Attached::fifo(10);
    let timer = new_timer(MONOTONIC).unwrap();
    assert_eq!(me.switch_oob(), Ok(0));
    let isw = me.oob_state().isw;
    let start = now() + 2 * MS;
    set(&timer, setting(start, MS)).unwrap();
    let mut count = 0;
    while count < 300 {
        count += periods(&timer).unwrap();
        assert!(now() >= start + (count - 1) * MS);
    }
    assert_eq!(me.oob_state().isw, isw);
}

#[test]
fn missed_periods_are_counted() {
    let me = Attached::fifo(10);
    let timer = new_timer(MONOTONIC).unwrap();
    let clock = open(MONOTONIC);
    assert_eq!(me.switch_oob(), Ok(0));
    let start = now() + MS;
    set(&timer, setting(start, MS)).unwrap();
    assert_eq!(sleep_until(&clock, start + 10 * MS), Ok(0));
    assert!(periods(&timer).unwrap() >= 10);
}

#[test]
fn a_timer_fires_once_without_period() {
    let me = Attached::fifo(10);
    let timer = new_timer("/dev/evl/clock/realtime").unwrap();
    // A date long past.
    set(&timer, setting(1, 0)).unwrap();
    assert_eq!(periods(&timer), Ok(1));
    let mut now = setting(1, 1);
    assert_eq!(oob_ioctl(&timer, EVL_TFDIOC_GET, &mut now), Ok(0));
    assert_eq!(now, setting(0, 0));
    // SAFETY: changes a flag of the file.
    unsafe { libc::fcntl(timer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    assert_eq!(periods(&timer), Err(libc::EAGAIN));
    drop(me);
}

#[test]
fn settings_are_returned_and_stopped() {
    let me = Attached::fifo(10);
    let timer = new_timer(MONOTONIC).unwrap();
    let far = now() + 3_600_000 * MS;
    assert_eq!(set(&timer, setting(far, 5)), Ok(setting(0, 0)));
    assert_eq!(set(&timer, setting(far + 1, 0)), Ok(setting(far, 5)));
    assert_eq!(set(&timer, setting(0, 7)), Ok(setting(far + 1, 0)));
    assert_eq!(set(&timer, setting(0, 0)), Ok(setting(0, 0)));
    drop(me);
}

#[test]
fn bad_settings_are_refused() {
    let me = Attached::fifo(10);
    let timer = new_timer(MONOTONIC).unwrap();
    for (sec, nsec) in [(-1, 0), (0, -1), (0, 1_000_000_000)] {
        let bad = timespec {
            tv_sec: sec,
            tv_nsec: nsec,
        };
        let mut value = setting(1, 0);
        value.it_value = bad;
        assert_eq!(set(&timer, value), Err(libc::EINVAL));
        value = setting(1, 0);
        value.it_interval = bad;
        assert_eq!(set(&timer, value), Err(libc::EINVAL));
    }
    let mut request = evl_timer_setreq {
        value_ptr: 8,
        ovalue_ptr: 0,
    };
    assert_eq!(
        oob_ioctl(&timer, EVL_TFDIOC_SET, &mut request),
        Err(libc::EFAULT)
    );
    assert_eq!(oob_read(&timer, &mut [0; 7]), Err(libc::EINVAL));
    drop(me);
}

#[test]
fn a_reader_is_unblocked() {
    let (send, receive) = mpsc::channel();
    let reader = thread::spawn(move || {
        let me = Attached::fifo(10);
        let timer = new_timer(MONOTONIC).unwrap();
        send.send(me.file()).unwrap();
        periods(&timer)
    });
    let file = receive.recv().unwrap();
    thread::sleep(Duration::from_millis(50));
    // SAFETY: the request has no argument.
    let status = unsafe { ioctl(&file, EVL_THRIOC_UNBLOCK, 0) };
    assert_eq!(status, Ok(0));
    assert_eq!(reader.join().unwrap(), Err(libc::EINTR));
}

#[test]
fn a_timer_wakes_a_reader_on_another_cpu() {
    let timer = new_timer(MONOTONIC).unwrap();
    let (send, receive) = mpsc::channel();
    let shared = timer.try_clone().unwrap();
    let reader = thread::spawn(move || {
        let me = Attached::fifo(10);
        send.send(()).unwrap();
        let count = periods(&shared);
        drop(me);
        count
    });
    receive.recv().unwrap();
    thread::sleep(Duration::from_millis(20));
    let mut value = setting(now() + MS, 0);
    let mut request = [(&raw mut value).expose_provenance() as u64, 0];
    let address = (&raw mut request).expose_provenance();
    // SAFETY: the kernel reads only.
    let status = unsafe { ioctl(&timer, EVL_TFDIOC_SET, address) };
    assert_eq!(status, Ok(0));
    assert_eq!(reader.join().unwrap(), Ok(1));
}

#[test]
fn timers_do_not_leak() {
    for _ in 0..1000 {
        new_timer(MONOTONIC).unwrap();
    }
}
