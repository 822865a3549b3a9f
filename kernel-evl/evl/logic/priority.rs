// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Policies, priorities, and their one order on a CPU.

use super::error::Error;

/// Scheduling classes, in the order in which a CPU serves them, last one first.
///
/// SCHED_RR is the class of SCHED_FIFO with a quantum. Below all of them is Linux, which runs when
/// a run queue has nothing to offer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Class {
    /// SCHED_WEAK: in-band by default.
    Weak,
    /// SCHED_QUOTA: a budget shared by a group.
    Quota,
    /// SCHED_TP: windows of time.
    Tp,
    /// SCHED_FIFO and SCHED_RR.
    Fifo,
}

/// A policy as applications name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Policy {
    /// Runs until it blocks or yields.
    Fifo,
    /// As [`Fifo`](Self::Fifo), with a quantum.
    RoundRobin,
    /// In-band by default.
    Weak,
    /// A member of a group with a budget.
    Quota,
    /// A member of a time partition.
    Tp,
}

impl Policy {
    /// The policy with a number of the interface.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for all numbers but those of SCHED_FIFO (1), SCHED_RR (2), SCHED_WEAK
    /// (43), SCHED_QUOTA (44) and SCHED_TP (45).
    pub const fn from_number(number: i32) -> Result<Self, Error> {
        match number {
            1 => Ok(Self::Fifo),
            2 => Ok(Self::RoundRobin),
            43 => Ok(Self::Weak),
            44 => Ok(Self::Quota),
            45 => Ok(Self::Tp),
            _ => Err(Error::Invalid),
        }
    }

    /// The class that serves the policy.
    pub const fn class(self) -> Class {
        match self {
            Self::Fifo | Self::RoundRobin => Class::Fifo,
            Self::Weak => Class::Weak,
            Self::Quota => Class::Quota,
            Self::Tp => Class::Tp,
        }
    }

    /// The priority of a thread of an application.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] unless it is 1 to 99, or 0 to 99 with SCHED_WEAK.
    pub const fn priority(self, priority: i32) -> Result<Priority, Error> {
        let lowest = if matches!(self, Self::Weak) { 0 } else { 1 };
        if priority < lowest || priority > 99 {
            return Err(Error::Invalid);
        }
        Priority::new(self.class(), priority)
    }
}

/// The highest priority in a class: one above Linux's highest real-time priority, plus one.
///
/// Applications get 1 to 99; 0, 100 and 101 are the core's own, in the class of SCHED_FIFO.
pub const HIGHEST: i32 = 101;

/// A weighted priority: comparable across classes, higher is served first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Priority(u16);

/// Bits of a weighted priority below the class.
const SHIFT: u32 = 7;

/// The number of distinct weighted priorities, used or not.
pub const LEVELS: usize = 4 << SHIFT;

/// Bits of a weighted priority.
const LEVEL_BITS: u32 = (4 << SHIFT) - 1;

impl Priority {
    /// The lowest there is.
    pub const LOWEST: Self = Self(0);

    /// A priority of a class.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] unless it is 0 to [`HIGHEST`].
    pub const fn new(class: Class, priority: i32) -> Result<Self, Error> {
        if priority < 0 || priority > HIGHEST {
            return Err(Error::Invalid);
        }
        Ok(Self(((class as u16) << SHIFT) | priority as u16))
    }

    /// The class whose range it is in.
    pub const fn class(self) -> Class {
        match self.0 >> SHIFT {
            0 => Class::Weak,
            1 => Class::Quota,
            2 => Class::Tp,
            _ => Class::Fifo,
        }
    }

    /// The priority within the class.
    pub const fn in_class(self) -> i32 {
        (self.0 & ((1 << SHIFT) - 1)) as i32
    }

    /// The weighted priority as a number below [`LEVELS`].
    pub const fn level(self) -> u16 {
        self.0
    }

    /// The priority with the given number, see [`level`](Self::level).
    pub const fn from_level(level: u32) -> Self {
        Self((level & LEVEL_BITS) as u16)
    }

    /// The key that puts higher priorities first in an ordered set.
    pub const fn key(self) -> u64 {
        !self.0 as u64
    }

    /// The priority with the given [`key`](Self::key).
    pub const fn from_key(key: u64) -> Self {
        Self::from_level((u16::MAX as u64 & !key) as u32)
    }
}
