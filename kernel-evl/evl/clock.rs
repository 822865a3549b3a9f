// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The clocks, `/dev/evl/clock/*`.
//!
//! They can be read. Sleeping, setting and timers need the out-of-band stage: these requests are
//! not there yet, and fail with [`ENOTTY`].

use kernel::{
    bindings, c_str,
    prelude::*,
    time::{ClockSource, Monotonic, RealTime},
    uaccess::UserSlice,
};

use crate::{
    class::{Class, DeviceClass, Handler},
    logic::timespec::Timespec,
};

/// A clock that the core offers.
pub(crate) struct Clock {
    name: &'static CStr,
    read: fn() -> i64,
}

/// The clocks, by minor number.
pub(crate) static CLOCKS: [Clock; 2] = [
    Clock {
        name: c_str!("monotonic"),
        read: Monotonic::ktime_get,
    },
    Clock {
        name: c_str!("realtime"),
        read: RealTime::ktime_get,
    },
];

impl Clock {
    /// The clock with the given minor number.
    fn of(minor: u32) -> Result<&'static Self> {
        CLOCKS.get(minor as usize).ok_or(ENXIO)
    }

    /// The time, at the resolution of [`Self::resolution`].
    pub(crate) fn now(&self) -> Timespec {
        Timespec::from_ns((self.read)())
    }

    /// What separates two dates of this clock: a `ktime_t` counts nanoseconds.
    pub(crate) const fn resolution(&self) -> Timespec {
        Timespec::from_ns(1)
    }
}

/// Copies a date to user space, as a `struct __kernel_timespec`.
fn put_timespec(arg: UserPtr, time: Timespec) -> Result {
    static_assert!(size_of::<bindings::__kernel_timespec>() == size_of::<[i64; 2]>());

    UserSlice::new(arg, size_of::<[i64; 2]>())
        .writer()
        .write(&time.to_array())
}

/// `EVL_CLKIOC_GET_RES`.
fn get_resolution(minor: u32, arg: UserPtr) -> Result {
    put_timespec(arg, Clock::of(minor)?.resolution())
}

/// `EVL_CLKIOC_GET_TIME`.
fn get_time(minor: u32, arg: UserPtr) -> Result {
    put_timespec(arg, Clock::of(minor)?.now())
}

/// The class of the clocks.
struct ClockClass;

impl DeviceClass for ClockClass {
    const ID: bindings::evl_class_id = bindings::evl_class_id_EVL_CLASS_CLOCK;
    const NR_MINORS: u32 = CLOCKS.len() as u32;

    const COMMANDS: &'static [(u32, Handler)] = &[
        (bindings::EVL_CLKIOC_GET_RES, get_resolution),
        (bindings::EVL_CLKIOC_GET_TIME, get_time),
    ];
}

/// Registers the clocks.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register::<ClockClass>()?;
    for (minor, clock) in (0..).zip(&CLOCKS) {
        class.add_device(minor, clock.name)?;
    }
    Ok(class)
}
