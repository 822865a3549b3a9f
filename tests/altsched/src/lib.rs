// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system calls of the small core in `kernel/dovetail-torture.c`.

use std::io;
use std::time::Duration;

/// The option of `prctl()` that carries the calls of a core.
const PR_OOB_SYSCALL: libc::c_int = 0x4f4f_4243;

/// What the core can do. The numbers are those of its source.
#[derive(Clone, Copy, Debug)]
#[repr(u64)]
pub enum Call {
    Attach,
    SwitchOob,
    SwitchInband,
    /// Until a date, in nanoseconds of `CLOCK_MONOTONIC`.
    Sleep,
    Down,
    Up,
    /// Stores the second argument at the address in the first one.
    Put,
    /// How many times the thread has been moved in-band.
    InbandSwitches,
    IsOob,
}

/// Calls the core. Errors are those of the system call, by their number.
pub fn call(call: Call, first: u64, second: u64) -> Result<i32, i32> {
    // SAFETY: The only call that touches memory stores one word where `Put` says, and the tests name memory of their
    // own for that, or none at all.
    let result = unsafe { libc::prctl(PR_OOB_SYSCALL, call as u64, first, second, 0) };
    if result >= 0 {
        Ok(result)
    } else {
        Err(io::Error::last_os_error().raw_os_error().unwrap_or(0))
    }
}

pub fn is_oob() -> bool {
    call(Call::IsOob, 0, 0) == Ok(1)
}

pub fn inband_switches() -> i32 {
    call(Call::InbandSwitches, 0, 0).expect("the thread is attached")
}

/// Attaches the current thread, and has it touch what the first call of each kind would fault in.
pub fn attach() {
    call(Call::Attach, 0, 0).expect("the core attaches a thread");
    now();
}

pub fn switch_oob() {
    call(Call::SwitchOob, 0, 0).expect("no signal is pending");
}

pub fn switch_inband() {
    call(Call::SwitchInband, 0, 0).expect("this cannot fail");
}

/// The time, in nanoseconds of `CLOCK_MONOTONIC`. No system call.
pub fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` can be written.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Waits without a timer of Linux: that may be on a CPU whose in-band stage does not run.
pub fn spin(time: Duration) {
    let end = now() + time.as_nanos() as u64;
    while now() < end {
        std::hint::spin_loop();
    }
}

/// Moves the current thread to a CPU, in-band.
pub fn pin(cpu: usize) {
    // SAFETY: All zero is an empty set.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is a set.
    unsafe { libc::CPU_SET(cpu, &mut set) };
    // SAFETY: The set is of the size that is given.
    let result = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(result, 0, "there is a CPU {cpu}");
}

pub fn nr_cpus() -> usize {
    // SAFETY: No memory is involved.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }).expect("there are CPUs")
}

/// A CPU other than that of the current thread, if there is one.
pub fn other_cpu() -> Option<usize> {
    // SAFETY: No memory is involved.
    let here = usize::try_from(unsafe { libc::sched_getcpu() }).expect("the CPU has a number");
    (0..nr_cpus()).find(|cpu| *cpu != here)
}

/// Sleeps out-of-band until a date, with values in floating point registers. False if one of them changed meanwhile,
/// or if the call failed.
#[cfg(target_arch = "x86_64")]
pub fn sleep_with_fpu(date: u64) -> bool {
    let (input, mut output) = ([11.5f64, 22.25, 33.125], [0f64; 3]);
    let mut result = libc::SYS_prctl;
    // SAFETY: The registers are named, and the arrays are as long as they are said to be.
    unsafe {
        std::arch::asm!(
            "movsd xmm8, [{input}]",
            "movsd xmm13, [{input} + 8]",
            "movsd xmm15, [{input} + 16]",
            "syscall",
            "movsd [{output}], xmm8",
            "movsd [{output} + 8], xmm13",
            "movsd [{output} + 16], xmm15",
            input = in(reg) &input,
            output = in(reg) &mut output,
            inout("rax") result,
            in("rdi") PR_OOB_SYSCALL,
            in("rsi") Call::Sleep as u64,
            in("rdx") date,
            in("r10") 0,
            in("r8") 0,
            out("rcx") _, out("r11") _, out("xmm8") _, out("xmm13") _, out("xmm15") _,
        );
    }
    result == 0 && input == output
}

/// Sleeps out-of-band until a date, with values in floating point registers. False if one of them changed meanwhile,
/// or if the call failed.
#[cfg(target_arch = "aarch64")]
pub fn sleep_with_fpu(date: u64) -> bool {
    let (input, mut output) = ([11.5f64, 22.25, 33.125], [0f64; 3]);
    let mut result = PR_OOB_SYSCALL as u64;
    // SAFETY: The registers are named, and the arrays are as long as they are said to be.
    unsafe {
        std::arch::asm!(
            "ldr d8, [{input}]",
            "ldr d20, [{input}, 8]",
            "ldr d31, [{input}, 16]",
            "svc 0",
            "str d8, [{output}]",
            "str d20, [{output}, 8]",
            "str d31, [{output}, 16]",
            input = in(reg) &input,
            output = in(reg) &mut output,
            inout("x0") result,
            in("x1") Call::Sleep as u64,
            in("x2") date,
            in("x3") 0,
            in("x4") 0,
            in("x8") libc::SYS_prctl,
            out("d8") _, out("d20") _, out("d31") _,
        );
    }
    result == 0 && input == output
}
