// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Response times to a periodic timer, and the gravity that makes up for them.

/// What a number of responses took. Times are in ns; a response before its date is negative.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Bulk {
    /// Of all response times.
    pub sum: i64,
    /// The shortest; [`i32::MAX`] if there is none.
    pub min: i32,
    /// The longest; [`i32::MIN`] if there is none.
    pub max: i32,
    /// Dates at which the response to an earlier one was still missing.
    pub overruns: u32,
    /// Responses.
    pub samples: u32,
}

impl Bulk {
    /// No responses.
    pub const fn new() -> Self {
        Self {
            sum: 0,
            min: i32::MAX,
            max: i32::MIN,
            overruns: 0,
            samples: 0,
        }
    }

    fn add(&mut self, time: i32) {
        self.sum = self.sum.saturating_add(time as i64);
        self.min = self.min.min(time);
        self.max = self.max.max(time);
        self.samples = self.samples.saturating_add(1);
    }
}

impl Default for Bulk {
    fn default() -> Self {
        Self::new()
    }
}

/// The cell of a histogram that counts a response time: one for each microsecond from 0 on. Times
/// before the date are in the first cell, those beyond the end in the last. `None` without cells.
pub fn cell_of(time: i32, cells: usize) -> Option<usize> {
    let last = cells.checked_sub(1)?;
    let cell = usize::try_from(time.max(0) / 1000).unwrap_or(last);
    Some(cell.min(last))
}

/// A second, in ns: what a bulk covers.
const BULK_NS: u64 = 1_000_000_000;

/// One part in so many of a bulk is not counted at the start: caches are cold.
const WARMUP: u32 = 10;

/// Follows dates and responses to them.
#[derive(Debug)]
pub struct Gauge {
    /// The date that was not responded to yet.
    pending: Option<u64>,
    /// Responses that are not to be counted.
    skip: u32,
    /// The dates of a bulk.
    dates: u32,
    bulk: Bulk,
}

impl Gauge {
    /// Dates at a period in ns, which is not 0.
    pub const fn new(period: u64) -> Self {
        let dates = match BULK_NS.checked_div(period) {
            Some(0) | None => 1,
            Some(dates) if dates > u32::MAX as u64 => u32::MAX,
            Some(dates) => dates as u32,
        };
        Self {
            pending: None,
            skip: (dates / WARMUP).saturating_add(1),
            dates,
            bulk: Bulk::new(),
        }
    }

    /// Does not count so many responses from now on.
    pub fn skip(&mut self, responses: u32) {
        self.skip = responses;
    }

    /// A date has come, and `more` of them before it that nobody noticed. Returns whether a
    /// response to it is expected; if not, the one to an earlier date is still missing.
    pub fn date(&mut self, date: u64, more: u64) -> bool {
        let late = self.pending.is_some();
        let missed = more.saturating_add(late as u64);
        if self.skip == 0 {
            let missed = u32::try_from(missed).unwrap_or(u32::MAX);
            self.bulk.overruns = self.bulk.overruns.saturating_add(missed);
        }
        if !late {
            self.pending = Some(date);
        }
        !late
    }

    /// Whether a date has come that was not responded to: who is to respond has nothing to wait for.
    pub const fn is_pending(&self) -> bool {
        self.pending.is_some()
    }

    /// A response came at a date: how long it took. `None` if it is not to be counted, or nobody
    /// expects one.
    pub fn response(&mut self, at: u64) -> Option<i32> {
        let date = self.pending.take()?;
        if self.skip > 0 {
            self.skip = self.skip.saturating_sub(1);
            return None;
        }
        let late = i64::try_from(at.saturating_sub(date)).unwrap_or(i64::MAX);
        let early = i64::try_from(date.saturating_sub(at)).unwrap_or(i64::MAX);
        let time = late.saturating_sub(early);
        let time = time.clamp(i32::MIN as i64, i32::MAX as i64) as i32;
        self.bulk.add(time);
        Some(time)
    }

    /// A response will not come.
    pub fn forget(&mut self) {
        self.pending = None;
    }

    /// The bulk, once it is full; the next one begins.
    pub fn full_bulk(&mut self) -> Option<Bulk> {
        let dates = self.bulk.samples.saturating_add(self.bulk.overruns);
        (dates >= self.dates).then(|| self.rest())
    }

    /// What was counted since the last full bulk; the next one begins.
    pub fn rest(&mut self) -> Bulk {
        core::mem::take(&mut self.bulk)
    }
}

/// What a tuner wants.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tune {
    /// More response times.
    More,
    /// Response times with this gravity, in ns. Those of timers that run already do not count.
    Try(u32),
    /// Nothing more: this is the gravity.
    Done(u32),
}

/// Responses that a gravity is judged by.
const ROUND: u32 = 500;

/// A gravity is accepted after so many rounds at the latest.
const ROUNDS: u32 = 10;

/// Finds the largest gravity with which no response comes before its date.
///
/// It is the shortest response time without gravity. What a gravity moves may change it (a timer
/// that is programmed for an earlier date finds the CPU doing something else): it is tried, and made
/// smaller by as much as a response came too early, until none does.
#[derive(Debug)]
pub struct Tuner {
    gravity: u32,
    rounds: u32,
    left: u32,
    min: i32,
}

impl Tuner {
    /// To be fed with response times without gravity.
    pub const fn new() -> Self {
        Self {
            gravity: 0,
            rounds: 0,
            left: ROUND,
            min: i32::MAX,
        }
    }

    /// Takes a response time.
    pub fn add(&mut self, time: i32) -> Tune {
        self.min = self.min.min(time);
        self.left = self.left.saturating_sub(1);
        if self.left > 0 {
            return Tune::More;
        }
        self.rounds = self.rounds.saturating_add(1);
        let first = self.rounds == 1;
        let early = self.min < 0;
        if self.rounds >= ROUNDS || (!first && !early) {
            let gravity = self.gravity.saturating_add_signed(self.min.min(0));
            return Tune::Done(gravity);
        }
        let change = if first { self.min.max(0) } else { self.min };
        self.gravity = self.gravity.saturating_add_signed(change);
        self.left = ROUND;
        self.min = i32::MAX;
        Tune::Try(self.gravity)
    }
}

impl Default for Tuner {
    fn default() -> Self {
        Self::new()
    }
}
