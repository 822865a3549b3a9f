// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The latency driver, `/dev/latmus`: how long after its date a timer is responded to.
//!
//! Each file that is open is a measurement of its own. It is set up, then run, by `ioctl()`. Dates
//! are whole multiples of the period on CLOCK_MONOTONIC, so that a user thread knows its own.

use kernel::{bindings, c_str, error::to_result, prelude::*, str::CString, transmute::AsBytes};

use crate::{
    class::{Class, Command, Ops, Request, Where},
    clock::{now, ClockId},
    control::{address_of, halves},
    cpu::Cpu,
    element::{Element, Handle, Hold, Ref},
    errno::errno,
    ffi,
    kthread::Kthread,
    lock::HardSpinLock,
    logic::{
        latency::{cell_of, Bulk, Gauge, Tune, Tuner},
        priority::{Policy, Priority},
        status::{Block, Release},
        table::ThreadId,
        timer::{Gravity, Shot, Target},
    },
    once::Once,
    stage::{with_hard_irqs_off, Call, HardIrqs, HardIrqsOff},
    system::{timer_of, timer_of_run},
    thread,
    timers::{gravity, set_gravity, stop_timer},
    trace,
    waits::pause,
    xbuf,
};

/// How many files can be open.
const NR_RUNS: usize = bindings::EVL_NR_RUNS as usize;

/// The shortest period, in ns.
const MIN_PERIOD: u64 = 10_000;

/// The longest one: there is a bulk of samples every second.
const MAX_PERIOD: u64 = 1_000_000_000;

/// The largest histogram, in cells of a microsecond.
const MAX_CELLS: u32 = 10_000;

/// The buffer that no file refers to: nobody wants to know of full bulks.
const NO_BUFFER: u32 = u32::MAX;

/// Who responds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    /// The handler of the timer's interrupt.
    Irq,
    /// A kernel thread.
    Kernel,
    /// A thread of an application, in `EVL_LATIOC_PULSE`.
    User,
    /// The handler of an in-band interrupt, which the handler of the timer sends.
    Inband,
}

impl Kind {
    fn from_number(number: u32) -> Result<Self> {
        match number {
            bindings::EVL_LAT_IRQ => Ok(Self::Irq),
            bindings::EVL_LAT_KERN => Ok(Self::Kernel),
            bindings::EVL_LAT_USER => Ok(Self::User),
            bindings::EVL_LAT_SIRQ => Ok(Self::Inband),
            _ => Err(EINVAL),
        }
    }

    /// What the timer's gravity is that of.
    const fn target(self) -> Target {
        match self {
            Self::Irq | Self::Inband => Target::Irq,
            Self::Kernel => Target::Kernel,
            Self::User => Target::User,
        }
    }
}

/// What a run is good for.
enum Job {
    /// Figures, a full bulk of which is sent to a cross buffer.
    Measure(Option<Ref>),
    /// A gravity.
    Tune(Tuner),
}

/// How far a measurement is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Phase {
    /// It has to be set up.
    Idle,
    /// It can be run.
    Ready,
    /// It runs.
    Running,
    /// It has a result for who runs it.
    Done,
}

/// What is to be run.
#[derive(Clone, Copy)]
struct Plan {
    kind: Kind,
    period: u64,
    cpu: u32,
    priority: Priority,
}

struct Run {
    phase: Phase,
    plan: Plan,
    job: Job,
    gauge: Gauge,
    /// The longest response so far, in ns.
    longest: i32,
    histogram: KVVec<i32>,
    /// A thread that waits for the next date.
    responder: Option<ThreadId>,
}

impl Run {
    const fn new() -> Self {
        Self {
            phase: Phase::Idle,
            plan: Plan {
                kind: Kind::Irq,
                period: MAX_PERIOD,
                cpu: 0,
                priority: Priority::LOWEST,
            },
            job: Job::Measure(None),
            gauge: Gauge::new(MAX_PERIOD),
            longest: i32::MIN,
            histogram: KVVec::new(),
            responder: None,
        }
    }

    /// Somebody responded, at a date in ns. Whether the run is done.
    fn respond(&mut self, at: u64, irqs: &HardIrqsOff<'_>) -> bool {
        if self.phase != Phase::Running {
            return false;
        }
        let Some(time) = self.gauge.response(at) else {
            return false;
        };
        if time > self.longest {
            self.longest = time;
            trace::latspot(time.into());
        }
        match &mut self.job {
            Job::Measure(_) => {
                let cell = cell_of(time, self.histogram.len());
                if let Some(count) = cell.and_then(|cell| self.histogram.get_mut(cell)) {
                    *count = count.saturating_add(1);
                }
                self.send_full_bulk(irqs);
                false
            }
            Job::Tune(tuner) => {
                let step = tuner.add(time);
                self.tune(step, irqs)
            }
        }
    }

    fn send_full_bulk(&mut self, irqs: &HardIrqsOff<'_>) {
        let Job::Measure(Some(buffer)) = &self.job else {
            return;
        };
        if let Some(bulk) = self.gauge.full_bulk() {
            xbuf::send(buffer.handle(), AsBytes::as_bytes(&words_of(bulk)), irqs);
        }
    }

    fn tune(&mut self, step: Tune, irqs: &HardIrqsOff<'_>) -> bool {
        match step {
            Tune::More => false,
            Tune::Try(value) => {
                tuned(self.plan.kind, value, irqs);
                // One timer runs with the gravity before.
                self.gauge.skip(2);
                false
            }
            Tune::Done(value) => {
                tuned(self.plan.kind, value, irqs);
                self.phase = Phase::Done;
                true
            }
        }
    }

    fn wake_responder(&mut self, cause: Release, irqs: &HardIrqsOff<'_>) {
        if let Some(id) = self.responder.take() {
            thread::release(id, cause, irqs);
        }
    }
}

/// Sets the gravity of a kind of target: for all clocks, since it is the CPU's way from the timer to
/// the target.
fn tuned(kind: Kind, value: u32, irqs: &HardIrqsOff<'_>) {
    for clock in ClockId::ALL {
        let mut all = gravity(clock, irqs);
        match kind.target() {
            Target::Irq => all.irq = value,
            Target::Kernel => all.kernel = value,
            Target::User => all.user = value,
        }
        set_gravity(clock, all, irqs);
    }
}

fn gravity_of(kind: Kind, irqs: &HardIrqsOff<'_>) -> u32 {
    let Gravity { irq, kernel, user } = gravity(ClockId::Monotonic, irqs);
    match kind.target() {
        Target::Irq => irq,
        Target::Kernel => kernel,
        Target::User => user,
    }
}

/// The record of a measurement.
pub(crate) struct RunRecord {
    element: Element,
    index: u32,
    run: HardSpinLock<Run>,
}

static RUNS: Once<RunRecord> = Once::new();

/// Makes the table. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    RUNS.fill(NR_RUNS, |index| RunRecord {
        element: Element::new(),
        index,
        run: HardSpinLock::new(Run::new()),
    })
}

fn of(index: u32) -> Option<&'static RunRecord> {
    RUNS.get().get(index as usize)
}

fn of_minor(minor: u32) -> Option<&'static RunRecord> {
    of(minor.checked_sub(1)?)
}

/// What counts the references to a measurement.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of_minor(minor)?.element)
}

/// The device is being opened: a measurement for the file. In-band.
///
/// # Errors
///
/// [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too many.
pub(crate) fn open() -> Result<Hold> {
    let class = bindings::evl_class_id_EVL_CLASS_LATMUS;
    Hold::claim(class, RUNS.get(), |record| &record.element)
}

/// Nobody refers to a measurement any more. In-band, may sleep.
pub(crate) fn reap(minor: u32) {
    if let Some(record) = of_minor(minor) {
        drop(record.replace(Run::new()));
    }
}

impl RunRecord {
    fn handle(&self) -> Handle {
        let minor = self.index.saturating_add(1);
        Handle::new(bindings::evl_class_id_EVL_CLASS_LATMUS, minor)
    }

    /// What it was before, to be dropped with interrupts on.
    fn replace(&self, run: Run) -> Run {
        with_hard_irqs_off(|irqs| core::mem::replace(&mut *self.run.lock(&irqs), run))
    }

    /// Blocks the current thread until there is a date to respond to, if it is the responder. Out-of-band.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if a responder of that kind is not wanted, [`EBUSY`] if there is one, [`EINTR`].
    fn wait_for_date(&self, me: ThreadId, kind: Kind) -> Result {
        let guard = HardIrqs::off();
        let irqs = guard.token();
        {
            let mut run = self.run.lock(&irqs);
            let wanted = matches!(run.phase, Phase::Ready | Phase::Running);
            if !wanted || run.plan.kind != kind {
                return Err(EINVAL);
            }
            if run.responder.is_some() {
                return Err(EBUSY);
            }
            // It came since the last response, when nobody was there to be woken up.
            if run.gauge.is_pending() {
                return Ok(());
            }
            thread::block(me, Block::Sleep, &irqs).map_err(errno)?;
            run.responder = Some(me);
        }
        let woken = pause(&guard, me, None);
        {
            let mut run = self.run.lock(&irqs);
            if run.responder == Some(me) {
                run.responder = None;
            }
        }
        woken.map_err(errno)
    }

    /// Somebody responds, at a date in ns.
    fn respond(&self, at: u64, irqs: &HardIrqsOff<'_>) {
        let mut run = self.run.lock(irqs);
        if run.respond(at, irqs) {
            ffi::evl_notify_inband(self.handle().raw());
        }
    }
}

/// A timer expired. Oob stage, interrupts off, no lock held.
pub(crate) fn fire(index: u32, shot: Shot, irqs: &HardIrqsOff<'_>) {
    let Some(record) = of(index) else { return };
    let kind = {
        let mut run = record.run.lock(irqs);
        if run.phase != Phase::Running || !run.gauge.date(shot.date, shot.overruns) {
            return;
        }
        run.wake_responder(Release::Timeout, irqs);
        run.plan.kind
    };
    match kind {
        Kind::Irq => record.respond(now(ClockId::Monotonic), irqs),
        Kind::Inband => ffi::evl_latmus_raise(index),
        Kind::Kernel | Kind::User => {}
    }
}

/// What a kernel thread does.
fn respond_in_kernel(me: ThreadId, index: u32) {
    let Some(record) = of(index) else { return };
    while record.wait_for_date(me, Kind::Kernel).is_ok() {
        let at = now(ClockId::Monotonic);
        with_hard_irqs_off(|irqs| record.respond(at, &irqs));
    }
}

const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_latmus_sirq), Some(evl_latmus_sirq)];

/// The in-band interrupt has come. In-band.
#[no_mangle]
extern "C" fn evl_latmus_sirq(index: u32) {
    let at = now(ClockId::Monotonic);
    if let Some(record) = of(index) {
        with_hard_irqs_off(|irqs| record.respond(at, &irqs));
    }
}

/// What `poll()` tells: whether there is nothing to wait for.
fn poll(handle: Handle) -> u32 {
    let running = of_minor(handle.minor()).is_some_and(|record| {
        with_hard_irqs_off(|irqs| record.run.lock(&irqs).phase == Phase::Running)
    });
    if running {
        0
    } else {
        bindings::EPOLLIN
    }
}

/// The measurement of a file.
fn target(request: &Request) -> Result<&'static RunRecord> {
    of_minor(request.element.minor()).ok_or(EBADF)
}

/// `struct latmus_setup` in words: type, padding, period, priority, CPU, and a union.
type Setup = [u32; 8];

fn plan_of([kind, _, low, high, priority, cpu, ..]: Setup) -> Result<Plan> {
    static_assert!(size_of::<bindings::latmus_setup>() == size_of::<Setup>());

    let kind = Kind::from_number(kind)?;
    let period = u64::from(low) | (u64::from(high) << 32);
    if !(MIN_PERIOD..=MAX_PERIOD).contains(&period) {
        return Err(EINVAL);
    }
    if !ffi::evl_is_oob_cpu(cpu) || !ffi::evl_is_online(cpu) {
        return Err(EINVAL);
    }
    let priority = match kind {
        Kind::Kernel | Kind::User => Policy::Fifo.priority(priority as i32).map_err(errno)?,
        // Nobody has one.
        Kind::Irq | Kind::Inband => Priority::LOWEST,
    };
    Ok(Plan {
        kind,
        period,
        cpu,
        priority,
    })
}

fn prepare(record: &RunRecord, plan: Plan, job: Job, histogram: KVVec<i32>) -> Result {
    let wanted = Run {
        phase: Phase::Ready,
        plan,
        job,
        gauge: Gauge::new(plan.period),
        longest: i32::MIN,
        histogram,
        responder: None,
    };
    let old = with_hard_irqs_off(|irqs| {
        let mut run = record.run.lock(&irqs);
        match run.phase {
            Phase::Running | Phase::Done => Err(EBUSY),
            Phase::Idle | Phase::Ready => {
                run.wake_responder(Release::Break, &irqs);
                Ok(core::mem::replace(&mut *run, wanted))
            }
        }
    });
    old.map(drop)
}

/// `EVL_LATIOC_TUNE`: the next run finds a gravity, and sets it.
///
/// # Errors
///
/// [`EINVAL`], [`EBUSY`] if the file has a run under way.
fn setup_tuning(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let plan = plan_of(call.read(request.arg)?)?;
    if plan.kind == Kind::Inband {
        return Err(EINVAL);
    }
    prepare(record, plan, Job::Tune(Tuner::new()), KVVec::new())
}

/// `EVL_LATIOC_MEASURE`: the next run measures.
///
/// # Errors
///
/// Those of [`setup_tuning`]; [`EINVAL`] for too large a histogram, or a file that is no cross buffer,
/// [`EBADF`] if it is no file of the core, [`ENOMEM`].
fn setup_measurement(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let setup: Setup = call.read(request.arg)?;
    let plan = plan_of(setup)?;
    let [.., fd, cells] = setup;
    if cells > MAX_CELLS {
        return Err(EINVAL);
    }
    let histogram = KVVec::from_elem(0, cells as usize, GFP_KERNEL)?;
    prepare(record, plan, Job::Measure(buffer_of(fd)?), histogram)
}

fn buffer_of(fd: u32) -> Result<Option<Ref>> {
    if fd == NO_BUFFER {
        return Ok(None);
    }
    let (buffer, _) = Ref::from_fd(fd)?;
    if buffer.handle().class() != bindings::evl_class_id_EVL_CLASS_XBUF {
        return Err(EINVAL);
    }
    Ok(Some(buffer))
}

/// Begins a run which somebody set up, who has so much room for the result. The gravity before.
fn begin(record: &RunRecord, room: usize) -> Result<(Plan, u32)> {
    with_hard_irqs_off(|irqs| {
        let mut run = record.run.lock(&irqs);
        match run.phase {
            Phase::Idle => return Err(EINVAL),
            Phase::Running | Phase::Done => return Err(EBUSY),
            Phase::Ready => {}
        }
        let needed = match run.job {
            Job::Measure(_) => size_of::<bindings::latmus_measurement_result>(),
            Job::Tune(_) => size_of::<u32>(),
        };
        if room < needed {
            return Err(EINVAL);
        }
        run.phase = Phase::Running;
        let before = gravity_of(run.plan.kind, &irqs);
        if matches!(run.job, Job::Tune(_)) {
            tuned(run.plan.kind, 0, &irqs);
        }
        Ok((run.plan, before))
    })
}

/// Has the timer fire until there is a result, or a signal. In-band, sleeps.
fn conduct(record: &RunRecord, plan: Plan) -> Result {
    let responder = match plan.kind {
        Kind::Kernel => {
            let name = CString::try_from_fmt(fmt!("latmus.{}", record.index))?;
            Some(Kthread::run(
                &name,
                plan.cpu,
                plan.priority,
                respond_in_kernel,
                record.index,
            )?)
        }
        _ => None,
    };
    let timer = timer_of_run(record.index).ok_or(EINVAL)?;
    let started = with_hard_irqs_off(|irqs| {
        timer_of(timer)
            .ok_or(EINVAL)?
            .set_target(plan.kind.target());
        let elapsed = now(ClockId::Monotonic).checked_div(plan.period);
        let date = elapsed.unwrap_or(0).saturating_add(2);
        let date = date.saturating_mul(plan.period);
        let cpu = Cpu::of(plan.cpu).ok_or(EINVAL)?;
        cpu.start_timer(timer, ClockId::Monotonic, date, plan.period, &irqs)
            .map_err(errno)
    });
    let ended = started.and_then(|()| {
        let ended = ffi::evl_wait_inband(record.handle().raw(), bindings::EPOLLIN);
        to_result(ended).map_err(|_| EINTR)
    });
    with_hard_irqs_off(|irqs| {
        stop_timer(timer, &irqs);
        let mut run = record.run.lock(&irqs);
        // Whoever comes now is refused.
        run.phase = Phase::Done;
        run.wake_responder(Release::Break, &irqs);
    });
    drop(responder);
    ffi::evl_latmus_sync(record.index);
    ended
}

/// `EVL_LATIOC_RUN`: tuning ends by itself, a measurement by a signal.
///
/// # Errors
///
/// [`EINVAL`] if nothing was set up, or there is no room for the result; [`EBUSY`] if the file has a
/// run under way; [`EINTR`] if a signal ended a tuning; those of [`Kthread::run`]; [`EFAULT`].
fn run(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::latmus_result>() == size_of::<[u64; 2]>());

    let record = target(request)?;
    let [address, len] = call.read::<[u64; 2]>(request.arg)?;
    let [len, _] = halves(len);
    let address = address_of(address)?;
    let (plan, before) = begin(record, len as usize)?;
    let ended = conduct(record, plan);
    let mut run = record.replace(Run::new());
    match run.job {
        Job::Measure(_) if ended.is_ok() || ended == Err(EINTR) => {
            report(call, address, run.gauge.rest(), &run.histogram)
        }
        Job::Measure(_) => ended,
        Job::Tune(_) => {
            let found = with_hard_irqs_off(|irqs| {
                if ended.is_err() {
                    tuned(plan.kind, before, &irqs);
                }
                gravity_of(plan.kind, &irqs)
            });
            ended?;
            call.write(address, &found)
        }
    }
}

/// Writes what a measurement found to where `struct latmus_measurement_result` says.
fn report(call: &mut Call, address: usize, last: Bulk, histogram: &[i32]) -> Result {
    static_assert!(size_of::<bindings::latmus_measurement_result>() == size_of::<[u64; 3]>());

    let [to, cells, room] = call.read::<[u64; 3]>(address)?;
    let [room, _] = halves(room);
    if to != 0 {
        call.write(address_of(to)?, &words_of(last))?;
    }
    if cells == 0 {
        return Ok(());
    }
    let mut to = address_of(cells)?;
    for count in histogram.iter().take(room as usize / size_of::<i32>()) {
        call.write(to, count)?;
        to = to.wrapping_add(size_of::<i32>());
    }
    Ok(())
}

/// `struct latmus_measurement`.
fn words_of(bulk: Bulk) -> [u32; 6] {
    static_assert!(size_of::<bindings::latmus_measurement>() == size_of::<[u32; 6]>());

    let [low, high] = halves(bulk.sum as u64);
    [
        low,
        high,
        bulk.min as u32,
        bulk.max as u32,
        bulk.overruns,
        bulk.samples,
    ]
}

/// `EVL_LATIOC_PULSE`: tells when the caller woke up, in ns of CLOCK_MONOTONIC or 0 for never, and
/// waits for the next date.
///
/// # Errors
///
/// Those of [`RunRecord::wait_for_date`].
fn pulse(call: &mut Call, request: &Request) -> Result {
    let record = target(request)?;
    let me = request.me.ok_or(EPERM)?;
    let at = call.read::<u64>(request.arg)?;
    let _oob = call.oob()?;
    with_hard_irqs_off(|irqs| match at {
        0 => record.run.lock(&irqs).gauge.forget(),
        at => record.respond(at, &irqs),
    });
    record.wait_for_date(me, Kind::User)
}

/// `EVL_LATIOC_RESET`: no gravity, as after boot.
fn reset(_: &mut Call, _: &Request) -> Result {
    with_hard_irqs_off(|irqs| {
        for clock in ClockId::ALL {
            set_gravity(clock, Gravity::default(), &irqs);
        }
    });
    Ok(())
}

const COMMANDS: &[Command] = &[
    (bindings::EVL_LATIOC_TUNE, Where::Inband, setup_tuning),
    (
        bindings::EVL_LATIOC_MEASURE,
        Where::Inband,
        setup_measurement,
    ),
    (bindings::EVL_LATIOC_RUN, Where::Inband, run),
    (bindings::EVL_LATIOC_PULSE, Where::Oob, pulse),
    (bindings::EVL_LATIOC_RESET, Where::Inband, reset),
];

/// What measurements do.
pub(crate) static OPS: Ops = Ops {
    commands: COMMANDS,
    read: None,
    write: None,
    poll: Some(poll),
};

/// Registers the device.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_LATMUS, 1)?;
    class.add_device(0, c_str!("latmus"))?;
    Ok(class)
}
