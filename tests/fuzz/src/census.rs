// SPDX-License-Identifier: MIT OR Apache-2.0
//! How often each request was made, and how often it succeeded: counted by all processes together.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use anyhow::{Result, bail};

use crate::requests::REQUESTS;

/// Attempts, successes.
type Counts = [AtomicU64; 2];

/// Counts that outlive a fork.
#[derive(Debug)]
pub(crate) struct Census(&'static [Counts]);

impl Census {
    pub(crate) fn new() -> io::Result<Self> {
        let size = REQUESTS.len() * size_of::<Counts>();
        // SAFETY: a new mapping touches no other memory.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the mapping is that large, zeroed, aligned to pages, and never undone.
        let counts = unsafe { std::slice::from_raw_parts(base.cast::<Counts>(), REQUESTS.len()) };
        Ok(Self(counts))
    }

    pub(crate) fn count(&self, index: usize, success: bool) {
        let [attempts, successes] = &self.0[index];
        attempts.fetch_add(1, Relaxed);
        successes.fetch_add(u64::from(success), Relaxed);
    }

    pub(crate) fn total(&self) -> u64 {
        self.0
            .iter()
            .map(|[attempts, _]| attempts.load(Relaxed))
            .sum()
    }

    /// Fails if a request that has to succeed at times never did: then the run has tested too little.
    pub(crate) fn check(&self) -> Result<()> {
        let never: Vec<_> = std::iter::zip(REQUESTS, self.0)
            .filter(|(request, [_, successes])| {
                request.must_succeed && successes.load(Relaxed) == 0
            })
            .map(|(request, _)| request.name)
            .collect();
        if !never.is_empty() {
            bail!("never served: {}", never.join(", "));
        }
        Ok(())
    }
}

impl fmt::Display for Census {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (request, [attempts, successes]) in std::iter::zip(REQUESTS, self.0) {
            writeln!(
                f,
                "{:28} {:8} {:8}",
                request.name,
                attempts.load(Relaxed),
                successes.load(Relaxed)
            )?;
        }
        Ok(())
    }
}
