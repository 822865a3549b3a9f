// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads of the core under a debugger: stopped, looked at, stepped, resumed.

use std::io;
use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use evl_sys::{EVL_T_INBAND, EVL_T_PTRACE, EVL_T_PTSYNC};
use evl_target_tests::open;
use evl_target_tests::thread::{Attached, in_child, kill, now, sleep_until};
use evl_target_tests::worker::{bind, cpus, eventually, worker};

const MS: u64 = 1_000_000;

/// A tracer's request, which must succeed.
fn ptrace(request: u32, pid: i32, data: usize) {
    // SAFETY: none of the requests used here writes to memory of ours.
    let status = unsafe {
        libc::ptrace(
            request as _,
            pid,
            ptr::null_mut::<libc::c_void>(),
            ptr::without_provenance_mut::<libc::c_void>(data),
        )
    };
    assert_eq!(status, 0, "{request}: {}", io::Error::last_os_error());
}

/// Waits for a stop of a tracee: its signal.
fn stopped(pid: i32) -> i32 {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the answer.
    let got = unsafe { libc::waitpid(pid, &raw mut status, libc::__WALL) };
    assert_eq!(got, pid);
    assert!(libc::WIFSTOPPED(status), "status {status:#x}");
    libc::WSTOPSIG(status)
}

/// Sends SIGSTOP to one thread, as debuggers do.
fn stop(process: i32, thread: i32) {
    // SAFETY: sends a signal to a thread of our child.
    let status = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGSTOP) };
    assert_eq!(status, 0);
    assert_eq!(stopped(thread), libc::SIGSTOP);
}

/// Waits for the end of a traced thread, which holds up that of its process.
fn reap(thread: i32) {
    let mut status = 0;
    // SAFETY: `status` is a valid place for the answer.
    let got = unsafe { libc::waitpid(thread, &raw mut status, libc::__WALL) };
    assert_eq!(got, thread);
}

/// Words shared with a child process.
fn shared() -> &'static [AtomicU32; 8] {
    // SAFETY: a new mapping touches no other memory, and stays; zeroes are valid.
    unsafe {
        let base = libc::mmap(
            ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_SHARED | libc::MAP_ANONYMOUS,
            -1,
            0,
        );
        assert_ne!(base, libc::MAP_FAILED);
        &*base.cast()
    }
}

/// What the shared words are.
const TURNS: usize = 0;
const SWITCHES: usize = 1;
const STOP: usize = 2;
const THREAD: usize = 3;
const OTHER_STATE: usize = 4;
const TARGET_STATE: usize = 5;
const LOOKS: usize = 6;

fn load(words: &[AtomicU32; 8], index: usize) -> u32 {
    words[index].load(Ordering::SeqCst)
}

/// A loop of 1 kHz which says how many turns it has done, and how often it was sent in-band.
fn periodic(words: &[AtomicU32; 8]) {
    let me = Attached::fifo(10);
    let clock = open("/dev/evl/clock/monotonic");
    let mut date = now();
    while load(words, STOP) == 0 {
        date += MS;
        match sleep_until(&clock, date) {
            Ok(_) | Err(libc::EINTR) => {}
            Err(error) => panic!("error {error}"),
        }
        // Only this thread writes it. Stepping would never get through a pair of exclusive accesses.
        words[TURNS].store(load(words, TURNS) + 1, Ordering::SeqCst);
        words[SWITCHES].store(me.oob_state().isw, Ordering::SeqCst);
    }
}

fn turns(words: &[AtomicU32; 8], more: u32) {
    let start = load(words, TURNS);
    eventually("turns", || load(words, TURNS) >= start + more);
}

#[test]
fn a_thread_is_stopped_and_resumed() {
    let words = shared();
    let body = || {
        bind(1);
        periodic(words);
    };
    let status = in_child(body, |pid| {
        bind(0);
        turns(words, 20);
        ptrace(libc::PTRACE_SEIZE, pid, 0);
        for _ in 0..10 {
            ptrace(libc::PTRACE_INTERRUPT, pid, 0);
            assert_eq!(stopped(pid), libc::SIGTRAP);
            let before = load(words, TURNS);
            thread::sleep(Duration::from_millis(20));
            assert_eq!(load(words, TURNS), before, "runs while it is stopped");
            let switches = load(words, SWITCHES);
            ptrace(libc::PTRACE_CONT, pid, 0);
            turns(words, 3);
            assert!(load(words, SWITCHES) > switches, "was not sent in-band");
        }
        ptrace(libc::PTRACE_INTERRUPT, pid, 0);
        stopped(pid);
        ptrace(libc::PTRACE_DETACH, pid, 0);
        // Undisturbed, it stays out-of-band.
        turns(words, 3);
        let switches = load(words, SWITCHES);
        turns(words, 20);
        assert_eq!(load(words, SWITCHES), switches);
        words[STOP].store(1, Ordering::SeqCst);
    });
    assert_eq!(status, 0);
}

#[test]
fn a_thread_is_single_stepped_through_its_system_calls() {
    let words = shared();
    let body = || {
        bind(1);
        periodic(words);
    };
    let status = in_child(body, |pid| {
        bind(0);
        turns(words, 20);
        ptrace(libc::PTRACE_ATTACH, pid, 0);
        assert_eq!(stopped(pid), libc::SIGSTOP);
        let before = load(words, TURNS);
        // Enough for some turns: each is a few hundred instructions and two calls of the core.
        for _ in 0..20_000 {
            ptrace(libc::PTRACE_SINGLESTEP, pid, 0);
            assert_eq!(stopped(pid), libc::SIGTRAP);
            if load(words, TURNS) >= before + 3 {
                break;
            }
        }
        assert!(load(words, TURNS) >= before + 3);
        ptrace(libc::PTRACE_DETACH, pid, 0);
        turns(words, 3);
        let switches = load(words, SWITCHES);
        turns(words, 20);
        assert_eq!(load(words, SWITCHES), switches);
        words[STOP].store(1, Ordering::SeqCst);
    });
    assert_eq!(status, 0);
}

#[test]
fn a_traced_thread_can_be_killed() {
    let words = shared();
    for stop_first in [false, true] {
        words[TURNS].store(0, Ordering::SeqCst);
        let body = || {
            bind(1);
            periodic(words);
        };
        let status = in_child(body, |pid| {
            bind(0);
            turns(words, 5);
            ptrace(libc::PTRACE_SEIZE, pid, 0);
            if stop_first {
                ptrace(libc::PTRACE_INTERRUPT, pid, 0);
                stopped(pid);
            }
            kill(pid);
        });
        assert!(libc::WIFSIGNALED(status), "status {status:#x}");
        assert_eq!(libc::WTERMSIG(status), libc::SIGKILL);
    }
}

/// A process of two threads: one is what the debugger stops, the other one runs all the time.
fn pair(words: &'static [AtomicU32; 8]) {
    let sleeper = worker(20, 1, move |_| {
        let clock = open("/dev/evl/clock/monotonic");
        while load(words, STOP) == 0 {
            let _ = sleep_until(&clock, now() + MS / 4);
            words[TURNS].fetch_add(1, Ordering::SeqCst);
        }
    });
    let target = worker(10, 0, move |me| {
        // SAFETY: asks for a number.
        words[THREAD].store(unsafe { libc::gettid() } as u32, Ordering::SeqCst);
        let clock = open("/dev/evl/clock/monotonic");
        let mut date = now();
        while load(words, STOP) == 0 {
            date += 5 * MS;
            let _ = sleep_until(&clock, date);
        }
        me.inband_state();
    });
    // In-band, where no debugger looks: what both of them are.
    while load(words, STOP) == 0 {
        words[OTHER_STATE].store(sleeper.state().state, Ordering::SeqCst);
        words[TARGET_STATE].store(target.state().state, Ordering::SeqCst);
        words[LOOKS].fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(1));
    }
    target.join();
    sleeper.join();
}

#[test]
fn a_stop_of_one_thread_freezes_the_others() {
    let words = shared();
    let status = in_child(
        || pair(words),
        |_| {
            bind(0);
            turns(words, 20);
            eventually("the thread", || load(words, THREAD) != 0);
            let target = load(words, THREAD) as i32;
            ptrace(libc::PTRACE_SEIZE, target, 0);
            for _ in 0..5 {
                ptrace(libc::PTRACE_INTERRUPT, target, 0);
                assert_eq!(stopped(target), libc::SIGTRAP);
                let before = load(words, TURNS);
                let looks = load(words, LOOKS);
                eventually("two looks", || load(words, LOOKS) >= looks + 2);
                assert_eq!(
                    load(words, TURNS),
                    before,
                    "runs while another one is stopped"
                );
                assert_eq!(
                    load(words, OTHER_STATE) & (EVL_T_PTSYNC | EVL_T_INBAND),
                    EVL_T_PTSYNC
                );
                assert_eq!(load(words, TARGET_STATE) & EVL_T_PTRACE, EVL_T_PTRACE);
                ptrace(libc::PTRACE_CONT, target, 0);
                turns(words, 3);
            }
            words[STOP].store(1, Ordering::SeqCst);
            reap(target);
        },
    );
    assert_eq!(status, 0);
}

#[test]
fn a_frozen_thread_is_stopped_by_a_signal() {
    let words = shared();
    in_child(
        || pair(words),
        |pid| {
            bind(0);
            turns(words, 20);
            eventually("the thread", || load(words, THREAD) != 0);
            let target = load(words, THREAD) as i32;
            // As a debugger: all threads, the target first.
            let others: Vec<i32> = std::fs::read_dir(format!("/proc/{pid}/task"))
                .unwrap()
                .map(|entry| {
                    entry
                        .unwrap()
                        .file_name()
                        .to_str()
                        .unwrap()
                        .parse()
                        .unwrap()
                })
                .filter(|thread| *thread != target)
                .collect();
            assert_eq!(others.len(), 2);
            for thread in others.iter().chain([&target]) {
                ptrace(libc::PTRACE_SEIZE, *thread, 0);
            }
            for _ in 0..5 {
                stop(pid, target);
                for thread in &others {
                    stop(pid, *thread);
                }
                let before = load(words, TURNS);
                thread::sleep(Duration::from_millis(10));
                assert_eq!(load(words, TURNS), before);
                for thread in others.iter().chain([&target]) {
                    ptrace(libc::PTRACE_CONT, *thread, 0);
                }
                turns(words, 3);
            }
            kill(pid);
            others
                .iter()
                .chain([&target])
                .filter(|thread| **thread != pid)
                .for_each(|thread| reap(*thread));
        },
    );
}

#[test]
fn stops_and_resumes_of_many_leave_nobody_frozen() {
    let cpus = cpus();
    let words = shared();
    let body = move || {
        let done = Arc::new(AtomicBool::new(false));
        let threads: Vec<_> = (0..4)
            .map(|n| {
                let done = Arc::clone(&done);
                worker(10 + n, n as usize % cpus, move |_| {
                    let clock = open("/dev/evl/clock/monotonic");
                    while !done.load(Ordering::Relaxed) {
                        let _ = sleep_until(&clock, now() + MS);
                        words[TURNS].fetch_add(1, Ordering::SeqCst);
                    }
                })
            })
            .collect();
        words[THREAD].store(1, Ordering::SeqCst);
        while load(words, STOP) == 0 {
            thread::sleep(Duration::from_millis(1));
        }
        done.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join());
    };
    let status = in_child(body, |pid| {
        eventually("the threads", || load(words, THREAD) != 0);
        let threads: Vec<i32> = std::fs::read_dir(format!("/proc/{pid}/task"))
            .unwrap()
            .map(|entry| {
                entry
                    .unwrap()
                    .file_name()
                    .to_str()
                    .unwrap()
                    .parse()
                    .unwrap()
            })
            .filter(|thread| *thread != pid)
            .collect();
        for thread in &threads {
            ptrace(libc::PTRACE_SEIZE, *thread, 0);
        }
        for round in 0..40 {
            let some = threads.iter().filter(|thread| (**thread + round) % 3 != 0);
            for thread in some.clone() {
                ptrace(libc::PTRACE_INTERRUPT, *thread, 0);
            }
            for thread in some.clone() {
                stopped(*thread);
            }
            for thread in some {
                ptrace(libc::PTRACE_CONT, *thread, 0);
            }
            turns(words, 4);
        }
        for thread in &threads {
            ptrace(libc::PTRACE_INTERRUPT, *thread, 0);
            stopped(*thread);
            ptrace(libc::PTRACE_DETACH, *thread, 0);
        }
        words[STOP].store(1, Ordering::SeqCst);
    });
    assert_eq!(status, 0);
}
