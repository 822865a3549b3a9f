// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Observables: who gets a notice.
//!
//! A notice goes to all subscribers, or with EVL_CLONE_UNICAST to one after the other in turns.
//! Each subscriber has a backlog, a [ring](super::ring) of notifications; if it is full, what is
//! in it stays, and the new notice is lost for that subscriber. All methods are called under the
//! lock of the observable, oob or with hard interrupts off.

use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use super::{
    error::Error,
    list::{Link, List, ListSlot},
    table::{SubscriberId, Table},
    tree::Place,
};

/// Lower tags are the core's own: those of its health monitor.
pub const FIRST_USER_TAG: u32 = 64;

/// What is told to observers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Notice {
    /// What it is about.
    pub tag: u32,
    /// Its value, the 8 bytes of `union evl_value`.
    pub value: u64,
}

impl Notice {
    /// A notice of an application.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if the tag is below [`FIRST_USER_TAG`].
    pub const fn of_user(tag: u32, value: u64) -> Result<Self, Error> {
        if tag < FIRST_USER_TAG {
            return Err(Error::Invalid);
        }
        Ok(Self { tag, value })
    }
}

/// The record of a subscription. Protected by the lock of the observable.
#[derive(Debug, Default)]
pub struct Subscriber {
    link: Link,
    /// EVL_NOTIFY_ONCHANGE.
    on_change: AtomicBool,
    /// There is a last notice.
    seen: AtomicBool,
    tag: AtomicU32,
    value: AtomicU64,
}

impl Subscriber {
    /// Subscribed to nothing.
    pub const fn new() -> Self {
        Self {
            link: Link::new(),
            on_change: AtomicBool::new(false),
            seen: AtomicBool::new(false),
            tag: AtomicU32::new(0),
            value: AtomicU64::new(0),
        }
    }

    /// Whether the subscriber is not interested since it got the same last time.
    fn knows(&self, notice: Notice) -> bool {
        let last = Notice {
            tag: self.tag.load(Relaxed),
            value: self.value.load(Relaxed),
        };
        self.on_change.load(Relaxed) && self.seen.load(Relaxed) && last == notice
    }

    fn remember(&self, notice: Notice) {
        self.tag.store(notice.tag, Relaxed);
        self.value.store(notice.value, Relaxed);
        self.seen.store(true, Relaxed);
    }
}

/// Links a subscription to its observable.
#[derive(Debug)]
pub struct SubscriberSlot;

impl ListSlot for SubscriberSlot {
    type Id = SubscriberId;
    type Record = Subscriber;

    fn link(subscriber: &Subscriber) -> &Link {
        &subscriber.link
    }
}

/// Who gets notices.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Dispatch {
    /// All subscribers.
    All,
    /// One, in turns.
    Turns,
}

/// The subscriptions to an observable.
#[derive(Debug)]
pub struct Observable {
    subscribers: List<SubscriberSlot>,
    count: u32,
    serial: u32,
    dispatch: Dispatch,
}

impl Observable {
    /// Nobody subscribed. No other observable has the tag.
    pub const fn new(tag: u32, dispatch: Dispatch) -> Self {
        Self {
            subscribers: List::new(tag),
            count: 0,
            serial: 0,
            dispatch,
        }
    }

    /// The number of subscriptions.
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// Whether nobody subscribed.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a subscription. O(1).
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] if the record is in use, [`Error::Invalid`] if there is no such record.
    pub fn subscribe<T: Table<SubscriberId, Subscriber> + ?Sized>(
        &mut self,
        table: &T,
        id: SubscriberId,
        on_change: bool,
    ) -> Result<(), Error> {
        let subscriber = table.get(id).ok_or(Error::Invalid)?;
        if !self.subscribers.insert(table, id, Place::Tail) {
            return Err(Error::Busy);
        }
        subscriber.on_change.store(on_change, Relaxed);
        subscriber.seen.store(false, Relaxed);
        self.count = self.count.saturating_add(1);
        Ok(())
    }

    /// Ends a subscription; false if it was none to this observable. O(1).
    pub fn unsubscribe<T: Table<SubscriberId, Subscriber> + ?Sized>(
        &mut self,
        table: &T,
        id: SubscriberId,
    ) -> bool {
        let done = self.subscribers.remove(table, id);
        if done {
            self.count = self.count.saturating_sub(1);
        }
        done
    }

    /// Dispatches a notice; the number of subscribers that got it, or knew it already.
    ///
    /// `push` gets a subscriber and the serial number of the notice, adds it to the subscriber's
    /// backlog and wakes who waits there; false if the backlog is full. O(subscribers).
    pub fn publish<T: Table<SubscriberId, Subscriber> + ?Sized>(
        &mut self,
        table: &T,
        notice: Notice,
        mut push: impl FnMut(SubscriberId, u32) -> bool,
    ) -> u32 {
        let serial = self.serial;
        self.serial = serial.wrapping_add(1);
        let mut reached: u32 = 0;
        let mut at = self.subscribers.first();
        for _ in 0..self.count {
            let Some(id) = at else { break };
            at = self.subscribers.next(table, id);
            let Some(subscriber) = table.get(id) else {
                break;
            };
            let known = subscriber.knows(notice);
            if !known && !push(id, serial) {
                continue;
            }
            subscriber.remember(notice);
            reached = reached.saturating_add(1);
            if self.dispatch == Dispatch::Turns {
                self.end_turn(table, id);
                break;
            }
        }
        reached
    }

    fn end_turn<T: Table<SubscriberId, Subscriber> + ?Sized>(
        &mut self,
        table: &T,
        id: SubscriberId,
    ) {
        self.subscribers.remove(table, id);
        // It was taken out just now: nothing to refuse.
        let _ = self.subscribers.insert(table, id, Place::Tail);
    }
}
