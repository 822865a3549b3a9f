// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The algorithms of the core.
//!
//! Nothing in here knows the kernel or allocates: the same files are built as an ordinary crate,
//! where property tests run them (`cargo test -p evl-logic`).

#![forbid(unsafe_code)]
// It can panic.
#![deny(clippy::indexing_slicing)]

pub mod state;
pub mod timespec;
