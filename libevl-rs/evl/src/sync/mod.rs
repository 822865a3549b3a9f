// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutexes, events, semaphores and groups of flags for threads of the core.
//!
//! As long as nobody has to wait, mutexes and semaphores need no system call. A time limit is a date of the
//! clock that the [`Options`] name, CLOCK_MONOTONIC by default. Unless stated otherwise, calls take the caller
//! out-of-band if they have to wait or to wake somebody up.

mod event;
mod flags;
mod mutex;
mod recursive;
mod semaphore;

pub use event::Event;
pub use flags::Flags;
pub use mutex::{Mutex, MutexGuard};
pub use recursive::{RecursiveMutex, RecursiveMutexGuard};
pub use semaphore::Semaphore;

use std::time::Duration;

use evl_sys::__kernel_timespec;

use crate::clock::ClockId;
use crate::error::{Error, Result};
use crate::time::timespec;

/// What all that is made in this module has in common: a name, and the clock of its time limits.
#[derive(Clone, Debug)]
pub struct Options {
    name: Option<String>,
    public: bool,
    clock: ClockId,
}

impl Default for Options {
    /// Private, with a name by the core, and CLOCK_MONOTONIC.
    fn default() -> Self {
        Self {
            name: None,
            public: false,
            clock: ClockId::Monotonic,
        }
    }
}

impl Options {
    /// Private, with a name by the core, and CLOCK_MONOTONIC.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name by which it is shown, unique among all of this module in the system: 1 to 62 bytes without a slash.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Makes it public: other processes can open it by its name, which it must have.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// The clock of time limits.
    #[must_use]
    pub fn clock(mut self, clock: ClockId) -> Self {
        self.clock = clock;
        self
    }

    pub(crate) fn name_str(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn is_public(&self) -> bool {
        self.public
    }

    pub(crate) fn clock_id(&self) -> ClockId {
        self.clock
    }
}

/// What keeps the owner of a mutex from being preempted while others wait for it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Protocol {
    /// Priority inheritance: it has at least the priority of each who waits.
    #[default]
    Inheritance,
    /// Priority ceiling: it has at least this priority of SCHED_FIFO, 1 to 99, once it is preempted or calls the core.
    Ceiling(u8),
}

impl Protocol {
    pub(crate) fn check(self) -> Result<()> {
        match self {
            Self::Ceiling(priority) => check_ceiling(priority),
            Self::Inheritance => Ok(()),
        }
    }
}

fn check_ceiling(priority: u8) -> Result<()> {
    if !(1..=99).contains(&priority) {
        return Err(Error::OutOfRange {
            what: "the ceiling",
            found: priority.to_string(),
            wanted: "1 to 99",
        });
    }
    Ok(())
}

/// A time limit for the core.
fn limit(date: Duration) -> Result<Option<__kernel_timespec>> {
    timespec("the date", date).map(Some)
}
