// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Threads that wait for something, in the order in which they get it.
//!
//! A wait ends once: by a wake-up, its time limit, an unblocking request, a signal, or the
//! deletion of what it waits for. Whoever of these takes the thread out of the queue, under the
//! lock of the queue, has ended the wait; the others find the thread gone and do nothing. To end
//! it, the caller then [releases](super::runqueue::RunQueue::release) the thread with its cause.
//!
//! A time limit or a signal knows the thread, not the queue:
//! [`Thread::waits_in`] says which lock to take, and
//! [`remove`](WaitQueue::remove) says whether the thread was still there. A signal is noted first
//! ([`Kick`](super::status::Release::Kick)), under the lock of the run queue: it may find that the
//! thread does not wait yet, and then no wait begins.

use core::sync::atomic::{fence, Ordering::SeqCst};

use super::{
    table::{Table, ThreadId},
    thread::{Thread, WaitSlot},
    tree::{OrderedSet, Place},
};

/// Who is served first.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Order {
    /// Whoever came first.
    Fifo,
    /// The highest effective priority, first come first served among equals.
    Priority,
}

/// A queue of waiting threads. All methods are called under its lock.
#[derive(Debug)]
pub struct WaitQueue {
    threads: OrderedSet<WaitSlot>,
    order: Order,
}

impl WaitQueue {
    /// A queue with nobody in it. `tag` is below 2^31, which leaves the rest to
    /// [gates](super::gate), and no other queue has it.
    pub const fn new(tag: u32, order: Order) -> Self {
        Self {
            threads: OrderedSet::new(tag),
            order,
        }
    }

    /// The number of waiters.
    pub const fn len(&self) -> u32 {
        self.threads.len()
    }

    /// Whether nobody waits.
    pub const fn is_empty(&self) -> bool {
        self.threads.is_empty()
    }

    /// Whether a thread waits here. O(1).
    pub fn contains<T: Table<ThreadId, Thread> + ?Sized>(&self, table: &T, id: ThreadId) -> bool {
        self.threads.contains(table, id)
    }

    /// Who is served next. O(1).
    pub fn first(&self) -> Option<ThreadId> {
        self.threads.first()
    }

    /// Who is served after the given waiter. O(log n).
    pub fn next<T: Table<ThreadId, Thread> + ?Sized>(
        &self,
        table: &T,
        id: ThreadId,
    ) -> Option<ThreadId> {
        self.threads.next(table, id)
    }

    /// Adds a thread; false if it waits already, here or elsewhere. O(log n).
    ///
    /// The caller then [blocks](super::runqueue::RunQueue::block) it, and takes it out again if
    /// that is refused.
    #[must_use]
    pub fn add<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T, id: ThreadId) -> bool {
        let key = self.key(table, id);
        let added = self.threads.insert(table, id, key, Place::Tail);
        if added {
            // Who changes its priority meanwhile either finds it here, or is found here.
            fence(SeqCst);
            self.requeue(table, id);
        }
        added
    }

    /// Takes a thread out; false if it does not wait here any more. O(log n).
    pub fn remove<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T, id: ThreadId) -> bool {
        self.threads.remove(table, id)
    }

    /// Takes out who is served next. O(log n).
    ///
    /// Called n times it wakes n; called until it returns `None` it wakes all.
    pub fn pop<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T) -> Option<ThreadId> {
        self.threads.pop(table)
    }

    /// Gives a thread the place of its present priority, behind its equals. O(log n).
    ///
    /// To be called after the effective priority of a thread changed that waits here. Nothing
    /// happens if the place is right, or the thread does not wait here any more.
    pub fn requeue<T: Table<ThreadId, Thread> + ?Sized>(&mut self, table: &T, id: ThreadId) {
        let key = self.key(table, id);
        let old = table.get(id).map(|thread| thread.wait.key());
        if old != Some(key) {
            self.threads.rekey(table, id, key, Place::Tail);
        }
    }

    fn key<T: Table<ThreadId, Thread> + ?Sized>(&self, table: &T, id: ThreadId) -> u64 {
        match (self.order, table.get(id)) {
            (Order::Priority, Some(thread)) => thread.effective().key(),
            _ => 0,
        }
    }
}
