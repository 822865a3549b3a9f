// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The CPUs: what runs on them, and what switches between threads.

use core::sync::atomic::{AtomicBool, Ordering::Relaxed};
use kernel::{bindings, cpu::nr_cpu_ids, prelude::*};

use crate::{
    clock::{now, ClockId},
    gates,
    lock::HardSpinLock,
    logic::{
        runqueue::{Outcome, RunQueue, Switch},
        table::ThreadId,
    },
    once::Once,
    stage::{running_oob, this_cpu, with_hard_irqs_off, HardIrqs, HardIrqsOff},
    system::{Foreign, System},
    thread,
    timers::Timers,
    trace,
};

/// A CPU.
pub(crate) struct Cpu {
    number: u32,
    /// What is ready here, and the status of the threads which are the CPU's.
    pub(crate) queue: HardSpinLock<RunQueue>,
    /// What is to happen here later. The innermost lock.
    pub(crate) timers: HardSpinLock<Timers>,
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
    CPUS.fill(nr_cpu_ids() as usize, |number| Cpu {
        number,
        queue: HardSpinLock::new(RunQueue::new(number, 0)),
        timers: HardSpinLock::new(Timers::new(number)),
        resched: AtomicBool::new(false),
        open: AtomicBool::new(true),
        root: Foreign::zeroed(),
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

    /// Decides what runs next, and accounts for it.
    fn pick(&self, irqs: &HardIrqsOff<'_>) -> Option<Switch> {
        let date = now(ClockId::Monotonic);
        let (switch, slice) = {
            let mut queue = self.queue.lock(irqs);
            // Whoever sets it from now on has changed the queue after this look at it.
            self.resched.store(false, Relaxed);
            let switch = queue.pick(&System, date);
            (switch, queue.deadline(&System))
        };
        {
            let mut timers = self.timers.lock(irqs);
            timers.set_slice(slice, self, irqs);
            match (switch.prev, switch.next) {
                (None, Some(_)) => timers.watch(date, self, irqs),
                (Some(_), None) => timers.unwatch(),
                _ => {}
            }
        }
        if switch.prev == switch.next {
            return None;
        }
        trace::pick_next(switch.next, irqs);
        switch.prev.and_then(thread::of).inspect(|t| t.paused(date));
        switch
            .next
            .and_then(thread::of)
            .inspect(|t| t.resumed(date));
        Some(switch)
    }

    fn context(&self, id: Option<ThreadId>) -> *mut bindings::dovetail_altsched_context {
        match id.and_then(thread::of) {
            Some(thread) => thread.context(),
            None => self.root.get(),
        }
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
    let Some(cpu) = Cpu::this(irqs) else {
        return Resumed::Oob;
    };
    if let Some(me) = thread::current() {
        gates::commit_ceiling(me, irqs);
    }
    trace::schedule(thread::current(), irqs);
    let Some(Switch { prev, next }) = cpu.pick(irqs) else {
        return Resumed::Oob;
    };
    trace::switch_context(prev, next, irqs);
    // SAFETY: Both contexts stay: a thread is a record of a table, and cannot detach before it is
    // in-band. `prev` is the context that runs, `next` one that does not: each is in the run queue
    // of one CPU, which picks it here only.
    let inband = unsafe {
        bindings::evl_switch_context(cpu.context(prev), cpu.context(next), prev.is_none())
    };
    if inband {
        Resumed::Inband
    } else {
        trace::switch_tail(prev, irqs);
        Resumed::Oob
    }
}

/// Runs what is to run, if anything changed. On the oob stage.
pub(crate) fn reschedule(irqs: &HardIrqsOff<'_>) {
    let due = Cpu::this(irqs).is_some_and(|cpu| cpu.resched.load(Relaxed));
    if due {
        schedule(irqs);
    }
}

/// Blocks the current thread until it is released. It has blocked itself in the run queue.
pub(crate) fn wait(irqs: &HardIrqs) {
    schedule(&irqs.token());
}

/// The end of an oob interrupt.
#[no_mangle]
extern "C" fn evl_irq_exit() {
    if Cpu::of(this_cpu()).is_some_and(|cpu| cpu.resched.load(Relaxed)) {
        with_hard_irqs_off(|irqs| reschedule(&irqs));
    }
}

/// All CPUs.
pub(crate) fn all() -> &'static [Cpu] {
    CPUS.get()
}

const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_irq_exit), Some(evl_irq_exit)];
