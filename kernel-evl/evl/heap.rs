// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The memory shared with applications: one window of [`WINDOW`] bytes for each element.

use core::sync::atomic::{AtomicU32, Ordering::Relaxed};
use kernel::{bindings, error::to_result, prelude::*};

use crate::{ffi, once::Once};

/// The words of an element: a cache line, so that threads do not slow each other down.
pub(crate) type Window = [AtomicU32; 16];

const WINDOW: usize = size_of::<Window>();

static WINDOWS: Once<Window> = Once::new();

/// Makes room for so many windows. Once, in-band, may sleep.
pub(crate) fn init(windows: usize) -> Result {
    to_result(ffi::evl_init_heap(windows.saturating_mul(WINDOW)))?;
    // SAFETY: The memory is that large, aligned, initialised and never freed; the kernel accesses
    // it by atomics only.
    unsafe { WINDOWS.set(bindings::evl_heap().cast(), ffi::evl_heap_size() / WINDOW) };
    Ok(())
}

/// The size of the memory in bytes; 0 if there is none.
pub(crate) fn size() -> usize {
    size_of_val(WINDOWS.get())
}

/// Where a window is, from the start of the memory.
pub(crate) fn offset(window: usize) -> u32 {
    window.saturating_mul(WINDOW) as u32
}

/// The words of a window. On any stage. Applications may write to them at any time.
pub(crate) fn window(window: usize) -> Option<&'static Window> {
    WINDOWS.get().get(window)
}

/// A word of a window. On any stage. Applications may write to it at any time.
pub(crate) fn word(window: usize, index: usize) -> Option<&'static AtomicU32> {
    self::window(window)?.get(index)
}

/// Writes a word of a window.
pub(crate) fn publish(window: usize, index: usize, value: u32) {
    if let Some(word) = word(window, index) {
        word.store(value, Relaxed);
    }
}
