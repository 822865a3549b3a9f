// SPDX-License-Identifier: MIT OR Apache-2.0
//! The core of the running kernel.

mod call;
mod clock;
mod element;
mod event;
mod flags;
mod gate;
mod latency;
mod monitor;
mod process;
mod semaphore;
mod thread;
mod timer;

pub(crate) use call::{oob_ioctl, oob_read, oob_write};
pub(crate) use clock::Clock;
pub(crate) use event::Event;
pub(crate) use flags::Flags;
pub(crate) use gate::Gate;
pub(crate) use latency::Latency;
pub(crate) use semaphore::Semaphore;
pub(crate) use thread::{
    Thread, attach, is_attached, is_inband, serial, switch_inband, switch_oob, yield_now,
};
pub(crate) use timer::Timer;
