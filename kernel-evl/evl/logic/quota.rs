// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! SCHED_QUOTA: groups of threads that share a budget on a CPU.
//!
//! Every period a group gets its quota, a percentage of the period. What it leaves unused adds up
//! to its peak. A group that has used up its budget stalls, all members at once, until a period
//! begins with some budget; what it ran too long is paid back. Within a group, members are served
//! by priority; among groups, the one with the best ready member.
//!
//! Groups with budget form a set, stalled groups another: stalling and refilling a group is
//! O(log groups), whatever the number of its members. A refill that nobody waits for is made up
//! for when the group is looked at next.

use core::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::{
    error::Error,
    priority::Priority,
    table::{GroupId, Id, Table, ThreadId},
    thread::{MemberSlot, Thread},
    tree::{Node, OrderedSet, Place, SetCell, Slot},
};

/// The period unless configured otherwise, in ns.
pub const DEFAULT_PERIOD: u64 = 1_000_000_000;

/// Marks the tags of sets of members; below are those of [`tp`](super::tp).
const TAG: u32 = 0x8000_0000;

/// A group. Protected by the lock of its CPU's run queue.
#[derive(Debug)]
pub struct Group {
    /// Ready members.
    members: SetCell<MemberSlot>,
    node: Node,
    quota: AtomicU32,
    peak: AtomicU32,
    /// What is left of the budget, in ns; negative: to be paid back.
    left: AtomicI64,
    /// The period up to which `left` accounts for refills.
    refilled: AtomicU64,
    /// Members, ready or not.
    users: AtomicU32,
    /// Some CPU has it.
    exists: AtomicBool,
}

impl Group {
    /// A group that does not exist.
    pub const fn new() -> Self {
        Self {
            members: SetCell::new(),
            node: Node::new(),
            quota: AtomicU32::new(100),
            peak: AtomicU32::new(100),
            left: AtomicI64::new(0),
            refilled: AtomicU64::new(0),
            users: AtomicU32::new(0),
            exists: AtomicBool::new(false),
        }
    }

    /// Its quota, in percent of the period.
    pub fn quota(&self) -> u32 {
        self.quota.load(Relaxed)
    }

    /// Its peak, in percent of the period.
    pub fn peak(&self) -> u32 {
        self.peak.load(Relaxed)
    }

    /// What is left of its budget, in ns.
    pub fn left(&self) -> i64 {
        self.left.load(Relaxed)
    }

    /// The number of its members, ready or not.
    pub fn users(&self) -> u32 {
        self.users.load(Relaxed)
    }

    /// Whether it may be joined.
    pub fn exists(&self) -> bool {
        self.exists.load(Relaxed)
    }

    pub(super) fn join(&self) {
        self.users.store(self.users().saturating_add(1), Relaxed);
    }

    pub(super) fn leave(&self) {
        self.users.store(self.users().saturating_sub(1), Relaxed);
    }

    fn members(&self, id: GroupId) -> OrderedSet<MemberSlot> {
        self.members.load(TAG | id.index())
    }
}

impl Default for Group {
    fn default() -> Self {
        Self::new()
    }
}

/// Links a group that has ready members.
#[derive(Debug)]
pub struct GroupSlot;

impl Slot for GroupSlot {
    type Id = GroupId;
    type Record = Group;

    fn node(group: &Group) -> &Node {
        &group.node
    }
}

/// The tables of threads and groups.
pub trait Tables: Table<ThreadId, Thread> + Table<GroupId, Group> {}

impl<T: Table<ThreadId, Thread> + Table<GroupId, Group> + ?Sized> Tables for T {}

/// The groups of a CPU.
#[derive(Debug)]
pub struct Quota {
    period: u64,
    /// When the period with the number `first` started.
    start: u64,
    first: u64,
    sum: u32,
    /// Groups with ready members and budget, by their best member.
    eligible: OrderedSet<GroupSlot>,
    /// Groups with ready members and no budget.
    stalled: OrderedSet<GroupSlot>,
    /// Some of these may have got budget meanwhile.
    stale: bool,
}

impl Quota {
    /// No groups. `cpu` is below 2^30; the first period starts at `start`, in ns.
    pub const fn new(cpu: u32, start: u64) -> Self {
        Self {
            period: DEFAULT_PERIOD,
            start,
            first: 0,
            sum: 0,
            eligible: OrderedSet::new(cpu.wrapping_mul(2)),
            stalled: OrderedSet::new(cpu.wrapping_mul(2).wrapping_add(1)),
            stale: false,
        }
    }

    /// Changes the period; a new one starts `now`. Both in ns.
    ///
    /// Groups keep what is left of their budgets, up to their peaks.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if it is 0 or above an hour, [`Error::Busy`] while members are ready.
    pub fn set_period(&mut self, period: u64, now: u64) -> Result<(), Error> {
        if period == 0 || period > 3_600_000_000_000 {
            return Err(Error::Invalid);
        }
        if !self.eligible.is_empty() || !self.stalled.is_empty() {
            return Err(Error::Busy);
        }
        // Numbers go on, since groups remember them.
        self.first = self.period_at(now).saturating_add(1);
        self.period = period;
        self.start = now;
        Ok(())
    }

    /// The quotas of all groups, in percent. Above 100 they cannot all be met.
    pub const fn sum(&self) -> u32 {
        self.sum
    }

    /// Adds a group, with all of the CPU: quota and peak are 100 %.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there is no such record, [`Error::Busy`] if the group exists.
    pub fn add<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: GroupId,
        now: u64,
    ) -> Result<(), Error> {
        let group: &Group = tables.get(id).ok_or(Error::Invalid)?;
        if group.exists() {
            return Err(Error::Busy);
        }
        group.exists.store(true, Relaxed);
        group.quota.store(0, Relaxed);
        self.set(tables, id, 100, 100, now)
    }

    /// Removes a group. To remove one that has members by force, they are to be given another
    /// policy first.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there is no such group, [`Error::Busy`] if it has members.
    pub fn remove<T: Tables + ?Sized>(&mut self, tables: &T, id: GroupId) -> Result<(), Error> {
        let group = existing(tables, id)?;
        if group.users() != 0 {
            return Err(Error::Busy);
        }
        group.exists.store(false, Relaxed);
        self.sum = self.sum.saturating_sub(group.quota());
        Ok(())
    }

    /// Sets quota and peak of a group, in percent of the period, and gives it a fresh budget.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there is no such group, or unless 0 <= quota <= 100 and quota <= peak
    /// <= 100; a peak of 0 stands for the quota.
    pub fn set<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: GroupId,
        quota: i32,
        peak: i32,
        now: u64,
    ) -> Result<(), Error> {
        let group = existing(tables, id)?;
        let percent = |value: i32| u32::try_from(value).ok().filter(|value| *value <= 100);
        let quota = percent(quota).ok_or(Error::Invalid)?;
        let peak = match percent(peak).ok_or(Error::Invalid)? {
            0 => quota,
            peak if peak >= quota => peak,
            _ => return Err(Error::Invalid),
        };
        let sum = self.sum.saturating_sub(group.quota());
        self.sum = sum.saturating_add(quota);
        group.quota.store(quota, Relaxed);
        group.peak.store(peak, Relaxed);
        group.left.store(self.share(quota), Relaxed);
        group.refilled.store(self.period_at(now), Relaxed);
        self.place(tables, id, Place::Tail);
        Ok(())
    }

    /// Adds a ready thread to its group. O(log members + log groups).
    #[must_use]
    pub fn enqueue<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: GroupId,
        thread: ThreadId,
        level: Priority,
        place: Place,
    ) -> bool {
        let Some(group) = Table::<GroupId, Group>::get(tables, id) else {
            return false;
        };
        let done = group.members.with(TAG | id.index(), |members| {
            members.insert(tables, thread, level.key(), place)
        });
        self.place(tables, id, place);
        done
    }

    /// Takes a thread out of its group; false if it is not there. O(log members + log groups).
    pub fn dequeue<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: GroupId,
        thread: ThreadId,
    ) -> bool {
        let Some(group) = Table::<GroupId, Group>::get(tables, id) else {
            return false;
        };
        let done = group
            .members
            .with(TAG | id.index(), |members| members.remove(tables, thread));
        self.place(tables, id, Place::Tail);
        done
    }

    /// The best ready member of all groups with budget. O(1).
    pub fn first<T: Tables + ?Sized>(&self, tables: &T) -> Option<ThreadId> {
        let id = self.eligible.first()?;
        let group: &Group = tables.get(id)?;
        group.members(id).first()
    }

    /// Charges a group for `elapsed` ns of one of its members, until `now`. O(log groups).
    pub fn charge<T: Tables + ?Sized>(&mut self, tables: &T, id: GroupId, elapsed: u64, now: u64) {
        let Some(group) = Table::<GroupId, Group>::get(tables, id) else {
            return;
        };
        let elapsed = i64::try_from(elapsed).unwrap_or(i64::MAX);
        // Debts end somewhere, lest a clock that jumped stalls the group for good.
        let floor = self.share(group.peak()).saturating_neg();
        let left = group.left().saturating_sub(elapsed).max(floor);
        group.left.store(left, Relaxed);
        self.refill_group(group, now);
        self.place(tables, id, Place::Tail);
    }

    /// Gives stalled groups their share of the periods that began since.
    /// O(stalled groups log groups).
    pub fn refill<T: Tables + ?Sized>(&mut self, tables: &T, now: u64) {
        let mut at = self.stalled.first();
        for _ in 0..self.stalled.len() {
            let Some(id) = at else { break };
            at = self.stalled.next(tables, id);
            if let Some(group) = Table::<GroupId, Group>::get(tables, id) {
                self.refill_group(group, now);
                self.place(tables, id, Place::Tail);
            }
        }
        self.stale = false;
    }

    /// Whether a [`refill`](Self::refill) may let a group run at once: one that had no budget when
    /// its last member blocked has got a ready member again, perhaps some periods later.
    pub const fn is_stale(&self) -> bool {
        self.stale
    }

    /// Whether a group has ready members and no budget.
    pub const fn has_stalled(&self) -> bool {
        !self.stalled.is_empty()
    }

    /// When to look again, in ns: at the next period if a group is stalled, and when the budget of
    /// the `running` group ends. O(1).
    pub fn deadline<T: Tables + ?Sized>(
        &self,
        tables: &T,
        running: Option<GroupId>,
        now: u64,
    ) -> Option<u64> {
        let refill = (!self.stalled.is_empty()).then(|| {
            let passed = self.period_at(now).saturating_sub(self.first);
            let next = passed.saturating_add(1).saturating_mul(self.period);
            self.start.saturating_add(next)
        });
        let end = running
            .and_then(|id| Table::<GroupId, Group>::get(tables, id))
            .map(|group| now.saturating_add(u64::try_from(group.left()).unwrap_or(0)));
        sooner(refill, end)
    }

    /// Puts a group where it belongs: eligible, stalled, or nowhere if no member is ready.
    fn place<T: Tables + ?Sized>(&mut self, tables: &T, id: GroupId, place: Place) {
        let Some(group) = Table::<GroupId, Group>::get(tables, id) else {
            return;
        };
        let best = group.members(id).first();
        let best = best.and_then(|thread| Table::<ThreadId, Thread>::get(tables, thread));
        let key = best.map(|thread| thread.run_set.key());
        let to = if group.left() > 0 {
            &self.eligible
        } else {
            &self.stalled
        };
        if to.contains(tables, id) && key == Some(group.node.key()) {
            // Its turn among groups whose best members are equals.
            return;
        }
        self.eligible.remove(tables, id);
        self.stalled.remove(tables, id);
        let Some(key) = key else { return };
        self.stale |= group.left() <= 0;
        let to = if group.left() > 0 {
            &mut self.eligible
        } else {
            &mut self.stalled
        };
        // It is in neither set: nothing to refuse.
        let _ = to.insert(tables, id, key, place);
    }

    fn refill_group(&self, group: &Group, now: u64) {
        let present = self.period_at(now);
        let periods = present.saturating_sub(group.refilled.load(Relaxed));
        if periods == 0 {
            return;
        }
        let periods = i64::try_from(periods).unwrap_or(i64::MAX);
        let gained = self.share(group.quota()).saturating_mul(periods);
        let left = group
            .left()
            .saturating_add(gained)
            .min(self.share(group.peak()));
        group.left.store(left, Relaxed);
        group.refilled.store(present, Relaxed);
    }

    /// The number of the period at a date.
    fn period_at(&self, now: u64) -> u64 {
        let passed = now.saturating_sub(self.start).checked_div(self.period);
        self.first.saturating_add(passed.unwrap_or(0))
    }

    /// A percentage of the period, in ns.
    fn share(&self, percent: u32) -> i64 {
        let share = self.period.saturating_mul(u64::from(percent)) / 100;
        i64::try_from(share).unwrap_or(i64::MAX)
    }
}

/// The earlier of two dates, of those which there are.
pub(super) fn sooner(one: Option<u64>, other: Option<u64>) -> Option<u64> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// A group that some CPU has.
pub(super) fn existing<T: Tables + ?Sized>(tables: &T, id: GroupId) -> Result<&Group, Error> {
    let group: Option<&Group> = tables.get(id);
    group.filter(|group| group.exists()).ok_or(Error::Invalid)
}
