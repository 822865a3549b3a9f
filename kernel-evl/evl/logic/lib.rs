// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Root of the host's build of the logic modules; the kernel enters at `mod.rs`.

#![no_std]

#[path = "mod.rs"]
mod logic;

pub use logic::*;

#[cfg(test)]
extern crate std;
