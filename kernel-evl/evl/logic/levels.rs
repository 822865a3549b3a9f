// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Ready threads, one list a priority, and a bitmap of the lists that are not empty. O(1).

use super::{
    list::List,
    priority::{Priority, LEVELS},
    table::{Id, Table, ThreadId, NIL},
    thread::{LevelSlot, Thread},
    tree::Place,
};

const WORDS: usize = LEVELS / 64;

/// Ready threads in the order of their levels.
#[derive(Debug)]
pub struct Levels {
    /// Bit `n`: word `n` of `words` is not zero.
    summary: u32,
    /// Bit `n % 64` of word `n / 64`: level `n` has threads.
    words: [u64; WORDS],
    lists: [Ends; LEVELS],
    /// The tag of the list of level 0; the others follow.
    tag: u32,
}

/// A list at rest, by the indexes of its ends: 512 of them are 4 KiB.
#[derive(Clone, Copy, Debug)]
struct Ends {
    head: u32,
    tail: u32,
}

impl Ends {
    const NONE: Self = Self {
        head: NIL,
        tail: NIL,
    };
}

impl Levels {
    /// No threads. `cpu` tells the lists from those of other CPUs; it is below 2^22.
    ///
    /// Constant, so that it can be built where it stays: it is large for a kernel's stack.
    pub const fn new(cpu: u32) -> Self {
        Self {
            summary: 0,
            words: [0; WORDS],
            lists: [Ends::NONE; LEVELS],
            tag: cpu.wrapping_mul(LEVELS as u32),
        }
    }

    /// The highest level that has threads.
    pub fn top(&self) -> Option<Priority> {
        let word = self.summary.checked_ilog2()?;
        let bit = self.words.get(word as usize)?.checked_ilog2()?;
        Some(Priority::from_level((word << 6) | bit))
    }

    /// The first thread of a level.
    pub fn first(&self, level: Priority) -> Option<ThreadId> {
        ThreadId::from_index(self.lists.get(usize::from(level.level()))?.head)
    }

    /// Adds a thread at its level; false if it is in a list already.
    #[must_use]
    pub fn insert<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        id: ThreadId,
        level: Priority,
        place: Place,
    ) -> bool {
        self.with(level, |list| list.insert(table, id, place))
    }

    /// Takes a thread out of the given level; false if it is not there.
    pub fn remove<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        id: ThreadId,
        level: Priority,
    ) -> bool {
        self.with(level, |list| list.remove(table, id))
    }

    /// Changes the list of a level.
    fn with(&mut self, level: Priority, change: impl FnOnce(&mut List<LevelSlot>) -> bool) -> bool {
        let tag = self.tag.wrapping_add(u32::from(level.level()));
        let index = usize::from(level.level());
        let Some(ends) = self.lists.get_mut(index) else {
            return false;
        };
        let mut list = List::from_ends(ends.head, ends.tail, tag);
        let done = change(&mut list);
        (ends.head, ends.tail) = list.ends();
        self.note(index, list.is_empty());
        done
    }

    /// Makes the bitmap agree with a list.
    fn note(&mut self, index: usize, empty: bool) {
        let (at, bit) = (index / 64, 1_u64 << (index % 64));
        let Some(word) = self.words.get_mut(at) else {
            return;
        };
        *word = if empty { *word & !bit } else { *word | bit };
        let bit = 1_u32 << (at % WORDS);
        self.summary = if *word == 0 {
            self.summary & !bit
        } else {
            self.summary | bit
        };
    }
}
