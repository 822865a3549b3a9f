// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! CPUs that come and go.
//!
//! A thread does not change CPU while it is out-of-band, nor does a timer that runs. As long as
//! either is on a CPU, that CPU stays: to move a control loop elsewhere is not for Linux to decide.

use kernel::bindings;

use crate::{
    cpu::Cpu,
    stage::{with_hard_irqs_off, HardIrqsOff},
    thread,
};

fn is_used(cpu: &Cpu, irqs: &HardIrqsOff<'_>) -> bool {
    let here = |thread: &thread::ThreadRecord| {
        thread.cpu() == cpu.number() && thread.state() & bindings::EVL_T_INBAND == 0
    };
    thread::attached().any(|(_, thread)| here(thread)) || cpu.timers.lock(irqs).are_running()
}

// What C calls.

const _: [bindings::evl_none_test_fn; 2] = [Some(bindings::evl_cpu_leaves), Some(evl_cpu_leaves)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_cpu_returns), Some(evl_cpu_returns)];

/// Whether this CPU may go offline; from now on no thread goes out-of-band here then. In-band.
#[no_mangle]
extern "C" fn evl_cpu_leaves() -> bool {
    with_hard_irqs_off(|irqs| {
        let Some(cpu) = Cpu::this(&irqs) else {
            return true;
        };
        // On the way out-of-band a thread looks at it on this CPU: before this, or after.
        cpu.set_open(false);
        if is_used(cpu, &irqs) {
            cpu.set_open(true);
            return false;
        }
        true
    })
}

/// This CPU is online. In-band.
#[no_mangle]
extern "C" fn evl_cpu_returns() {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            cpu.set_open(true);
        }
    });
}
