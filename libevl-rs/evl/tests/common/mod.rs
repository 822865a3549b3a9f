// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests share.
#![allow(dead_code, unreachable_pub)] // No test uses all of it.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// A name that no other test has.
pub fn unique(name: &str) -> String {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{name}.{}.{count}", std::process::id())
}

/// Waits in-band until something holds, for that many turns of 10 ms at most: whether it holds.
pub fn until(holds: impl Fn() -> bool, turns: u32) -> bool {
    for _ in 0..turns {
        if holds() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    holds()
}
