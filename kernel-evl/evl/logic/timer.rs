// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Timers of a clock on a CPU, by date.
//!
//! Dates are absolute, in ns of the clock. The hardware is programmed somewhat before the date, by
//! the clock's gravity for the kind of target: the time that it takes from the interrupt to the
//! target. The nominal dates know nothing of that; periods are counted from them, so that
//! there is neither drift nor an accumulated error, however late a timer is served.

use core::{
    ops::DerefMut,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use super::{
    agenda::{Agenda, Place, Seat},
    error::Error,
    table::{Table, TimerId},
};

/// What a timer acts on, which decides on its gravity.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Target {
    /// A handler in interrupt context.
    Irq,
    /// A kernel thread.
    Kernel,
    /// A thread of an application.
    User,
}

/// How much earlier than the date the hardware is programmed, in ns, by target.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Gravity {
    /// For interrupt handlers.
    pub irq: u32,
    /// For kernel threads.
    pub kernel: u32,
    /// For threads of applications.
    pub user: u32,
}

impl Gravity {
    const fn of(&self, target: Target) -> u64 {
        (match target {
            Target::Irq => self.irq,
            Target::Kernel => self.kernel,
            Target::User => self.user,
        }) as u64
    }
}

/// The record of a timer. Protected by the lock of the queue it is in.
#[derive(Debug)]
pub struct Timer {
    place: Place,
    date: AtomicU64,
    period: AtomicU64,
    target: AtomicU32,
}

impl Timer {
    /// A stopped timer.
    pub const fn new(target: Target) -> Self {
        Self {
            place: Place::new(),
            date: AtomicU64::new(0),
            period: AtomicU64::new(0),
            target: AtomicU32::new(target as u32),
        }
    }

    /// Changes what it acts on, while it is stopped.
    pub fn set_target(&self, target: Target) {
        self.target.store(target as u32, Relaxed);
    }

    /// Whether it runs.
    pub fn is_running(&self) -> bool {
        self.place.agenda().is_some()
    }

    /// The date of its next shot, in ns; of the last one if it is stopped.
    pub fn date(&self) -> u64 {
        self.date.load(Relaxed)
    }

    /// Its period in ns, 0 for a single shot.
    pub fn period(&self) -> u64 {
        self.period.load(Relaxed)
    }

    /// The tag of the queue it is in. A hint, without the lock of that queue.
    pub fn queue(&self) -> Option<u32> {
        self.place.agenda()
    }

    pub(super) const fn place(&self) -> &Place {
        &self.place
    }

    fn target(&self) -> Target {
        const IRQ: u32 = Target::Irq as u32;
        const KERNEL: u32 = Target::Kernel as u32;
        match self.target.load(Relaxed) {
            IRQ => Target::Irq,
            KERNEL => Target::Kernel,
            _ => Target::User,
        }
    }
}

/// What to do with the clock hardware after a change of the queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Program {
    /// Nothing: the next date is the same.
    Keep,
    /// Program this date, which may have passed.
    At(u64),
    /// No timer runs: switch it off.
    Off,
}

/// How late Linux may get its tick for the sake of ours, in ns. A tenth of the slack of its own timers.
const CLOSE: u64 = 5_000;

/// The date to program for both: `ours`, and that of Linux, `u64::MAX` for none. An interrupt for Linux just before a date
/// of ours would delay that by as long as it is served: Linux waits for it instead.
pub const fn with_inband(ours: u64, inband: u64) -> u64 {
    if inband.saturating_add(CLOSE) > ours {
        ours
    } else {
        inband
    }
}

/// A timer that expired.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Shot {
    /// Which one.
    pub timer: TimerId,
    /// The nominal date of this shot, in ns.
    pub date: u64,
    /// How many whole periods it came too late; their shots are skipped.
    pub overruns: u64,
}

/// The running timers of a clock on a CPU.
#[derive(Debug)]
pub struct TimerQueue<S> {
    /// By the date to program.
    agenda: Agenda<S>,
    /// The date to program for the first one; `u64::MAX` if there is none.
    next: u64,
    gravity: Gravity,
}

impl<S: DerefMut<Target = [Seat]>> TimerQueue<S> {
    /// No timers, and room for as many as there are seats. `tag` tells the queue from those of
    /// other clocks and CPUs.
    pub const fn new(tag: u32, gravity: Gravity, seats: S) -> Self {
        Self {
            agenda: Agenda::new(tag, seats),
            next: u64::MAX,
            gravity,
        }
    }

    /// Changes the gravity, for timers that are started or expire from now on.
    pub fn set_gravity(&mut self, gravity: Gravity) {
        self.gravity = gravity;
    }

    /// The gravity.
    pub const fn gravity(&self) -> Gravity {
        self.gravity
    }

    /// The date to program, in ns; `None` if no timer runs. O(1).
    pub const fn next(&self) -> Option<u64> {
        if self.agenda.is_empty() {
            return None;
        }
        Some(self.next)
    }

    /// Notes what is to be programmed after a change.
    fn note(&mut self) {
        self.next = self.agenda.date();
    }

    /// Starts a timer, or starts it anew: first shot at `date`, then every `period` (0: never
    /// again), in ns. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if another queue has it, or there is no room; [`Error::Invalid`] if there is no such timer.
    pub fn start<T: Table<TimerId, Timer> + ?Sized>(
        &mut self,
        table: &T,
        id: TimerId,
        date: u64,
        period: u64,
    ) -> Result<Program, Error> {
        let timer = table.get(id).ok_or(Error::Invalid)?;
        let before = self.next();
        if timer.is_running() && !self.agenda.remove(table, id) {
            return Err(Error::Busy);
        }
        timer.date.store(date, Relaxed);
        timer.period.store(period, Relaxed);
        let early = date.saturating_sub(self.gravity.of(timer.target()));
        let done = self.agenda.insert(table, id, early);
        self.note();
        if !done {
            return Err(Error::Busy);
        }
        Ok(self.program(before))
    }

    /// Stops a timer; `None` if this queue does not have it. O(log n).
    pub fn stop<T: Table<TimerId, Timer> + ?Sized>(
        &mut self,
        table: &T,
        id: TimerId,
    ) -> Option<Program> {
        let before = self.next();
        let done = self.agenda.remove(table, id);
        self.note();
        done.then(|| self.program(before))
    }

    /// Takes the next timer that is due at `now`; `None` if none is. O(log n).
    ///
    /// To be called until it returns `None`, then [`next`](Self::next) is to be programmed. A
    /// periodic timer is started for its next period; it expires at most once for the same
    /// `now`, however short the period, so that the calls end.
    #[inline]
    pub fn expire<T: Table<TimerId, Timer> + ?Sized>(
        &mut self,
        table: &T,
        now: u64,
    ) -> Option<Shot> {
        if self.next > now {
            return None;
        }
        self.fire(table, now)
    }

    /// The first timer expires.
    fn fire<T: Table<TimerId, Timer> + ?Sized>(&mut self, table: &T, now: u64) -> Option<Shot> {
        let id = self.agenda.first()?;
        let timer = table.get(id)?;
        let (date, period) = (timer.date(), timer.period());
        let late = now.saturating_sub(date);
        let overruns = late.checked_div(period).unwrap_or(0);
        if period == 0 {
            // The first one is there.
            let _ = self.agenda.remove(table, id);
        } else {
            let elapsed = period.saturating_mul(overruns.saturating_add(1));
            self.rearm(table, timer, date.saturating_add(elapsed), now);
        }
        self.note();
        Some(Shot {
            timer: id,
            date,
            overruns,
        })
    }

    /// The first timer has another shot.
    fn rearm<T: Table<TimerId, Timer> + ?Sized>(
        &mut self,
        table: &T,
        timer: &Timer,
        date: u64,
        now: u64,
    ) {
        timer.date.store(date, Relaxed);
        let early = date.saturating_sub(self.gravity.of(timer.target()));
        // A period shorter than the gravity would be due at once, again and again.
        self.agenda
            .postpone_first(table, early.max(now.saturating_add(1)));
    }

    fn program(&self, before: Option<u64>) -> Program {
        match self.next() {
            next if next == before => Program::Keep,
            Some(date) => Program::At(date),
            None => Program::Off,
        }
    }
}
