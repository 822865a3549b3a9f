// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tasks of a test: who they are, and what threads of this program do as tasks.

use std::fmt;
use std::io;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::Serialize;

use crate::driver::{Driver, Stage};
use crate::registers::{Mismatch, Registers};

/// What a task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A thread of this program that waits on a stage.
    User(Stage),
    /// One that changes the stage at each turn.
    Both,
    /// A thread of the kernel.
    Kernel(Stage),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::User(Stage::Oob) => "an out-of-band thread",
            Self::User(Stage::Inband) => "an in-band thread",
            Self::Both => "a thread of both stages",
            Self::Kernel(Stage::Oob) => "an out-of-band kernel thread",
            Self::Kernel(Stage::Inband) => "an in-band kernel thread",
        })
    }
}

/// A register that was found wrong.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Fault {
    pub(crate) cpu: u32,
    /// Who found it.
    pub(crate) task: String,
    /// A word of the registers, from the first one on; not known of the kernel.
    pub(crate) word: Option<usize>,
    pub(crate) wanted: Option<u32>,
    pub(crate) found: u32,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cpu, task, found, ..
        } = self;
        write!(f, "CPU {cpu}: {task} found {found:#010x} in a register")?;
        if let (Some(word), Some(wanted)) = (self.word, self.wanted) {
            write!(f, ", word {word}, instead of {wanted:#010x}")?;
        }
        Ok(())
    }
}

/// What the tasks of a CPU share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) driver: Driver,
    pub(crate) cpu: u32,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) over: AtomicBool,
    /// Why a task gave up, the first one.
    pub(crate) fault: Mutex<Option<anyhow::Result<Fault>>>,
}

impl Shared {
    /// The first reason counts, and is the end.
    fn give_up(&self, why: anyhow::Result<Fault>) {
        if let Ok(mut fault) = self.fault.lock() {
            fault.get_or_insert(why);
        }
        self.over.store(true, Ordering::Release);
    }

    fn is_over(&self) -> bool {
        self.over.load(Ordering::Acquire)
    }

    /// Takes part as a task until the end. The first task begins.
    pub(crate) fn play(&self, index: u32) {
        let mut player = Player {
            shared: self,
            index,
            registers: Registers::new(),
            turn: 0,
        };
        let ended = player.play();
        if let Err(error) = ended {
            let what = format!("{} cannot go on", self.kinds[index as usize]);
            self.give_up(Err(anyhow::Error::new(error).context(what)));
        }
    }
}

struct Player<'a> {
    shared: &'a Shared,
    index: u32,
    registers: Registers,
    turn: u32,
}

impl Player<'_> {
    fn play(&mut self) -> io::Result<()> {
        let mut has_turn = self.index == 0;
        while !self.shared.is_over() {
            let stage = self.stage();
            let seed = self.turn.rotate_left(16) ^ (self.index << 8);
            let driver = &self.shared.driver;
            let waited = if has_turn {
                let to = self.next();
                driver.switch(self.index, to, stage, &mut self.registers, seed)
            } else {
                driver.pend(self.index, stage, &mut self.registers, seed)
            };
            match waited {
                Ok(None) => has_turn = true,
                Ok(Some(mismatch)) => self.report(mismatch),
                // The turn was passed on before.
                Err(error) if error.kind() == io::ErrorKind::Interrupted => has_turn = false,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn stage(&self) -> Stage {
        match self.shared.kinds[self.index as usize] {
            Kind::User(stage) => stage,
            _ if self.turn % 2 == 0 => Stage::Oob,
            _ => Stage::Inband,
        }
    }

    /// Each of the others in its turn.
    fn next(&mut self) -> u32 {
        let count = self.shared.kinds.len() as u32;
        self.turn = self.turn.wrapping_add(1);
        (self.index + 1 + self.turn % (count - 1)) % count
    }

    fn report(&self, mismatch: Mismatch) {
        self.shared.give_up(Ok(Fault {
            cpu: self.shared.cpu,
            task: self.shared.kinds[self.index as usize].to_string(),
            word: Some(mismatch.word),
            wanted: Some(mismatch.wanted),
            found: mismatch.found,
        }));
    }
}
