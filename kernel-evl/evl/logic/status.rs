// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The state of a thread, and why it is not running.
//!
//! A thread may run while no bit of [`BLOCKED`] is set. Waits begin from there, by the thread
//! itself; suspension and ptrace stops are laid over whatever the thread does, and it may begin a
//! wait before it is switched from. What ends a wait leaves its cause in the info bits, exactly one cause per wait: whoever takes the thread out of
//! its [wait queue](super::waitqueue), under the lock of that queue, decides, and alone may
//! release it. Waiters of a [gate](super::gate) are released by whoever comes first, under the PI lock,
//! and leave the queue by themselves.
//!
//! ```text
//!                       start                      begin(Wait | Sleep | Period | Inband)
//!   DORMANT ------------------------->  runnable  -------------------------------------> blocked
//!                                          ^                                                |
//!                                          |  Wakeup, Timeout, Break, Remove, Kick, Oob     |
//!                                          +------------------------------------------------+
//!   Suspend / Resume, Freeze / Thaw: SUSP, PTSYNC on top of any of these; ZOMBIE: final
//! ```

use super::error::Error;

/// Bits of the state word; the values are those of EVL_T_* in `uapi/evl/thread.h`.
pub mod state {
    /// Suspended by request.
    pub const SUSP: u32 = 0x1;
    /// Waits on a resource.
    pub const PEND: u32 = 0x2;
    /// Sleeps, or waits with a time limit.
    pub const DELAY: u32 = 0x4;
    /// Waits for its next period.
    pub const WAIT: u32 = 0x8;
    /// In a run queue, or running.
    pub const READY: u32 = 0x10;
    /// Not started.
    pub const DORMANT: u32 = 0x20;
    /// Exiting.
    pub const ZOMBIE: u32 = 0x40;
    /// Runs in-band.
    pub const INBAND: u32 = 0x80;
    /// Halted.
    pub const HALT: u32 = 0x100;
    /// Its priority is above its own.
    pub const BOOST: u32 = 0x200;
    /// Stopped with its process, for ptrace.
    pub const PTSYNC: u32 = 0x400;
    /// Has a round-robin quantum.
    pub const RRB: u32 = 0x800;
    /// SCHED_WEAK.
    pub const WEAK: u32 = 0x2000;
}

/// Bits of the info word; the values are those of EVL_T_* in `uapi/evl/thread.h`.
pub mod info {
    /// The time limit was reached.
    pub const TIMEO: u32 = 0x1;
    /// The resource was deleted.
    pub const RMID: u32 = 0x2;
    /// Unblocked by request, or by a signal.
    pub const BREAK: u32 = 0x4;
    /// Must leave the oob stage.
    pub const KICKED: u32 = 0x8;
    /// Woken by a broadcast: a flush, to a semaphore.
    pub const BCAST: u32 = 0x200;
    /// Woken by a signal to this thread.
    pub const SIGNAL: u32 = 0x400;

    /// What a wait leaves: gone when the next one begins.
    pub const CAUSES: u32 = TIMEO | RMID | BREAK | BCAST | SIGNAL;
}

use state::{DELAY, DORMANT, HALT, INBAND, PEND, PTSYNC, SUSP, WAIT, ZOMBIE};

/// While any of these is set, the thread does not run oob.
pub const BLOCKED: u32 = SUSP | PEND | DELAY | WAIT | DORMANT | ZOMBIE | INBAND | HALT | PTSYNC;

/// Waits that an unblocking request ends.
const WAITS: u32 = PEND | DELAY | WAIT;

/// What others lay over a thread, whatever it does.
const IMPOSED: u32 = SUSP | PTSYNC;

/// A reason for a thread not to run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Block {
    /// The thread waits on a resource, with a time limit or without.
    Wait {
        /// Whether there is a time limit.
        timed: bool,
    },
    /// The thread sleeps until a date.
    Sleep,
    /// The thread waits for its next period.
    Period,
    /// The thread goes in-band.
    Inband,
    /// Somebody suspends it.
    Suspend,
    /// ptrace stops another thread of its process. Ends when the thread goes in-band, where
    /// Linux stops it.
    Freeze,
    /// It exits. Final.
    Exit,
}

/// What ends a reason not to run.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Release {
    /// The wait got what it waited for.
    Wakeup,
    /// The same, as one of all waiters.
    Broadcast,
    /// The same, by a signal to this thread.
    Signal,
    /// The time limit was reached: of a wait, or of a sleep, whose proper end this is.
    Timeout,
    /// The next period began.
    Period,
    /// Somebody unblocks it: a wait, sleep or period.
    Break,
    /// The resource is being deleted.
    Remove,
    /// It must go in-band, to receive a signal: ends sleep, suspension, and what a ptrace stop of
    /// another thread imposes.
    ///
    /// From now on it begins no wait. If it is in one ([`PEND`]), that is to be ended by
    /// [`Break`](Self::Break) next, by the rules of the queue.
    Kick,
    /// Linux gave it to the core: it runs oob again.
    Oob,
    /// It was dormant and is started.
    Start,
    /// Suspension ends.
    Resume,
    /// The ptrace stop ends.
    Thaw,
}

/// State word and info word of a thread.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Status {
    /// Bits of [`state`].
    pub state: u32,
    /// Bits of [`info`].
    pub info: u32,
}

impl Status {
    /// Whether the thread may run oob.
    pub const fn runnable(self) -> bool {
        self.state & BLOCKED == 0
    }

    /// The status after a reason not to run was added.
    ///
    /// # Errors
    ///
    /// [`Error::Gone`] if the thread exits. For the blocks that only the running thread itself
    /// begins: [`Error::Invalid`] if it is blocked already, by more than what others imposed; for
    /// waits, sleeps, periods and freezing [`Error::Interrupted`] if it was kicked, since a thread
    /// that must go in-band would else sleep over it. For freezing, [`Error::Invalid`] if it is
    /// not oob.
    pub const fn block(self, why: Block) -> Result<Self, Error> {
        if self.state & ZOMBIE != 0 {
            return Err(Error::Gone);
        }
        let (bits, own) = match why {
            Block::Wait { timed: false } => (PEND, true),
            Block::Wait { timed: true } => (PEND | DELAY, true),
            Block::Sleep => (DELAY, true),
            Block::Period => (WAIT, true),
            Block::Inband => (INBAND, true),
            Block::Suspend => (SUSP, false),
            Block::Freeze => (PTSYNC, false),
            Block::Exit => (ZOMBIE, false),
        };
        let frozen = matches!(why, Block::Freeze);
        if own && self.state & (BLOCKED & !IMPOSED) != 0
            || frozen && self.state & (INBAND | DORMANT) != 0
        {
            return Err(Error::Invalid);
        }
        let wait = bits & WAITS != 0;
        if (wait || frozen) && self.info & info::KICKED != 0 {
            return Err(Error::Interrupted);
        }
        let dropped = if wait { info::CAUSES } else { 0 };
        let ended = if bits & INBAND != 0 { PTSYNC } else { 0 };
        Ok(Self {
            state: (self.state & !ended) | bits,
            info: self.info & !dropped,
        })
    }

    /// The status after a reason not to run has gone; `None` if there was no such reason.
    ///
    /// Two exceptions: a kick is noted even if there is nothing to end, and going oob also clears
    /// the note of a kick, which was obeyed.
    pub const fn release(self, cause: Release) -> Option<Self> {
        let (bits, needs, note) = match cause {
            Release::Wakeup => (PEND | DELAY, PEND, 0),
            Release::Broadcast => (PEND | DELAY, PEND, info::BCAST),
            Release::Signal => (PEND | DELAY, PEND, info::SIGNAL),
            Release::Timeout if self.state & PEND != 0 => (PEND | DELAY, DELAY, info::TIMEO),
            Release::Timeout => (DELAY, DELAY, 0),
            Release::Period => (WAIT, WAIT, 0),
            Release::Break => (WAITS, WAITS, info::BREAK),
            Release::Remove => (PEND | DELAY, PEND, info::RMID),
            Release::Kick => return self.kick(),
            Release::Oob => (INBAND, INBAND, 0),
            Release::Start => (DORMANT, DORMANT, 0),
            Release::Resume => (SUSP, SUSP, 0),
            Release::Thaw => (PTSYNC, PTSYNC, 0),
        };
        if self.state & needs == 0 || self.state & ZOMBIE != 0 {
            return None;
        }
        let obeyed = if matches!(cause, Release::Oob) {
            info::KICKED
        } else {
            0
        };
        Some(Self {
            state: self.state & !bits,
            info: (self.info & !obeyed) | note,
        })
    }

    /// Ends what the lock of the run queue is enough for.
    const fn kick(self) -> Option<Self> {
        if self.state & (INBAND | ZOMBIE | DORMANT) != 0 {
            return None;
        }
        let ended = if self.state & PEND != 0 {
            0
        } else {
            self.state & (DELAY | WAIT)
        };
        let broken = if ended != 0 { info::BREAK } else { 0 };
        Some(Self {
            state: self.state & !(ended | IMPOSED),
            info: self.info | info::KICKED | broken,
        })
    }

    /// What the last wait gave the thread.
    ///
    /// # Errors
    ///
    /// [`Error::Removed`], [`Error::Interrupted`] or [`Error::TimedOut`].
    pub const fn wait_result(self) -> Result<(), Error> {
        if self.info & info::RMID != 0 {
            Err(Error::Removed)
        } else if self.info & info::BREAK != 0 {
            Err(Error::Interrupted)
        } else if self.info & info::TIMEO != 0 {
            Err(Error::TimedOut)
        } else {
            Ok(())
        }
    }
}
