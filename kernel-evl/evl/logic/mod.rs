// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The algorithms of the core.
//!
//! Nothing in here knows the kernel, allocates, sleeps or takes a lock: structures are changed by
//! whoever holds their lock, and what has to be done elsewhere is returned, or told to a trait of
//! the caller's. The same files are built as an ordinary crate, where property tests and model
//! checkers run them (`cargo test -p evl-logic`).
//!
//! All functions may be called out-of-band. Loops end by construction: at the height of a tree,
//! the length of a queue or of a chain of owners. Dates and spans are in nanoseconds.

#![forbid(unsafe_code)]
#![deny(missing_docs)]
// These can panic; overflow checks are on in kernels.
#![cfg_attr(
    not(test),
    deny(
        clippy::arithmetic_side_effects,
        clippy::expect_used,
        clippy::indexing_slicing,
        clippy::panic,
        clippy::unreachable,
        clippy::unwrap_used
    )
)]

pub mod agenda;
pub mod error;
pub mod event;
pub mod flags;
pub mod gate;
pub mod latency;
pub mod levels;
pub mod list;
pub mod observable;
pub mod placement;
pub mod poll;
pub mod priority;
pub mod quota;
pub mod ring;
pub mod runqueue;
pub mod semaphore;
pub mod state;
pub mod status;
pub mod table;
pub mod thread;
pub mod timer;
pub mod timespec;
pub mod tp;
pub mod tree;
pub mod waitqueue;
pub mod word;
