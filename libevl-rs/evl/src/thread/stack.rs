// SPDX-License-Identifier: MIT OR Apache-2.0
//! Faulting in a stack before it is needed.

use std::hint::black_box;

const PAGE: usize = 4096;

/// What a thread has used of its stack, and may use while it is faulted in: never less than this is left alone.
pub(crate) const SLACK: usize = 32 * 1024;

/// Touches `bytes` of the stack below the caller, so that they are there from now on.
pub(crate) fn prefault(bytes: usize) {
    let here = 0_u8;
    descend((&raw const here).addr(), bytes);
}

/// Calls itself, with a page in each frame, until it is `bytes` below `top`.
#[inline(never)]
fn descend(top: usize, bytes: usize) {
    let mut page = [0_u8; PAGE];
    black_box(&mut page);
    if top.abs_diff((&raw const page).addr()) < bytes {
        descend(top, bytes);
    }
    // The frame is in use until here: no tail call.
    black_box(&mut page);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_can_be_touched_to_its_end() {
        const SIZE: usize = 256 * 1024;
        let thread = std::thread::Builder::new().stack_size(SIZE);
        let done = thread.spawn(|| prefault(SIZE - SLACK)).expect("spawn");
        done.join().expect("no overflow");
    }
}
