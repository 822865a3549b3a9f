// SPDX-License-Identifier: MIT OR Apache-2.0
//! Faulting in a stack before it is needed.

use std::hint::black_box;
use std::mem::MaybeUninit;

const PAGE: usize = 4096;

/// What is left alone at the end of a stack: for the frames of this module and a signal that comes just then.
pub(crate) const SLACK: usize = 32 * 1024;

/// How much of its stack a thread can still use, in bytes. The rest is used, or has the thread's variables.
pub(crate) fn room() -> usize {
    let here = 0_u8;
    let mut attributes = MaybeUninit::uninit();
    let (mut lowest, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the first call initializes the attributes, if it says so, and the last one ends their use. The second one
    // writes to places that are ours.
    unsafe {
        if libc::pthread_getattr_np(libc::pthread_self(), attributes.as_mut_ptr()) != 0 {
            return 0;
        }
        libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut size);
        libc::pthread_attr_destroy(attributes.as_mut_ptr());
    }
    (&raw const here).addr().saturating_sub(lowest.addr())
}

/// Touches `bytes` of the stack below the caller, so that they are there from now on. It has that much room, and
/// [`SLACK`].
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

    /// The variables of a thread are in its stack.
    #[test]
    fn a_stack_can_be_touched_to_its_end() {
        const SIZE: usize = 256 * 1024;
        thread_local! {
            static LARGE: [u8; 100_000] = const { [1; 100_000] };
        }
        let thread = std::thread::Builder::new().stack_size(SIZE);
        let touch = || {
            let room = room();
            prefault(room - SLACK);
            LARGE.with(|large| (room, large[99_999]))
        };
        let (room, last) = thread
            .spawn(touch)
            .expect("spawn")
            .join()
            .expect("no overflow");
        assert!((2 * SLACK..SIZE).contains(&room), "{room}");
        assert_eq!(last, 1);
    }
}
