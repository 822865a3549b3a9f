// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads and processes move between Linux and the small core, in all ways there are.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::Command;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use evl_altsched_tests::{
    Call, attach, call, inband_switches, is_oob, now, nr_cpus, other_cpu, pin, sleep_with_fpu,
    spin, switch_inband, switch_oob,
};

const MS: u64 = 1_000_000;

/// Runs a test in a thread of its own, which has to attach and exits attached.
fn in_thread(test: impl FnOnce() + Send + 'static) {
    thread::spawn(test).join().expect("the test passes");
}

/// One page of fresh memory: the first access faults.
fn fresh_page() -> *mut u64 {
    // SAFETY: A new mapping takes nothing away.
    let page = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(page, libc::MAP_FAILED);
    page.cast()
}

#[test]
fn who_is_not_attached_is_refused() {
    assert_eq!(call(Call::SwitchOob, 0, 0), Err(libc::EPERM));
}

#[test]
fn a_thread_attaches_once() {
    in_thread(|| {
        attach();
        assert_eq!(call(Call::Attach, 0, 0), Err(libc::EBUSY));
    });
}

#[test]
fn unknown_calls_are_refused_out_of_band() {
    in_thread(|| {
        attach();
        switch_oob();
        // SAFETY: The core knows no call of this number.
        let result = unsafe { libc::prctl(0x4f4f_4243, 99u64, 0u64, 0u64, 0u64) };
        assert_eq!(result, -1);
        assert!(is_oob());
    });
}

#[test]
fn a_thread_switches_stages() {
    in_thread(|| {
        attach();
        assert!(!is_oob());
        switch_oob();
        assert!(is_oob());
        let before = inband_switches();
        switch_inband();
        assert!(!is_oob());
        assert_eq!(inband_switches(), before + 1);
    });
}

#[test]
fn periodic_sleeps_stay_out_of_band_and_keep_the_fpu() {
    in_thread(|| {
        attach();
        switch_oob();
        sleep_with_fpu(now());
        switch_oob();
        let before = inband_switches();
        let mut date = now();
        for _ in 0..100 {
            date += MS;
            assert!(sleep_with_fpu(date));
            assert!(now() >= date);
        }
        assert!(is_oob());
        assert_eq!(inband_switches(), before);
    });
}

#[test]
fn a_system_call_of_linux_moves_the_thread_in_band() {
    in_thread(|| {
        attach();
        switch_oob();
        let before = inband_switches();
        assert_ne!(std::os::unix::process::parent_id(), 0);
        assert!(!is_oob());
        assert_eq!(inband_switches(), before + 1);
    });
}

#[test]
fn a_page_fault_moves_the_thread_in_band() {
    in_thread(|| {
        attach();
        let page = fresh_page();
        switch_oob();
        let before = inband_switches();
        // SAFETY: The page is ours.
        unsafe { page.write_volatile(1) };
        assert!(!is_oob());
        assert_eq!(inband_switches(), before + 1);
    });
}

#[test]
fn a_page_fault_in_a_call_of_the_core_brings_the_thread_back() {
    in_thread(|| {
        attach();
        let page = fresh_page();
        switch_oob();
        let before = inband_switches();
        assert_eq!(call(Call::Put, page as u64, 0x1234), Ok(0));
        assert!(is_oob());
        assert_eq!(inband_switches(), before + 1);
        // SAFETY: The page is ours.
        assert_eq!(unsafe { page.read_volatile() }, 0x1234);
        assert_eq!(call(Call::Put, 8, 0x1234), Err(libc::EFAULT));
        assert!(is_oob());
    });
}

static SIGNALS: AtomicU32 = AtomicU32::new(0);

extern "C" fn count_signal(_: libc::c_int) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

fn signals() -> u32 {
    SIGNALS.load(Ordering::Relaxed)
}

/// Sends signals to the current thread, from another CPU, until told to stop.
fn with_signals(test: impl FnOnce()) {
    // SAFETY: The handler does nothing but to count.
    unsafe {
        libc::signal(
            libc::SIGUSR1,
            count_signal as *const () as libc::sighandler_t,
        )
    };
    // SAFETY: No memory is involved.
    let target = unsafe { libc::pthread_self() };
    let (cpu, stop, ready) = (other_cpu(), AtomicBool::new(false), Barrier::new(2));
    thread::scope(|scope| {
        let _stop = StopOnDrop(&stop);
        scope.spawn(|| {
            if let Some(cpu) = cpu {
                pin(cpu);
            }
            ready.wait();
            while !stop.load(Ordering::Relaxed) {
                spin(Duration::from_millis(5));
                // SAFETY: The scope outlives this thread, hence the target does.
                unsafe { libc::pthread_kill(target, libc::SIGUSR1) };
            }
        });
        // It starts on our CPU, where nothing of Linux runs once we are out-of-band.
        ready.wait();
        test();
    });
}

/// A test that fails must not leave the sender of signals behind.
struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_signal_ends_a_sleep() {
    in_thread(|| {
        attach();
        with_signals(|| {
            let (mut interrupted, first) = (0, signals());
            while signals() < first + 5 {
                let _ = call(Call::SwitchOob, 0, 0);
                if call(Call::Sleep, now() + 10_000 * MS, 0) == Err(libc::EINTR) {
                    interrupted += 1;
                }
            }
            assert!(interrupted > 0);
        });
    });
}

#[test]
fn a_signal_interrupts_a_loop_in_user_mode() {
    if nr_cpus() == 1 {
        return;
    }
    in_thread(|| {
        attach();
        with_signals(|| {
            for _ in 0..5 {
                let (first, end) = (signals(), now() + 10_000 * MS);
                let _ = call(Call::SwitchOob, 0, 0);
                while signals() == first {
                    assert!(now() < end, "no signal came");
                }
            }
        });
    });
}

fn ping_pong(cpus: [usize; 2]) {
    const ROUNDS: u32 = 2000;
    let player = |cpu, mine: u64, other: u64| {
        move || {
            pin(cpu);
            attach();
            switch_oob();
            let before = inband_switches();
            for _ in 0..ROUNDS {
                assert_eq!(call(Call::Up, other, 0), Ok(0));
                assert_eq!(call(Call::Down, mine, 0), Ok(0));
            }
            assert_eq!(inband_switches(), before);
        }
    };
    thread::scope(|scope| {
        scope.spawn(player(cpus[0], 10, 11));
        scope.spawn(player(cpus[1], 11, 10));
    });
}

#[test]
fn threads_hand_over_to_each_other() {
    ping_pong([0, 0]);
}

#[test]
fn threads_hand_over_across_cpus() {
    ping_pong([0, nr_cpus() - 1]);
}

/// Starts this program again as a child that runs `test` and nothing else, attached.
fn child(test: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program has a path"));
    command.args(["--exact", "--ignored", test]);
    command
}

#[test]
#[ignore = "a child of another test"]
fn child_sleeps() {
    attach();
    switch_oob();
    let _ = call(Call::Sleep, u64::MAX / 2, 0);
}

#[test]
#[ignore = "a child of another test"]
fn child_spins() {
    pin(nr_cpus() - 1);
    attach();
    switch_oob();
    loop {
        std::hint::spin_loop();
    }
}

#[test]
#[ignore = "a child of another test"]
fn child_faults() {
    attach();
    switch_oob();
    // SAFETY: It is not: the test wants the signal.
    unsafe { (8 as *mut u32).write_volatile(1) };
}

#[test]
#[ignore = "a child of another test"]
fn child_executes() {
    attach();
    switch_oob();
    panic!("{}", Command::new("true").exec());
}

/// We stay on the first CPU, and the child spins on the last: a CPU where it spins does nothing else.
fn killed_while(test: &'static str) {
    in_thread(move || {
        pin(0);
        let mut child = child(test).spawn().expect("the child starts");
        spin(Duration::from_millis(200));
        child.kill().expect("the child is there");
        let status = child.wait().expect("the child ends");
        assert_eq!(status.signal(), Some(libc::SIGKILL));
    });
}

#[test]
fn a_process_that_sleeps_can_be_killed() {
    killed_while("child_sleeps");
}

#[test]
fn a_process_that_spins_can_be_killed() {
    if nr_cpus() > 1 {
        killed_while("child_spins");
    }
}

#[test]
fn a_bad_access_is_fatal_as_ever() {
    let status = child("child_faults").status().expect("the child runs");
    assert_eq!(status.signal(), Some(libc::SIGSEGV));
}

#[test]
fn a_process_executes_another_program() {
    let status = child("child_executes").status().expect("the child runs");
    assert!(status.success());
}
