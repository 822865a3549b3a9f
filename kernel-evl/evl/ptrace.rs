// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Processes being debugged: while one thread is stopped by its tracer, the others do not go on
//! out-of-band.
//!
//! A debugger stops them, too, but by signals, which takes it milliseconds. A thread that goes
//! in-band, for such a signal or anything else, is Linux's to stop from there on.

use core::sync::atomic::{fence, Ordering::SeqCst};
use kernel::bindings;

use crate::{
    logic::{
        status::{Block, Release},
        table::ThreadId,
    },
    stage::with_hard_irqs_off,
    thread::{self, ThreadRecord},
};

/// The other threads of the process.
fn others(me: ThreadId) -> impl Iterator<Item = (ThreadId, &'static ThreadRecord)> {
    thread::attached().filter(move |(id, thread)| *id != me && thread.shares_process(me))
}

fn is_stopped(thread: &ThreadRecord) -> bool {
    thread.state() & bindings::EVL_T_PTRACE != 0
}

/// The current thread is about to stop for its tracer. In-band.
fn stop(me: ThreadId) {
    let Some(thread) = thread::of(me) else { return };
    thread.set_mode(|mode| mode | bindings::EVL_T_PTRACE);
    for (id, _) in others(me) {
        with_hard_irqs_off(|irqs| thread::impose(id, Block::Freeze, &irqs));
    }
}

/// The current thread goes on. In-band.
fn resume(me: ThreadId) {
    let Some(thread) = thread::of(me) else { return };
    thread.set_mode(|mode| mode & !bindings::EVL_T_PTRACE);
    // Of two that go on at once, one sees that both did.
    fence(SeqCst);
    if others(me).any(|(_, other)| is_stopped(other)) {
        return;
    }
    for (id, _) in others(me) {
        with_hard_irqs_off(|irqs| thread::release(id, Release::Thaw, &irqs));
    }
}

// What C calls.

const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_ptrace_stops), Some(evl_ptrace_stops)];
const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_ptrace_resumes), Some(evl_ptrace_resumes)];

#[no_mangle]
extern "C" fn evl_ptrace_stops(minor: u32) {
    if let Some(me) = thread::of_minor(minor) {
        stop(me);
    }
}

#[no_mangle]
extern "C" fn evl_ptrace_resumes(minor: u32) {
    if let Some(me) = thread::of_minor(minor) {
        resume(me);
    }
}
