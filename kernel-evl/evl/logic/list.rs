// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! A list of records in the order of their arrival, linked by ids. All operations are O(1).

use core::{
    marker::PhantomData,
    sync::atomic::{AtomicU32, Ordering::Relaxed},
};

use super::{
    table::{Id, Table, NIL},
    tree::Place,
};

/// The links of a record in one list at a time. Protected by the lock of that list.
#[derive(Debug)]
pub struct Link {
    prev: AtomicU32,
    next: AtomicU32,
    list: AtomicU32,
}

impl Link {
    /// Links of a record that is in no list.
    pub const fn new() -> Self {
        Self {
            prev: AtomicU32::new(NIL),
            next: AtomicU32::new(NIL),
            list: AtomicU32::new(NIL),
        }
    }

    /// The tag of the list that has the record; `None` if none has.
    pub fn list(&self) -> Option<u32> {
        Some(self.list.load(Relaxed)).filter(|list| *list != NIL)
    }
}

impl Default for Link {
    fn default() -> Self {
        Self::new()
    }
}

/// Which link of its record a list uses.
pub trait ListSlot {
    /// Names the record.
    type Id: Id;
    /// What the link is part of.
    type Record: 'static;
    /// The link.
    fn link(record: &Self::Record) -> &Link;
}

/// A list of records.
///
/// The tag tells the list from others that use the same links, as in
/// [`OrderedSet`](super::tree::OrderedSet).
#[derive(Debug)]
pub struct List<S: ListSlot> {
    head: u32,
    tail: u32,
    tag: u32,
    slot: PhantomData<fn() -> S>,
}

impl<S: ListSlot> List<S> {
    /// An empty list. `tag` is not [`NIL`], and no other list of the same slot has it.
    pub const fn new(tag: u32) -> Self {
        Self {
            head: NIL,
            tail: NIL,
            tag,
            slot: PhantomData,
        }
    }

    /// The list that has the given ends.
    pub(super) const fn from_ends(head: u32, tail: u32, tag: u32) -> Self {
        Self {
            head,
            tail,
            tag,
            slot: PhantomData,
        }
    }

    /// Its ends, by their indexes.
    pub(super) const fn ends(&self) -> (u32, u32) {
        (self.head, self.tail)
    }

    /// Whether there is no member.
    pub const fn is_empty(&self) -> bool {
        self.head == NIL
    }

    /// The first member.
    pub fn first(&self) -> Option<S::Id> {
        S::Id::from_index(self.head)
    }

    /// The last member.
    pub fn last(&self) -> Option<S::Id> {
        S::Id::from_index(self.tail)
    }

    /// The member after the given one.
    pub fn next<T: Table<S::Id, S::Record> + ?Sized>(&self, table: &T, id: S::Id) -> Option<S::Id> {
        let link = S::link(table.get(id)?);
        S::Id::from_index(link.next.load(Relaxed))
    }

    /// Whether the record is a member.
    pub fn contains<T: Table<S::Id, S::Record> + ?Sized>(&self, table: &T, id: S::Id) -> bool {
        let list = table.get(id).and_then(|record| S::link(record).list());
        list == Some(self.tag)
    }

    /// Adds a record at one end; false if it is in a list already.
    #[must_use]
    pub fn insert<T: Table<S::Id, S::Record> + ?Sized>(
        &mut self,
        table: &T,
        id: S::Id,
        place: Place,
    ) -> bool {
        let Some(link) = table.get(id).map(S::link) else {
            return false;
        };
        if link.list().is_some() {
            return false;
        }
        let (prev, next) = match place {
            Place::Head => (NIL, self.head),
            Place::Tail => (self.tail, NIL),
        };
        link.prev.store(prev, Relaxed);
        link.next.store(next, Relaxed);
        link.list.store(self.tag, Relaxed);
        self.lead(table, prev, id.index());
        self.follow(table, next, id.index());
        true
    }

    /// Takes a record out; false if it is no member.
    pub fn remove<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T, id: S::Id) -> bool {
        let Some(link) = table.get(id).map(S::link) else {
            return false;
        };
        if link.list() != Some(self.tag) {
            return false;
        }
        let (prev, next) = (link.prev.load(Relaxed), link.next.load(Relaxed));
        self.lead(table, prev, next);
        self.follow(table, next, prev);
        link.list.store(NIL, Relaxed);
        true
    }

    /// Takes the first member out.
    pub fn pop<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T) -> Option<S::Id> {
        let first = self.first()?;
        self.remove(table, first).then_some(first)
    }

    /// Has a member lead to the next one; [`NIL`] stands for the end of the list.
    fn lead<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T, member: u32, next: u32) {
        match S::Id::from_index(member).and_then(|id| table.get(id)) {
            Some(record) => S::link(record).next.store(next, Relaxed),
            None => self.head = next,
        }
    }

    /// Has a member follow the one before; [`NIL`] stands for the end of the list.
    fn follow<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T, member: u32, prev: u32) {
        match S::Id::from_index(member).and_then(|id| table.get(id)) {
            Some(record) => S::link(record).prev.store(prev, Relaxed),
            None => self.tail = prev,
        }
    }
}
