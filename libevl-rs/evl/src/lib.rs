// SPDX-License-Identifier: MIT OR Apache-2.0
//! Safe interface to the EVL real-time core of Linux.
//!
//! ```no_run
//! use evl::{Clock, ClockId, Policy, Timer, thread};
//! use std::time::Duration;
//!
//! # fn main() -> Result<(), evl::Error> {
//! let control = thread::Builder::new().name("control").policy(Policy::fifo(80)).cpu(1);
//! let control = control.spawn(|| -> evl::Result<()> {
//!     let clock = Clock::open(ClockId::Monotonic)?;
//!     let timer = Timer::new(&clock)?;
//!     timer.start(clock.now(), Duration::from_millis(1))?;
//!     for ended in timer.periods() {
//!         let missed = ended? - 1;
//!         // Read, compute, write.
//!         # let _ = missed;
//!     }
//!     Ok(())
//! })?;
//! # drop(control);
//! # Ok(())
//! # }
//! ```
//!
//! | what | where |
//! |---|---|
//! | threads | [`thread`] |
//! | dates and periods | [`Clock`], [`Timer`] |
//! | mutexes, events, semaphores, flags | [`sync`] |
//! | what disturbs a thread | [`health`] |
//! | files of drivers | `io` |
//! | the core as a whole | [`Core`], [`System`] |
//!
//! The first thread that attaches connects the process with the core and locks its memory. There is nothing to
//! initialize.
//!
//! # Stages
//!
//! A thread of an application runs *in-band*, scheduled by Linux, or *out-of-band* (oob), scheduled by the core. The
//! documentation of each function says what calling it does to the stage of the caller:
//!
//! * **Stage: in-band** - a system call of Linux. An oob caller is switched in-band and loses its real-time guarantee
//!   for that time. Such functions belong in the initialization of a program.
//! * **Stage: oob** - a system call of the core. An in-band caller is switched out-of-band, and stays there unless its
//!   policy is [`Policy::Weak`]. It must be attached to the core.
//! * **Stage: any** - runs on the stage of the caller and never switches it.
//!
//! # Errors
//!
//! Each [`Error`] says what to do. Calls of a loop fail with variants to match: [`Error::Interrupted`],
//! [`Error::TimedOut`], [`Error::WouldBlock`].
//!
//! # On a host without the core
//!
//! With the feature `posix` the same interface is served inside the process, by mutexes and condition variables of POSIX:
//! for applications and their tests on a laptop. It behaves alike, except for time: there are no priorities, hence no
//! inheritance, and nothing is real-time. What only the kernel can tell is missing: notifications of the health monitor,
//! statistics of CPUs, other processes. There are no files: `io`, and the descriptors of elements.

#![deny(missing_docs)]

mod clock;
mod core;
mod cpu_list;
mod error;
pub mod health;
#[cfg(not(feature = "posix"))]
pub mod io;
#[cfg(not(feature = "posix"))]
pub mod latency;
mod memory;
mod name;
mod policy;
pub mod sync;
mod sys;
mod system;
pub mod thread;
mod time;
mod timer;
#[cfg(not(feature = "posix"))]
mod word;

pub use crate::clock::{Clock, ClockId};
pub use crate::core::{ABI, Core, CoreInfo};
pub use crate::cpu_list::{CpuList, ParseCpuListError};
pub use crate::error::{Error, Result};
pub use crate::memory::lock_memory;
pub use crate::policy::Policy;
pub use crate::sync::{Event, Flags, Mutex, MutexGuard, Semaphore};
pub use crate::system::{CoreState, System};
pub use crate::timer::{Periods, Setting, Timer};

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::rc::Rc;

    /// Whether a type implements a trait: an inherent constant is preferred to one of a trait.
    macro_rules! implements {
        ($type:ty: $bound:ident) => {{
            #[allow(dead_code, reason = "not asked of a type that implements it")]
            trait Otherwise {
                const ANSWER: bool = false;
            }
            impl<T: ?Sized> Otherwise for T {}
            struct Asked<T: ?Sized>(std::marker::PhantomData<T>);
            #[allow(dead_code, reason = "not asked of a type that does not")]
            impl<T: ?Sized + $bound> Asked<T> {
                const ANSWER: bool = true;
            }
            <Asked<$type>>::ANSWER
        }};
    }

    #[test]
    fn what_belongs_to_a_thread_stays_there() {
        assert!(!implements!(thread::Attached: Send));
        assert!(!implements!(thread::Attached: Sync));
        assert!(!implements!(MutexGuard<'static, u32>: Send));
        assert!(implements!(MutexGuard<'static, u32>: Sync));
        assert!(!implements!(MutexGuard<'static, Cell<u32>>: Sync));
        assert!(!implements!(sync::RecursiveMutexGuard<'static, u32>: Send));
        assert!(!implements!(sync::RecursiveMutexGuard<'static, Cell<u32>>: Sync));
    }

    #[test]
    fn what_threads_share_can_be_shared() {
        assert!(implements!(thread::Thread: Send) && implements!(thread::Thread: Sync));
        assert!(implements!(Clock: Sync) && implements!(Timer: Sync));
        assert!(
            implements!(Event: Sync) && implements!(Flags: Sync) && implements!(Semaphore: Sync)
        );
        assert!(implements!(Mutex<Cell<u32>>: Sync) && implements!(Mutex<Cell<u32>>: Send));
        assert!(implements!(sync::RecursiveMutex<Cell<u32>>: Sync));
        assert!(!implements!(Mutex<Rc<u32>>: Sync) && !implements!(Mutex<Rc<u32>>: Send));
        assert!(!implements!(sync::RecursiveMutex<Rc<u32>>: Sync));
    }
}
