// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutexes.

use std::cell::UnsafeCell;
use std::fmt;
use std::marker::PhantomData;
use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::{Options, Protocol, check_ceiling, limit};
use crate::error::{Error, Result};
use crate::sys;

/// A mutex for threads of the core, which protects a value.
///
/// Its owner inherits the priority of those who wait, unless it is [made](Mutex::with) with a ceiling. It is not
/// poisoned by a panic. A thread should release it before it detaches or ends: otherwise those who lock it later get
/// [`Error::OwnerDied`].
pub struct Mutex<T: ?Sized> {
    gate: sys::Gate,
    /// Whether there is a guard. The gate alone does not tell: the core takes it from a thread that has ended, whose
    /// guard may have been leaked, and with it a reference to the value. The owner of the gate accesses it; acquire and
    /// release are for a guard that is dropped after its thread has detached, for which the gate orders nothing.
    held: AtomicBool,
    value: UnsafeCell<T>,
}

// SAFETY: the value goes where the mutex goes.
unsafe impl<T: ?Sized + Send> Send for Mutex<T> {}
// SAFETY: the value is given to one thread at a time, hence T has to be Send, not Sync.
unsafe impl<T: ?Sized + Send> Sync for Mutex<T> {}

const LOCK: &str = "lock a mutex";

impl<T> Mutex<T> {
    /// Makes a private one with priority inheritance.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::with`].
    pub fn new(value: T) -> Result<Self> {
        Self::with(&Options::new(), Protocol::default(), value)
    }

    /// Makes one.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NoCore`] and the like if there is no core to talk to, [`Error::NotRunning`], [`Error::Permission`],
    /// [`Error::NameInUse`], [`Error::TooMany`], [`Error::OutOfRange`] for a name or ceiling that cannot be.
    pub fn with(options: &Options, protocol: Protocol, value: T) -> Result<Self> {
        protocol.check()?;
        Ok(Self::of(sys::Gate::new(options, protocol, false)?, value))
    }

    /// Opens a public one. The value is this one's own: what processes share by a mutex is elsewhere.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Permission`]; [`Error::Unexpected`] if it is no mutex, or a recursive one.
    pub fn open(name: &str, value: T) -> Result<Self> {
        let gate = sys::Gate::open(name)?;
        if gate.is_recursive() {
            return Err(Error::Unexpected {
                path: name.into(),
                found: "a recursive mutex".to_owned(),
                wanted: "one that is not",
            });
        }
        Ok(Self::of(gate, value))
    }

    fn of(gate: sys::Gate, value: T) -> Self {
        Self {
            gate,
            held: AtomicBool::new(false),
            value: UnsafeCell::new(value),
        }
    }

    /// The value.
    pub fn into_inner(self) -> T {
        self.value.into_inner()
    }
}

impl<T: ?Sized> Mutex<T> {
    /// Locks it, and waits for that if need be. A signal does not end the wait.
    ///
    /// **Stage: oob**; no system call if the caller is out-of-band, not of [`Policy::Weak`](crate::Policy::Weak), and
    /// the mutex is free.
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] if the caller owns it, or would wait for itself in the end, [`Error::OwnerDied`],
    /// [`Error::NotAttached`].
    pub fn lock(&self) -> Result<MutexGuard<'_, T>> {
        self.lock_by(None)
    }

    /// Locks it, until a date at most.
    ///
    /// **Stage: oob**, as [`Mutex::lock`].
    ///
    /// # Errors
    ///
    /// Those of [`Mutex::lock`], [`Error::TimedOut`], and [`Error::OutOfRange`] for dates after 292 years.
    pub fn lock_until(&self, date: Duration) -> Result<MutexGuard<'_, T>> {
        self.lock_by(limit(date)?)
    }

    fn lock_by(&self, limit: Option<__kernel_timespec>) -> Result<MutexGuard<'_, T>> {
        let done = self.gate.lock(limit);
        done.map_err(|errno| Error::from_call(LOCK, errno))?;
        self.guard()
    }

    /// Locks it if it is free: `None` if somebody else owns it.
    ///
    /// **Stage: oob**, as [`Mutex::lock`].
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] if the caller owns it, [`Error::OwnerDied`], [`Error::NotAttached`].
    pub fn try_lock(&self) -> Result<Option<MutexGuard<'_, T>>> {
        match self.gate.try_lock() {
            Ok(()) => self.guard().map(Some),
            Err(Errno::BUSY) => Ok(None),
            Err(errno) => Err(Error::from_call(LOCK, errno)),
        }
    }

    /// The caller owns the gate.
    fn guard(&self) -> Result<MutexGuard<'_, T>> {
        if self.held.load(Ordering::Acquire) {
            // It can only have been that of a caller who owns it.
            let _ = self.gate.unlock();
            return Err(Error::OwnerDied);
        }
        self.held.store(true, Ordering::Relaxed);
        Ok(MutexGuard {
            mutex: self,
            only_here: PhantomData,
        })
    }

    /// The value, without locking: the caller has the only reference.
    pub fn get_mut(&mut self) -> &mut T {
        self.value.get_mut()
    }

    /// Its ceiling, if it has one.
    ///
    /// **Stage: any.**
    pub fn ceiling(&self) -> Option<u8> {
        self.gate.ceiling()
    }

    /// Changes its ceiling, 1 to 99. If the present owner's is in force, this holds for the next.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`], also if it was made without a ceiling.
    pub fn set_ceiling(&self, priority: u8) -> Result<()> {
        check_ceiling(priority)?;
        if self.gate.ceiling().is_none() {
            return Err(Error::OutOfRange {
                what: "the protocol",
                found: "priority inheritance".to_owned(),
                wanted: "one with a ceiling",
            });
        }
        self.gate.set_ceiling(priority);
        Ok(())
    }
}

impl<T: ?Sized> fmt::Debug for Mutex<T> {
    /// Does not lock it: that could wait.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mutex")
            .field("gate", &self.gate)
            .finish_non_exhaustive()
    }
}

/// A locked [`Mutex`], which is released when this is dropped.
#[must_use = "it is released at once unless this is kept"]
pub struct MutexGuard<'a, T: ?Sized> {
    mutex: &'a Mutex<T>,
    /// It is its thread that owns the gate.
    only_here: PhantomData<*const ()>,
}

// SAFETY: a reference to it leads to references to T only.
unsafe impl<T: ?Sized + Sync> Sync for MutexGuard<'_, T> {}

impl<'a, T: ?Sized> MutexGuard<'a, T> {
    pub(super) fn gate(&self) -> &'a sys::Gate {
        &self.mutex.gate
    }

    /// Calls `wait`, which releases the gate and owns it again in the end.
    ///
    /// # Errors
    ///
    /// PERM if the thread does not own the gate any more, having detached.
    pub(super) fn without(
        &mut self,
        wait: impl FnOnce(&sys::Gate) -> io::Result<()>,
    ) -> io::Result<()> {
        if !self.mutex.gate.is_mine() {
            return Err(Errno::PERM);
        }
        self.mutex.held.store(false, Ordering::Relaxed);
        let result = wait(&self.mutex.gate);
        if self.mutex.held.swap(true, Ordering::Relaxed) {
            // Somebody ended with a guard, while this one is there: the value would be given away twice.
            eprintln!("evl: {}", Error::OwnerDied);
            std::process::abort();
        }
        result
    }
}

impl<T: ?Sized> Deref for MutexGuard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: this is the only guard, as `held` ensures.
        unsafe { &*self.mutex.value.get() }
    }
}

impl<T: ?Sized> DerefMut for MutexGuard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: this is the only guard, as `held` ensures, and it is borrowed mutably.
        unsafe { &mut *self.mutex.value.get() }
    }
}

impl<T: ?Sized> Drop for MutexGuard<'_, T> {
    fn drop(&mut self) {
        self.mutex.held.store(false, Ordering::Release);
        // It fails if the thread has detached meanwhile; the core has released the gate then.
        let _ = self.mutex.gate.unlock();
    }
}

impl<T: ?Sized + fmt::Debug> fmt::Debug for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

impl<T: ?Sized + fmt::Display> fmt::Display for MutexGuard<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}
