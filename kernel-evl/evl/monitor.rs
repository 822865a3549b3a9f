// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Monitors: `/dev/evl/monitor/*`.
//!
//! One class for gates ([`gates`]), gated events ([`events`]), semaphores and groups of flags
//! ([`counters`]).

use core::sync::atomic::{
    AtomicU32,
    Ordering::{Acquire, Relaxed, Release as Store},
};
use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Class, Command, Ops, Request, Where},
    clock::ClockId,
    control::{address_of, halves},
    counters::{self, Counter},
    element::{Element, Handle, Hold, Ref},
    errno::errno,
    events,
    factory::{Wanted, CLONE},
    gates, heap,
    logic::{
        event::EventLink,
        flags::Need,
        gate::Gate,
        priority::{Policy, Priority},
        semaphore::Semaphore,
        table::{EventId, GateId, ThreadId},
        timespec::Timespec,
    },
    once::Once,
    stage::{Call, HardIrqsOff},
    thread::NR_THREADS,
    trace,
    waits::Limit,
};

/// How many there can be.
pub(crate) const NR_MONITORS: usize = bindings::CONFIG_EVL_NR_MONITORS as usize;

// The words of a window.

/// Marks of events and gates, `EVL_MONITOR_*`.
pub(crate) const FLAGS: usize = 0;
/// Gates: the owner word.
pub(crate) const OWNER: usize = 1;
/// Semaphores, flags: their value.
pub(crate) const VALUE: usize = 1;
/// Gates: the ceiling, if it has one.
const CEILING: usize = 2;
/// Gates: [`RECURSIVE`], and how often the owner has locked it, from [`ONE_LOCK`] on.
pub(crate) const NESTING: usize = 3;
/// Events: where the window of the gate is.
pub(crate) const GATE_OFFSET: usize = 3;

/// The gate may be locked again by its owner.
pub(crate) const RECURSIVE: u32 = 1;
/// The gate is locked once.
pub(crate) const ONE_LOCK: u32 = 2;

/// What a monitor is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// A mutex with priority inheritance.
    Inherit,
    /// A mutex with a ceiling.
    Ceiling,
    /// A condition variable.
    Gated,
    /// A semaphore.
    Count,
    /// A group of flags.
    Mask,
}

const GATE: u32 = bindings::EVL_MONITOR_GATE;
const EVENT: u32 = bindings::EVL_MONITOR_EVENT;

impl Kind {
    const ALL: [Self; 5] = [
        Self::Inherit,
        Self::Ceiling,
        Self::Gated,
        Self::Count,
        Self::Mask,
    ];

    /// Type and protocol, in the bits of `struct evl_monitor_attrs` and `evl_monitor_binding`.
    const fn bits(self) -> u32 {
        match self {
            Self::Inherit => GATE | (bindings::EVL_GATE_PI << 2),
            Self::Ceiling => GATE | (bindings::EVL_GATE_PP << 2),
            Self::Gated => EVENT | (bindings::EVL_EVENT_GATED << 2),
            Self::Count => EVENT | (bindings::EVL_EVENT_COUNT << 2),
            Self::Mask => EVENT | (bindings::EVL_EVENT_MASK << 2),
        }
    }

    fn of(bits: u32) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|kind| kind.bits() == bits & 0x3f)
    }

    const fn is_gate(self) -> bool {
        matches!(self, Self::Inherit | Self::Ceiling)
    }
}

/// The record of a monitor.
pub(crate) struct MonitorRecord {
    /// Of a gate, what the algorithms know.
    pub(crate) gate: Gate,
    /// Of a gated event, its place among those of its gate.
    pub(crate) link: EventLink,
    /// Of a semaphore or a group of flags, its waiters.
    pub(crate) counter: Counter,
    index: u32,
    element: Element,
    kind: AtomicU32,
    clock: AtomicU32,
}

static MONITORS: Once<MonitorRecord> = Once::new();

/// Makes the table. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    events::init(NR_MONITORS)?;
    MONITORS.fill(NR_MONITORS, |index| MonitorRecord {
        gate: Gate::new(),
        link: EventLink::new(),
        counter: Counter::new(index),
        index,
        element: Element::new(),
        kind: AtomicU32::new(0),
        clock: AtomicU32::new(0),
    })
}

/// All records; the minor number of the first is 1.
pub(crate) fn all() -> &'static [MonitorRecord] {
    MONITORS.get()
}

/// The record with an index.
pub(crate) fn of(index: u32) -> Option<&'static MonitorRecord> {
    all().get(index as usize)
}

fn of_minor(minor: u32) -> Option<&'static MonitorRecord> {
    of(minor.checked_sub(1)?)
}

/// What counts the references to a monitor.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of_minor(minor)?.element)
}

/// The record with an index, if it is a gate.
pub(crate) fn gate(index: u32) -> Option<GateId> {
    let is_gate = of(index)?.kind()?.is_gate();
    GateId::new(index).filter(|_| is_gate)
}

fn of_handle(handle: Handle) -> Option<&'static MonitorRecord> {
    if handle.class() != bindings::evl_class_id_EVL_CLASS_MONITOR {
        return None;
    }
    of_minor(handle.minor())
}

/// The gate that a handle stands for.
pub(crate) fn gate_of(handle: Handle) -> Option<GateId> {
    gate(of_handle(handle)?.index)
}

/// The gated event that a handle stands for.
pub(crate) fn event_of(handle: Handle) -> Option<EventId> {
    let record = of_handle(handle)?;
    EventId::new(record.index).filter(|_| record.kind() == Some(Kind::Gated))
}

impl MonitorRecord {
    /// What it is. `None` before it was anything.
    pub(crate) fn kind(&self) -> Option<Kind> {
        Kind::of(self.kind.load(Acquire))
    }

    fn window(&self) -> usize {
        NR_THREADS.saturating_add(self.index as usize)
    }

    /// A word of its window.
    pub(crate) fn word(&self, word: usize) -> Option<&'static AtomicU32> {
        heap::word(self.window(), word)
    }

    /// Where its window is.
    pub(crate) fn state_offset(&self) -> u32 {
        heap::offset(self.window())
    }

    /// The element that it is.
    pub(crate) fn handle(&self) -> Handle {
        let minor = self.index.saturating_add(1);
        Handle::new(bindings::evl_class_id_EVL_CLASS_MONITOR, minor)
    }

    /// Whether nobody can wait for it any more.
    pub(crate) fn is_deleted(&self) -> bool {
        self.element.is_deleted()
    }

    /// The ceiling of a gate which has one: applications may change it, within its range.
    pub(crate) fn ceiling(&self) -> Option<Priority> {
        if self.kind() != Some(Kind::Ceiling) {
            return None;
        }
        let ceiling = self.word(CEILING)?.load(Relaxed).clamp(1, 99);
        Policy::Fifo.priority(ceiling as i32).ok()
    }

    /// Makes the record that of a new monitor.
    fn reset(&self, kind: Kind, clock: ClockId, initial: u32) {
        let [value, ceiling] = match kind {
            Kind::Ceiling => [0, initial],
            Kind::Count | Kind::Mask => [initial, 0],
            Kind::Inherit | Kind::Gated => [0, 0],
        };
        let last = match kind {
            Kind::Inherit | Kind::Ceiling => 0,
            _ => bindings::EVL_MONITOR_NOGATE,
        };
        for (word, value) in (0..).zip([0, value, ceiling, last]) {
            heap::publish(self.window(), word, value);
        }
        self.clock.store(clock as u32, Relaxed);
        self.kind.store(kind.bits(), Store);
    }

    /// The time limit at an address: an absolute date of the monitor's clock, 0 for none.
    fn limit(&self, call: &mut Call, address: usize) -> Result<Limit> {
        let clock = ClockId::of(self.clock.load(Relaxed))?;
        match Timespec::date_from_array(call.read(address)?).ok_or(EINVAL)? {
            0 => Ok(None),
            date => Ok(Some((clock, date))),
        }
    }
}

/// A monitor was deleted. In-band.
pub(crate) fn delete(minor: u32) {
    let Some(record) = of_minor(minor) else {
        return;
    };
    trace::flush_wait(record.handle());
    match record.kind() {
        Some(Kind::Inherit | Kind::Ceiling) => {
            if let Some(gate) = GateId::new(record.index) {
                gates::delete(gate);
                events::delete_gate(gate);
            }
        }
        Some(Kind::Gated) => {
            EventId::new(record.index)
                .into_iter()
                .for_each(events::delete);
        }
        Some(Kind::Count | Kind::Mask) => counters::delete(record),
        None => {}
    }
}

/// Takes a thread out of the queue of a semaphore or a group of flags; whether it was there.
pub(crate) fn cancel(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    of(index).is_some_and(|record| counters::cancel(record, id, irqs))
}

/// The priority of a waiter changed.
pub(crate) fn requeue(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) {
    if let Some(record) = of(index) {
        counters::requeue(record, id, irqs);
    }
}

/// The clock that an application names: by a number of its own, or by a file.
///
/// # Errors
///
/// [`EBADF`] if there is no such file, [`EINVAL`] if it is none of a clock.
fn clock_at(fd: u32) -> Result<ClockId> {
    // EVL_CLOCK_MONOTONIC is -1, EVL_CLOCK_REALTIME is -0.
    match fd as i32 {
        -1 => Ok(ClockId::Monotonic),
        0 => Ok(ClockId::Realtime),
        _ => {
            let (clock, _) = Ref::from_fd(fd)?;
            if clock.handle().class() != bindings::evl_class_id_EVL_CLASS_CLOCK {
                return Err(EINVAL);
            }
            ClockId::of(clock.handle().minor())
        }
    }
}

/// `EVL_IOC_CLONE`.
fn create(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_monitor_attrs>() == size_of::<[u32; 3]>());

    let wanted = Wanted::read(call, request, 0)?;
    let [clock, bits, initial] = wanted.attrs::<[u32; 3]>(call)?;
    let kind = Kind::of(bits).ok_or(EINVAL)?;
    match kind {
        Kind::Ceiling if !(1..=99).contains(&initial) => return Err(EINVAL),
        Kind::Count => drop(Semaphore::check_initial(initial).map_err(errno)?),
        _ => {}
    }
    let clock = clock_at(clock)?;

    let class = bindings::evl_class_id_EVL_CLASS_MONITOR;
    let claimed = Hold::claim(class, all(), |record: &MonitorRecord| &record.element)?;
    let record = of_minor(claimed.handle().minor()).ok_or(ENXIO)?;
    record.reset(kind, clock, initial);
    match wanted.make(call, &claimed, record.state_offset(), c_str!("monitor"))? {
        Some(file) => file.install(),
        None => claimed.leave_to_process(),
    }
    Ok(())
}

/// The monitor that a request is for.
///
/// # Errors
///
/// [`ENOTTY`] for the device that makes monitors.
fn target(request: &Request) -> Result<(&'static MonitorRecord, Kind)> {
    let record = of_minor(request.element.minor()).ok_or(ENOTTY)?;
    Ok((record, record.kind().ok_or(ENOTTY)?))
}

/// The gate that a request is for.
///
/// # Errors
///
/// [`EINVAL`] if it is another monitor.
fn target_gate(request: &Request) -> Result<(&'static MonitorRecord, GateId)> {
    let (record, _) = target(request)?;
    Ok((record, gate(record.index).ok_or(EINVAL)?))
}

/// `EVL_MONIOC_BIND`: what it is, for those who opened it.
fn bind(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_monitor_binding>() == size_of::<[u32; 4]>());

    let (record, kind) = target(request)?;
    let handle = record.handle();
    call.write(
        request.arg,
        &[
            kind.bits(),
            handle.minor(),
            handle.raw(),
            record.state_offset(),
        ],
    )
}

/// `EVL_MONIOC_ENTER`.
fn enter(call: &mut Call, request: &Request) -> Result {
    let (record, id) = target_gate(request)?;
    let limit = record.limit(call, request.arg)?;
    gates::enter(&call.oob()?, id, request.me.ok_or(EPERM)?, limit)
}

/// `EVL_MONIOC_TRYENTER`.
fn try_enter(call: &mut Call, request: &Request) -> Result {
    let (_, id) = target_gate(request)?;
    gates::try_enter(&call.oob()?, id, request.me.ok_or(EPERM)?)
}

/// `EVL_MONIOC_EXIT`.
fn exit(call: &mut Call, request: &Request) -> Result {
    let (_, id) = target_gate(request)?;
    gates::exit(&call.oob()?, id, request.me.ok_or(EPERM)?)
}

/// The gate that a descriptor of the caller refers to, as long as the reference is there.
///
/// # Errors
///
/// [`EBADF`], [`EINVAL`] if it is no gate.
fn gate_at(fd: u32) -> Result<(Ref, GateId)> {
    let (file, _) = Ref::from_fd(fd)?;
    let id = gate_of(file.handle()).ok_or(EINVAL)?;
    Ok((file, id))
}

/// Where in `struct evl_monitor_waitreq` the answer is: status, value.
const WAIT_ANSWER: usize = core::mem::offset_of!(bindings::evl_monitor_waitreq, status);

fn wait_for(call: &mut Call, request: &Request, need: Need) -> Result {
    static_assert!(size_of::<bindings::evl_monitor_waitreq>() == size_of::<[u64; 3]>());
    static_assert!(
        core::mem::offset_of!(bindings::evl_monitor_waitreq, value)
            == WAIT_ANSWER + size_of::<u32>()
    );

    let (record, kind) = target(request)?;
    let me = request.me.ok_or(EPERM)?;
    let [timeout, gate, value] = call.read::<[u64; 3]>(request.arg)?;
    let [gate, _] = halves(gate);
    let [mut value, _] = halves(value);
    let limit = record.limit(call, address_of(timeout)?)?;
    let mut status = None;
    let result = match (kind, need) {
        (Kind::Count, Need::Any) => counters::get(&call.oob()?, record, me, limit),
        (Kind::Mask, _) => {
            let received = counters::wait(&call.oob()?, record, me, value, need, limit);
            received.map(|flags| value = flags)
        }
        (Kind::Gated, Need::Any) => {
            let id = EventId::new(record.index).ok_or(EINVAL)?;
            let (_gate, gate) = gate_at(gate)?;
            let waited = events::wait(&call.oob()?, id, gate, me, limit);
            status = Some(waited.status);
            waited.result
        }
        _ => return Err(EINVAL),
    };
    let status = status.unwrap_or(result).err().map_or(0, Error::to_errno);
    call.write(
        request.arg.wrapping_add(WAIT_ANSWER),
        &[status as u32, value],
    )?;
    result
}

/// `EVL_MONIOC_WAIT`.
fn wait(call: &mut Call, request: &Request) -> Result {
    wait_for(call, request, Need::Any)
}

/// `EVL_MONIOC_WAIT_EXACT`.
fn wait_exact(call: &mut Call, request: &Request) -> Result {
    wait_for(call, request, Need::All)
}

/// `EVL_MONIOC_UNWAIT`: takes the gate again after a wait that failed.
fn unwait(call: &mut Call, request: &Request) -> Result {
    let (_, kind) = target(request)?;
    if kind != Kind::Gated {
        return Err(EINVAL);
    }
    let (_gate, gate) = gate_at(call.read(request.arg)?)?;
    let me = request.me.ok_or(EPERM)?;
    match gates::enter(&call.oob()?, gate, me, None) {
        // The wait had failed before the gate was left.
        Err(error)
            if error == errno(crate::logic::error::Error::Deadlock)
                && gates::is_owner(gate, me) =>
        {
            Ok(())
        }
        done => done,
    }
}

fn try_wait_for(call: &mut Call, request: &Request, need: Need) -> Result {
    let (record, kind) = target(request)?;
    match (kind, need) {
        (Kind::Count, Need::Any) => counters::try_get(record),
        (Kind::Mask, _) => {
            let wanted = call.read(request.arg)?;
            let received = counters::try_wait(record, wanted, need)?;
            call.write(request.arg, &received)
        }
        _ => Err(EINVAL),
    }
}

/// `EVL_MONIOC_TRYWAIT`.
fn try_wait(call: &mut Call, request: &Request) -> Result {
    try_wait_for(call, request, Need::Any)
}

/// `EVL_MONIOC_TRYWAIT_EXACT`.
fn try_wait_exact(call: &mut Call, request: &Request) -> Result {
    try_wait_for(call, request, Need::All)
}

/// `EVL_MONIOC_SIGNAL`: returns a unit, or posts flags.
fn signal(call: &mut Call, request: &Request) -> Result {
    match target(request)? {
        (record, Kind::Count) => counters::put(record),
        (record, Kind::Mask) => {
            counters::post(record, call.read(request.arg)?);
            Ok(())
        }
        _ => Err(EINVAL),
    }
}

/// `EVL_MONIOC_BROADCAST`: wakes all who wait for units, without any, or shows flags to all.
fn broadcast(call: &mut Call, request: &Request) -> Result {
    match target(request)? {
        (record, Kind::Count) => {
            counters::flush(record);
            Ok(())
        }
        (record, Kind::Mask) => {
            counters::broadcast(record, call.read(request.arg)?);
            Ok(())
        }
        _ => Err(EINVAL),
    }
}

/// Flags, when they are read or written.
const VALUE_SIZE: usize = size_of::<u32>();

/// The group of flags that is to be read or written so many bytes of.
///
/// # Errors
///
/// [`EINVAL`] if it is another monitor, or less than 4 bytes.
fn flags_file(request: &Request, size: usize) -> Result<&'static MonitorRecord> {
    match target(request) {
        Ok((record, Kind::Mask)) if size >= VALUE_SIZE => Ok(record),
        _ => Err(EINVAL),
    }
}

/// `oob_read()`, `read()`: receives the flags that are set, of which there is one at least.
fn read(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    let record = flags_file(request, size)?;
    let all = u32::MAX;
    let flags = if request.flags & bindings::O_NONBLOCK != 0 {
        counters::try_wait(record, all, Need::Any)?
    } else {
        let me = request.me.ok_or(EPERM)?;
        counters::wait(&call.oob()?, record, me, all, Need::Any, None)?
    };
    call.write(request.arg, &flags)?;
    Ok(VALUE_SIZE)
}

/// `oob_write()`, `write()`: posts flags.
fn write(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    let record = flags_file(request, size)?;
    counters::post(record, call.read(request.arg)?);
    Ok(VALUE_SIZE)
}

/// Readable if any flag is set, writable if none is. A semaphore: readable if there are units.
fn poll(handle: Handle) -> u32 {
    let Some(record) = of_handle(handle) else {
        return bindings::EPOLLERR;
    };
    match record.kind() {
        Some(Kind::Mask) if counters::value(record) == 0 => bindings::EPOLLOUT,
        Some(Kind::Mask) => bindings::EPOLLIN,
        _ => bindings::EPOLLERR,
    }
}

const COMMANDS: &[Command] = &[
    (bindings::EVL_IOC_CLONE, Where::Inband, create),
    (bindings::EVL_MONIOC_ENTER, Where::Oob, enter),
    (bindings::EVL_MONIOC_TRYENTER, Where::Oob, try_enter),
    (bindings::EVL_MONIOC_EXIT, Where::Oob, exit),
    (bindings::EVL_MONIOC_WAIT, Where::Oob, wait),
    (bindings::EVL_MONIOC_WAIT_EXACT, Where::Oob, wait_exact),
    (bindings::EVL_MONIOC_UNWAIT, Where::Oob, unwait),
    (bindings::EVL_MONIOC_BIND, Where::Both, bind),
    (bindings::EVL_MONIOC_SIGNAL, Where::Both, signal),
    (bindings::EVL_MONIOC_BROADCAST, Where::Both, broadcast),
    (bindings::EVL_MONIOC_TRYWAIT, Where::Both, try_wait),
    (
        bindings::EVL_MONIOC_TRYWAIT_EXACT,
        Where::Both,
        try_wait_exact,
    ),
];

/// What monitors do.
pub(crate) static OPS: Ops = Ops {
    commands: COMMANDS,
    read: Some(read),
    write: Some(write),
    poll: Some(poll),
};

/// Registers the class of monitors, and the device that makes them.
pub(crate) fn register() -> Result<Class> {
    let nr_minors = (all().len() as u32).saturating_add(1);
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_MONITOR, nr_minors)?;
    class.add_device(CLONE, c_str!("clone"))?;
    Ok(class)
}
