// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! What is to happen on a CPU later, and its timer hardware.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use kernel::{bindings, prelude::*};

use crate::{
    clock::{now, ClockId},
    cpu::{all, Cpu},
    logic::{
        agenda::Seat,
        error::Error as Refusal,
        status::Release,
        table::TimerId,
        timer::{with_inband, Gravity, Program, Shot, Timer, TimerQueue},
    },
    stage::{in_handler, with_hard_irqs_off, HardIrqsOff},
    system::{target_of, timer_of, System, Target, NR_TIMERS},
    thread, timerfd, trace, waits,
};

type Queue = TimerQueue<KVVec<Seat>>;

/// The timers of a CPU, which others may start and stop.
pub(crate) struct Timers {
    /// By [`ClockId`].
    queues: [Queue; ClockId::ALL.len()],
    /// What Linux waits for, or `u64::MAX`.
    inband: u64,
}

/// Dates that are the CPU's own business, with interrupts off; `u64::MAX` is never.
pub(crate) struct Dates {
    /// When a quantum ends.
    slice: AtomicU64,
    /// By when Linux has to have run here.
    watchdog: AtomicU64,
    /// What the hardware is programmed to, while it has not fired.
    programmed: AtomicU64,
    /// When the interrupt came that is being served, 0 if nobody looked at the clock.
    served: AtomicU64,
    /// Whether threads run here.
    occupied: AtomicBool,
    /// Whether Linux gets its tick as soon as none does.
    ticked: AtomicBool,
    /// Whether the hardware is not programmed to what Linux waits for.
    put_off: AtomicBool,
}

impl Dates {
    /// None.
    pub(crate) const fn new() -> Self {
        Self {
            slice: AtomicU64::new(u64::MAX),
            watchdog: AtomicU64::new(u64::MAX),
            programmed: AtomicU64::new(u64::MAX),
            served: AtomicU64::new(0),
            occupied: AtomicBool::new(false),
            ticked: AtomicBool::new(false),
            put_off: AtomicBool::new(false),
        }
    }

    /// The first to care for.
    fn next(&self) -> u64 {
        self.slice.load(Relaxed).min(self.watchdog.load(Relaxed))
    }
}

/// What a tick has to do when all timers are served.
#[derive(Eq, PartialEq)]
struct Rest {
    /// A quantum has ended.
    slice: bool,
    /// Linux was kept from the CPU for too long.
    barks: bool,
}

impl Rest {
    const NOTHING: Self = Self {
        slice: false,
        barks: false,
    };
}

/// How long Linux may be kept from a CPU, in ns.
const PATIENCE: u64 = if cfg!(CONFIG_EVL_WATCHDOG) {
    bindings::CONFIG_EVL_WATCHDOG_TIMEOUT as u64 * 1_000_000_000
} else {
    u64::MAX
};

impl Timers {
    /// Nothing to happen on the CPU with that number, and room for all timers. In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`ENOMEM`].
    pub(crate) fn new(cpu: u32) -> Result<Self> {
        // Tags: two queues a CPU.
        let queue = |tag| -> Result<Queue> {
            let seats = KVVec::from_elem(Seat::default(), NR_TIMERS as usize, GFP_KERNEL)?;
            Ok(TimerQueue::new(tag, Gravity::default(), seats))
        };
        let tag = cpu << 1;
        Ok(Self {
            queues: [queue(tag)?, queue(tag | 1)?],
            inband: u64::MAX,
        })
    }

    fn queue(&mut self, clock: ClockId) -> &mut Queue {
        let [monotonic, realtime] = &mut self.queues;
        match clock {
            ClockId::Monotonic => monotonic,
            ClockId::Realtime => realtime,
        }
    }

    /// The next date of a timer, of CLOCK_MONOTONIC.
    fn next(&mut self) -> u64 {
        let mut next = u64::MAX;
        for clock in ClockId::ALL {
            if let Some(date) = self.queue(clock).next() {
                next = next.min(clock.to_monotonic(date));
            }
        }
        next
    }

    /// Takes a timer that is due at a date. The date of CLOCK_REALTIME is looked up if need be, once.
    fn expire(&mut self, date: u64, wall: &mut Option<u64>) -> Option<Shot> {
        let [monotonic, realtime] = &mut self.queues;
        if let Some(shot) = monotonic.expire(&System, date) {
            return Some(shot);
        }
        realtime.next()?;
        let wall = *wall.get_or_insert_with(|| now(ClockId::Realtime));
        realtime.expire(&System, wall)
    }

    /// What else is due at a date, but for the tick of Linux, which is noted. If nothing is, the
    /// next date is programmed.
    fn rest(&mut self, date: u64, cpu: &Cpu, irqs: &HardIrqsOff<'_>) -> Rest {
        let rest = Rest {
            slice: cpu.dates.slice.load(Relaxed) <= date,
            barks: cpu.dates.watchdog.load(Relaxed) <= date,
        };
        self.note_tick(date, cpu);
        if rest == Rest::NOTHING {
            self.program(cpu, irqs);
        }
        rest
    }

    /// Notes the tick of Linux if it is due at a date.
    fn note_tick(&mut self, date: u64, cpu: &Cpu) {
        if self.inband <= date {
            self.inband = u64::MAX;
            cpu.dates.ticked.store(true, Relaxed);
        }
    }

    /// Whether anybody but Linux waits for something.
    pub(crate) fn are_running(&self) -> bool {
        self.queues.iter().any(|queue| queue.next().is_some())
    }

    /// Programs the hardware: this CPU's, or the other CPU is told to.
    fn program(&mut self, cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
        if cpu.number() == irqs.cpu() {
            let ours = self.next();
            // Linux cannot have its tick while threads run, or are about to: it would but delay them.
            let put_off = cpu.dates.occupied.load(Relaxed) | cpu.is_due();
            cpu.dates.put_off.store(put_off, Relaxed);
            let inband = if put_off { u64::MAX } else { self.inband };
            let date = with_inband(ours, inband).min(cpu.dates.next());
            // Not again for a timer: just before its date, the shortest delay of the hardware would make it late.
            if date == ours && date == cpu.dates.programmed.load(Relaxed) {
                return;
            }
            cpu.dates.programmed.store(date, Relaxed);
            // SAFETY: Interrupts are off.
            unsafe { bindings::evl_program_tick(date) };
        } else {
            // SAFETY: The core runs: the interrupt is requested.
            unsafe { bindings::evl_send_timer(cpu.number()) };
        }
    }
}

impl Cpu {
    /// Sets when the quantum of the thread ends that runs here. On this CPU.
    pub(crate) fn set_slice(&self, date: Option<u64>, irqs: &HardIrqsOff<'_>) {
        let date = date.unwrap_or(u64::MAX);
        if date != self.dates.slice.load(Relaxed) {
            self.dates.slice.store(date, Relaxed);
            self.timers.lock(irqs).program(self, irqs);
        }
    }

    /// The date, in ns, of the interrupt that ends: it is charged to whom it wakes. On this CPU.
    pub(crate) fn date_of_irq(&self) -> Option<u64> {
        let date = self.dates.served.load(Relaxed);
        self.dates.served.store(0, Relaxed);
        (date != 0).then_some(date)
    }

    /// Threads run here from now on, or Linux, as of a date. On this CPU.
    pub(crate) fn occupy(&self, by_threads: bool, date: u64, irqs: &HardIrqsOff<'_>) {
        if self.dates.occupied.load(Relaxed) != by_threads {
            self.dates.occupied.store(by_threads, Relaxed);
            if by_threads {
                self.watch(date, irqs);
            } else {
                self.dates.watchdog.store(u64::MAX, Relaxed);
            }
        }
        if !by_threads && self.dates.put_off.load(Relaxed) {
            let mut timers = self.timers.lock(irqs);
            timers.note_tick(date, self);
            timers.program(self, irqs);
        }
        self.pass_tick(irqs);
    }

    /// Gives Linux a tick that is due, unless threads run: it could do no more than put it off, at
    /// their cost. On this CPU, on the oob stage.
    pub(crate) fn pass_tick(&self, _: &HardIrqsOff<'_>) {
        if self.dates.ticked.load(Relaxed) && !self.dates.occupied.load(Relaxed) {
            self.dates.ticked.store(false, Relaxed);
            // SAFETY: On the oob stage, and interrupts are off.
            unsafe { bindings::tick_notify_proxy() };
        }
    }

    /// Linux has to run here some time after a date. On this CPU.
    fn watch(&self, date: u64, irqs: &HardIrqsOff<'_>) {
        let date = date.saturating_add(PATIENCE);
        self.dates.watchdog.store(date, Relaxed);
        // Most often there is something to do before.
        if date < self.dates.programmed.load(Relaxed) {
            self.timers.lock(irqs).program(self, irqs);
        }
    }

    /// Starts a timer here.
    ///
    /// # Errors
    ///
    /// [`Refusal::Busy`] if it runs elsewhere.
    pub(crate) fn start_timer(
        &self,
        id: TimerId,
        clock: ClockId,
        date: u64,
        period: u64,
        irqs: &HardIrqsOff<'_>,
    ) -> Result<(), Refusal> {
        let mut timers = self.timers.lock(irqs);
        if timers.queue(clock).start(&System, id, date, period)? != Program::Keep {
            timers.program(self, irqs);
        }
        Ok(())
    }
}

/// Stops a timer, wherever it runs.
pub(crate) fn stop_timer(id: TimerId, irqs: &HardIrqsOff<'_>) {
    let Some(tag) = timer_of(id).and_then(Timer::queue) else {
        return;
    };
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
    trace::timer_expire(&shot);
    match target_of(shot.timer) {
        // Its timer is on its CPU, which is this one: it has not run since.
        Some(Target::Thread(id)) => waits::end(id, Release::Timeout, irqs),
        Some(Target::File(index)) => timerfd::fire(index, shot, irqs),
        #[cfg(CONFIG_EVL_LATMUS)]
        Some(Target::Run(index)) => crate::latmus::fire(index, shot, irqs),
        _ => {}
    }
}

/// A quantum has ended, as of a date.
fn end_slice(cpu: &Cpu, date: u64, irqs: &HardIrqsOff<'_>) {
    let (outcome, deadline) = {
        let mut queue = cpu.queue.lock(irqs);
        let outcome = queue.tick(&System, None, date);
        (outcome, queue.deadline(&System))
    };
    cpu.settle(outcome, irqs);
    cpu.set_slice(deadline, irqs);
}

/// Linux was kept from the CPU for too long, as of a date.
fn bark(cpu: &Cpu, date: u64, irqs: &HardIrqsOff<'_>) {
    cpu.watch(date, irqs);
    let running = cpu.queue.lock(irqs).current();
    if let Some(id) = running {
        thread::expel(id, cpu);
    }
}

fn tick(cpu: &Cpu, irqs: &HardIrqsOff<'_>) {
    let date = now(ClockId::Monotonic);
    cpu.dates.served.store(date, Relaxed);
    cpu.dates.programmed.store(u64::MAX, Relaxed);
    let mut wall = None;
    let rest = loop {
        let mut timers = cpu.timers.lock(irqs);
        // Each timer has one shot for one date.
        let Some(shot) = timers.expire(date, &mut wall) else {
            break timers.rest(date, cpu, irqs);
        };
        drop(timers);
        serve(shot, irqs);
    };
    if rest == Rest::NOTHING {
        return;
    }

    if rest.slice {
        cpu.dates.slice.store(u64::MAX, Relaxed);
        end_slice(cpu, date, irqs);
    }
    if rest.barks {
        bark(cpu, date, irqs);
    }
    cpu.timers.lock(irqs).program(cpu, irqs);
}

/// The timer hardware fired, or another CPU changed the timers. Oob, interrupts off.
#[no_mangle]
extern "C" fn evl_tick() {
    let serve = |irqs: HardIrqsOff<'_>| {
        Cpu::this(&irqs)
            .into_iter()
            .for_each(|cpu| tick(cpu, &irqs))
    };
    // SAFETY: Called by handlers of interrupts.
    unsafe { in_handler(serve) };
}

/// Linux wants its tick at a date of CLOCK_MONOTONIC. In-band.
#[no_mangle]
extern "C" fn evl_set_inband_date(date: u64) {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            let mut timers = cpu.timers.lock(&irqs);
            // The hardware has its shortest delay even for what is past: a date of ours is not to wait for that.
            timers.inband = date.max(now(ClockId::Monotonic));
            timers.program(cpu, &irqs);
        }
    });
}

/// The hardware is programmed to nothing, and Linux has not asked for its tick yet. In-band, on each CPU at start.
#[no_mangle]
extern "C" fn evl_reset_timers() {
    with_hard_irqs_off(|irqs| {
        if let Some(cpu) = Cpu::this(&irqs) {
            cpu.timers.lock(&irqs).inband = u64::MAX;
            cpu.dates.programmed.store(u64::MAX, Relaxed);
            cpu.dates.put_off.store(false, Relaxed);
        }
    });
}

/// Whether the timers of this CPU must not stop. In-band, stalled.
#[no_mangle]
extern "C" fn evl_needs_timer() -> bool {
    with_hard_irqs_off(|irqs| {
        Cpu::this(&irqs).is_some_and(|cpu| cpu.timers.lock(&irqs).are_running())
    })
}

/// CLOCK_REALTIME jumped: its timers have other dates of CLOCK_MONOTONIC now. In-band.
#[no_mangle]
extern "C" fn evl_retime() {
    with_hard_irqs_off(|irqs| {
        for cpu in all() {
            let mut timers = cpu.timers.lock(&irqs);
            if timers.queue(ClockId::Realtime).next().is_some() {
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
const _: [bindings::evl_none_test_fn; 2] = [Some(bindings::evl_needs_timer), Some(evl_needs_timer)];
const _: [bindings::evl_date_fn; 2] = [
    Some(bindings::evl_set_inband_date),
    Some(evl_set_inband_date),
];
