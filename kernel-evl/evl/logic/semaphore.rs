// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Semaphores (EVL_EVENT_COUNT): the kernel's side of the [value](super::word::count).
//!
//! A unit that is returned while threads wait is handed to the first of them at once: nobody who
//! comes later takes it away. All methods are called under the lock of the element, oob or
//! with hard interrupts off.

use super::{
    error::Error,
    status::{info, Status},
    table::{Table, ThreadId},
    thread::Thread,
    waitqueue::{Order, WaitQueue},
    word::{count, Word},
};

/// Minus one.
const LESS: u32 = u32::MAX;

/// What a thread that wants a unit has to do.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[must_use]
pub enum Get {
    /// Nothing: it has one.
    Got,
    /// [Block](super::runqueue::RunQueue::block), before the lock is released.
    Wait,
}

/// The waiters of a semaphore. Its value is a word shared with applications.
#[derive(Debug)]
pub struct Semaphore {
    waiters: WaitQueue,
}

impl Semaphore {
    /// Nobody waits. `tag` as for [`WaitQueue::new`].
    pub const fn new(tag: u32, order: Order) -> Self {
        Self {
            waiters: WaitQueue::new(tag, order),
        }
    }

    /// The value that a semaphore may have at its creation.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] above 2^31 - 1.
    pub const fn check_initial(value: u32) -> Result<u32, Error> {
        if count::is_negative(value) {
            return Err(Error::Invalid);
        }
        Ok(value)
    }

    /// Its waiters: for a change of priority.
    pub fn waiters(&mut self) -> &mut WaitQueue {
        &mut self.waiters
    }

    /// Takes a unit for `me`, or queues it. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if `me` waits elsewhere.
    pub fn get<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
        me: ThreadId,
    ) -> Result<Get, Error> {
        if count::is_positive(word.add(LESS)) {
            return Ok(Get::Got);
        }
        if self.waiters.add(table, me) {
            return Ok(Get::Wait);
        }
        word.add(1);
        Err(Error::Invalid)
    }

    /// Takes a unit if there is one. O(1).
    ///
    /// # Errors
    ///
    /// [`Error::Again`].
    pub fn try_get(&mut self, word: &impl Word) -> Result<(), Error> {
        if !count::is_positive(word.load()) {
            return Err(Error::Again);
        }
        if count::is_positive(word.add(LESS)) {
            return Ok(());
        }
        // An application took the last one. Others saw one less than nothing for a moment, which
        // sends them here, to wait for the lock.
        word.add(1);
        Err(Error::Again)
    }

    /// Returns a unit; who gets it, to be [woken](super::status::Release::Wakeup). O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Overflow`] if the value is at its end.
    pub fn put<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
    ) -> Result<Option<ThreadId>, Error> {
        if word.add(1) == i32::MAX as u32 {
            word.add(LESS);
            return Err(Error::Overflow);
        }
        Ok(self.waiters.pop(table))
    }

    /// Ends a wait that a time limit, a signal or a request broke. O(log n).
    ///
    /// False if the thread does not wait any more: it has a unit, or was flushed.
    pub fn cancel<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
        id: ThreadId,
    ) -> bool {
        let waited = self.waiters.remove(table, id);
        if waited {
            word.add(1);
        }
        waited
    }

    /// Takes out the next waiter, without a unit. O(log n).
    ///
    /// Called until it returns `None`: to flush the semaphore
    /// ([`Broadcast`](super::status::Release::Broadcast)), or to delete it
    /// ([`Remove`](super::status::Release::Remove)).
    pub fn flush<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
    ) -> Option<ThreadId> {
        let first = self.waiters.pop(table)?;
        word.add(1);
        Some(first)
    }

    /// What a wait gave the thread.
    ///
    /// # Errors
    ///
    /// Those of [`Status::wait_result`], and [`Error::Again`] if the semaphore was flushed.
    pub const fn wait_result(status: Status) -> Result<(), Error> {
        if status.info & info::BCAST != 0 {
            return Err(Error::Again);
        }
        status.wait_result()
    }
}
