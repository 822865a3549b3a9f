// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Words that the kernel shares with applications, and the steps that are taken on them.
//!
//! Applications take and release a free gate, or a unit of a semaphore, without a system call. The
//! steps below are the whole protocol of both sides; libevl has the application's side in C.
//! What an application writes is never trusted: a step of the kernel is one atomic operation, so
//! that no writer can make it loop, and the kernel's own records decide wherever there are waiters.

use core::sync::atomic::{AtomicU32, Ordering};

use super::error::Error;

/// An atomic word in memory that others write to.
///
/// A trait, so that kernels and model checkers can bring their own.
pub trait Word {
    /// Reads the word, with acquire ordering.
    fn load(&self) -> u32;
    /// Writes the word, with release ordering.
    fn store(&self, value: u32);
    /// Writes `to` if the word is `from`, with acquire and release ordering; else returns it.
    ///
    /// # Errors
    ///
    /// The value found.
    fn exchange_if(&self, from: u32, to: u32) -> Result<u32, u32>;
    /// Sets bits and returns what was there, with acquire and release ordering.
    fn set(&self, bits: u32) -> u32;
    /// Clears bits and returns what was there, with acquire and release ordering.
    fn clear(&self, bits: u32) -> u32;
    /// Adds, wrapping around, and returns what was there, with acquire and release ordering.
    fn add(&self, value: u32) -> u32;
}

impl Word for AtomicU32 {
    fn load(&self) -> u32 {
        self.load(Ordering::Acquire)
    }

    fn store(&self, value: u32) {
        self.store(value, Ordering::Release);
    }

    fn exchange_if(&self, from: u32, to: u32) -> Result<u32, u32> {
        self.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    fn set(&self, bits: u32) -> u32 {
        self.fetch_or(bits, Ordering::AcqRel)
    }

    fn clear(&self, bits: u32) -> u32 {
        self.fetch_and(!bits, Ordering::AcqRel)
    }

    fn add(&self, value: u32) -> u32 {
        self.fetch_add(value, Ordering::AcqRel)
    }
}

/// The owner word of a gate: 0 if free, else the owner's handle, and the bits below.
///
/// ```text
///            application                          kernel, under the PI lock
///   0 --------- lock ---------> owner
///   0 <-------- unlock -------- owner --------- first waiter -------> owner | CLAIMED
///                               owner --------- commit -------------> owner | CEILING
///   0 <---------------------------------------- exit, no waiter ----- owner | any bits
///                               CLAIMED <------ exit, waiters ------- owner | any bits
///                               CLAIMED ------- enter --------------> owner | CLAIMED, or owner
/// ```
///
/// While a bit is set both steps of the application fail, and it calls the kernel. `CLAIMED` with
/// no owner: the gate was released, and a waiter was woken to take it.
pub mod gate {
    use super::{Error, Word};

    /// There were waiters: the kernel decides who gets the gate.
    pub const CLAIMED: u32 = 0x8000_0000;
    /// The ceiling is in force: the kernel has to lift it.
    pub const CEILING: u32 = 0x4000_0000;
    /// The handle of the owner.
    pub const OWNER: u32 = 0x3fff_ffff;

    /// Takes a free gate. For oob threads that are neither SCHED_WEAK nor in mode WOLI.
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] if the caller owns the gate, which it may [`nest`]; [`Error::Again`] if
    /// it has to call the kernel (EVL_MONIOC_ENTER).
    pub fn lock(word: &impl Word, me: u32) -> Result<(), Error> {
        match word.exchange_if(0, me) {
            Ok(_) => Ok(()),
            Err(found) if found & OWNER == me => Err(Error::Deadlock),
            Err(_) => Err(Error::Again),
        }
    }

    /// Releases a gate that nobody waits for.
    ///
    /// `signaled`: the gate's state has SIGNALED set, an event was signaled under the gate.
    ///
    /// # Errors
    ///
    /// [`Error::NotOwner`], or [`Error::Again`] if the caller has to call the kernel
    /// (EVL_MONIOC_EXIT).
    pub fn unlock(word: &impl Word, me: u32, signaled: bool) -> Result<(), Error> {
        if signaled {
            return match word.load() & OWNER {
                owner if owner == me => Err(Error::Again),
                _ => Err(Error::NotOwner),
            };
        }
        match word.exchange_if(me, 0) {
            Ok(_) => Ok(()),
            Err(found) if found & OWNER == me => Err(Error::Again),
            Err(_) => Err(Error::NotOwner),
        }
    }

    /// Takes a free gate that has a ceiling, to be committed by the kernel if need be.
    ///
    /// `pending` is the caller's pp_pending, `gate` the handle of the gate.
    ///
    /// # Errors
    ///
    /// As [`lock`]; one ceiling only can be pending, so that the kernel has to be called while the
    /// caller owns another gate with a ceiling.
    pub fn lock_ceiling(
        word: &impl Word,
        pending: &impl Word,
        me: u32,
        gate: u32,
    ) -> Result<(), Error> {
        if pending.load() != 0 {
            return match word.load() & OWNER {
                owner if owner == me => Err(Error::Deadlock),
                _ => Err(Error::Again),
            };
        }
        // Before the gate is owned: the kernel may look at any time in between.
        pending.store(gate);
        lock(word, me).inspect_err(|_| pending.store(0))
    }

    /// Releases a gate that was taken by [`lock_ceiling`].
    ///
    /// # Errors
    ///
    /// As [`unlock`].
    pub fn unlock_ceiling(
        word: &impl Word,
        pending: &impl Word,
        me: u32,
        gate: u32,
        signaled: bool,
    ) -> Result<(), Error> {
        let done = unlock(word, me, signaled);
        if done != Err(Error::NotOwner) && pending.load() == gate {
            pending.store(0);
        }
        done
    }

    /// The nesting count of a gate which its owner locks again.
    ///
    /// # Errors
    ///
    /// [`Error::Deadlock`] unless the gate is recursive, [`Error::Again`] if the count, which has
    /// 31 bits, is at its end.
    pub const fn nest(recursive: bool, nesting: u32) -> Result<u32, Error> {
        if !recursive {
            return Err(Error::Deadlock);
        }
        if nesting >= 0x7fff_ffff {
            return Err(Error::Again);
        }
        Ok(nesting.saturating_add(1))
    }
}

/// The value of a semaphore: units, or minus the number of waiters.
///
/// The application moves it between values that are not negative, the kernel does all else.
pub mod count {
    use super::{Error, Word};

    /// Takes a unit. One attempt: `None` if another change got in between, try again.
    ///
    /// # Errors
    ///
    /// [`Error::Again`] if there is none: the caller has to call the kernel (EVL_MONIOC_WAIT).
    pub fn get(word: &impl Word) -> Option<Result<(), Error>> {
        let found = word.load();
        if !is_positive(found) {
            return Some(Err(Error::Again));
        }
        word.exchange_if(found, found.wrapping_sub(1))
            .ok()
            .map(|_| Ok(()))
    }

    /// Returns a unit. One attempt, as [`get`].
    ///
    /// `polled`: the state's pollrefs is not 0.
    ///
    /// # Errors
    ///
    /// [`Error::Again`] if the caller has to call the kernel (EVL_MONIOC_SIGNAL),
    /// [`Error::Overflow`] if the value is at its end.
    pub fn put(word: &impl Word, polled: bool) -> Option<Result<(), Error>> {
        let found = word.load();
        if polled || is_negative(found) {
            return Some(Err(Error::Again));
        }
        if found == i32::MAX as u32 {
            return Some(Err(Error::Overflow));
        }
        word.exchange_if(found, found.wrapping_add(1))
            .ok()
            .map(|_| Ok(()))
    }

    /// Whether a value stands for waiters.
    pub const fn is_negative(value: u32) -> bool {
        value > i32::MAX as u32
    }

    /// Whether a value stands for units.
    pub const fn is_positive(value: u32) -> bool {
        value != 0 && !is_negative(value)
    }
}

/// The flags of a gate or a gated event.
pub mod signal {
    use super::Word;

    /// The event was signaled; a gate has it while some event of its has.
    pub const SIGNALED: u32 = 0x1;
    /// All waiters are meant.
    pub const BROADCAST: u32 = 0x2;
    /// Some waiters were picked.
    pub const TARGETED: u32 = 0x4;

    /// Whom an event woke up.
    #[derive(Clone, Copy, Debug, Eq, PartialEq)]
    pub enum Signal {
        /// Nobody.
        None,
        /// Who is served next.
        One,
        /// Those that were picked, by a signal to a thread.
        Targeted,
        /// Everybody.
        All,
    }

    /// Takes what was signaled, leaving nothing.
    ///
    /// A signal to whoever is next cannot be told from its absence if a thread was picked under the
    /// same hold of the gate: the interface has one bit for both.
    pub fn collect(word: &impl Word) -> Signal {
        let found = word.clear(SIGNALED | BROADCAST | TARGETED);
        if found & SIGNALED == 0 {
            return Signal::None;
        }
        match found & (BROADCAST | TARGETED) {
            0 => Signal::One,
            TARGETED => Signal::Targeted,
            _ => Signal::All,
        }
    }
}
