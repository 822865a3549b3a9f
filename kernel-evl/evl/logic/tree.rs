// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! An ordered set of records: a height-balanced (AVL) tree, linked by ids.
//!
//! It orders waiters and boosters by priority. Equal keys keep the order of their
//! arrival. Insertion, removal and change of key are O(log n); the first member is at hand.
//!
//! AVL rather than red-black: the tree is shallower (1.44 log2 n against 2 log2 n), and with links
//! to parents removal needs no search. No operation recurses, and every loop is bounded by
//! [`MAX_HEIGHT`]: the worst case is a constant of the number of records, not of their history.

use core::{
    marker::PhantomData,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
};

use super::table::{index_of, Id, Table, NIL};

/// No AVL tree of fewer than 2^32 nodes is higher: 1.4405 log2(2^32 + 2) - 0.3277 is less than 46.
pub const MAX_HEIGHT: usize = 46;

/// The links of a record in one ordered set at a time.
///
/// Protected by the lock of that set.
#[derive(Debug)]
pub struct Node {
    left: AtomicU32,
    right: AtomicU32,
    up: AtomicU32,
    height: AtomicU32,
    set: AtomicU32,
    key: AtomicU64,
}

impl Node {
    /// Links of a record that is in no set.
    pub const fn new() -> Self {
        Self {
            left: AtomicU32::new(NIL),
            right: AtomicU32::new(NIL),
            up: AtomicU32::new(NIL),
            height: AtomicU32::new(0),
            set: AtomicU32::new(NIL),
            key: AtomicU64::new(0),
        }
    }

    /// The tag of the set that has the record; `None` if none has.
    ///
    /// Without the lock of the set, this is a hint.
    pub fn set(&self) -> Option<u32> {
        Some(self.set.load(Relaxed)).filter(|set| *set != NIL)
    }

    /// The key that the record has, or had last.
    pub fn key(&self) -> u64 {
        self.key.load(Relaxed)
    }

    /// The second member of a set, of its first one: nothing is left of that, and right of it is one
    /// leaf at most.
    fn after_first(&self) -> u32 {
        match self.right.load(Relaxed) {
            NIL => self.up.load(Relaxed),
            right => right,
        }
    }

    fn link(&self, set: u32, key: u64, up: u32) {
        self.left.store(NIL, Relaxed);
        self.right.store(NIL, Relaxed);
        self.up.store(up, Relaxed);
        self.height.store(1, Relaxed);
        self.key.store(key, Relaxed);
        self.set.store(set, Relaxed);
    }
}

impl Default for Node {
    fn default() -> Self {
        Self::new()
    }
}

/// Which node of its record a set links: a record may be in several sets, by different nodes.
pub trait Slot {
    /// Names the record.
    type Id: Id;
    /// What the node is part of.
    type Record: 'static;
    /// The node.
    fn node(record: &Self::Record) -> &Node;
}

/// The place of a new member among members with the same key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Before them.
    Head,
    /// After them.
    Tail,
}

/// A set of records ordered by key, smallest first.
///
/// The tag tells the set from all others that link the same nodes. Whether a record is in *this*
/// set is thereby known without a search: inserting a record which some set has, or removing one
/// which this set does not have, is refused and changes nothing.
#[derive(Debug)]
pub struct OrderedSet<S: Slot> {
    root: u32,
    first: u32,
    len: u32,
    tag: u32,
    slot: PhantomData<fn() -> S>,
}

impl<S: Slot> OrderedSet<S> {
    /// An empty set. `tag` is not [`NIL`], and no other set of the same slot has it.
    pub const fn new(tag: u32) -> Self {
        Self {
            root: NIL,
            first: NIL,
            len: 0,
            tag,
            slot: PhantomData,
        }
    }

    /// The number of members.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// Whether there is no member.
    pub const fn is_empty(&self) -> bool {
        self.root == NIL
    }

    /// What tells this set from others.
    pub const fn tag(&self) -> u32 {
        self.tag
    }

    /// The member with the smallest key. O(1).
    pub fn first(&self) -> Option<S::Id> {
        S::Id::from_index(self.first)
    }

    /// Whether the record is a member. O(1).
    pub fn contains<T: Table<S::Id, S::Record> + ?Sized>(&self, table: &T, id: S::Id) -> bool {
        let set = table.get(id).and_then(|record| S::node(record).set());
        set == Some(self.tag)
    }

    /// The member after the given one. O(log n).
    pub fn next<T: Table<S::Id, S::Record> + ?Sized>(&self, table: &T, id: S::Id) -> Option<S::Id> {
        S::Id::from_index(Tree::<S, T>::new(table).next(id.index()))
    }

    /// The first member with the given key. O(log n).
    pub fn find<T: Table<S::Id, S::Record> + ?Sized>(&self, table: &T, key: u64) -> Option<S::Id> {
        let tree = Tree::<S, T>::new(table);
        // The place before all equals is below the first of them, or right of its predecessor.
        let (up, right) = tree.find(self.root, key, Place::Head);
        let at = if right { tree.next(up) } else { up };
        let found = tree.node(at).filter(|node| node.key() == key);
        found.and_then(|_| S::Id::from_index(at))
    }

    /// Adds a record; false if it is in a set already. O(log n).
    #[must_use]
    pub fn insert<T: Table<S::Id, S::Record> + ?Sized>(
        &mut self,
        table: &T,
        id: S::Id,
        key: u64,
        place: Place,
    ) -> bool {
        let tree = Tree::<S, T>::new(table);
        let Some(node) = tree.node(id.index()) else {
            return false;
        };
        if node.set().is_some() || self.len == u32::MAX {
            return false;
        }
        self.link(&tree, node, id.index(), key, place);
        true
    }

    fn link<T: Table<S::Id, S::Record> + ?Sized>(
        &mut self,
        tree: &Tree<'_, S, T>,
        node: &Node,
        index: u32,
        key: u64,
        place: Place,
    ) {
        self.len = self.len.saturating_add(1);
        if self.root == NIL {
            node.link(self.tag, key, NIL);
            (self.root, self.first) = (index, index);
            return;
        }
        let (up, right) = tree.find(self.root, key, place);
        node.link(self.tag, key, up);
        if right {
            tree.set_right(up, index);
        } else {
            tree.set_left(up, index);
        }
        if !right && up == self.first {
            self.first = index;
        }
        self.root = tree.rebalance(self.root, up);
    }

    /// Takes a record out; false if it is no member. O(log n).
    pub fn remove<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T, id: S::Id) -> bool {
        let tree = Tree::<S, T>::new(table);
        let Some(node) = tree.node(id.index()) else {
            return false;
        };
        if node.set() != Some(self.tag) {
            return false;
        }
        self.unlink(&tree, node, id.index());
        node.set.store(NIL, Relaxed);
        true
    }

    fn unlink<T: Table<S::Id, S::Record> + ?Sized>(
        &mut self,
        tree: &Tree<'_, S, T>,
        node: &Node,
        index: u32,
    ) {
        self.len = self.len.saturating_sub(1);
        if self.len == 0 {
            (self.root, self.first) = (NIL, NIL);
            return;
        }
        if self.first == index {
            self.first = node.after_first();
        }
        self.root = tree.detach(self.root, index);
    }

    /// Takes the first member out. O(log n).
    pub fn pop<T: Table<S::Id, S::Record> + ?Sized>(&mut self, table: &T) -> Option<S::Id> {
        let first = self.first()?;
        self.remove(table, first).then_some(first)
    }

    /// Gives a member another key; false if it is no member. It is one all the time, for those who
    /// look without the lock. O(log n).
    pub fn rekey<T: Table<S::Id, S::Record> + ?Sized>(
        &mut self,
        table: &T,
        id: S::Id,
        key: u64,
        place: Place,
    ) -> bool {
        if let Some(node) = self.kept_first(table, id, key, place) {
            // Links stay as they are.
            node.key.store(key, Relaxed);
            return true;
        }
        let tree = Tree::<S, T>::new(table);
        let Some(node) = tree.node(id.index()) else {
            return false;
        };
        if node.set() != Some(self.tag) {
            return false;
        }
        self.unlink(&tree, node, id.index());
        self.link(&tree, node, id.index(), key, place);
        true
    }

    /// The node of the first member, if that is the given record and stays so with another key. O(1).
    fn kept_first<'a, T: Table<S::Id, S::Record> + ?Sized>(
        &self,
        table: &'a T,
        id: S::Id,
        key: u64,
        place: Place,
    ) -> Option<&'a Node> {
        if self.first != id.index() {
            return None;
        }
        let tree = Tree::<S, T>::new(table);
        let node = tree.node(self.first)?;
        let keeps = tree
            .node(node.after_first())
            .is_none_or(|next| key < next.key() || (key == next.key() && place == Place::Head));
        keeps.then_some(node)
    }

    /// The members in order. O(n log n) at worst for all, O(n) on average.
    pub fn iter<'a, T: Table<S::Id, S::Record> + ?Sized>(
        &'a self,
        table: &'a T,
    ) -> impl Iterator<Item = S::Id> + 'a {
        let mut at = self.first();
        let mut left = self.len;
        core::iter::from_fn(move || {
            left = left.checked_sub(1)?;
            let id = at?;
            at = self.next(table, id);
            Some(id)
        })
    }
}

/// A set at rest inside a record: taken out, changed and put back under the lock that protects it.
#[derive(Debug)]
pub struct SetCell<S: Slot> {
    root: AtomicU32,
    first: AtomicU32,
    len: AtomicU32,
    slot: PhantomData<fn() -> S>,
}

impl<S: Slot> SetCell<S> {
    /// A cell with an empty set.
    pub const fn new() -> Self {
        Self {
            root: AtomicU32::new(NIL),
            first: AtomicU32::new(NIL),
            len: AtomicU32::new(0),
            slot: PhantomData,
        }
    }

    /// The set; `tag` is that of all other calls for this cell.
    pub fn load(&self, tag: u32) -> OrderedSet<S> {
        OrderedSet {
            root: self.root.load(Relaxed),
            first: self.first.load(Relaxed),
            len: self.len.load(Relaxed),
            tag,
            slot: PhantomData,
        }
    }

    /// Changes the set.
    pub fn with<R>(&self, tag: u32, change: impl FnOnce(&mut OrderedSet<S>) -> R) -> R {
        let mut set = self.load(tag);
        let result = change(&mut set);
        self.root.store(set.root, Relaxed);
        self.first.store(set.first, Relaxed);
        self.len.store(set.len, Relaxed);
        result
    }
}

impl<S: Slot> Default for SetCell<S> {
    fn default() -> Self {
        Self::new()
    }
}

/// The links of a set's members.
///
/// Reading a link of [`NIL`] gives [`NIL`], a height of [`NIL`] is 0, and writing one does
/// nothing: leaves and the root need no cases of their own.
struct Tree<'a, S: Slot, T: ?Sized> {
    table: &'a T,
    slot: PhantomData<fn() -> S>,
}

impl<'a, S: Slot, T: Table<S::Id, S::Record> + ?Sized> Tree<'a, S, T> {
    fn new(table: &'a T) -> Self {
        Self {
            table,
            slot: PhantomData,
        }
    }

    fn node(&self, index: u32) -> Option<&'a Node> {
        let id = S::Id::from_index(index)?;
        self.table.get(id).map(S::node)
    }

    fn read(&self, index: u32, link: impl FnOnce(&Node) -> &AtomicU32) -> u32 {
        self.node(index)
            .map_or(NIL, |node| link(node).load(Relaxed))
    }

    fn left(&self, index: u32) -> u32 {
        self.read(index, |node| &node.left)
    }

    fn right(&self, index: u32) -> u32 {
        self.read(index, |node| &node.right)
    }

    fn up(&self, index: u32) -> u32 {
        self.read(index, |node| &node.up)
    }

    fn height(&self, index: u32) -> u32 {
        self.node(index).map_or(0, |node| node.height.load(Relaxed))
    }

    fn set_left(&self, index: u32, to: u32) {
        if let Some(node) = self.node(index) {
            node.left.store(to, Relaxed);
        }
    }

    fn set_right(&self, index: u32, to: u32) {
        if let Some(node) = self.node(index) {
            node.right.store(to, Relaxed);
        }
    }

    fn set_up(&self, index: u32, to: u32) {
        if let Some(node) = self.node(index) {
            node.up.store(to, Relaxed);
        }
    }

    /// Where a key belongs: the parent of the new node, and whether it becomes the right child.
    fn find(&self, root: u32, key: u64, place: Place) -> (u32, bool) {
        let (mut up, mut right, mut at) = (NIL, false, root);
        for _ in 0..MAX_HEIGHT {
            let Some(node) = self.node(at) else { break };
            up = at;
            let there = node.key();
            right = key > there || (key == there && place == Place::Tail);
            at = if right { &node.right } else { &node.left }.load(Relaxed);
        }
        (up, right)
    }

    fn leftmost(&self, from: u32) -> u32 {
        let mut at = from;
        for _ in 0..MAX_HEIGHT {
            match self.left(at) {
                NIL => break,
                left => at = left,
            }
        }
        at
    }

    /// The node after the given one in order.
    fn next(&self, index: u32) -> u32 {
        let Some(node) = self.node(index) else {
            return NIL;
        };
        let right = node.right.load(Relaxed);
        if right != NIL {
            return self.leftmost(right);
        }
        let (mut below, mut at) = (index, node.up.load(Relaxed));
        for _ in 0..MAX_HEIGHT {
            let Some(up) = self.node(at) else { break };
            if up.left.load(Relaxed) == below {
                break;
            }
            (below, at) = (at, up.up.load(Relaxed));
        }
        at
    }

    /// Puts `to` in the place of `from` below the parent of `from`; returns the root.
    fn replace(&self, root: u32, from: u32, to: u32) -> u32 {
        let up = self.up(from);
        self.set_up(to, up);
        let Some(up) = self.node(up) else { return to };
        let link = if up.left.load(Relaxed) == from {
            &up.left
        } else {
            &up.right
        };
        link.store(to, Relaxed);
        root
    }

    /// Takes a node out of the tree; returns the root.
    fn detach(&self, root: u32, index: u32) -> u32 {
        let Some(node) = self.node(index) else {
            return root;
        };
        let (left, right) = (node.left.load(Relaxed), node.right.load(Relaxed));
        if left == NIL || right == NIL {
            let start = node.up.load(Relaxed);
            let only = if left == NIL { right } else { left };
            let root = self.replace(root, index, only);
            return self.rebalance(root, start);
        }
        let heir = self.leftmost(right);
        let mut start = heir;
        let mut root = root;
        if heir != right {
            start = self.up(heir);
            root = self.replace(root, heir, self.right(heir));
            self.adopt_right(heir, right);
        }
        root = self.replace(root, index, heir);
        self.set_height(heir, self.height(index));
        self.adopt_left(heir, left);
        self.rebalance(root, start)
    }

    fn adopt_left(&self, index: u32, child: u32) {
        self.set_left(index, child);
        self.set_up(child, index);
    }

    fn adopt_right(&self, index: u32, child: u32) {
        self.set_right(index, child);
        self.set_up(child, index);
    }

    /// Restores heights and balance from a node up, as far as heights change; returns the root.
    fn rebalance(&self, root: u32, from: u32) -> u32 {
        let (mut root, mut at) = (root, from);
        for _ in 0..MAX_HEIGHT {
            let Some(node) = self.node(at) else { break };
            let before = node.height.load(Relaxed);
            let low = self.height(node.left.load(Relaxed));
            let high = self.height(node.right.load(Relaxed));
            if low.abs_diff(high) > 1 {
                (root, at) = self.balance(root, at, low > high);
            } else {
                node.height.store(low.max(high).saturating_add(1), Relaxed);
            }
            let Some(top) = self.node(at) else { break };
            if top.height.load(Relaxed) == before {
                break;
            }
            at = top.up.load(Relaxed);
        }
        root
    }

    /// Balances one node, one side of which is too high; returns the root, and the top of the subtree.
    fn balance(&self, root: u32, at: u32, leans_left: bool) -> (u32, u32) {
        if leans_left {
            let left = self.left(at);
            let root = if self.height(self.left(left)) < self.height(self.right(left)) {
                self.rotate_left(root, left).0
            } else {
                root
            };
            self.rotate_right(root, at)
        } else {
            let right = self.right(at);
            let root = if self.height(self.right(right)) < self.height(self.left(right)) {
                self.rotate_right(root, right).0
            } else {
                root
            };
            self.rotate_left(root, at)
        }
    }

    fn rotate_left(&self, root: u32, at: u32) -> (u32, u32) {
        let top = self.right(at);
        let root = self.replace(root, at, top);
        self.adopt_right(at, self.left(top));
        self.adopt_left(top, at);
        self.measure(at);
        self.measure(top);
        (root, top)
    }

    fn rotate_right(&self, root: u32, at: u32) -> (u32, u32) {
        let top = self.left(at);
        let root = self.replace(root, at, top);
        self.adopt_left(at, self.right(top));
        self.adopt_right(top, at);
        self.measure(at);
        self.measure(top);
        (root, top)
    }

    fn measure(&self, index: u32) {
        let (left, right) = (self.left(index), self.right(index));
        let below = self.height(left).max(self.height(right));
        self.set_height(index, below.saturating_add(1));
    }

    fn set_height(&self, index: u32, to: u32) {
        if let Some(node) = self.node(index) {
            node.height.store(to, Relaxed);
        }
    }
}

/// An optional id inside a record, protected like the structure it is part of.
#[derive(Debug)]
pub struct IdCell(AtomicU32);

impl IdCell {
    /// A cell with no id.
    pub const fn new() -> Self {
        Self(AtomicU32::new(NIL))
    }

    /// The id.
    pub fn get<I: Id>(&self) -> Option<I> {
        I::from_index(self.0.load(Relaxed))
    }

    /// Changes it.
    pub fn set<I: Id>(&self, id: Option<I>) {
        self.0.store(index_of(id), Relaxed);
    }
}

impl Default for IdCell {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::{super::table::TimerId, *};
    use proptest::prelude::*;
    use std::vec::Vec;

    #[derive(Debug)]
    struct Whole;

    impl Slot for Whole {
        type Id = TimerId;
        type Record = Node;

        fn node(record: &Node) -> &Node {
            record
        }
    }

    /// The height of a subtree in which every node is balanced and knows its height and its parent.
    fn height(tree: &Tree<'_, Whole, [Node]>, index: u32, up: u32) -> Result<u32, TestCaseError> {
        if index == NIL {
            return Ok(0);
        }
        let left = height(tree, tree.left(index), index)?;
        let right = height(tree, tree.right(index), index)?;
        prop_assert!(
            left.abs_diff(right) <= 1,
            "{}: {} and {}",
            index,
            left,
            right
        );
        prop_assert_eq!(tree.height(index), left.max(right) + 1);
        prop_assert_eq!(tree.up(index), up);
        Ok(left.max(right) + 1)
    }

    /// Miri is slow.
    const MOST: usize = if cfg!(miri) { 30 } else { 400 };

    proptest! {
        #[test]
        fn stays_balanced(ops in prop::collection::vec((0..64_u32, 0..100_u64), 1..MOST)) {
            let table: Vec<Node> = (0..64).map(|_| Node::new()).collect();
            let mut set = OrderedSet::<Whole>::new(0);
            for (index, key) in ops {
                let id = TimerId::new(index).unwrap();
                if !set.insert(&table[..], id, key, Place::Tail) {
                    prop_assert!(set.remove(&table[..], id));
                }
                height(&Tree::new(&table[..]), set.root, NIL)?;
            }
        }
    }

    #[test]
    fn highest_tree_is_within_bounds() {
        // The fewest nodes of a tree of each height: f(h) = f(h - 1) + f(h - 2) + 1.
        let (mut fewer, mut fewest) = (0_u64, 1_u64);
        for _ in 1..MAX_HEIGHT + 1 {
            (fewer, fewest) = (fewest, fewer + fewest + 1);
        }
        // One level more does not fit into 32 bits.
        assert!(fewest > u64::from(u32::MAX));
    }
}
