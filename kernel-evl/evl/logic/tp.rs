// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! SCHED_TP: threads that run in windows of time only.
//!
//! A CPU repeats a frame, a plan of windows; each window belongs to a partition, and while it
//! lasts the partition's members are served by priority. Outside the windows of their partition
//! they do not run. Windows start at dates counted from the frame's first start: no drift.

use super::{
    error::Error,
    priority::Priority,
    table::{Id, PartitionId, Table, ThreadId},
    thread::{MemberSlot, Thread},
    tree::{OrderedSet, Place, SetCell},
};

/// Marks the tags of sets of members.
const TAG: u32 = 0x4000_0000;

/// A partition of a CPU. Protected by the lock of the CPU's run queue.
#[derive(Debug, Default)]
pub struct Partition {
    /// Ready members.
    members: SetCell<MemberSlot>,
}

impl Partition {
    /// A partition with no ready member.
    pub const fn new() -> Self {
        Self {
            members: SetCell::new(),
        }
    }

    fn members(&self, id: PartitionId) -> OrderedSet<MemberSlot> {
        self.members.load(TAG | id.index())
    }
}

/// A part of the frame.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Window {
    /// Start, in ns from the start of the frame.
    pub offset: u64,
    /// Length in ns.
    pub duration: u64,
    /// Whose time it is; `None` in a hole.
    pub partition: Option<PartitionId>,
}

impl Window {
    fn end(&self) -> u64 {
        self.offset.saturating_add(self.duration)
    }
}

/// The longest frame, in ns: an hour.
pub const MAX_FRAME: u64 = 3_600_000_000_000;

/// A checked frame: windows in order that do not overlap, each of some length. What lies between
/// two windows is a hole.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'a> {
    windows: &'a [Window],
}

impl<'a> Plan<'a> {
    /// Checks a frame. O(windows): in-band, when the plan is installed.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is empty, out of order, overlapping, has a window of no length, or
    /// is longer than [`MAX_FRAME`].
    pub fn check(windows: &'a [Window]) -> Result<Self, Error> {
        let mut end = 0;
        for window in windows {
            if window.duration == 0 || window.offset < end || window.end() > MAX_FRAME {
                return Err(Error::Invalid);
            }
            end = window.end();
        }
        if end == 0 {
            return Err(Error::Invalid);
        }
        Ok(Self { windows })
    }

    /// The length of the frame in ns: the end of the last window.
    pub fn frame(&self) -> u64 {
        self.windows.last().map_or(0, Window::end)
    }

    /// Whose time it is at an offset into the frame, and the offset at which that ends.
    /// O(log windows).
    fn at(&self, offset: u64) -> (Option<PartitionId>, u64) {
        let index = self
            .windows
            .partition_point(|window| window.end() <= offset);
        match self.windows.get(index) {
            Some(window) if window.offset <= offset => (window.partition, window.end()),
            Some(window) => (None, window.offset),
            None => (None, self.frame()),
        }
    }
}

/// The tables of threads and partitions.
pub trait Tables: Table<ThreadId, Thread> + Table<PartitionId, Partition> {}

impl<T: Table<ThreadId, Thread> + Table<PartitionId, Partition> + ?Sized> Tables for T {}

/// The time partitions of a CPU.
#[derive(Debug, Default)]
pub struct Tp {
    /// When the first frame started; `None` while stopped.
    start: Option<u64>,
    active: Option<PartitionId>,
    /// When the window ends.
    until: u64,
}

impl Tp {
    /// Stopped.
    pub const fn new() -> Self {
        Self {
            start: None,
            active: None,
            until: 0,
        }
    }

    /// Starts the plan at `now`; the date of the next [`advance`](Self::advance).
    pub fn start(&mut self, plan: Plan<'_>, now: u64) -> u64 {
        self.start = Some(now);
        self.advance(plan, now);
        self.until
    }

    /// Stops: no member runs.
    pub fn stop(&mut self) {
        *self = Self::new();
    }

    /// Goes to the window of the present date. Returns whether the partition changed.
    ///
    /// However late it is called, the windows keep their dates. O(log windows).
    pub fn advance(&mut self, plan: Plan<'_>, now: u64) -> bool {
        let Some(start) = self.start else {
            return false;
        };
        let frame = plan.frame().max(1);
        let offset = now.saturating_sub(start).checked_rem(frame).unwrap_or(0);
        let (partition, end) = plan.at(offset);
        self.until = now.saturating_add(end.saturating_sub(offset));
        let changed = self.active != partition;
        self.active = partition;
        changed
    }

    /// Whose time it is.
    pub const fn active(&self) -> Option<PartitionId> {
        self.active
    }

    /// When the window ends, in ns; `None` while stopped.
    pub fn deadline(&self) -> Option<u64> {
        self.start.map(|_| self.until)
    }

    /// Adds a ready thread to its partition. O(log members).
    #[must_use]
    pub fn enqueue<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PartitionId,
        thread: ThreadId,
        level: Priority,
        place: Place,
    ) -> bool {
        let Some(partition) = Table::<PartitionId, Partition>::get(tables, id) else {
            return false;
        };
        partition.members.with(TAG | id.index(), |members| {
            members.insert(tables, thread, level.key(), place)
        })
    }

    /// Takes a thread out of its partition; false if it is not there. O(log members).
    pub fn dequeue<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PartitionId,
        thread: ThreadId,
    ) -> bool {
        let Some(partition) = Table::<PartitionId, Partition>::get(tables, id) else {
            return false;
        };
        partition
            .members
            .with(TAG | id.index(), |members| members.remove(tables, thread))
    }

    /// The best ready member of the partition whose time it is. O(1).
    pub fn first<T: Tables + ?Sized>(&self, tables: &T) -> Option<ThreadId> {
        let id = self.active?;
        let partition: &Partition = tables.get(id)?;
        partition.members(id).first()
    }
}
