// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Poll sets and watches.

#![allow(dead_code)]

use evl_logic::{
    poll::{PollSet, Watch},
    table::{Id, PollId, Table, WatchId},
};

/// Some sets, and more watches.
pub(crate) struct PollTables {
    pub(crate) sets: Vec<PollSet>,
    pub(crate) watches: Vec<Watch>,
}

impl PollTables {
    pub(crate) fn new() -> Self {
        Self {
            sets: (0..10).map(|_| PollSet::new()).collect(),
            watches: (0..60).map(|_| Watch::new()).collect(),
        }
    }
}

impl Table<PollId, PollSet> for PollTables {
    fn get(&self, id: PollId) -> Option<&PollSet> {
        self.sets.get(id.index() as usize)
    }
}

impl Table<WatchId, Watch> for PollTables {
    fn get(&self, id: WatchId) -> Option<&Watch> {
        self.watches.get(id.index() as usize)
    }
}
