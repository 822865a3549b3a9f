// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The clocks, `/dev/evl/clock/*`.

use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Class, Ops, Request, Where},
    ffi,
    logic::timespec::Timespec,
    stage::Call,
    thread, timerfd,
};

/// A clock that the core offers; the number is the minor number of its device.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum ClockId {
    /// CLOCK_MONOTONIC.
    Monotonic = 0,
    /// CLOCK_REALTIME.
    Realtime = 1,
}

impl ClockId {
    /// The clocks, by minor number.
    pub(crate) const ALL: [Self; 2] = [Self::Monotonic, Self::Realtime];

    /// The clock with the given minor number.
    ///
    /// # Errors
    ///
    /// [`ENXIO`].
    pub(crate) fn of(minor: u32) -> Result<Self> {
        Self::ALL.get(minor as usize).copied().ok_or(ENXIO)
    }

    pub(crate) const fn name(self) -> &'static CStr {
        match self {
            Self::Monotonic => c_str!("monotonic"),
            Self::Realtime => c_str!("realtime"),
        }
    }

    /// What separates two dates of this clock: the kernel counts nanoseconds.
    pub(crate) const fn resolution(self) -> Timespec {
        Timespec::from_ns(1)
    }

    /// The date of CLOCK_MONOTONIC that a date of this clock is, as of now.
    pub(crate) fn to_monotonic(self, date: u64) -> u64 {
        match self {
            Self::Monotonic => date,
            Self::Realtime => {
                let left = date.saturating_sub(now(self));
                now(Self::Monotonic).saturating_add(left)
            }
        }
    }
}

/// The time of a clock, in ns. On any stage.
pub(crate) fn now(clock: ClockId) -> u64 {
    ffi::evl_read_clock(clock as u32)
}

/// `EVL_CLKIOC_GET_RES`.
fn get_resolution(call: &mut Call, request: &Request) -> Result {
    let clock = ClockId::of(request.element.minor())?;
    call.write(request.arg, &clock.resolution().to_array())
}

/// `EVL_CLKIOC_GET_TIME`.
fn get_time(call: &mut Call, request: &Request) -> Result {
    let clock = ClockId::of(request.element.minor())?;
    let time = Timespec::from_ns(i64::try_from(now(clock)).unwrap_or(i64::MAX));
    call.write(request.arg, &time.to_array())
}

/// `EVL_CLKIOC_SLEEP`.
fn sleep(call: &mut Call, request: &Request) -> Result {
    let clock = ClockId::of(request.element.minor())?;
    let date = Timespec::date_from_array(call.read(request.arg)?).ok_or(EINVAL)?;
    thread::sleep(&call.oob()?, request.me.ok_or(EPERM)?, clock, date)
}

/// `EVL_CLKIOC_NEW_TIMER`.
fn new_timer(call: &mut Call, request: &Request) -> Result {
    timerfd::new(call, ClockId::of(request.element.minor())?, request.arg)
}

/// What clocks do. Setting a clock is for `clock_settime()`.
pub(crate) static OPS: Ops = Ops {
    commands: &[
        (bindings::EVL_CLKIOC_SLEEP, Where::Oob, sleep),
        (bindings::EVL_CLKIOC_GET_RES, Where::Both, get_resolution),
        (bindings::EVL_CLKIOC_GET_TIME, Where::Both, get_time),
        (bindings::EVL_CLKIOC_NEW_TIMER, Where::Inband, new_timer),
    ],
    read: None,
    write: None,
    poll: None,
};

/// Registers the clocks.
pub(crate) fn register() -> Result<Class> {
    let id = bindings::evl_class_id_EVL_CLASS_CLOCK;
    let class = Class::register(id, ClockId::ALL.len() as u32)?;
    for clock in ClockId::ALL {
        class.add_device(clock as u32, clock.name())?;
    }
    Ok(class)
}
