// SPDX-License-Identifier: MIT OR Apache-2.0
//! Notifications of the health monitor, which change how the whole process handles a signal: one test in its program.

use std::sync::atomic::{AtomicU32, Ordering};

use evl::health::{self, Diagnosis};
use evl::thread::{self, Builder, Modes};
use evl::{Clock, ClockId, Policy};

mod common;
use common::until;

static COUNT: AtomicU32 = AtomicU32::new(0);
static LAST: AtomicU32 = AtomicU32::new(0);

fn note(diagnosis: Diagnosis) {
    LAST.store(diagnosis as u32, Ordering::Relaxed);
    COUNT.fetch_add(1, Ordering::Release);
}

fn system_call() {
    // SAFETY: asks for a number.
    unsafe { libc::syscall(libc::SYS_getppid) };
}

/// Sends what the core sends, to the process: any thread may handle it.
fn send(diagnosis: Diagnosis) {
    let value = evl_sys::EVL_SIGDEBUG_MARKER | diagnosis as u32;
    let value = libc::sigval {
        sival_ptr: std::ptr::without_provenance_mut(value as usize),
    };
    // SAFETY: a signal to ourselves.
    let status = unsafe { libc::sigqueue(libc::getpid(), libc::SIGXCPU, value) };
    assert_eq!(status, 0);
}

#[test]
fn a_thread_is_told_why_it_is_in_band() {
    health::install(note).expect("install");
    let builder = Builder::new().policy(Policy::fifo(10));
    let me = builder.modes(Modes::WOSS).attach().expect("attach");
    if cfg!(feature = "posix") {
        send(Diagnosis::SysDemote);
    } else {
        system_call();
    }
    assert!(until(|| COUNT.load(Ordering::Acquire) != 0, 1000));
    assert_eq!(LAST.load(Ordering::Relaxed), Diagnosis::SysDemote as u32);
    assert_eq!(COUNT.load(Ordering::Relaxed), 1);

    // What was asked for is not told of.
    thread::switch_oob().expect("oob");
    thread::switch_inband().expect("in-band");
    me.clear_modes(Modes::WOSS).expect("clear");
    thread::switch_oob().expect("oob");
    system_call();
    assert_eq!(COUNT.load(Ordering::Relaxed), 1);

    // The handler may be replaced, and the calls of the core go on.
    health::install(health::print).expect("install");
    send(Diagnosis::Overrun);
    let clock = Clock::open(ClockId::Monotonic).expect("clock");
    clock.sleep_until(clock.now()).expect("sleep");
    assert_eq!(COUNT.load(Ordering::Relaxed), 1);
}
