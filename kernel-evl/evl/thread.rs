// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Threads: Linux tasks that the core schedules while they are out-of-band.
//!
//! A thread belongs to the run queue of the CPU on which it last left Linux, whose lock protects its
//! status. It changes CPU on its way out-of-band only, while Linux is done with it and the core has
//! not begun.

use core::sync::atomic::{
    AtomicBool, AtomicU32, AtomicU64, AtomicUsize,
    Ordering::{Acquire, Relaxed, Release as Store},
};
use kernel::{bindings, error::to_result, prelude::*};

use crate::{
    clock::{now, ClockId},
    cpu::{schedule, wait, Cpu, Resumed},
    element::{Element, Handle, Hold},
    errno::{errno, estale},
    ffi, gates, heap,
    kthread::Body,
    lock::HardSpinLock,
    logic::{
        error::Error as Refusal,
        priority::{Policy, Priority},
        runqueue::{Params, RunQueue},
        status::{state, Block, Release},
        table::{Id, ThreadId},
        thread::Thread,
    },
    once::Once,
    stage::{this_cpu, with_hard_irqs_off, HardIrqs, HardIrqsOff, Oob},
    system::{Foreign, System},
    trace, waits,
};

/// How many threads there can be. Theirs are the first windows.
pub(crate) const NR_THREADS: usize = bindings::CONFIG_EVL_NR_THREADS as usize;

/// What it did.
#[derive(Default)]
pub(crate) struct Stats {
    /// Switches to in-band.
    pub(crate) inband: AtomicU32,
    /// Switches to this thread.
    pub(crate) switches: AtomicU32,
    /// System calls of the core.
    pub(crate) calls: AtomicU32,
    /// Wake-ups from another CPU.
    pub(crate) remote: AtomicU32,
    /// Time on the oob stage, in ns.
    pub(crate) time: AtomicU64,
    /// When it was switched to, in ns.
    since: AtomicU64,
    /// What its load is reckoned from: a date, and the time on the oob stage until then, in ns.
    sample: [AtomicU64; 2],
    /// What was reckoned last.
    percent: AtomicU32,
}

/// The shortest time over which a load is reckoned, in ns.
const LOAD_PERIOD: u64 = 1_000_000_000;

impl Stats {
    fn reset(&self) {
        for count in [&self.inband, &self.switches, &self.calls, &self.remote] {
            count.store(0, Relaxed);
        }
        self.time.store(0, Relaxed);
        let [date, time] = &self.sample;
        date.store(now(ClockId::Monotonic), Relaxed);
        time.store(0, Relaxed);
        self.percent.store(0, Relaxed);
    }

    /// The load in percent, given the time on the oob stage up to a date: since the last call that
    /// was a second or longer ago.
    fn percent(&self, date: u64, time: u64) -> u32 {
        let [last_date, last_time] = &self.sample;
        let span = date.saturating_sub(last_date.load(Relaxed));
        if span < LOAD_PERIOD {
            return self.percent.load(Relaxed);
        }
        last_date.store(date, Relaxed);
        let busy = time.saturating_sub(last_time.swap(time, Relaxed));
        let percent = (busy.saturating_mul(100) / span).min(100) as u32;
        self.percent.store(percent, Relaxed);
        percent
    }
}

/// The word of a thread's window that the application writes to.
const PENDING_GATE: usize = 2;

/// The record of a thread.
pub(crate) struct ThreadRecord {
    /// What the algorithms know.
    pub(crate) logic: Thread,
    /// What it did.
    pub(crate) stats: Stats,
    index: u32,
    element: Element,
    task: Foreign<bindings::evl_task>,
    cpu: AtomicU32,
    mode: AtomicU32,
    /// It kept Linux from its CPU, and has not been told yet.
    expelled: AtomicBool,
    pid: AtomicU32,
    /// The address space that it attached in, as a number; 0 for a kernel thread.
    process: AtomicUsize,
    /// What a kernel thread does.
    body: HardSpinLock<Option<(Body, u32)>>,
    /// How many gates it owns, as far as the kernel gave them to it in SCHED_WEAK.
    gates: AtomicU32,
    /// What to report when it returns to user mode, `EVL_HMDIAG_*`.
    alert: AtomicU32,
}

static THREADS: Once<ThreadRecord> = Once::new();

/// The priority of a thread that was just attached, or demoted: 0 of SCHED_WEAK.
pub(crate) const WEAKEST: Priority = Priority::LOWEST;

/// Makes the table of threads. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    THREADS.fill(NR_THREADS, |index| ThreadRecord {
        logic: Thread::new(Policy::Weak, WEAKEST),
        stats: Stats::default(),
        index,
        element: Element::new(),
        task: Foreign::zeroed(),
        cpu: AtomicU32::new(0),
        mode: AtomicU32::new(0),
        expelled: AtomicBool::new(false),
        pid: AtomicU32::new(0),
        process: AtomicUsize::new(0),
        body: HardSpinLock::new(None),
        gates: AtomicU32::new(0),
        alert: AtomicU32::new(0),
    })
}

/// All records; the minor number of the first is 1.
pub(crate) fn all() -> &'static [ThreadRecord] {
    THREADS.get()
}

/// Those that are attached, as far as that does not change meanwhile.
pub(crate) fn attached() -> impl Iterator<Item = (ThreadId, &'static ThreadRecord)> {
    let named = |thread: &'static ThreadRecord| Some((ThreadId::new(thread.index)?, thread));
    all()
        .iter()
        .filter_map(named)
        .filter(|(id, _)| !is_gone(*id))
}

/// The record of a thread.
pub(crate) fn of(id: ThreadId) -> Option<&'static ThreadRecord> {
    all().get(id.index() as usize)
}

/// The thread with a minor number of its class, where 0 is the device that makes threads.
pub(crate) fn of_minor(minor: u32) -> Option<ThreadId> {
    ThreadId::new(minor.checked_sub(1)?)
}

/// What counts the references to a thread.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of(of_minor(minor)?)?.element)
}

/// The thread with a handle that an application wrote down: `None` if it is none, gone, or the
/// kernel's, which is not for applications to boost.
pub(crate) fn of_handle(handle: u32) -> Option<ThreadId> {
    let handle = Handle::from_raw(handle);
    if handle.class() != bindings::evl_class_id_EVL_CLASS_THREAD {
        return None;
    }
    let id = of_minor(handle.minor()).filter(|id| !is_gone(*id))?;
    (of(id)?.process.load(Relaxed) != 0).then_some(id)
}

/// The element that a thread is.
pub(crate) fn handle(id: ThreadId) -> Handle {
    let minor = id.index().saturating_add(1);
    Handle::new(bindings::evl_class_id_EVL_CLASS_THREAD, minor)
}

/// The current task, if it is attached. On any stage.
pub(crate) fn current() -> Option<ThreadId> {
    of_minor(ffi::evl_current_thread())
}

impl ThreadRecord {
    /// What counts its references.
    pub(crate) const fn element(&self) -> &Element {
        &self.element
    }

    /// What Dovetail switches to.
    pub(crate) fn context(&self) -> *mut bindings::dovetail_altsched_context {
        // SAFETY: The address of a member of the record, which is there.
        unsafe { &raw mut (*self.task.get()).ctx }
    }

    /// The number of its CPU.
    pub(crate) fn cpu(&self) -> u32 {
        self.cpu.load(Relaxed)
    }

    /// The number of its task.
    pub(crate) fn pid(&self) -> u32 {
        self.pid.load(Relaxed)
    }

    /// Whether it attached in the address space of another thread.
    pub(crate) fn shares_process(&self, other: ThreadId) -> bool {
        let [mine, its] = [Some(self), of(other)]
            .map(|thread| thread.map_or(0, |thread| thread.process.load(Relaxed)));
        mine != 0 && mine == its
    }

    /// The state as applications see it.
    pub(crate) fn state(&self) -> u32 {
        let user = match self.process.load(Relaxed) {
            0 => 0,
            _ => bindings::EVL_T_USER,
        };
        self.logic.status().state | self.mode.load(Relaxed) | user
    }

    /// Where its window is in the shared memory.
    pub(crate) fn state_offset(&self) -> u32 {
        heap::offset(self.index as usize)
    }

    /// The gate whose ceiling may not be in force yet, as a handle that the application wrote.
    pub(crate) fn pending_gate(&self) -> u32 {
        heap::word(self.index as usize, PENDING_GATE).map_or(0, |word| word.load(Relaxed))
    }

    /// The ceiling is in force.
    pub(crate) fn clear_pending_gate(&self) {
        heap::publish(self.index as usize, PENDING_GATE, 0);
    }

    /// Whether it is to stay out-of-band for its gates.
    pub(crate) fn has_gates(&self) -> bool {
        self.gates.load(Relaxed) != 0
    }

    /// Accounts for a system call.
    pub(crate) fn count_call(&self) {
        self.stats.calls.fetch_add(1, Relaxed);
    }

    /// What is to be reported to the thread, which is the current one, or `EVL_CAUSE_NONE`: told
    /// once.
    pub(crate) fn take_alert(&self) -> u32 {
        match self.alert.load(Relaxed) {
            bindings::EVL_CAUSE_NONE => bindings::EVL_CAUSE_NONE,
            cause => {
                self.alert.store(bindings::EVL_CAUSE_NONE, Relaxed);
                cause
            }
        }
    }

    /// Tells the application. Under the lock of its run queue.
    fn publish(&self) {
        if let Some([state, info, ..]) = heap::window(self.index as usize) {
            state.store(self.state(), Relaxed);
            info.store(self.logic.status().info, Relaxed);
        }
    }

    /// Makes the record that of a new thread, which the current task is going to be.
    fn reset(&self, process: usize) {
        self.logic.attach(Policy::Weak, WEAKEST);
        self.stats.reset();
        self.mode.store(0, Relaxed);
        self.expelled.store(false, Relaxed);
        self.process.store(process, Relaxed);
        self.gates.store(0, Relaxed);
        self.alert.store(bindings::EVL_CAUSE_NONE, Relaxed);
        self.clear_pending_gate();
        self.publish();
    }

    /// Calls `f` with the run queue of the thread, which stays its own meanwhile.
    fn with_queue<R>(
        &self,
        irqs: &HardIrqsOff<'_>,
        f: impl FnOnce(&mut RunQueue) -> R,
    ) -> Option<(&'static Cpu, R)> {
        loop {
            let cpu = Cpu::of(self.cpu.load(Acquire))?;
            let mut queue = cpu.queue.lock(irqs);
            // It may have moved before the lock was ours. Linux moves tasks rarely.
            if self.cpu.load(Relaxed) == cpu.number() {
                return Some((cpu, f(&mut queue)));
            }
        }
    }

    /// It stops running, at a date in ns.
    pub(crate) fn paused(&self, date: u64) {
        let elapsed = date.saturating_sub(self.stats.since.load(Relaxed));
        self.stats.time.fetch_add(elapsed, Relaxed);
    }

    /// The time on the oob stage until now, in ns, and the load in percent.
    pub(crate) fn load(&self) -> (u64, u32) {
        with_hard_irqs_off(|irqs| {
            let done = self.with_queue(&irqs, |queue| {
                let date = now(ClockId::Monotonic);
                let mut time = self.stats.time.load(Relaxed);
                if queue.current() == ThreadId::new(self.index) {
                    let running = date.saturating_sub(self.stats.since.load(Relaxed));
                    time = time.saturating_add(running);
                }
                (time, self.stats.percent(date, time))
            });
            done.map_or((0, 0), |(_, load)| load)
        })
    }

    /// It begins to run, at a date in ns.
    pub(crate) fn resumed(&self, date: u64) {
        self.stats.since.store(date, Relaxed);
        self.stats.switches.fetch_add(1, Relaxed);
    }

    /// Changes the modes: those before.
    pub(crate) fn set_mode(&self, change: impl Fn(u32) -> u32) -> u32 {
        with_hard_irqs_off(|irqs| {
            let done = self.with_queue(&irqs, |_| {
                let before = self.mode.load(Relaxed);
                self.mode.store(change(before), Relaxed);
                self.publish();
                before
            });
            done.map_or(0, |(_, before)| before)
        })
    }
}

/// Ends a reason of a thread not to run, if there is one.
///
/// A wait is ended by who takes the thread out of its queue first.
pub(crate) fn release(id: ThreadId, cause: Release, irqs: &HardIrqsOff<'_>) {
    release_unless(0, id, cause, irqs);
}

/// The same, unless any of some bits of its state is set; whether none was.
pub(crate) fn release_unless(
    bits: u32,
    id: ThreadId,
    cause: Release,
    irqs: &HardIrqsOff<'_>,
) -> bool {
    let Some(thread) = of(id) else { return true };
    let mut has_none = true;
    let done = thread.with_queue(irqs, |queue| {
        has_none = thread.logic.status().state & bits == 0;
        if !has_none {
            return None;
        }
        let outcome = queue.release(&System, id, cause);
        thread.publish();
        outcome
    });
    if let Some((cpu, Some(outcome))) = done {
        if cpu.number() != irqs.cpu() {
            thread.stats.remote.fetch_add(1, Relaxed);
        }
        trace::wakeup(id, cpu.number(), cause);
        cpu.settle(outcome, irqs);
    }
    has_none
}

/// Gives the current thread a reason not to run; it then has to [`wait`].
pub(crate) fn block(me: ThreadId, why: Block, irqs: &HardIrqsOff<'_>) -> Result<(), Refusal> {
    let thread = of(me).ok_or(Refusal::Gone)?;
    let done = thread.with_queue(irqs, |queue| {
        let done = queue.block(&System, me, why);
        thread.publish();
        done
    });
    // What runs next is decided by `wait`.
    done.map_or(Err(Refusal::Gone), |(_, done)| done.map(drop))
}

/// Gives another thread a reason not to run, if its status allows it.
pub(crate) fn impose(id: ThreadId, why: Block, irqs: &HardIrqsOff<'_>) {
    let Some(thread) = of(id) else { return };
    let done = thread.with_queue(irqs, |queue| {
        let outcome = queue.block(&System, id, why);
        thread.publish();
        outcome
    });
    if let Some((cpu, Ok(outcome))) = done {
        cpu.settle(outcome, irqs);
    }
}

/// Sleeps until a date of a clock, in ns.
///
/// # Errors
///
/// [`EINTR`] if it was unblocked, or a signal is pending.
pub(crate) fn sleep(_: &Oob<'_>, me: ThreadId, clock: ClockId, date: u64) -> Result {
    let guard = HardIrqs::off();
    block(me, Block::Sleep, &guard.token()).map_err(errno)?;
    waits::pause(&guard, me, Some((clock, date))).map_err(errno)
}

/// Lets the equals of the current thread run before it.
pub(crate) fn yield_now(_: &Oob<'_>) {
    let guard = HardIrqs::off();
    let irqs = guard.token();
    if let Some(cpu) = Cpu::this(&irqs) {
        // `wait` looks at the queue anyway.
        let _ = cpu.queue.lock(&irqs).yield_current(&System);
        wait(&guard);
    }
}

/// Sends a thread in-band, if it is out-of-band: now, or when it is about to return to user mode.
pub(crate) fn kick(id: ThreadId) {
    let Some(thread) = of(id) else { return };
    with_hard_irqs_off(|irqs| {
        let done = thread.with_queue(&irqs, |queue| {
            let outcome = queue.release(&System, id, Release::Kick)?;
            thread.publish();
            // SAFETY: A thread which is neither in-band nor exiting has its task, and stays so
            // under the lock.
            unsafe { bindings::dovetail_send_mayday((*thread.context()).task) };
            Some(outcome)
        });
        let Some((cpu, Some(outcome))) = done else {
            return;
        };
        cpu.settle(outcome, &irqs);
        if thread.logic.status().state & state::PEND != 0 {
            waits::end(id, Release::Break, &irqs);
        }
        // It may be running: the interrupt makes it return to user mode.
        cpu.interrupt();
    });
}

/// Changes policy and priority of a thread. On any stage.
///
/// # Errors
///
/// [`EINVAL`].
pub(crate) fn set_params(id: ThreadId, params: Params, priority: Priority) -> Result {
    let thread = of(id).ok_or_else(estale)?;
    with_hard_irqs_off(|irqs| {
        gates::with_pi(&irqs, |chain| {
            let done = thread.with_queue(&irqs, |queue| {
                let done = queue.set_params(&System, id, params);
                if params.policy() != Policy::Weak {
                    thread.gates.store(0, Relaxed);
                }
                thread.publish();
                done
            });
            let (cpu, outcome) = done.ok_or_else(estale)?;
            cpu.settle(outcome.map_err(errno)?, &irqs);
            chain.set_base(id, priority);
            Ok(())
        })
    })
}

/// Has a thread served by another priority. Under the PI lock.
pub(crate) fn set_level(id: ThreadId, level: Priority, boosted: bool, irqs: &HardIrqsOff<'_>) {
    let Some(thread) = of(id) else { return };
    let done = thread.with_queue(irqs, |queue| {
        let outcome = queue.set_level(&System, id, level, boosted);
        thread.publish();
        outcome
    });
    if let Some((cpu, outcome)) = done {
        cpu.settle(outcome, irqs);
    }
}

/// A thread got or left a gate by the kernel. Only those in SCHED_WEAK always do so.
pub(crate) fn count_gate(id: ThreadId, got: bool) {
    let Some(thread) = of(id).filter(|thread| thread.logic.policy() == Policy::Weak) else {
        return;
    };
    let change = |gates: u32| {
        Some(if got {
            gates.saturating_add(1)
        } else {
            gates.saturating_sub(1)
        })
    };
    // It always changes something.
    let _ = thread.gates.fetch_update(Relaxed, Relaxed, change);
}

/// Notes that the current thread uses locks in a way to be reported, if it wants to know.
pub(crate) fn alert(me: ThreadId, cause: u32) {
    let Some(thread) = of(me) else { return };
    if thread.mode.load(Relaxed) & bindings::EVL_T_WOLI != 0 {
        thread.alert.store(cause, Relaxed);
    }
}

/// Whether to report that a thread goes in-band for which others wait.
fn keeps_others(me: ThreadId, thread: &ThreadRecord, irqs: &HardIrqsOff<'_>) -> bool {
    thread.mode.load(Relaxed) & bindings::EVL_T_WOLI != 0 && gates::is_waited_for(me, irqs)
}

/// Sends a thread in-band which keeps Linux from a CPU. From an interrupt on that CPU.
pub(crate) fn expel(id: ThreadId, cpu: &Cpu) {
    let Some(thread) = of(id) else { return };
    pr_warn!(
        "task {} keeps Linux from CPU{}, going in-band\n",
        thread.pid(),
        cpu.number()
    );
    thread.expelled.store(true, Relaxed);
    kick(id);
}

/// Reports to the current thread, which is in-band, if it wants to know. The watchdog is not asked.
pub(crate) fn report(me: ThreadId, cause: u32) {
    let Some(thread) = of(me) else { return };
    let wanted = match cause {
        bindings::EVL_CAUSE_NONE => return,
        bindings::EVL_HMDIAG_LKDEPEND
        | bindings::EVL_HMDIAG_LKIMBALANCE
        | bindings::EVL_HMDIAG_LKSLEEP => bindings::EVL_T_WOLI | bindings::EVL_T_HMSIG,
        bindings::EVL_HMDIAG_WATCHDOG => 0,
        _ => bindings::EVL_T_WOSS | bindings::EVL_T_HMSIG,
    };
    if thread.mode.load(Relaxed) & wanted == wanted {
        ffi::evl_notify_debug(cause);
    }
}

/// Sends the current thread in-band. It is out-of-band, in the kernel.
///
/// `cause` is what to report, `EVL_HMDIAG_*`, or `EVL_CAUSE_NONE`.
pub(crate) fn go_inband(me: ThreadId, cause: u32) {
    let Some(thread) = of(me) else { return };
    let guard = HardIrqs::off();
    let cause = {
        let irqs = guard.token();
        let told = cause == bindings::EVL_HMDIAG_WATCHDOG;
        let cause = if !told && keeps_others(me, thread, &irqs) {
            bindings::EVL_HMDIAG_LKDEPEND
        } else {
            cause
        };
        if block(me, Block::Inband, &irqs).is_err() {
            return;
        }
        thread.stats.inband.fetch_add(1, Relaxed);
        trace::switch_inband(me, cause);
        // SAFETY: On the oob stage, interrupts off; it was blocked, so that it is switched from now.
        unsafe { bindings::evl_leave_oob(thread.task.get()) };
        if schedule(&irqs) == Resumed::Oob {
            return;
        }
        cause
    };
    guard.forget();
    report(me, cause);
}

/// Takes the current thread, which is in-band, out-of-band.
///
/// # Errors
///
/// [`ERESTARTSYS`] if a signal is pending, [`EINVAL`] if its CPU is not for out-of-band work, or
/// about to go offline. It is in-band then.
pub(crate) fn go_oob(me: ThreadId) -> Result {
    to_result(ffi::evl_leave_inband())?;

    // What arrived on the way kicked nobody.
    if ffi::evl_signal_pending() {
        go_inband(me, bindings::EVL_CAUSE_NONE);
        return Err(ERESTARTSYS);
    }
    // A thread that is out-of-band does not move.
    let cpu = this_cpu();
    if !ffi::evl_is_oob_cpu(cpu) || !Cpu::of(cpu).is_some_and(Cpu::is_open) {
        go_inband(me, bindings::EVL_CAUSE_NONE);
        return Err(EINVAL);
    }
    Ok(())
}

/// Claims the record of a thread for the current task.
///
/// # Errors
///
/// [`EBUSY`] if the task is attached, [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too
/// many threads.
pub(crate) fn claim() -> Result<Hold> {
    if current().is_some() {
        return Err(EBUSY);
    }
    claim_record(process()).map(|(claimed, _)| claimed)
}

/// Claims the record of a thread for a kernel thread, which is going to do something.
///
/// # Errors
///
/// [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too many threads.
pub(crate) fn claim_for_kernel(body: Body, arg: u32) -> Result<Hold> {
    let (claimed, thread) = claim_record(0)?;
    with_hard_irqs_off(|irqs| *thread.body.lock(&irqs) = Some((body, arg)));
    Ok(claimed)
}

fn claim_record(process: usize) -> Result<(Hold, &'static ThreadRecord)> {
    let class = bindings::evl_class_id_EVL_CLASS_THREAD;
    let claimed = Hold::claim(class, all(), ThreadRecord::element)?;
    let minor = claimed.handle().minor();
    let thread = of_minor(minor).and_then(of).ok_or(ENXIO)?;
    thread.reset(process);
    Ok((claimed, thread))
}

/// What a kernel thread does.
pub(crate) fn body(id: ThreadId) -> Option<(Body, u32)> {
    let thread = of(id)?;
    with_hard_irqs_off(|irqs| *thread.body.lock(&irqs))
}

/// The address space of the current task, as a number.
fn process() -> usize {
    ffi::evl_current_mm()
}

/// Attaches the current task. In-band, may sleep.
///
/// # Errors
///
/// [`EINVAL`] if it may not run on a CPU for out-of-band work.
pub(crate) fn attach(claimed: Hold) -> Result {
    let minor = claimed.handle().minor();
    let thread = of_minor(minor).and_then(of).ok_or(ENXIO)?;
    let cpu = ffi::evl_pin_current();
    to_result(cpu)?;
    thread.cpu.store(cpu.unsigned_abs(), Store);
    // SAFETY: In-band, in the context of a task which is not attached; the record is its own, and
    // stays until it detaches.
    let pid = unsafe { bindings::evl_attach_task(thread.task.get(), minor) };
    thread.pid.store(pid.unsigned_abs(), Relaxed);
    claimed.keep();
    Ok(())
}

/// Detaches the current task, which is in-band. May sleep.
pub(crate) fn detach(me: ThreadId) {
    let Some(thread) = of(me) else { return };
    gates::abandon(me);
    // SAFETY: In-band, in the context of the task that was attached with it.
    unsafe { bindings::evl_detach_task(thread.task.get()) };
    with_hard_irqs_off(|irqs| {
        thread.with_queue(&irqs, |queue| {
            // Nothing to settle: it was in-band. It is refused to none but who exits already.
            let _ = queue.block(&System, me, Block::Exit);
            thread.publish();
        });
    });
    ffi::evl_signal_exit();
    drop(Hold::adopt(handle(me)));
}

/// Whether a thread has detached.
pub(crate) fn is_gone(id: ThreadId) -> bool {
    let gone = state::ZOMBIE | state::DORMANT;
    of(id).is_none_or(|thread| thread.logic.status().state & gone != 0)
}

/// Detaches a thread that got into another address space.
///
/// # Errors
///
/// [`EPERM`] if so.
pub(crate) fn check_process(me: ThreadId) -> Result {
    let thread = of(me).ok_or(EPERM)?;
    if thread.process.load(Relaxed) != process() {
        detach(me);
        return Err(EPERM);
    }
    Ok(())
}

// What C calls.

const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_take_in), Some(evl_take_in)];
const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_kick), Some(evl_kick)];
const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_task_exits), Some(evl_task_exits)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_mayday), Some(evl_mayday)];
const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_go_inband), Some(evl_go_inband)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_go_oob), Some(evl_go_oob)];
const _: [bindings::evl_test_fn; 2] =
    [Some(bindings::evl_thread_is_gone), Some(evl_thread_is_gone)];

/// Linux has let go of a thread on this CPU. Oob stage, interrupts off.
#[no_mangle]
extern "C" fn evl_take_in(minor: u32) {
    let Some(id) = of_minor(minor) else { return };
    let Some(thread) = of(id) else { return };
    with_hard_irqs_off(|irqs| {
        // It is in no queue, but others may be looking at its status.
        thread.with_queue(&irqs, |_| thread.cpu.store(irqs.cpu(), Store));
        trace::switch_oob(id);
        release(id, Release::Oob, &irqs);
    });
}

/// A thread got a signal, or is to move to another CPU. In-band.
#[no_mangle]
extern "C" fn evl_kick(minor: u32) {
    if let Some(id) = of_minor(minor) {
        kick(id);
    }
}

/// The current task exits. In-band.
#[no_mangle]
extern "C" fn evl_task_exits(minor: u32) {
    if let Some(id) = of_minor(minor) {
        detach(id);
    }
}

/// An address space goes, while the current task runs in another: if it is the one that the task
/// attached in, it was left by `execve()`. In-band.
#[no_mangle]
extern "C" fn evl_mm_dropped(minor: u32, mm: c_ulong) {
    let Some(id) = of_minor(minor) else { return };
    let attached = of(id).map(|thread| thread.process.load(Relaxed));
    if attached == Some(mm) && process() != mm {
        detach(id);
    }
}

/// The current thread has to go in-band. Oob stage.
#[no_mangle]
extern "C" fn evl_go_inband(cause: u32) {
    if let Some(me) = current() {
        go_inband(me, cause);
    }
}

/// The current thread was kicked. Oob stage.
#[no_mangle]
extern "C" fn evl_mayday() {
    let Some(me) = current() else { return };
    let expelled = of(me).is_some_and(|thread| thread.expelled.swap(false, Relaxed));
    let cause = if expelled {
        bindings::EVL_HMDIAG_WATCHDOG
    } else {
        bindings::EVL_HMDIAG_SIGDEMOTE
    };
    go_inband(me, cause);
}

/// The current thread was sent in-band for a fault in the kernel, and may come back.
#[no_mangle]
extern "C" fn evl_go_oob() {
    if let Some(me) = current() {
        // It stays in-band if that fails, which whoever faulted finds out.
        let _ = go_oob(me);
    }
}

/// Whether a thread has detached, for whoever waits for that.
#[no_mangle]
extern "C" fn evl_thread_is_gone(minor: u32) -> bool {
    of_minor(minor).is_none_or(is_gone)
}
