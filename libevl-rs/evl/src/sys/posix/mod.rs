// SPDX-License-Identifier: MIT OR Apache-2.0
//! A stand-in for the core inside the process, over the mutexes and condition variables of POSIX.
//!
//! All state is in one [`Core`](core::Core) under one lock, and each attached thread has a condition variable to wait on.
//! That is neither real-time nor fast; it behaves as the core does.

mod clock;
mod core;
mod event;
mod flags;
mod gate;
mod monitor;
mod semaphore;
mod thread;
mod timer;

pub(crate) use clock::Clock;
pub(crate) use event::Event;
pub(crate) use flags::Flags;
pub(crate) use gate::Gate;
pub(crate) use semaphore::Semaphore;
pub(crate) use thread::{
    Thread, attach, is_attached, is_inband, serial, switch_inband, switch_oob, yield_now,
};
pub(crate) use timer::Timer;
