// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Groups of flags (EVL_EVENT_MASK).
//!
//! A flag that is posted is received by one waiter, or kept until somebody asks for it. No thread
//! waits while the flags it waits for are set. The value is readable by applications, and written
//! by the kernel alone. All methods are called under the lock of the element, oob or with hard
//! interrupts off.

use core::sync::atomic::Ordering::Relaxed;

use super::{
    error::Error,
    table::{Table, ThreadId},
    thread::Thread,
    waitqueue::{Order, WaitQueue},
    word::Word,
};

/// How many of the flags are needed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Need {
    /// At least one.
    Any,
    /// All of them.
    All,
}

impl Need {
    /// The flags received from a value; `None` if that is not enough.
    const fn of(self, value: u32, wanted: u32) -> Option<u32> {
        let hit = value & wanted;
        let enough = match self {
            Self::Any => hit != 0,
            Self::All => hit == wanted,
        };
        if enough {
            Some(hit)
        } else {
            None
        }
    }
}

/// The waiters of a group of flags. Its value is a word that applications can read.
#[derive(Debug)]
pub struct Flags {
    waiters: WaitQueue,
}

impl Flags {
    /// Nobody waits. `tag` as for [`WaitQueue::new`].
    pub const fn new(tag: u32, order: Order) -> Self {
        Self {
            waiters: WaitQueue::new(tag, order),
        }
    }

    /// Its waiters: for a change of priority, a broken wait, or the deletion of the group.
    pub fn waiters(&mut self) -> &mut WaitQueue {
        &mut self.waiters
    }

    /// Receives flags, which are cleared. O(1).
    ///
    /// # Errors
    ///
    /// [`Error::Again`] if not enough are set, [`Error::Invalid`] if none is wanted.
    pub fn try_wait(&mut self, word: &impl Word, wanted: u32, need: Need) -> Result<u32, Error> {
        if wanted == 0 {
            return Err(Error::Invalid);
        }
        let hit = need.of(word.load(), wanted).ok_or(Error::Again)?;
        word.clear(hit);
        Ok(hit)
    }

    /// Receives flags, or queues `me`: `None` then, and [`Thread::received`] tells what it got once
    /// it is woken. O(log n).
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if no flag is wanted, or `me` waits elsewhere.
    pub fn wait<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
        me: ThreadId,
        wanted: u32,
        need: Need,
    ) -> Result<Option<u32>, Error> {
        match self.try_wait(word, wanted, need) {
            Ok(hit) => return Ok(Some(hit)),
            Err(Error::Again) => {}
            Err(error) => return Err(error),
        }
        let thread = table.get(me).ok_or(Error::Invalid)?;
        if !self.waiters.add(table, me) {
            return Err(Error::Invalid);
        }
        thread.wanted.store(wanted, Relaxed);
        thread.exact.store(need == Need::All, Relaxed);
        thread.received.store(0, Relaxed);
        Ok(None)
    }

    /// Sets flags; each is received by the first waiter whose need it helps to meet.
    ///
    /// `served` gets the threads to [wake](super::status::Release::Wakeup). O(n log n): needs
    /// differ, so that every waiter is looked at.
    pub fn post<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
        bits: u32,
        served: impl FnMut(ThreadId),
    ) {
        let value = word.set(bits) | bits;
        let taken = self.serve(table, value, true, served);
        word.clear(taken);
    }

    /// Shows flags to all waiters at once, and keeps none of them. O(n log n).
    ///
    /// Flags that were set before count as well, and stay set.
    /// `served` gets the threads to wake ([`Broadcast`](super::status::Release::Broadcast)).
    pub fn broadcast<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        word: &impl Word,
        bits: u32,
        served: impl FnMut(ThreadId),
    ) {
        self.serve(table, word.load() | bits, false, served);
    }

    /// Gives flags to waiters, in their order; the flags that were taken.
    fn serve<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        value: u32,
        take: bool,
        mut served: impl FnMut(ThreadId),
    ) -> u32 {
        let mut taken = 0;
        let mut at = self.waiters.first();
        for _ in 0..self.waiters.len() {
            let Some(id) = at else { break };
            at = self.waiters.next(table, id);
            let Some(hit) = table
                .get(id)
                .and_then(|thread| offer(thread, value & !taken))
            else {
                continue;
            };
            self.waiters.remove(table, id);
            served(id);
            if take {
                taken |= hit;
            }
        }
        taken
    }
}

/// Gives a waiter what it wants of the flags, if that is enough.
fn offer(thread: &Thread, value: u32) -> Option<u32> {
    let need = if thread.exact.load(Relaxed) {
        Need::All
    } else {
        Need::Any
    };
    let hit = need.of(value, thread.wanted.load(Relaxed))?;
    thread.received.store(hit, Relaxed);
    Some(hit)
}
