// SPDX-License-Identifier: MIT OR Apache-2.0
//! Events.

use std::time::Duration;

use evl_sys::__kernel_timespec;

use super::{MutexGuard, Options, limit};
use crate::error::{Error, Result};
use crate::sys;
use crate::thread::Thread;

/// An event which threads wait for under a mutex: a condition variable.
///
/// All who wait at a time use the same mutex. Those that are woken up by a signal go when the mutex is released by who
/// signals.
#[derive(Debug)]
pub struct Event {
    inner: sys::Event,
}

const WAIT: &str = "wait for an event";
const SIGNAL: &str = "signal an event";

impl Event {
    /// Makes a private one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::new`](super::Mutex::new).
    pub fn new() -> Result<Self> {
        Self::with(&Options::new())
    }

    /// Makes one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`](super::Mutex::with).
    pub fn with(options: &Options) -> Result<Self> {
        let inner = sys::Event::new(options)?;
        Ok(Self { inner })
    }

    /// Opens a public one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Permission`]; [`Error::Unexpected`] if it is no event.
    pub fn open(name: &str) -> Result<Self> {
        let inner = sys::Event::open(name)?;
        Ok(Self { inner })
    }

    /// Releases the mutex, waits, and locks the mutex again, also if it fails.
    ///
    /// Others may lock the mutex first after a signal: see [`Event::wait_while`].
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if a signal came or the thread was unblocked, [`Error::WrongMutex`],
    /// [`Error::NotAttached`].
    ///
    /// # Aborts
    ///
    /// The process, if the mutex cannot be locked again because its owner died.
    pub fn wait<T: ?Sized>(&self, guard: &mut MutexGuard<'_, T>) -> Result<()> {
        self.wait_by(guard, None)
    }

    /// The same, until a date at most.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// Those of [`Event::wait`], [`Error::TimedOut`], and [`Error::OutOfRange`] for dates after 292 years.
    ///
    /// # Aborts
    ///
    /// As [`Event::wait`].
    pub fn wait_until<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        date: Duration,
    ) -> Result<()> {
        self.wait_by(guard, limit(date)?)
    }

    /// Waits as long as `condition` says so of the value, which it is asked with the mutex locked.
    ///
    /// **Stage: oob**; any if `condition` does not hold.
    ///
    /// # Errors
    ///
    /// Those of [`Event::wait`].
    ///
    /// # Aborts
    ///
    /// As [`Event::wait`].
    pub fn wait_while<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        mut condition: impl FnMut(&mut T) -> bool,
    ) -> Result<()> {
        while condition(guard) {
            self.wait(guard)?;
        }
        Ok(())
    }

    fn wait_by<T: ?Sized>(
        &self,
        guard: &mut MutexGuard<'_, T>,
        limit: Option<__kernel_timespec>,
    ) -> Result<()> {
        let done = guard.without(|gate| self.inner.wait(gate, limit));
        done.map_err(|errno| Error::from_call(WAIT, errno))
    }

    /// Wakes up the first of those who wait, once the mutex is released.
    ///
    /// **Stage: any.** The release of the mutex is a system call of the core then.
    ///
    /// # Errors
    ///
    /// [`Error::WrongMutex`], [`Error::NotAttached`].
    pub fn signal<T: ?Sized>(&self, guard: &MutexGuard<'_, T>) -> Result<()> {
        let done = self.inner.signal(guard.gate());
        done.map_err(|errno| Error::from_call(SIGNAL, errno))
    }

    /// Wakes up all who wait, once the mutex is released.
    ///
    /// **Stage: any.** The release of the mutex is a system call of the core then.
    ///
    /// # Errors
    ///
    /// [`Error::WrongMutex`], [`Error::NotAttached`].
    pub fn broadcast<T: ?Sized>(&self, guard: &MutexGuard<'_, T>) -> Result<()> {
        let done = self.inner.broadcast(guard.gate());
        done.map_err(|errno| Error::from_call(SIGNAL, errno))
    }

    /// Wakes up a thread, if it waits for this event, once the mutex is released.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::WrongMutex`], [`Error::NotAttached`], [`Error::Gone`].
    pub fn signal_thread<T: ?Sized>(
        &self,
        guard: &MutexGuard<'_, T>,
        thread: &Thread,
    ) -> Result<()> {
        let done = self.inner.signal_thread(guard.gate(), thread.inner());
        done.map_err(|errno| Error::from_call(SIGNAL, errno))
    }
}
