// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! What is to happen on a CPU later, and its timer hardware.

use kernel::bindings;

use crate::{
    clock::{now, ClockId},
    cpu::{all, Cpu},
    logic::{
        error::Error,
        status::Release,
        table::TimerId,
        timer::{Gravity, Shot, Timer, TimerQueue},
    },
    stage::{with_hard_irqs_off, HardIrqsOff},
    system::{target_of, System, Target},
    thread, timerfd, trace, waits,
};

/// The dates of a CPU; `u64::MAX` is never.
pub(crate) struct Timers {
    /// By [`ClockId`].
    queues: [TimerQueue; ClockId::ALL.len()],
    /// What Linux waits for.
    inband: u64,
    /// When a quantum ends.
    slice: u64,
    /// By when Linux has to have run here.
    watchdog: u64,
    /// What the hardware is programmed to.
    programmed: u64,
}

/// How long Linux may be kept from a CPU, in ns.
const PATIENCE: u64 = if cfg!(CONFIG_EVL_WATCHDOG) {
    bindings::CONFIG_EVL_WATCHDOG_TIMEOUT as u64 * 1_000_000_000
} else {
    u64::MAX
};

impl Timers {
    /// Nothing to happen on the CPU with that number.
    pub(crate) const fn new(cpu: u32) -> Self {
        let gravity = Gravity {
            irq: 0,
            kernel: 0,
            user: 0,
        };
        // Tags: two queues a CPU.
        let tag = cpu << 1;
        Self {
            queues: [
                TimerQueue::new(tag, gravity),
                TimerQueue::new(tag | 1, gravity),
            ],
            inband: u64::MAX,
            slice: u64::MAX,
            watchdog: u64::MAX,
            programmed: u64::MAX,
        }
    }

    fn queue(&mut self, clock: ClockId) -> &mut TimerQueue {
        let [monotonic, realtime] = &mut self.queues;
        match clock {
            ClockId::Monotonic => monotonic,
            ClockId::Realtime => realtime,
        }
    }

    /// The next date, of CLOCK_MONOTONIC.
    fn next(&mut self) -> u64 {
        let mut next = self.inband.min(self.slice).min(self.watchdog);
        for clock in ClockId::ALL {
            if let Some(date) = self.queue(clock).next(&System) {
                next = next.min(clock.to_monotonic(date));
            }
        }
        next
    }

    /// Whether anybody but Linux waits for something.
    pub(crate) fn are_running(&self) -> bool {
        self.queues
            .iter()
            .any(|queue| queue.next(&System).is_some())
    }

    /// Programs the hardware: this CPU's, or the other CPU is told to.
    fn program(&mut self, cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
        if cpu.number() == irqs.cpu() {
            self.programmed = self.next();
            // SAFETY: Interrupts are off.
            unsafe { bindings::evl_program_tick(self.programmed) };
        } else {
            // SAFETY: The core runs: the interrupt is requested.
            unsafe { bindings::evl_send_timer(cpu.number()) };
        }
    }

    /// Sets when the quantum of the running thread ends.
    pub(crate) fn set_slice(&mut self, date: Option<u64>, cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
        let date = date.unwrap_or(u64::MAX);
        if date != self.slice {
            self.slice = date;
            self.program(cpu, irqs);
        }
    }

    /// Threads begin to run on this CPU at a date, and Linux does not.
    pub(crate) fn watch(&mut self, date: u64, cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
        self.watchdog = date.saturating_add(PATIENCE);
        // Most often there is something to do before.
        if self.watchdog < self.programmed {
            self.program(cpu, irqs);
        }
    }

    /// Linux runs.
    pub(crate) fn unwatch(&mut self) {
        self.watchdog = u64::MAX;
    }

    /// Whether Linux was kept from the CPU for too long, as of a date.
    fn barks(&mut self, date: u64) -> bool {
        let barks = self.watchdog <= date;
        if barks {
            self.watchdog = date.saturating_add(PATIENCE);
        }
        barks
    }
}

impl Cpu {
    /// Starts a timer here.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if it runs elsewhere.
    pub(crate) fn start_timer(
        &self,
        id: TimerId,
        clock: ClockId,
        date: u64,
        period: u64,
        irqs: &HardIrqsOff<'_>,
    ) -> Result<(), Error> {
        let mut timers = self.timers.lock(irqs);
        let _ = timers.queue(clock).start(&System, id, date, period)?;
        timers.program(self, irqs);
        Ok(())
    }
}

/// Stops a timer, wherever it runs.
pub(crate) fn stop_timer(id: TimerId, timer: &Timer, irqs: &HardIrqsOff<'_>) {
    let Some(tag) = timer.queue() else { return };
    let Some(cpu) = Cpu::of(tag >> 1) else { return };
    let mut timers = cpu.timers.lock(irqs);
    // A shot that comes too early does no harm: the hardware is left alone.
    let clock = if tag & 1 == 0 {
        ClockId::Monotonic
    } else {
        ClockId::Realtime
    };
    let _ = timers.queue(clock).stop(&System, id);
}

fn serve(shot: Shot, irqs: &HardIrqsOff<'_>) {
    trace::timer_expire(&shot, irqs);
    match target_of(shot.timer) {
        // Its timer is on its CPU, which is this one: it has not run since.
        Some(Target::Thread(id)) => waits::end(id, Release::Timeout, irqs),
        Some(Target::File(index)) => timerfd::fire(index, shot, irqs),
        #[cfg(CONFIG_EVL_LATMUS)]
        Some(Target::Run(index)) => crate::latmus::fire(index, shot, irqs),
        _ => {}
    }
}

fn tick(cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
    let date = now(ClockId::Monotonic);
    for clock in ClockId::ALL {
        // Without timers it is not worth a look at the clock.
        if cpu.timers.lock(irqs).queue(clock).is_empty() {
            continue;
        }
        let date = match clock {
            ClockId::Monotonic => date,
            ClockId::Realtime => now(clock),
        };
        loop {
            // Each timer has one shot for one date.
            let shot = cpu.timers.lock(irqs).queue(clock).expire(&System, date);
            let Some(shot) = shot else { break };
            serve(shot, irqs);
        }
    }

    // What falls due meanwhile is programmed, and comes at once.
    let (inband, slice, barks) = {
        let mut timers = cpu.timers.lock(irqs);
        let inband = timers.inband <= date;
        if inband {
            timers.inband = u64::MAX;
        }
        let slice = timers.slice <= date;
        if slice {
            timers.slice = u64::MAX;
        }
        (inband, slice, timers.barks(date))
    };
    if inband {
        // SAFETY: On the oob stage, and interrupts are off.
        unsafe { bindings::tick_notify_proxy() };
    }
    if slice {
        let (outcome, deadline) = {
            let mut queue = cpu.queue.lock(irqs);
            let outcome = queue.tick(&System, None, date);
            (outcome, queue.deadline(&System))
        };
        cpu.settle(outcome, irqs);
        cpu.timers.lock(irqs).set_slice(deadline, cpu, irqs);
    }
    if barks {
        let running = cpu.queue.lock(irqs).current();
        if let Some(id) = running {
            thread::expel(id, cpu);
        }
    }
    cpu.timers.lock(irqs).program(cpu, irqs);
}

/// The timer hardware fired, or another CPU changed the timers. Oob, interrupts off.
#[no_mangle]
extern "C" fn evl_tick() {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            tick(cpu, &irqs);
        }
    });
}

/// Linux wants its tick at a date of CLOCK_MONOTONIC. In-band.
#[no_mangle]
extern "C" fn evl_set_inband_date(date: u64) {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            let mut timers = cpu.timers.lock(&irqs);
            timers.inband = date;
            timers.program(cpu, &irqs);
        }
    });
}

/// Linux has not asked for its tick yet. In-band, on each CPU at start.
#[no_mangle]
extern "C" fn evl_reset_timers() {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            cpu.timers.lock(&irqs).inband = u64::MAX;
        }
    });
}

/// CLOCK_REALTIME jumped: its timers have other dates of CLOCK_MONOTONIC now. In-band.
#[no_mangle]
extern "C" fn evl_retime() {
    with_hard_irqs_off(|irqs| {
        for cpu in all() {
            let mut timers = cpu.timers.lock(&irqs);
            if timers.queue(ClockId::Realtime).next(&System).is_some() {
                timers.program(cpu, &irqs);
            }
        }
    });
}

/// The gravity of a clock. On any stage.
pub(crate) fn gravity(clock: ClockId, irqs: &HardIrqsOff<'_>) -> Gravity {
    all().first().map_or(Gravity::default(), |cpu| {
        cpu.timers.lock(irqs).queue(clock).gravity()
    })
}

/// Changes the gravity of a clock, for timers that are started or expire from now on. On any stage.
pub(crate) fn set_gravity(clock: ClockId, gravity: Gravity, irqs: &HardIrqsOff<'_>) {
    for cpu in all() {
        cpu.timers.lock(irqs).queue(clock).set_gravity(gravity);
    }
}

/// The gravity of a clock. In-band.
#[no_mangle]
extern "C" fn evl_get_gravity(clock: u32) -> bindings::evl_gravity {
    let Ok(clock) = ClockId::of(clock) else {
        return bindings::evl_gravity::default();
    };
    let gravity = with_hard_irqs_off(|irqs| gravity(clock, &irqs));
    bindings::evl_gravity {
        irq: gravity.irq,
        kernel: gravity.kernel,
        user: gravity.user,
    }
}

/// Changes the gravity of a clock. In-band.
#[no_mangle]
extern "C" fn evl_set_gravity(clock: u32, gravity: bindings::evl_gravity) {
    let Ok(clock) = ClockId::of(clock) else {
        return;
    };
    let gravity = Gravity {
        irq: gravity.irq,
        kernel: gravity.kernel,
        user: gravity.user,
    };
    with_hard_irqs_off(|irqs| set_gravity(clock, gravity, &irqs));
}

// `#[export]` takes no function that is safe to call, hence the comparison by type.
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_tick), Some(evl_tick)];
const _: [bindings::evl_get_gravity_fn; 2] =
    [Some(bindings::evl_get_gravity), Some(evl_get_gravity)];
const _: [bindings::evl_set_gravity_fn; 2] =
    [Some(bindings::evl_set_gravity), Some(evl_set_gravity)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_retime), Some(evl_retime)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_reset_timers), Some(evl_reset_timers)];
const _: [bindings::evl_date_fn; 2] = [
    Some(bindings::evl_set_inband_date),
    Some(evl_set_inband_date),
];
