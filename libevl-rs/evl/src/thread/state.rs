// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the core says of threads.

use std::time::Duration;

use bitflags::bitflags;
use evl_sys::*;

use crate::policy::Policy;

bitflags! {
    /// What a thread does, or what keeps it from running.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Flags: u32 {
        /// It is suspended.
        const SUSP = EVL_T_SUSP;
        /// It waits for an element.
        const PEND = EVL_T_PEND;
        /// It sleeps, or waits with a time limit.
        const DELAY = EVL_T_DELAY;
        /// It waits for its next period.
        const WAIT = EVL_T_WAIT;
        /// It is ready to run.
        const READY = EVL_T_READY;
        /// It was not started yet.
        const DORMANT = EVL_T_DORMANT;
        /// It exits.
        const ZOMBIE = EVL_T_ZOMBIE;
        /// It is in-band.
        const INBAND = EVL_T_INBAND;
        /// It is halted.
        const HALT = EVL_T_HALT;
        /// Its priority is boosted.
        const BOOST = EVL_T_BOOST;
        /// It was stopped along with its process by a debugger.
        const PTSYNC = EVL_T_PTSYNC;
        /// It has a round-robin quantum.
        const RRB = EVL_T_RRB;
        /// It stands for Linux on its CPU.
        const ROOT = EVL_T_ROOT;
        /// Its policy is SCHED_WEAK.
        const WEAK = EVL_T_WEAK;
        /// It is one of an application.
        const USER = EVL_T_USER;
        /// A debugger traces it.
        const PTRACE = EVL_T_PTRACE;
        /// It can be observed.
        const OBSERV = EVL_T_OBSERV;
    }
}

bitflags! {
    /// What to notify a thread of, and how.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    pub struct Modes: u32 {
        /// It is switched in-band without having asked for it: by a signal, a system call, an exception.
        const WOSS = EVL_T_WOSS;
        /// A mutex is unlocked by who does not own it; an owner that others wait for goes in-band; and the like.
        /// Mutexes are then locked and unlocked by system calls.
        const WOLI = EVL_T_WOLI;
        /// It waits for in-band users of something that both stages use.
        const WOSX = EVL_T_WOSX;
        /// It misses a window of its SCHED_TP partition.
        const WOSO = EVL_T_WOSO;
        /// Notify by the signal SIGDEBUG.
        const HMSIG = EVL_T_HMSIG;
        /// Notify through the thread, which has to be observable.
        const HMOBS = EVL_T_HMOBS;
    }
}

/// What a thread does and did. Counts began when it attached, and start again from 0 after 2^32 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct State {
    /// Its own policy and priority, whatever it is boosted to.
    pub policy: Policy,
    /// The CPU that it is on, or was when it was out-of-band last.
    pub cpu: u32,
    /// What it does.
    pub flags: Flags,
    /// What it is notified of.
    pub modes: Modes,
    /// How often it was switched in-band. In a real-time loop this does not change.
    pub inband_switches: u32,
    /// How often its CPU was switched to it, out-of-band.
    pub context_switches: u32,
    /// Its system calls of the core.
    pub oob_calls: u32,
    /// How often it was woken up from another CPU.
    pub remote_wakeups: u32,
    /// How long it ran out-of-band.
    pub oob_time: Duration,
}

impl State {
    /// What the core says, if the policy is one.
    pub(crate) fn new(raw: &evl_thread_state) -> Option<Self> {
        Some(Self {
            policy: Policy::from_attrs(&raw.eattrs)?,
            cpu: raw.cpu,
            flags: Flags::from_bits_truncate(raw.state),
            modes: Modes::from_bits_truncate(raw.state),
            inband_switches: raw.isw,
            context_switches: raw.csw,
            oob_calls: raw.sc,
            remote_wakeups: raw.rwa,
            oob_time: Duration::from_nanos(raw.xtime),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_those_of_the_core() {
        assert_eq!(Modes::all().bits(), EVL_T_MODE_MASK);
        assert!((Modes::all().bits() & Flags::all().bits()) == 0);
    }
}
