// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The CPUs: what runs on them, and what switches between threads.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use kernel::{bindings, cpu::nr_cpu_ids, prelude::*};

use crate::{
    clock::{now, ClockId},
    gates,
    lock::HardSpinLock,
    logic::runqueue::{Outcome, RunQueue, Switch},
    once::Once,
    stage::{in_handler, running_oob, this_cpu, with_hard_irqs_off, HardIrqs, HardIrqsOff},
    system::{Foreign, System},
    thread::{self, ThreadRecord},
    timers::{Dates, Timers},
    trace,
};

/// A CPU.
pub(crate) struct Cpu {
    number: u32,
    /// What is ready here, and the status of the threads which are the CPU's.
    pub(crate) queue: HardSpinLock<RunQueue>,
    /// What is to happen here later. The innermost lock.
    pub(crate) timers: HardSpinLock<Timers>,
    /// What is to happen here for its own sake.
    pub(crate) dates: Dates,
    /// The CPU is to pick again.
    resched: AtomicBool,
    /// Threads may go out-of-band here: it is not about to go offline.
    open: AtomicBool,
    /// What Linux runs.
    root: Foreign<bindings::dovetail_altsched_context>,
}

static CPUS: Once<Cpu> = Once::new();

/// Makes the table of CPUs. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    CPUS.try_fill(nr_cpu_ids() as usize, |number| {
        Ok(Cpu {
            number,
            queue: HardSpinLock::new(RunQueue::new(number, 0)),
            timers: HardSpinLock::new(Timers::new(number)?),
            dates: Dates::new(),
            resched: AtomicBool::new(false),
            open: AtomicBool::new(true),
            root: Foreign::zeroed(),
        })
    })
}

impl Cpu {
    /// The CPU with a number.
    pub(crate) fn of(number: u32) -> Option<&'static Self> {
        CPUS.get().get(number as usize)
    }

    /// This CPU. `None` before there are any.
    pub(crate) fn this(irqs: &HardIrqsOff<'_>) -> Option<&'static Self> {
        Self::of(irqs.cpu())
    }

    /// Its number.
    pub(crate) const fn number(&self) -> u32 {
        self.number
    }

    /// Whether threads may go out-of-band here.
    pub(crate) fn is_open(&self) -> bool {
        self.open.load(Relaxed)
    }

    /// Lets threads go out-of-band here, or not.
    pub(crate) fn set_open(&self, open: bool) {
        self.open.store(open, Relaxed);
    }

    /// Has the CPU come to the oob stage, and pick again.
    pub(crate) fn interrupt(&self) {
        // SAFETY: There is such a CPU. There is a thread, hence the core runs, and the interrupt is
        // requested.
        unsafe { bindings::evl_send_resched(self.number) };
    }

    /// Does what a change of the run queue asks for: this CPU picks again before it leaves the oob
    /// stage, or comes back to it for that.
    ///
    /// Called without a lock that [`schedule`] needs.
    pub(crate) fn settle(&self, outcome: Outcome, irqs: &HardIrqsOff<'_>) {
        if !outcome.resched || self.resched.swap(true, Relaxed) {
            return;
        }
        if self.number != irqs.cpu() || !running_oob() {
            self.interrupt();
        }
    }

    /// Decides what runs next, as of a date in ns.
    fn pick(&self, date: u64, irqs: &HardIrqsOff<'_>) -> Switch {
        let (switch, slice) = {
            let mut queue = self.queue.lock(irqs);
            // Whoever sets it from now on has changed the queue after this look at it.
            self.resched.store(false, Relaxed);
            let switch = queue.pick(&System, date);
            (switch, queue.deadline(&System))
        };
        self.occupy(switch.next.is_some(), date, irqs);
        self.set_slice(slice, irqs);
        switch
    }

    fn context(&self, thread: Option<&ThreadRecord>) -> *mut bindings::dovetail_altsched_context {
        thread.map_or_else(|| self.root.get(), ThreadRecord::context)
    }

    /// Runs what is to run, as [`schedule`] does, as of a date in ns. On this CPU.
    fn schedule(&self, date: u64, irqs: &HardIrqsOff<'_>) -> Resumed {
        let me = thread::current();
        if let Some(me) = me {
            gates::commit_ceiling(me, irqs);
        }
        trace::schedule(me);
        let Switch { prev, next } = self.pick(date, irqs);
        if prev == next {
            return Resumed::Oob;
        }
        trace::pick_next(next);
        trace::switch_context(prev, next);
        let (from, to) = (prev.and_then(thread::of), next.and_then(thread::of));
        from.inspect(|thread| thread.paused(date));
        to.inspect(|thread| thread.resumed(date));
        // SAFETY: Both contexts stay: a thread is a record of a table, and cannot detach before it
        // is in-band. `from` is the context that runs, `to` one that does not: each is in the run
        // queue of one CPU, which picks it here only.
        let inband = unsafe {
            bindings::evl_switch_context(self.context(from), self.context(to), from.is_none())
        };
        if inband {
            Resumed::Inband
        } else {
            trace::switch_tail(prev);
            Resumed::Oob
        }
    }

    /// Whether it has to pick again.
    pub(crate) fn is_due(&self) -> bool {
        self.resched.load(Relaxed)
    }
}

/// Where a thread finds itself after others have run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Resumed {
    /// On the oob stage, with interrupts of the CPU off.
    Oob,
    /// In-band, with interrupts on.
    Inband,
}

/// Runs what is to run. On the oob stage, with interrupts of the CPU off and no lock held.
///
/// The CPU may be another one afterwards, if it returns in-band.
pub(crate) fn schedule(irqs: &HardIrqsOff<'_>) -> Resumed {
    Cpu::this(irqs).map_or(Resumed::Oob, |cpu| {
        cpu.schedule(now(ClockId::Monotonic), irqs)
    })
}

/// Runs what is to run, if anything changed. On the oob stage, interrupts on.
pub(crate) fn reschedule() {
    // A thread that is out-of-band stays on its CPU.
    if Cpu::of(this_cpu()).is_some_and(Cpu::is_due) {
        with_hard_irqs_off(|irqs| schedule(&irqs));
    }
}

/// Blocks the current thread until it is released. It has blocked itself in the run queue.
pub(crate) fn wait(irqs: &HardIrqs) {
    schedule(&irqs.token());
}

/// The end of an oob interrupt. Interrupts off.
#[no_mangle]
extern "C" fn evl_irq_exit() {
    let Some(cpu) = Cpu::of(this_cpu()) else {
        return;
    };
    let leave = |irqs: HardIrqsOff<'_>| {
        let date = cpu.date_of_irq();
        if cpu.is_due() {
            let date = date.unwrap_or_else(|| now(ClockId::Monotonic));
            cpu.schedule(date, &irqs);
        } else {
            cpu.pass_tick(&irqs);
        }
    };
    // SAFETY: Called at the end of the handler of an interrupt, which has interrupts off.
    unsafe { in_handler(leave) };
}

/// All CPUs.
pub(crate) fn all() -> &'static [Cpu] {
    CPUS.get()
}

const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_irq_exit), Some(evl_irq_exit)];
