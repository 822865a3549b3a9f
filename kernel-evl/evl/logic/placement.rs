// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! On which CPU a thread is placed.

use super::error::Error;

/// A set of CPUs; `WORDS` times 64 is the number of CPUs there can be.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CpuSet<const WORDS: usize>([u64; WORDS]);

impl<const WORDS: usize> CpuSet<WORDS> {
    /// The set with the given words, CPU 0 in the lowest bit of the first.
    pub const fn new(words: [u64; WORDS]) -> Self {
        Self(words)
    }

    /// Whether a CPU is in the set.
    pub fn contains(&self, cpu: u32) -> bool {
        let word = self.0.get((cpu / 64) as usize);
        word.is_some_and(|word| word & (1 << (cpu % 64)) != 0)
    }

    /// The CPUs that are in both sets.
    pub fn and(&self, other: &Self) -> Self {
        let mut both = *self;
        for (word, other) in both.0.iter_mut().zip(&other.0) {
            *word &= other;
        }
        both
    }

    /// The first CPU of the set.
    pub fn first(&self) -> Option<u32> {
        let (at, word) = (0..).zip(&self.0).find(|(_, word)| **word != 0)?;
        let cpu: u32 = at;
        cpu.checked_mul(64)?.checked_add(word.trailing_zeros())
    }
}

/// Picks the CPU of a thread: where it is if it may stay, else the first that it may use.
///
/// The core balances no load: a thread that was placed stays there until its affinity changes.
/// O(words).
///
/// # Errors
///
/// [`Error::Invalid`] if no CPU of `affinity` may run oob.
pub fn place<const WORDS: usize>(
    affinity: &CpuSet<WORDS>,
    oob: &CpuSet<WORDS>,
    present: u32,
) -> Result<u32, Error> {
    let usable = affinity.and(oob);
    if usable.contains(present) {
        return Ok(present);
    }
    usable.first().ok_or(Error::Invalid)
}
