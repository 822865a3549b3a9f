// SPDX-License-Identifier: MIT OR Apache-2.0
//! Timers.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use evl_sys::{__kernel_itimerspec, __kernel_timespec};
use rustix::io::{self, Errno};

use super::Clock;
use super::core::{block, call, core, now};
use crate::clock::ClockId;
use crate::time::duration;

/// How it is set.
#[derive(Clone, Copy, Debug, Default)]
struct State {
    /// The end of the first period that nobody was told of.
    next: Option<Duration>,
    period: Duration,
    nonblocking: bool,
}

/// A timer of a clock.
#[derive(Debug)]
pub(crate) struct Timer {
    id: u64,
    clock: ClockId,
    /// Locked inside the lock of the core.
    state: Mutex<State>,
}

impl State {
    /// Takes the periods that have ended.
    fn take(&mut self, now: Duration) -> Option<u64> {
        let late = now.checked_sub(self.next?)?;
        if self.period.is_zero() {
            self.next = None;
            return Some(1);
        }
        let late = u64::try_from(late.as_nanos()).unwrap_or(u64::MAX);
        let period = u64::try_from(self.period.as_nanos()).unwrap_or(u64::MAX);
        let ended = (late / period).saturating_add(1);
        let ahead = Duration::from_nanos(period.saturating_mul(ended));
        self.next = self.next.map(|next| next.saturating_add(ahead));
        Some(ended)
    }
}

fn time(time: Duration) -> __kernel_timespec {
    __kernel_timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    }
}

impl Timer {
    /// Makes one that is stopped.
    pub(crate) fn new(clock: &Clock) -> io::Result<Self> {
        let id = core().new_id();
        Ok(Self {
            id,
            clock: clock.id(),
            state: Mutex::default(),
        })
    }

    fn with<R>(&self, body: impl FnOnce(&mut State) -> R) -> R {
        body(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Starts or stops it: the setting before.
    pub(crate) fn set(&self, setting: &__kernel_itimerspec) -> io::Result<__kernel_itimerspec> {
        let mut locked = core();
        let before = self.get()?;
        let next = duration(&setting.it_value).ok_or(Errno::INVAL)?;
        let period = duration(&setting.it_interval).ok_or(Errno::INVAL)?;
        self.with(|state| {
            state.next = Some(next).filter(|next| !next.is_zero());
            state.period = period;
        });
        // They look again.
        locked.wake_all(self.id, Ok(0));
        Ok(before)
    }

    /// Its setting: that of its next shot.
    pub(crate) fn get(&self) -> io::Result<__kernel_itimerspec> {
        // Of a copy: nobody is told of what ended.
        let mut state = self.with(|state| *state);
        state.take(now(self.clock));
        Ok(match state.next {
            None => __kernel_itimerspec::default(),
            Some(next) => __kernel_itimerspec {
                it_interval: time(state.period),
                it_value: time(next),
            },
        })
    }

    /// Waits for the end of a period: how many have ended.
    pub(crate) fn wait(&self) -> io::Result<u64> {
        call(|mut locked, me| {
            loop {
                let time = now(self.clock);
                let (ended, state) = self.with(|state| (state.take(time), *state));
                if let Some(ended) = ended {
                    return (locked, Ok(ended));
                }
                if state.nonblocking {
                    return (locked, Err(Errno::AGAIN));
                }
                let limit = state.next.map(|next| (self.clock, next));
                let done;
                (locked, done) = block(locked, me, self.id, (0, false), limit);
                match done {
                    Ok(_) | Err(Errno::TIMEDOUT) => {}
                    Err(errno) => return (locked, Err(errno)),
                }
            }
        })
    }

    /// Whether to wait.
    pub(crate) fn set_nonblocking(&self, nonblocking: bool) -> io::Result<()> {
        self.with(|state| state.nonblocking = nonblocking);
        Ok(())
    }
}
