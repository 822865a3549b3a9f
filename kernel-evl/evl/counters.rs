// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Semaphores and groups of flags: what threads wait for without a gate.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kernel::prelude::*;

use crate::{
    errno::{errno, estale},
    ffi,
    lock::HardSpinLock,
    logic::{
        error::Error as Refusal,
        flags::{Flags, Need},
        semaphore::{Get, Semaphore},
        status::{Block, Release},
        table::ThreadId,
        waitqueue::Order,
    },
    monitor::{Kind, MonitorRecord, VALUE},
    stage::{with_hard_irqs_off, HardIrqs, HardIrqsOff, Oob},
    system::System,
    thread, trace,
    waits::{self, pause, Limit},
};

/// The waiters of one or the other.
struct Waiters {
    units: Semaphore,
    flags: Flags,
}

/// The lock of a semaphore or a group of flags, and its waiters.
pub(crate) struct Counter(HardSpinLock<Waiters>);

impl Counter {
    /// Of the monitor with an index. It is one of both only.
    pub(crate) const fn new(index: u32) -> Self {
        let tag = waits::tag(waits::Kind::Monitor, index);
        Self(HardSpinLock::new(Waiters {
            units: Semaphore::new(tag, Order::Priority),
            flags: Flags::new(tag, Order::Priority),
        }))
    }
}

fn word(record: &MonitorRecord) -> Result<&'static AtomicU32> {
    record.word(VALUE).ok_or(ENXIO)
}

/// The present value.
pub(crate) fn value(record: &MonitorRecord) -> u32 {
    record.word(VALUE).map_or(0, |word| word.load(Relaxed))
}

/// In-band tasks look at the value again.
fn changed(record: &MonitorRecord) {
    ffi::evl_notify_inband(record.handle().raw());
}

/// Refuses to wait for what nobody can return.
fn check(record: &MonitorRecord) -> Result {
    if record.is_deleted() {
        return Err(errno(Refusal::Removed));
    }
    Ok(())
}

/// Takes a unit of a semaphore, or waits for one.
///
/// # Errors
///
/// [`EAGAIN`] if it was flushed, [`ETIMEDOUT`], [`EINTR`], [`EIDRM`] if it was deleted.
pub(crate) fn get(_: &Oob<'_>, record: &MonitorRecord, me: ThreadId, limit: Limit) -> Result {
    let word = word(record)?;
    let guard = HardIrqs::off();
    {
        let irqs = guard.token();
        let mut waiters = record.counter.0.lock(&irqs);
        check(record)?;
        let units = &mut waiters.units;
        if units.get(&System, word, me).map_err(errno)? == Get::Got {
            return Ok(());
        }
        let timed = limit.is_some();
        if let Err(refusal) = thread::block(me, Block::Wait { timed }, &irqs) {
            units.cancel(&System, word, me);
            return Err(errno(refusal));
        }
    }
    let woken = pause(&guard, me, limit);
    let thread = thread::of(me).ok_or_else(estale)?;
    woken
        .and_then(|()| Semaphore::wait_result(thread.logic.status()))
        .map_err(errno)
}

/// Takes a unit if there is one. On any stage.
///
/// # Errors
///
/// [`EAGAIN`].
pub(crate) fn try_get(record: &MonitorRecord) -> Result {
    let word = word(record)?;
    with_hard_irqs_off(|irqs| record.counter.0.lock(&irqs).units.try_get(word)).map_err(errno)
}

/// Returns a unit. On any stage.
///
/// # Errors
///
/// [`EOVERFLOW`] if there are as many as can be counted.
pub(crate) fn put(record: &MonitorRecord) -> Result {
    let word = word(record)?;
    with_hard_irqs_off(|irqs| {
        let mut waiters = record.counter.0.lock(&irqs);
        if let Some(waiter) = waiters.units.put(&System, word)? {
            thread::release(waiter, Release::Wakeup, &irqs);
        }
        Ok(())
    })
    .map_err(errno)
}

/// Wakes all who wait for units, without any. On any stage.
pub(crate) fn flush(record: &MonitorRecord) {
    let Ok(word) = word(record) else { return };
    with_hard_irqs_off(|irqs| {
        trace::flush_wait(record.handle());
        let mut waiters = record.counter.0.lock(&irqs);
        while let Some(waiter) = waiters.units.flush(&System, word) {
            thread::release(waiter, Release::Broadcast, &irqs);
        }
    });
}

/// Receives flags, or waits for them.
///
/// # Errors
///
/// [`EINVAL`] if none is wanted, [`ETIMEDOUT`], [`EINTR`], [`EIDRM`] if the group was deleted.
pub(crate) fn wait(
    _: &Oob<'_>,
    record: &MonitorRecord,
    me: ThreadId,
    wanted: u32,
    need: Need,
    limit: Limit,
) -> Result<u32> {
    let word = word(record)?;
    let guard = HardIrqs::off();
    {
        let irqs = guard.token();
        let mut waiters = record.counter.0.lock(&irqs);
        check(record)?;
        let flags = &mut waiters.flags;
        let received = flags.wait(&System, word, me, wanted, need).map_err(errno)?;
        if let Some(received) = received {
            changed(record);
            return Ok(received);
        }
        let timed = limit.is_some();
        if let Err(refusal) = thread::block(me, Block::Wait { timed }, &irqs) {
            flags.waiters().remove(&System, me);
            return Err(errno(refusal));
        }
    }
    pause(&guard, me, limit).map_err(errno)?;
    Ok(thread::of(me).ok_or_else(estale)?.logic.received())
}

/// Receives flags that are set. On any stage.
///
/// # Errors
///
/// [`EINVAL`] if none is wanted, [`EAGAIN`] if not enough are set.
pub(crate) fn try_wait(record: &MonitorRecord, wanted: u32, need: Need) -> Result<u32> {
    let word = word(record)?;
    let received = with_hard_irqs_off(|irqs| {
        let mut waiters = record.counter.0.lock(&irqs);
        waiters.flags.try_wait(word, wanted, need)
    })
    .map_err(errno)?;
    changed(record);
    Ok(received)
}

/// Sets flags, each of which one waiter receives, now or later. On any stage.
pub(crate) fn post(record: &MonitorRecord, bits: u32) {
    let Ok(word) = word(record) else { return };
    with_hard_irqs_off(|irqs| {
        let mut waiters = record.counter.0.lock(&irqs);
        waiters.flags.post(&System, word, bits, |waiter| {
            thread::release(waiter, Release::Wakeup, &irqs);
        });
    });
    changed(record);
}

/// Shows flags to all who wait, and keeps none of them. On any stage.
pub(crate) fn broadcast(record: &MonitorRecord, bits: u32) {
    let Ok(word) = word(record) else { return };
    with_hard_irqs_off(|irqs| {
        let mut waiters = record.counter.0.lock(&irqs);
        waiters.flags.broadcast(&System, word, bits, |waiter| {
            thread::release(waiter, Release::Broadcast, &irqs);
        });
    });
}

/// Nobody shall wait any more. In-band.
pub(crate) fn delete(record: &MonitorRecord) {
    let Ok(word) = word(record) else { return };
    with_hard_irqs_off(|irqs| {
        let mut waiters = record.counter.0.lock(&irqs);
        while let Some(waiter) = waiters.units.flush(&System, word) {
            thread::release(waiter, Release::Remove, &irqs);
        }
        while let Some(waiter) = waiters.flags.waiters().pop(&System) {
            thread::release(waiter, Release::Remove, &irqs);
        }
    });
}

/// Takes a thread out; whether it waited.
pub(crate) fn cancel(record: &MonitorRecord, id: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    let Ok(word) = word(record) else { return false };
    let mut waiters = record.counter.0.lock(irqs);
    match record.kind() {
        Some(Kind::Count) => waiters.units.cancel(&System, word, id),
        _ => waiters.flags.waiters().remove(&System, id),
    }
}

/// The priority of a waiter changed.
pub(crate) fn requeue(record: &MonitorRecord, id: ThreadId, irqs: &HardIrqsOff<'_>) {
    let mut waiters = record.counter.0.lock(irqs);
    match record.kind() {
        Some(Kind::Count) => waiters.units.waiters().requeue(&System, id),
        _ => waiters.flags.waiters().requeue(&System, id),
    }
}
