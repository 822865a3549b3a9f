// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Timers by the date for which the hardware is programmed: a heap.
//!
//! A heap of four children rather than a tree: what a periodic timer does is to be the first one, and then one of the
//! last, for which a tree has to be balanced each time. Here, it moves down by a level for each factor of four. Dates
//! are next to each other in memory. Equal dates keep the order of their arrival.

use core::{
    ops::DerefMut,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use super::{
    table::{Table, TimerId, NIL},
    timer::Timer,
};

/// Where a timer is: in which agenda, and where there.
///
/// Protected by the lock of that agenda.
#[derive(Debug)]
pub struct Place {
    agenda: AtomicU32,
    seat: AtomicU32,
}

impl Place {
    /// In none.
    pub const fn new() -> Self {
        Self {
            agenda: AtomicU32::new(NIL),
            seat: AtomicU32::new(0),
        }
    }

    /// The tag of the agenda; `None` if it is in none.
    ///
    /// Without the lock of the agenda, this is a hint.
    pub fn agenda(&self) -> Option<u32> {
        Some(self.agenda.load(Relaxed)).filter(|agenda| *agenda != NIL)
    }
}

impl Default for Place {
    fn default() -> Self {
        Self::new()
    }
}

/// Room for a timer in an agenda.
#[derive(Clone, Copy, Debug, Default)]
pub struct Seat {
    date: u64,
    /// Which of those with the same date has been there for the longest time.
    turn: u64,
    timer: Option<TimerId>,
}

impl Seat {
    const fn precedes(&self, other: &Self) -> bool {
        self.date < other.date || (self.date == other.date && self.turn < other.turn)
    }
}

/// How many children a seat has.
const CHILDREN: usize = 4;

/// Timers ordered by date.
///
/// The tag tells the agenda from all others. Whether a timer is in *this* one is thereby known without a search.
#[derive(Debug)]
pub struct Agenda<S> {
    seats: S,
    len: usize,
    turns: u64,
    tag: u32,
}

impl<S: DerefMut<Target = [Seat]>> Agenda<S> {
    /// No timers, and room for as many as there are seats. `tag` is not [`NIL`], and no other agenda has it.
    pub const fn new(tag: u32, seats: S) -> Self {
        Self {
            seats,
            len: 0,
            turns: 0,
            tag,
        }
    }

    /// Whether there is no timer.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The first timer.
    pub fn first(&self) -> Option<TimerId> {
        if self.is_empty() {
            return None;
        }
        self.seats.first()?.timer
    }

    /// The date of the first timer, `u64::MAX` if there is none.
    pub fn date(&self) -> u64 {
        let first = self.seats.first();
        first
            .filter(|_| !self.is_empty())
            .map_or(u64::MAX, |seat| seat.date)
    }

    /// Adds a timer, behind those with the same date. O(log n). Whether there was room, and no agenda has it.
    #[must_use]
    pub fn insert<T: Table<TimerId, Timer> + ?Sized>(
        &mut self,
        table: &T,
        id: TimerId,
        date: u64,
    ) -> bool {
        let Some(timer) = table.get(id) else {
            return false;
        };
        if timer.place().agenda().is_some() || self.len >= self.seats.len() {
            return false;
        }
        timer.place().agenda.store(self.tag, Relaxed);
        let seat = Seat {
            date,
            turn: self.next_turn(),
            timer: Some(id),
        };
        let at = self.len;
        self.len = at.saturating_add(1);
        self.move_up(table, at, seat);
        true
    }

    /// Removes a timer. O(log n). Whether it was there.
    #[must_use]
    pub fn remove<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, id: TimerId) -> bool {
        let Some(timer) = table.get(id) else {
            return false;
        };
        if timer.place().agenda() != Some(self.tag) {
            return false;
        }
        timer.place().agenda.store(NIL, Relaxed);
        let at = timer.place().seat.load(Relaxed) as usize;
        self.len = self.len.saturating_sub(1);
        let last = self.seats.get(self.len).copied();
        if let Some(last) = last.filter(|_| at != self.len) {
            self.settle(table, at, last);
        }
        true
    }

    /// Gives the first timer another date, which is not before the one that it has, behind those with the same date.
    /// O(log n).
    pub fn postpone_first<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, date: u64) {
        let turn = self.next_turn();
        let Some(first) = self.seats.first_mut() else {
            return;
        };
        first.date = date;
        first.turn = turn;
        // One that is alone stays where it is.
        if self.len == 1 {
            return;
        }
        let seat = *first;
        if let Some((gap, child)) = self.child_before(0, &seat) {
            self.put(table, 0, child);
            self.move_down(table, gap, seat);
        }
    }

    fn next_turn(&mut self) -> u64 {
        let turn = self.turns;
        // At one per nanosecond, it takes centuries until it is the first one again.
        self.turns = turn.wrapping_add(1);
        turn
    }

    /// Finds the place of one that comes from elsewhere into a gap.
    fn settle<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, gap: usize, seat: Seat) {
        match self.parent(gap) {
            Some((_, parent)) if seat.precedes(&parent) => self.move_up(table, gap, seat),
            _ => self.move_down(table, gap, seat),
        }
    }

    /// Moves a gap up until one fits.
    fn move_up<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, gap: usize, seat: Seat) {
        let mut gap = gap;
        while let Some((at, parent)) = self.parent(gap) {
            if !seat.precedes(&parent) {
                break;
            }
            self.put(table, gap, parent);
            gap = at;
        }
        self.put(table, gap, seat);
    }

    /// Moves a gap down until one fits.
    fn move_down<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, gap: usize, seat: Seat) {
        let mut gap = gap;
        while let Some((at, child)) = self.child_before(gap, &seat) {
            self.put(table, gap, child);
            gap = at;
        }
        self.put(table, gap, seat);
    }

    fn parent(&self, at: usize) -> Option<(usize, Seat)> {
        let parent = at.checked_sub(1)? / CHILDREN;
        Some((parent, *self.seats.get(parent)?))
    }

    /// The first one of the children, if it is before `seat`.
    fn child_before(&self, at: usize, seat: &Seat) -> Option<(usize, Seat)> {
        let from = at.saturating_mul(CHILDREN).saturating_add(1);
        let to = from.saturating_add(CHILDREN).min(self.len);
        let children = self.seats.get(from..to)?;
        let (mut at, mut found, mut first) = (from, None, seat);
        for child in children {
            if child.precedes(first) {
                first = child;
                found = Some(at);
            }
            at = at.saturating_add(1);
        }
        Some((found?, *first))
    }

    fn put<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, at: usize, seat: Seat) {
        if let Some(timer) = seat.timer.and_then(|id| table.get(id)) {
            timer.place().seat.store(at as u32, Relaxed);
        }
        if let Some(place) = self.seats.get_mut(at) {
            *place = seat;
        }
    }
}
