// SPDX-License-Identifier: MIT OR Apache-2.0
//! Safe interface to the EVL real-time core of Linux.
//!
//! ```no_run
//! use evl::{ClockId, Core};
//!
//! # fn main() -> Result<(), evl::Error> {
//! evl::lock_memory()?;
//! let core = Core::open()?;
//! println!("EVL ABI {} to {}, {}", core.info().abi_base, core.info().abi_current, core.state()?);
//! println!("monotonic time: {:?}", core.clock(ClockId::Monotonic)?.now());
//! # Ok(())
//! # }
//! ```
//!
//! # Stages
//!
//! A thread of an application runs *in-band*, scheduled by Linux, or *out-of-band* (oob), scheduled by the core. This
//! crate makes no oob threads yet: it covers the core as a whole and its clocks. The documentation of each function
//! says what calling it does to the stage of the caller:
//!
//! * **Stage: in-band** - a system call of Linux. An oob caller is switched in-band and loses its real-time guarantee
//!   for that time. Such functions belong in the initialization of a program.
//! * **Stage: any** - runs on the stage of the caller and never switches it.

#![deny(missing_docs)]

mod clock;
mod core;
mod cpu_list;
mod error;
pub mod latency;
mod memory;
mod name;
mod policy;
mod sys;
mod system;
pub mod thread;
mod time;
mod timer;

pub use crate::clock::{Clock, ClockId};
pub use crate::core::{ABI, Core, CoreInfo};
pub use crate::cpu_list::{CpuList, ParseCpuListError};
pub use crate::error::{Error, Result};
pub use crate::memory::lock_memory;
pub use crate::policy::Policy;
pub use crate::system::{CoreState, System};
pub use crate::timer::{Periods, Setting, Timer};
