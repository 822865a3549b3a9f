// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The tables of the algorithms.

use core::sync::atomic::AtomicU32;
use kernel::{bindings, error::Result, types::Opaque};

use crate::{
    logic::{
        event::EventLink,
        gate::{Env, Gate},
        priority::Priority,
        quota::Group,
        table::{EventId, GateId, GroupId, Id, PartitionId, Table, ThreadId, TimerId},
        thread::Thread,
        timer::{self, Timer},
        tp::Partition,
    },
    monitor,
    once::Once,
    thread,
};

/// All records, as the algorithms find them.
pub(crate) struct System;

/// Something of C's inside a record, which is used by passing its address to C.
#[repr(transparent)]
pub(crate) struct Foreign<T>(Opaque<T>);

// SAFETY: Rust does not look at it; who passes it to C answers for what C does with it.
unsafe impl<T> Sync for Foreign<T> {}

// SAFETY: As above; records do not move once they are in use.
unsafe impl<T> Send for Foreign<T> {}

impl<T> Foreign<T> {
    /// All bytes zero.
    pub(crate) const fn zeroed() -> Self {
        Self(Opaque::zeroed())
    }

    /// Its address.
    pub(crate) const fn get(&self) -> *mut T {
        self.0.get()
    }
}

impl Table<ThreadId, Thread> for System {
    fn get(&self, id: ThreadId) -> Option<&Thread> {
        Some(&thread::of(id)?.logic)
    }
}

/// All timers: those that threads sleep with, those of files, those of latency measurements.
static TIMERS: Once<Timer> = Once::new();

const FIRST_FILE: u32 = thread::NR_THREADS as u32;
const FIRST_RUN: u32 = FIRST_FILE + bindings::CONFIG_EVL_NR_TIMERS;
/// All of them.
pub(crate) const NR_TIMERS: u32 = FIRST_RUN + bindings::EVL_NR_RUNS;

/// Makes the table of timers. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    TIMERS.fill(NR_TIMERS as usize, |_| Timer::new(timer::Target::User))
}

/// A timer.
pub(crate) fn timer_of(id: TimerId) -> Option<&'static Timer> {
    TIMERS.get().get(id.index() as usize)
}

/// The timer that a thread sleeps with.
pub(crate) fn timer_of_thread(id: ThreadId) -> Option<TimerId> {
    TimerId::new(id.index())
}

/// The timer of a file.
pub(crate) fn timer_of_file(index: u32) -> Option<TimerId> {
    TimerId::new(index.checked_add(FIRST_FILE)?)
}

#[cfg(CONFIG_EVL_LATMUS)]
/// The timer of a latency measurement.
pub(crate) fn timer_of_run(index: u32) -> Option<TimerId> {
    TimerId::new(index.checked_add(FIRST_RUN)?)
}

/// What a timer belongs to.
pub(crate) enum Target {
    /// A thread sleeps with it.
    Thread(ThreadId),
    /// The file with that index.
    File(u32),
    /// The latency measurement with that index.
    Run(u32),
}

/// Whom a timer belongs to.
pub(crate) fn target_of(id: TimerId) -> Option<Target> {
    match id.index() {
        index @ FIRST_RUN.. => Some(Target::Run(index.wrapping_sub(FIRST_RUN))),
        index @ FIRST_FILE.. => Some(Target::File(index.wrapping_sub(FIRST_FILE))),
        index => ThreadId::new(index).map(Target::Thread),
    }
}

impl Table<TimerId, Timer> for System {
    fn get(&self, id: TimerId) -> Option<&Timer> {
        timer_of(id)
    }
}

// There are no groups and partitions yet.

impl Table<GroupId, Group> for System {
    fn get(&self, _: GroupId) -> Option<&Group> {
        None
    }
}

impl Table<PartitionId, Partition> for System {
    fn get(&self, _: PartitionId) -> Option<&Partition> {
        None
    }
}

impl Table<GateId, Gate> for System {
    fn get(&self, id: GateId) -> Option<&Gate> {
        Some(&monitor::of(id.index())?.gate)
    }
}

impl Table<EventId, EventLink> for System {
    fn get(&self, id: EventId) -> Option<&EventLink> {
        Some(&monitor::of(id.index())?.link)
    }
}

impl Env for System {
    type Word = AtomicU32;

    fn word(&self, id: GateId) -> Option<&AtomicU32> {
        monitor::of(id.index())?.word(monitor::OWNER)
    }

    fn ceiling(&self, id: GateId) -> Option<Priority> {
        monitor::of(id.index())?.ceiling()
    }

    fn handle(&self, thread: ThreadId) -> u32 {
        thread::handle(thread).raw()
    }

    fn thread(&self, handle: u32) -> Option<ThreadId> {
        thread::of_handle(handle)
    }
}
