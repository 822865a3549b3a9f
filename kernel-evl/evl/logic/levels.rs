// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Ready threads, one list a priority, and a bitmap of the lists that are not empty. O(1).

use super::{
    list::List,
    priority::{Priority, LEVELS},
    table::{Table, ThreadId},
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
    lists: [List<LevelSlot>; LEVELS],
}

impl Levels {
    /// No threads. `cpu` tells the lists from those of other CPUs; it is below 2^22.
    pub fn new(cpu: u32) -> Self {
        let first = cpu.wrapping_mul(LEVELS as u32);
        let mut tags = first..;
        Self {
            summary: 0,
            words: [0; WORDS],
            lists: core::array::from_fn(|_| List::new(tags.next().unwrap_or(first))),
        }
    }

    /// The highest level that has threads.
    pub fn top(&self) -> Option<Priority> {
        let word = self.summary.checked_ilog2()?;
        let bit = self.words.get(word as usize)?.checked_ilog2()?;
        Some(Priority::from_level((word << 6) | bit))
    }

    /// The first thread of the highest level.
    pub fn first(&self) -> Option<ThreadId> {
        self.lists.get(usize::from(self.top()?.level()))?.first()
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
        let index = usize::from(level.level());
        let done = match self.lists.get_mut(index) {
            Some(list) => list.insert(table, id, place),
            None => false,
        };
        self.note(index);
        done
    }

    /// Takes a thread out of the given level; false if it is not there.
    pub fn remove<T: Table<ThreadId, Thread> + ?Sized>(
        &mut self,
        table: &T,
        id: ThreadId,
        level: Priority,
    ) -> bool {
        let index = usize::from(level.level());
        let done = match self.lists.get_mut(index) {
            Some(list) => list.remove(table, id),
            None => false,
        };
        self.note(index);
        done
    }

    /// Makes the bitmap agree with a list.
    fn note(&mut self, index: usize) {
        let empty = self.lists.get(index).is_none_or(List::is_empty);
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
