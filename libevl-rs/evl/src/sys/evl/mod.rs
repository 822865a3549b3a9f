// SPDX-License-Identifier: MIT OR Apache-2.0
//! The core of the running kernel.

mod call;
mod clock;
mod latency;
mod process;
mod thread;
mod timer;

pub(crate) use clock::Clock;
pub(crate) use latency::Latency;
pub(crate) use thread::{
    Thread, attach, is_attached, is_inband, switch_inband, switch_oob, yield_now,
};
pub(crate) use timer::Timer;
