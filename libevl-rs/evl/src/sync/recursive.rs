// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutexes that their owner can lock again.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io::Errno;

use super::{Options, Protocol, limit};
use crate::error::{Error, Result};
use crate::sys;

/// A [`Mutex`](super::Mutex) which its owner can lock again, 2^31 - 1 times in all.
///
/// Its guards therefore give shared access to the value; a [`Cell`](std::cell::Cell) or
/// [`RefCell`](std::cell::RefCell) changes it.
pub struct RecursiveMutex<T: ?Sized> {
    gate: sys::Gate,
    /// Whose the guards are, by [`sys::serial`]; 0 if there are none. See `Mutex::held`.
    holder: AtomicU64,
    /// How many there are.
    guards: AtomicU32,
    value: T,
}

// SAFETY: the value is given to one thread at a time, hence T has to be Send, not Sync.
unsafe impl<T: ?Sized + Send> Sync for RecursiveMutex<T> {}

const LOCK: &str = "lock a mutex";

impl<T> RecursiveMutex<T> {
    /// Makes a private one with priority inheritance.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`](super::Mutex::with).
    pub fn new(value: T) -> Result<Self> {
        Self::with(&Options::new(), Protocol::default(), value)
    }

    /// Makes one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`](super::Mutex::with).
    pub fn with(options: &Options, protocol: Protocol, value: T) -> Result<Self> {
        protocol.check()?;
        let gate = sys::Gate::new(options, protocol, true)?;
        Ok(Self {
            gate,
            holder: AtomicU64::new(0),
            guards: AtomicU32::new(0),
            value,
        })
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value
    }
}

impl<T: ?Sized> RecursiveMutex<T> {
    /// Locks it, and waits for that if need be. A signal does not end the wait.
    ///
    /// **Stage: oob**, as [`Mutex::lock`](super::Mutex::lock); **any** if the caller owns it.
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] if the caller would wait for itself in the end, [`Error::OwnerDied`],
    /// [`Error::NotAttached`], [`Error::WouldBlock`] if it was locked 2^31 - 1 times.
    pub fn lock(&self) -> Result<RecursiveMutexGuard<'_, T>> {
        self.lock_by(None)
    }

    /// Locks it, until a date at most.
    ///
    /// **Stage: oob**, as [`RecursiveMutex::lock`].
    ///
    /// # Errors
    ///
    /// Those of [`RecursiveMutex::lock`], [`Error::TimedOut`], and [`Error::OutOfRange`] for dates after 292 years.
    pub fn lock_until(&self, date: Duration) -> Result<RecursiveMutexGuard<'_, T>> {
        self.lock_by(limit(date)?)
    }

    fn lock_by(&self, limit: Option<__kernel_timespec>) -> Result<RecursiveMutexGuard<'_, T>> {
        if self.is_mine() {
            return self.again();
        }
        let done = self.gate.lock(limit);
        done.map_err(|errno| Error::from_call(LOCK, errno))?;
        self.first()
    }

    /// Locks it if it is free, or the caller's: `None` if somebody else owns it.
    ///
    /// **Stage: oob**, as [`RecursiveMutex::lock`].
    ///
    /// # Errors
    ///
    /// [`Error::OwnerDied`], [`Error::NotAttached`], [`Error::WouldBlock`] if it was locked 2^31 - 1 times.
    pub fn try_lock(&self) -> Result<Option<RecursiveMutexGuard<'_, T>>> {
        if self.is_mine() {
            return self.again().map(Some);
        }
        match self.gate.try_lock() {
            Ok(()) => self.first().map(Some),
            Err(Errno::BUSY) => Ok(None),
            Err(errno) => Err(Error::from_call(LOCK, errno)),
        }
    }

    /// Relaxed: only the caller makes the answer true, and only it makes it false again.
    fn is_mine(&self) -> bool {
        sys::serial().is_some_and(|me| self.holder.load(Ordering::Relaxed) == me)
    }

    fn again(&self) -> Result<RecursiveMutexGuard<'_, T>> {
        let done = self.gate.lock_again();
        done.map_err(|errno| Error::from_call(LOCK, errno))?;
        Ok(self.guard())
    }

    /// The caller owns the gate since now.
    fn first(&self) -> Result<RecursiveMutexGuard<'_, T>> {
        if self.holder.load(Ordering::Acquire) != 0 {
            // It can only have been that of a caller who owns it.
            let _ = self.gate.unlock();
            return Err(Error::OwnerDied);
        }
        self.holder
            .store(sys::serial().unwrap_or(0), Ordering::Relaxed);
        Ok(self.guard())
    }

    fn guard(&self) -> RecursiveMutexGuard<'_, T> {
        self.guards.fetch_add(1, Ordering::Relaxed);
        RecursiveMutexGuard {
            mutex: self,
            only_here: PhantomData,
        }
    }

    /// The value, without locking: the caller has the only reference.
    pub fn get_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl<T: ?Sized> fmt::Debug for RecursiveMutex<T> {
    /// Does not lock it: that could wait.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RecursiveMutex")
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// A locked [`RecursiveMutex`], which is released when the last of these is dropped.
#[must_use = "it is released at once unless this is kept"]
pub struct RecursiveMutexGuard<'a, T: ?Sized> {
    mutex: &'a RecursiveMutex<T>,
    /// It is its thread that owns the gate.
    only_here: PhantomData<*const ()>,
}

// SAFETY: a reference to it leads to references to T only.
unsafe impl<T: ?Sized + Sync> Sync for RecursiveMutexGuard<'_, T> {}

impl<T: ?Sized> Deref for RecursiveMutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.mutex.value
    }
}

impl<T: ?Sized> Drop for RecursiveMutexGuard<'_, T> {
    fn drop(&mut self) {
        if self.mutex.guards.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.mutex.holder.store(0, Ordering::Release);
        }
        // It fails if the thread has detached meanwhile; the core has released the gate then.
        let _ = self.mutex.gate.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for RecursiveMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for RecursiveMutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
