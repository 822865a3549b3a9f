// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Timers of applications: files that are read for the periods which have elapsed.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Ops, Request, Where},
    clock::ClockId,
    control::address_of,
    cpu::Cpu,
    element::{reap_all, Element, Hold, NewFile},
    errno::errno,
    ffi,
    lock::HardSpinLock,
    logic::{
        status::{Block, Release},
        table::{ThreadId, TimerId},
        timer::Shot,
        timespec::Timespec,
        waitqueue::{Order, WaitQueue},
    },
    once::Once,
    stage::{with_hard_irqs_off, Call, HardIrqs, HardIrqsOff},
    system::{timer_of, timer_of_file, System},
    thread,
    timers::stop_timer,
    waits::{self, pause, Kind},
};

/// How many there can be.
const NR_TIMERS: usize = bindings::CONFIG_EVL_NR_TIMERS as usize;

/// What readers get.
struct Periods {
    elapsed: u64,
    readers: WaitQueue,
}

/// The record of a timer.
pub(crate) struct TimerRecord {
    element: Element,
    clock: AtomicU32,
    periods: HardSpinLock<Periods>,
}

impl TimerRecord {
    /// What counts its references.
    pub(crate) const fn element(&self) -> &Element {
        &self.element
    }

    fn clock(&self) -> Result<ClockId> {
        ClockId::of(self.clock.load(Relaxed))
    }
}

static TIMERS: Once<TimerRecord> = Once::new();

/// Makes the table. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    TIMERS.fill(NR_TIMERS, |index| TimerRecord {
        element: Element::new(),
        clock: AtomicU32::new(0),
        periods: HardSpinLock::new(Periods {
            elapsed: 0,
            // Waiting threads name the record by this.
            readers: WaitQueue::new(waits::tag(Kind::Timer, index), Order::Priority),
        }),
    })
}

/// All records; the minor number of the first is 1.
pub(crate) fn all() -> &'static [TimerRecord] {
    TIMERS.get()
}

/// The record with an index.
pub(crate) fn of(index: u32) -> Option<&'static TimerRecord> {
    all().get(index as usize)
}

/// What counts the references to a timer.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of(minor.checked_sub(1)?)?.element)
}

/// A timer, with its index.
fn target(request: &Request) -> Result<(u32, &'static TimerRecord)> {
    let index = request.element.minor().checked_sub(1).ok_or(EBADF)?;
    Ok((index, of(index).ok_or(EBADF)?))
}

/// Makes a timer of a clock, and writes the number of its file to `address`. In-band, may sleep.
///
/// # Errors
///
/// [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too many timers, [`EMFILE`],
/// [`ENFILE`], [`ENOMEM`], [`EFAULT`].
pub(crate) fn new(call: &mut Call, clock: ClockId, address: usize) -> Result {
    let class = bindings::evl_class_id_EVL_CLASS_TIMER;
    reap_all();
    let claimed = Hold::claim(class, all(), TimerRecord::element)?;
    let minor = claimed.handle().minor();
    let record = minor.checked_sub(1).and_then(of).ok_or(ENXIO)?;
    record.clock.store(clock as u32, Relaxed);
    with_hard_irqs_off(|irqs| record.periods.lock(&irqs).elapsed = 0);
    let file = NewFile::new(claimed, c_str!("[evl-timer]"), 0)?;
    call.write(address, &file.fd())?;
    file.install();
    Ok(())
}

/// Nobody refers to a timer any more.
pub(crate) fn reap(minor: u32) {
    if let Some(id) = timer_of_file(minor.wrapping_sub(1)) {
        with_hard_irqs_off(|irqs| stop_timer(id, &irqs));
    }
}

/// A timer expired. Oob stage, interrupts off, no lock held.
pub(crate) fn fire(index: u32, shot: Shot, irqs: &HardIrqsOff<'_>) {
    let Some(record) = of(index) else { return };
    let mut periods = record.periods.lock(irqs);
    let elapsed = shot.overruns.saturating_add(1);
    periods.elapsed = periods.elapsed.saturating_add(elapsed);
    if let Some(reader) = periods.readers.pop(&System) {
        thread::release(reader, Release::Wakeup, irqs);
    }
}

/// Takes a thread out of a queue of readers, named by the tag of the queue; whether it was there.
pub(crate) fn cancel(queue: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    of(queue).is_some_and(|record| record.periods.lock(irqs).readers.remove(&System, id))
}

/// The priority of a reader changed.
pub(crate) fn requeue(queue: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) {
    if let Some(record) = of(queue) {
        record.periods.lock(irqs).readers.requeue(&System, id);
    }
}

/// Takes the periods that have elapsed, or queues the reader: `None` then.
fn take(
    record: &TimerRecord,
    me: ThreadId,
    may_wait: bool,
    irqs: &HardIrqsOff<'_>,
) -> Result<Option<u64>> {
    let mut periods = record.periods.lock(irqs);
    match core::mem::take(&mut periods.elapsed) {
        0 => {}
        elapsed => return Ok(Some(elapsed)),
    }
    if !may_wait {
        return Err(EAGAIN);
    }
    if !periods.readers.add(&System, me) {
        return Err(EBUSY);
    }
    if let Err(refusal) = thread::block(me, Block::Wait { timed: false }, irqs) {
        periods.readers.remove(&System, me);
        return Err(errno(refusal));
    }
    Ok(None)
}

/// `oob_read()`: waits until a period has elapsed, and tells how many have.
///
/// # Errors
///
/// [`EINVAL`] for a buffer of less than 8 bytes, [`EAGAIN`] with O_NONBLOCK, [`EINTR`].
fn read(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    let (_, record) = target(request)?;
    let me = request.me.ok_or(EPERM)?;
    if size < size_of::<u64>() {
        return Err(EINVAL);
    }
    let may_wait = request.flags & bindings::O_NONBLOCK == 0;
    let elapsed = {
        let _oob = call.oob()?;
        loop {
            let guard = HardIrqs::off();
            if let Some(elapsed) = take(record, me, may_wait, &guard.token())? {
                break elapsed;
            }
            // Woken, it looks again: another reader may have come first.
            pause(&guard, me, None).map_err(errno)?;
        }
    };
    call.write(request.arg, &elapsed)?;
    Ok(size_of::<u64>())
}

/// `struct __kernel_itimerspec`: period, next shot.
type Setting = [i64; 4];

fn setting_of(id: TimerId) -> Setting {
    let split = |ns: u64| Timespec::from_ns(i64::try_from(ns).unwrap_or(i64::MAX)).to_array();
    let running = timer_of(id).filter(|timer| timer.is_running());
    let [date, period] = running.map_or([0, 0], |timer| [timer.date(), timer.period()]);
    let [[d0, d1], [p0, p1]] = [split(date), split(period)];
    [p0, p1, d0, d1]
}

/// Starts a timer anew, or stops it if `date` is 0; the setting before.
fn arm(index: u32, record: &TimerRecord, date: u64, period: u64) -> Result<Setting> {
    let id = timer_of_file(index).ok_or(EBADF)?;
    let clock = record.clock()?;
    with_hard_irqs_off(|irqs| {
        // Under this lock, so that of two callers one comes after the other.
        let mut periods = record.periods.lock(&irqs);
        let before = setting_of(id);
        stop_timer(id, &irqs);
        periods.elapsed = 0;
        if date == 0 {
            return Ok(before);
        }
        let cpu = if ffi::evl_is_oob_cpu(irqs.cpu()) {
            irqs.cpu()
        } else {
            ffi::evl_first_oob_cpu()
        };
        let cpu = Cpu::of(cpu).ok_or(ENXIO)?;
        cpu.start_timer(id, clock, date, period, &irqs)
            .map_err(errno)?;
        Ok(before)
    })
}

/// `EVL_TFDIOC_SET`.
fn set(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_timer_setreq>() == size_of::<[u64; 2]>());
    static_assert!(size_of::<bindings::__kernel_itimerspec>() == size_of::<Setting>());

    let (index, record) = target(request)?;
    let [value, old] = call.read::<[u64; 2]>(request.arg)?;
    let [p0, p1, d0, d1] = call.read::<Setting>(address_of(value)?)?;
    let period = Timespec::date_from_array([p0, p1]).ok_or(EINVAL)?;
    let date = Timespec::date_from_array([d0, d1]).ok_or(EINVAL)?;
    let before = arm(index, record, date, period)?;
    if old != 0 {
        call.write(address_of(old)?, &before)?;
    }
    Ok(())
}

/// `EVL_TFDIOC_GET`.
fn get(call: &mut Call, request: &Request) -> Result {
    let (index, record) = target(request)?;
    let id = timer_of_file(index).ok_or(EBADF)?;
    let setting = with_hard_irqs_off(|irqs| {
        let _periods = record.periods.lock(&irqs);
        setting_of(id)
    });
    call.write(request.arg, &setting)
}

/// What timers do.
pub(crate) static OPS: Ops = Ops {
    commands: &[
        (bindings::EVL_TFDIOC_SET, Where::Both, set),
        (bindings::EVL_TFDIOC_GET, Where::Both, get),
    ],
    read: Some(read),
    write: None,
    poll: None,
};
