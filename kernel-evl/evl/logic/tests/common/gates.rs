// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Threads and gates, and what they are told.

#![allow(dead_code)]

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use evl_logic::{
    gate::{Effects, Env, Gate},
    priority::{Policy, Priority},
    table::{GateId, Id, Table, ThreadId},
    thread::Thread,
    word::Word,
};

use super::fifo;

/// Threads, gates, and their owner words of whatever type.
pub(crate) struct Gates<W> {
    pub(crate) threads: Vec<Thread>,
    pub(crate) gates: Vec<Gate>,
    pub(crate) words: Vec<W>,
    /// By gate.
    pub(crate) ceilings: Vec<Option<Priority>>,
    /// By thread: it has exited.
    pub(crate) gone: Vec<AtomicBool>,
}

impl<W> Gates<W> {
    pub(crate) fn new(priorities: &[i32], words: Vec<W>) -> Self {
        let thread = |priority: &i32| Thread::new(Policy::Fifo, fifo(*priority));
        Self {
            threads: priorities.iter().map(thread).collect(),
            gates: words.iter().map(|_| Gate::new()).collect(),
            ceilings: words.iter().map(|_| None).collect(),
            words,
            gone: priorities.iter().map(|_| AtomicBool::new(false)).collect(),
        }
    }
}

impl<W> Table<ThreadId, Thread> for Gates<W> {
    fn get(&self, id: ThreadId) -> Option<&Thread> {
        self.threads.get(id.index() as usize)
    }
}

impl<W> Table<GateId, Gate> for Gates<W> {
    fn get(&self, id: GateId) -> Option<&Gate> {
        self.gates.get(id.index() as usize)
    }
}

impl<W: Word> Env for Gates<W> {
    type Word = W;

    fn word(&self, gate: GateId) -> Option<&W> {
        self.words.get(gate.index() as usize)
    }

    fn ceiling(&self, gate: GateId) -> Option<Priority> {
        *self.ceilings.get(gate.index() as usize)?
    }

    fn handle(&self, thread: ThreadId) -> u32 {
        handle(thread.index() as usize)
    }

    fn thread(&self, handle: u32) -> Option<ThreadId> {
        let index = handle.checked_sub(100)?;
        let gone = self.gone.get(index as usize)?.load(Relaxed);
        if gone {
            None
        } else {
            ThreadId::new(index)
        }
    }
}

/// The handle of a thread.
pub(crate) fn handle(thread: usize) -> u32 {
    100 + thread as u32
}

pub(crate) fn gate(index: usize) -> GateId {
    GateId::new(index as u32).unwrap()
}

/// What threads were told last.
#[derive(Default)]
pub(crate) struct Told {
    /// By thread: effective priority, and whether it is a boost.
    pub(crate) levels: Vec<Option<(Priority, bool)>>,
    /// By thread: it may run.
    pub(crate) awake: Vec<bool>,
    /// How many priorities changed.
    pub(crate) changes: usize,
}

impl Told {
    pub(crate) fn new(threads: usize) -> Self {
        Self {
            levels: vec![None; threads],
            awake: vec![true; threads],
            changes: 0,
        }
    }
}

impl Effects for Told {
    fn reprioritized(&mut self, thread: ThreadId, effective: Priority, boosted: bool) {
        self.levels[thread.index() as usize] = Some((effective, boosted));
        self.changes += 1;
    }

    fn wake(&mut self, thread: ThreadId) {
        self.awake[thread.index() as usize] = true;
    }
}
