// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Ids of records, and the tables that hold the records.
//!
//! Structures of this module tree link records by small ids instead of pointers. A record has its
//! links inside, as atomics that are read and written with relaxed ordering: the lock which
//! protects a structure orders the accesses, and makes the links of a structure consistent. The
//! atomics only tell the compiler that other CPUs hold references to the same record, for which
//! plain members would need unsafe code. On x86_64 and arm64 a relaxed load or store is an
//! ordinary one.

use core::num::NonZeroU32;

/// The index that no record has: the end of a list, the child of a leaf.
pub const NIL: u32 = u32::MAX;

/// Indexes are below this; the rest is for what tells one structure inside records from another.
pub const LIMIT: u32 = 1 << 30;

/// Names a record of one kind.
pub trait Id: Copy + Eq + core::fmt::Debug {
    /// The id with the given index; `None` unless it is below [`LIMIT`].
    fn from_index(index: u32) -> Option<Self>;

    /// The index of the record in its table.
    fn index(self) -> u32;
}

/// The index of an id that may be missing.
pub fn index_of<I: Id>(id: Option<I>) -> u32 {
    id.map_or(NIL, I::index)
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident)*) => {
        $(
            $(#[$doc])*
            ///
            /// An id that may be missing takes 4 bytes.
            #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
            // The complement of the index, which is never 0.
            pub struct $name(NonZeroU32);

            impl $name {
                /// The id with the given index; `None` unless it is below [`LIMIT`].
                pub const fn new(index: u32) -> Option<Self> {
                    if index >= LIMIT {
                        return None;
                    }
                    match NonZeroU32::new(!index) {
                        Some(complement) => Some(Self(complement)),
                        None => None,
                    }
                }
            }

            impl Id for $name {
                fn from_index(index: u32) -> Option<Self> {
                    Self::new(index)
                }

                fn index(self) -> u32 {
                    !self.0.get()
                }
            }
        )*
    };
}

ids! {
    /// A thread.
    ThreadId
    /// A timer.
    TimerId
    /// A gate, which is what the interface calls a mutex.
    GateId
    /// A gated event, which is what the interface calls a condition variable.
    EventId
    /// A group of threads that share a budget (SCHED_QUOTA).
    GroupId
    /// A subscription of a thread to an observable.
    SubscriberId
    /// A poll set.
    PollId
    /// A file in a poll set.
    WatchId
    /// A time partition of a CPU (SCHED_TP).
    PartitionId
}

/// Where the records named by `I` are.
///
/// A record never moves and is not handed to another object while a structure links it. The
/// kernel allocates tables in-band, in chunks; tests use slices.
pub trait Table<I: Id, R> {
    /// The record with the given id; `None` if the table has no such record. O(1).
    fn get(&self, id: I) -> Option<&R>;
}

impl<I: Id, R> Table<I, R> for [R] {
    fn get(&self, id: I) -> Option<&R> {
        self.get(usize::try_from(id.index()).ok()?)
    }
}
