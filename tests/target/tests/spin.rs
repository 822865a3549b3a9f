// SPDX-License-Identifier: MIT OR Apache-2.0
//! A thread that does not leave its CPU to Linux. Alone in its program: whoever shares the CPU has to wait.

use evl_target_tests::sigdebug;
use evl_target_tests::thread::{Attached, Window, in_child, kill, now};

const MS: u64 = 1_000_000;

/// The number of CPUs that Linux has, whatever this thread was bound to.
fn online() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }).unwrap()
}

/// Waits by looking at the clock: timers may be queued on a CPU that has no time for them.
fn spin(ns: u64) {
    let end = now() + ns;
    while now() < end {
        std::hint::spin_loop();
    }
}

/// Binds the caller to a CPU.
fn bind(cpu: usize) {
    // SAFETY: an empty set is all zeroes.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid, and `cpu` in its range.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    // SAFETY: `set` is valid.
    let status = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(status, 0);
}

#[test]
fn who_keeps_linux_from_a_cpu_is_told_and_leaves() {
    bind(online() - 1);
    sigdebug::note();
    let me = Attached::fifo(10);
    let window = Window::new();
    assert_eq!(me.switch_oob(), Ok(0));
    let end = now() + 20_000 * MS;
    let mut cause = 0;
    while cause == 0 && now() < end {
        cause = sigdebug::take();
    }
    assert!(me.is_inband(&window));
    // The cause is that of the watchdog, although nothing else was asked for.
    assert_eq!(cause, 0xfccf_0004);
}

#[test]
fn a_spinning_process_can_be_killed() {
    if online() < 2 {
        // Nobody would be there to kill it.
        return;
    }
    bind(0);
    let status = in_child(
        || {
            bind(1);
            let me = Attached::fifo(10);
            assert_eq!(me.switch_oob(), Ok(0));
            loop {
                std::hint::spin_loop();
            }
        },
        |pid| {
            spin(300 * MS);
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
}
