// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Poll sets: files that are waited for together.
//!
//! A *watch* is a file in a set. What can be polled, a set included, has a list of its watches;
//! when something happens to it, the watches that are interested join the ready list of their set,
//! and the set's waiters look. The cost of a wait depends on the number of ready files alone.
//!
//! To look, a thread takes as many watches from the ready list as there are, one after the other:
//! each is taken out under the lock of the set, asked for its [events](Watch::present) without, and
//! put back if it has any. What happens to the file in between puts it back as well: no event is
//! missed. If none had events and the list is empty still, under the lock of the set, the thread
//! waits. A set within a set is asked in the same way: it has POLLIN once one of its own watches
//! has events.
//!
//! | structure | lock |
//! |---|---|
//! | `Watches` of a file | of its element |
//! | `Ready` of a set | of the set; inside of those of its files |
//! | which set watches which, and the numbers of files ([`PollSet`], [`Graph`]) | one for all sets, outside of the others |

use core::sync::atomic::{AtomicBool, AtomicU32, Ordering::Relaxed};

use super::{
    error::Error,
    list::{Link, List, ListSlot},
    table::{Id, PollId, Table, WatchId},
    tree::{IdCell, Node, OrderedSet, Place, SetCell, Slot},
};

/// How many sets may be nested within each other.
pub const MAX_DEPTH: u32 = 5;

/// Event bits, those of poll(2).
pub mod events {
    /// There is something to read.
    pub const POLLIN: u32 = 0x1;
    /// An error; always of interest.
    pub const POLLERR: u32 = 0x8;
    /// The other side is gone; always of interest.
    pub const POLLHUP: u32 = 0x10;
    /// The file was closed; always of interest.
    pub const POLLNVAL: u32 = 0x20;

    /// What needs not be asked for.
    pub const ALWAYS: u32 = POLLERR | POLLHUP | POLLNVAL;
}

/// The record of a file in a set.
#[derive(Debug, Default)]
pub struct Watch {
    /// In its set, by the number of the file.
    in_set: Node,
    /// Among the watches of the set that its file is, if it is one.
    above: Node,
    /// At its file.
    at_file: Link,
    /// In the ready list of its set.
    ready: Link,
    set: IdCell,
    /// The set that it watches, if its file is one.
    nested: IdCell,
    wanted: AtomicU32,
    closed: AtomicBool,
}

impl Watch {
    /// In no set.
    pub const fn new() -> Self {
        Self {
            in_set: Node::new(),
            above: Node::new(),
            at_file: Link::new(),
            ready: Link::new(),
            set: IdCell::new(),
            nested: IdCell::new(),
            wanted: AtomicU32::new(0),
            closed: AtomicBool::new(false),
        }
    }

    /// The set that it is in.
    pub fn set(&self) -> Option<PollId> {
        self.set.get()
    }

    /// The events of interest, given those that the file has now; it needs not be asked if it was
    /// closed, which leaves POLLNVAL.
    pub fn present(&self, look: impl FnOnce() -> u32) -> u32 {
        if self.closed.load(Relaxed) {
            events::POLLNVAL
        } else {
            self.wants(look())
        }
    }

    fn wants(&self, found: u32) -> u32 {
        found & (self.wanted.load(Relaxed) | events::ALWAYS)
    }
}

/// Links a watch in its set.
#[derive(Debug)]
pub struct MemberSlot;

impl Slot for MemberSlot {
    type Id = WatchId;
    type Record = Watch;

    fn node(watch: &Watch) -> &Node {
        &watch.in_set
    }
}

/// Links a watch to the set that it watches.
#[derive(Debug)]
pub struct AboveSlot;

impl Slot for AboveSlot {
    type Id = WatchId;
    type Record = Watch;

    fn node(watch: &Watch) -> &Node {
        &watch.above
    }
}

/// Links a watch at its file.
#[derive(Debug)]
pub struct FileSlot;

impl ListSlot for FileSlot {
    type Id = WatchId;
    type Record = Watch;

    fn link(watch: &Watch) -> &Link {
        &watch.at_file
    }
}

/// Links a watch that may have events.
#[derive(Debug)]
pub struct ReadySlot;

impl ListSlot for ReadySlot {
    type Id = WatchId;
    type Record = Watch;

    fn link(watch: &Watch) -> &Link {
        &watch.ready
    }
}

/// The watches of a file. All methods are called under the lock of its element.
#[derive(Debug)]
pub struct Watches {
    list: List<FileSlot>,
    count: u32,
}

impl Watches {
    /// None. No other file has the tag.
    pub const fn new(tag: u32) -> Self {
        Self {
            list: List::new(tag),
            count: 0,
        }
    }

    /// Whether there are any: pollrefs of a semaphore.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a watch of a set; false if it watches something already. O(1).
    #[must_use]
    pub fn add<T: Table<WatchId, Watch> + ?Sized>(&mut self, table: &T, id: WatchId) -> bool {
        let done = self.list.insert(table, id, Place::Tail);
        if done {
            self.count = self.count.saturating_add(1);
        }
        done
    }

    /// Removes a watch; false if it is not here. O(1).
    pub fn remove<T: Table<WatchId, Watch> + ?Sized>(&mut self, table: &T, id: WatchId) -> bool {
        let done = self.list.remove(table, id);
        if done {
            self.count = self.count.saturating_sub(1);
        }
        done
    }

    /// Something happened to the file. `notify` gets the watches to be [marked](Ready::mark), each
    /// with its set, under the lock of that set. O(watches).
    pub fn signal<T: Table<WatchId, Watch> + ?Sized>(
        &self,
        table: &T,
        found: u32,
        mut notify: impl FnMut(WatchId, PollId),
    ) {
        let mut at = self.list.first();
        for _ in 0..self.count {
            let Some(id) = at else { break };
            at = self.list.next(table, id);
            let watch = table.get(id).filter(|watch| watch.wants(found) != 0);
            if let Some(set) = watch.and_then(Watch::set) {
                notify(id, set);
            }
        }
    }

    /// The file is being closed: its watches leave, and have POLLNVAL until they are deleted.
    ///
    /// Called until it returns `None`; each watch is to be marked. O(1).
    pub fn close<T: Table<WatchId, Watch> + ?Sized>(
        &mut self,
        table: &T,
    ) -> Option<(WatchId, PollId)> {
        let id = self.list.first()?;
        self.remove(table, id);
        let watch = table.get(id)?;
        watch.closed.store(true, Relaxed);
        Some((id, watch.set()?))
    }
}

/// The watches of a set that may have events. All methods are called under the lock of the set.
#[derive(Debug)]
pub struct Ready {
    list: List<ReadySlot>,
    count: u32,
}

impl Ready {
    /// None. No other set has the tag.
    pub const fn new(tag: u32) -> Self {
        Self {
            list: List::new(tag),
            count: 0,
        }
    }

    /// The number of watches that may have events.
    pub const fn len(&self) -> u32 {
        self.count
    }

    /// Whether no watch may have events.
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// A watch may have events: when it is added or modified, when something happened, and when it
    /// was looked at and has some. O(1).
    ///
    /// Returns whether it is the first: the waiters of the set are to be woken, and the watches of
    /// the set itself to be told of POLLIN.
    pub fn mark<T: Table<WatchId, Watch> + ?Sized>(&mut self, table: &T, id: WatchId) -> bool {
        if !self.list.insert(table, id, Place::Tail) {
            return false;
        }
        self.count = self.count.saturating_add(1);
        self.count == 1
    }

    /// A watch is being deleted. O(1).
    pub fn forget<T: Table<WatchId, Watch> + ?Sized>(&mut self, table: &T, id: WatchId) {
        if self.list.remove(table, id) {
            self.count = self.count.saturating_sub(1);
        }
    }

    /// Takes out the watch that was marked first, to be looked at. O(1).
    pub fn pop<T: Table<WatchId, Watch> + ?Sized>(&mut self, table: &T) -> Option<WatchId> {
        let id = self.list.pop(table)?;
        self.count = self.count.saturating_sub(1);
        Some(id)
    }
}

/// The record of a set: which files it watches. Protected by the lock for all sets.
#[derive(Debug, Default)]
pub struct PollSet {
    /// By the number of the file.
    watches: SetCell<MemberSlot>,
    /// Watches of this set in others.
    above: SetCell<AboveSlot>,
    /// The walk that was here last, and the depth it found.
    stamp: AtomicU32,
    depth: AtomicU32,
}

impl PollSet {
    /// An empty set.
    pub const fn new() -> Self {
        Self {
            watches: SetCell::new(),
            above: SetCell::new(),
            stamp: AtomicU32::new(0),
            depth: AtomicU32::new(0),
        }
    }

    /// Its watches, by the numbers of the files.
    pub fn watches(&self, id: PollId) -> OrderedSet<MemberSlot> {
        self.watches.load(id.index())
    }
}

/// The tables of sets and watches.
pub trait Tables: Table<PollId, PollSet> + Table<WatchId, Watch> {}

impl<T: Table<PollId, PollSet> + Table<WatchId, Watch> + ?Sized> Tables for T {}

/// A file to be watched.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct File {
    /// Its number.
    pub number: u32,
    /// The set that it is, if it is one.
    pub set: Option<PollId>,
}

/// Which set watches what: what the lock for all sets protects.
#[derive(Debug, Default)]
pub struct Graph {
    stamp: u32,
}

/// A direction to walk in.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Towards {
    /// The sets that a set watches.
    Below,
    /// The sets that watch a set.
    Above,
}

impl Graph {
    /// For the one lock of the system.
    pub const fn new() -> Self {
        Self { stamp: 0 }
    }

    /// Adds a file to a set, for the events `wanted`. O(log watches); O(sets and watches) if the
    /// file is a set.
    ///
    /// The watch is then to be added to the [`Watches`] of the file, and marked.
    ///
    /// # Errors
    ///
    /// [`Error::Exists`] if the set has the file; [`Error::Loop`] if it is a set that watches this
    /// one in the end, or more than [`MAX_DEPTH`] sets would be nested; [`Error::Invalid`] if there
    /// is no such record, or the watch is in use.
    pub fn add<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PollId,
        watch_id: WatchId,
        file: File,
        wanted: u32,
    ) -> Result<(), Error> {
        let set: &PollSet = tables.get(id).ok_or(Error::Invalid)?;
        let watch: &Watch = tables.get(watch_id).ok_or(Error::Invalid)?;
        let key = u64::from(file.number);
        if watch.in_set.set().is_some() {
            return Err(Error::Invalid);
        }
        if set.watches(id).find(tables, key).is_some() {
            return Err(Error::Exists);
        }
        if let Some(below) = file.set {
            self.check_nesting(tables, id, below)?;
            let nested: &PollSet = tables.get(below).ok_or(Error::Invalid)?;
            // The watch is in no set: nothing to refuse, here and below.
            let _ = nested.above.with(below.index(), |above| {
                above.insert(tables, watch_id, 0, Place::Tail)
            });
        }
        let _ = set.watches.with(id.index(), |watches| {
            watches.insert(tables, watch_id, key, Place::Tail)
        });
        watch.set.set(Some(id));
        watch.nested.set(file.set);
        watch.wanted.store(wanted, Relaxed);
        watch.closed.store(false, Relaxed);
        Ok(())
    }

    /// Changes the events that are wanted of a file; the watch, to be marked. O(log watches).
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if the set does not have the file.
    pub fn modify<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PollId,
        number: u32,
        wanted: u32,
    ) -> Result<WatchId, Error> {
        let (watch_id, watch) = self.find(tables, id, number)?;
        watch.wanted.store(wanted, Relaxed);
        Ok(watch_id)
    }

    /// Removes a file from a set; the watch, which is then to be removed from the [`Watches`] of
    /// the file and from [`Ready`]. O(log watches).
    ///
    /// # Errors
    ///
    /// [`Error::Missing`] if the set does not have the file.
    pub fn remove<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PollId,
        number: u32,
    ) -> Result<WatchId, Error> {
        let (watch_id, watch) = self.find(tables, id, number)?;
        let set: &PollSet = tables.get(id).ok_or(Error::Invalid)?;
        set.watches
            .with(id.index(), |watches| watches.remove(tables, watch_id));
        if let Some(below) = watch.nested.get::<PollId>() {
            if let Some(nested) = Table::<PollId, PollSet>::get(tables, below) {
                nested
                    .above
                    .with(below.index(), |above| above.remove(tables, watch_id));
            }
        }
        watch.set.set::<PollId>(None);
        watch.nested.set::<PollId>(None);
        Ok(watch_id)
    }

    /// A set is being closed: no set watches it any more. O(its watches).
    ///
    /// The watches stay in their sets, closed; its own are to be [removed](Self::remove).
    pub fn close<T: Tables + ?Sized>(&mut self, tables: &T, id: PollId) {
        let Some(set) = Table::<PollId, PollSet>::get(tables, id) else {
            return;
        };
        set.above.with(id.index(), |above| {
            for _ in 0..above.len() {
                let watch = above.pop(tables);
                if let Some(watch) = watch.and_then(|id| Table::<WatchId, Watch>::get(tables, id)) {
                    watch.nested.set::<PollId>(None);
                }
            }
        });
    }

    fn find<'a, T: Tables + ?Sized>(
        &self,
        tables: &'a T,
        id: PollId,
        number: u32,
    ) -> Result<(WatchId, &'a Watch), Error> {
        let set: &PollSet = tables.get(id).ok_or(Error::Invalid)?;
        let found = set.watches(id).find(tables, u64::from(number));
        let watch_id = found.ok_or(Error::Missing)?;
        let watch: &Watch = tables.get(watch_id).ok_or(Error::Missing)?;
        Ok((watch_id, watch))
    }

    /// Whether a set may watch another: the longest chain through both is not too long, and is no
    /// circle.
    fn check_nesting<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        id: PollId,
        below: PollId,
    ) -> Result<(), Error> {
        let down = self.depth(tables, below, Some(id), Towards::Below)?;
        let up = self.depth(tables, id, None, Towards::Above)?;
        if up.saturating_add(down) > MAX_DEPTH {
            return Err(Error::Loop);
        }
        Ok(())
    }

    /// The number of sets on the longest way from one, unless that comes by `forbidden`.
    fn depth<T: Tables + ?Sized>(
        &mut self,
        tables: &T,
        from: PollId,
        forbidden: Option<PollId>,
        towards: Towards,
    ) -> Result<u32, Error> {
        self.stamp = self.stamp.wrapping_add(1);
        let walk = Walk {
            tables,
            stamp: self.stamp,
            forbidden,
            towards,
        };
        walk.depth(from, MAX_DEPTH)
    }
}

/// A walk through the sets, which visits each once.
struct Walk<'a, T: ?Sized> {
    tables: &'a T,
    stamp: u32,
    forbidden: Option<PollId>,
    towards: Towards,
}

impl<T: Tables + ?Sized> Walk<'_, T> {
    /// Calls itself at most `budget` times deep, which is enough since chains are no longer.
    fn depth(&self, id: PollId, budget: u32) -> Result<u32, Error> {
        let set: &PollSet = self.tables.get(id).ok_or(Error::Invalid)?;
        if self.forbidden == Some(id) {
            return Err(Error::Loop);
        }
        if set.stamp.load(Relaxed) == self.stamp {
            return Ok(set.depth.load(Relaxed));
        }
        let budget = budget.checked_sub(1).ok_or(Error::Loop)?;
        let longest = match self.towards {
            Towards::Below => self.longest(set.watches(id).iter(self.tables), budget)?,
            Towards::Above => {
                let above = set.above.load(id.index());
                self.longest(above.iter(self.tables), budget)?
            }
        };
        let depth = longest.saturating_add(1);
        set.depth.store(depth, Relaxed);
        set.stamp.store(self.stamp, Relaxed);
        Ok(depth)
    }

    fn longest(&self, watches: impl Iterator<Item = WatchId>, budget: u32) -> Result<u32, Error> {
        let mut longest = 0;
        for id in watches {
            let watch: &Watch = self.tables.get(id).ok_or(Error::Invalid)?;
            let next = match self.towards {
                Towards::Below => watch.nested.get(),
                Towards::Above => watch.set(),
            };
            if let Some(next) = next {
                longest = longest.max(self.depth(next, budget)?);
            }
        }
        Ok(longest)
    }
}
