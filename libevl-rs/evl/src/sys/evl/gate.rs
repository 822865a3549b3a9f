// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gates, which mutexes are made of.

use std::os::fd::AsFd;
use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::{
    __kernel_timespec, EVL_GATE_PI, EVL_GATE_PP, EVL_MONIOC_ENTER, EVL_MONIOC_EXIT,
    EVL_MONIOC_TRYENTER, EVL_MONITOR_GATE, EVL_MONITOR_SIGNALED, EVL_T_INBAND, EVL_T_WEAK,
    EVL_T_WOLI,
};
use rustix::io::{self, Errno};
use rustix::ioctl::{NoArg, Setter};

use super::call::oob_request;
use super::monitor::{Kind, Monitor, never_or};
use super::thread::{Me, me};
use crate::error::Result;
use crate::sync::{Options, Protocol};
use crate::word::{self, Step};

const KINDS: [Kind; 2] = [
    Kind {
        r#type: EVL_MONITOR_GATE,
        protocol: EVL_GATE_PI,
        name: "mutex",
    },
    Kind {
        r#type: EVL_MONITOR_GATE,
        protocol: EVL_GATE_PP,
        name: "mutex",
    },
];

/// Owned by at most one thread.
#[derive(Debug)]
pub(crate) struct Gate {
    pub(super) monitor: Monitor,
    has_ceiling: bool,
    recursive: bool,
}

/// Threads in these states lock and unlock by the core, which counts or checks what they do.
const CHECKED: u32 = EVL_T_WEAK | EVL_T_WOLI;
/// Threads in these states lock by the core; those in-band are taken out-of-band by it.
const SLOW: u32 = CHECKED | EVL_T_INBAND;

impl Gate {
    /// Makes one that is free.
    pub(crate) fn new(options: &Options, protocol: Protocol, recursive: bool) -> Result<Self> {
        let (kind, ceiling) = match protocol {
            Protocol::Inheritance => (&KINDS[0], 0),
            Protocol::Ceiling(priority) => (&KINDS[1], u32::from(priority)),
        };
        let gate = Self {
            monitor: Monitor::new(kind, options, ceiling)?,
            has_ceiling: ceiling != 0,
            recursive,
        };
        gate.nesting()
            .store(u32::from(recursive), Ordering::Relaxed);
        Ok(gate)
    }

    /// Opens a public one.
    pub(crate) fn open(name: &str) -> Result<Self> {
        let (monitor, which) = Monitor::open(&KINDS, name)?;
        let recursive = monitor.words[2].load(Ordering::Relaxed) & 1 != 0;
        Ok(Self {
            monitor,
            has_ceiling: which == 1,
            recursive,
        })
    }

    fn owner(&self) -> &AtomicU32 {
        self.monitor.words[0]
    }

    fn ceiling_word(&self) -> &AtomicU32 {
        self.monitor.words[1]
    }

    /// Bit 0: whether it is recursive; above, if it is: how often its owner has locked it. For its owner to write.
    fn nesting(&self) -> &AtomicU32 {
        self.monitor.words[2]
    }

    /// Whether it is recursive.
    pub(crate) fn is_recursive(&self) -> bool {
        self.recursive
    }

    /// Its ceiling, if it has one.
    pub(crate) fn ceiling(&self) -> Option<u8> {
        self.has_ceiling
            .then(|| self.ceiling_word().load(Ordering::Relaxed) as u8)
    }

    /// Changes its ceiling, from the next time on that it is put in force.
    pub(crate) fn set_ceiling(&self, priority: u8) {
        self.ceiling_word()
            .store(priority.into(), Ordering::Relaxed);
    }

    /// Whether the caller owns it.
    pub(crate) fn is_mine(&self) -> bool {
        me().is_some_and(|me| word::owns(self.owner(), me.handle))
    }

    /// Sets the nesting count of a recursive one.
    fn nest(&self, count: u32) {
        self.nesting().store(1 | count << 1, Ordering::Relaxed);
    }

    /// Takes it without the core.
    ///
    /// # Errors
    ///
    /// PERM if the caller is not attached, DEADLK if it owns the gate.
    fn lock_fast(&self) -> io::Result<Step> {
        let me = me().ok_or(Errno::PERM)?;
        let step = if me.state() & SLOW != 0 {
            self.step_of_slow(me)
        } else if self.has_ceiling {
            word::lock_ceiling(self.owner(), me.pp_pending, me.handle, self.monitor.handle)
        } else {
            word::lock(self.owner(), me.handle)
        };
        match step {
            Step::Refused => Err(Errno::DEADLK),
            step => Ok(step),
        }
    }

    fn step_of_slow(&self, me: Me) -> Step {
        if word::owns(self.owner(), me.handle) {
            Step::Refused
        } else {
            Step::Core
        }
    }

    /// The caller owns the gate since now.
    pub(super) fn begin(&self) {
        if self.recursive {
            self.nest(1);
        }
        // What an owner who died had signaled is not for us. Only owners write this, hence no read-modify-write.
        let flags = self.monitor.flags.load(Ordering::Relaxed);
        if flags & EVL_MONITOR_SIGNALED != 0 {
            self.monitor
                .flags
                .fetch_and(!EVL_MONITOR_SIGNALED, Ordering::Relaxed);
        }
    }

    /// Takes it, until a date of its clock at most.
    pub(crate) fn lock(&self, limit: Option<__kernel_timespec>) -> io::Result<()> {
        if self.lock_fast()? == Step::Core {
            self.enter(limit)?;
        }
        self.begin();
        Ok(())
    }

    fn enter(&self, limit: Option<__kernel_timespec>) -> io::Result<()> {
        let limit = never_or(limit);
        // SAFETY: the request reads a time.
        unsafe {
            oob_request(
                self.monitor.as_fd(),
                Setter::<EVL_MONIOC_ENTER, _>::new(limit),
            )
        }
    }

    /// Takes it, if it is free: otherwise BUSY.
    pub(crate) fn try_lock(&self) -> io::Result<()> {
        if self.lock_fast()? == Step::Core {
            // SAFETY: the request has no argument.
            unsafe { oob_request(self.monitor.as_fd(), NoArg::<EVL_MONIOC_TRYENTER>::new()) }?;
        }
        self.begin();
        Ok(())
    }

    /// Locks once more what the caller owns.
    ///
    /// # Errors
    ///
    /// AGAIN if the count is at its end.
    pub(crate) fn lock_again(&self) -> io::Result<()> {
        let count = self.nesting().load(Ordering::Relaxed) >> 1;
        if count >= u32::MAX >> 1 {
            return Err(Errno::AGAIN);
        }
        self.nest(count + 1);
        Ok(())
    }

    /// Unlocks it, as often as it was locked.
    pub(crate) fn unlock(&self) -> io::Result<()> {
        let me = me().ok_or(Errno::PERM)?;
        if self.recursive {
            let count = self.nesting().load(Ordering::Relaxed) >> 1;
            if count > 1 && word::owns(self.owner(), me.handle) {
                self.nest(count - 1);
                return Ok(());
            }
        }
        match self.unlock_fast(me) {
            Step::Done => Ok(()),
            Step::Refused => Err(Errno::PERM),
            Step::Core => {
                // SAFETY: the request has no argument.
                unsafe { oob_request(self.monitor.as_fd(), NoArg::<EVL_MONIOC_EXIT>::new()) }
            }
        }
    }

    fn unlock_fast(&self, me: Me) -> Step {
        let signaled = self.monitor.flags.load(Ordering::Relaxed) & EVL_MONITOR_SIGNALED != 0;
        if signaled || me.state() & CHECKED != 0 {
            // The core is not to put a ceiling in force any more.
            let pending = me.pp_pending;
            if pending.load(Ordering::Relaxed) == self.monitor.handle {
                pending.store(0, Ordering::Release);
            }
            return Step::Core;
        }
        if self.has_ceiling {
            word::unlock_ceiling(self.owner(), me.pp_pending, me.handle, self.monitor.handle)
        } else {
            word::unlock(self.owner(), me.handle)
        }
    }
}
