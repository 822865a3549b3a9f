// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The control device, `/dev/evl/control`.
//!
//! Its attributes are in `device.c`.

use core::mem::offset_of;
use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Class, Ops, Request, Where},
    ffi, heap,
    logic::state::State,
    stage::Call,
    state,
};

/// Describes this core.
///
/// No floating-point feature is announced: applications detect those by themselves.
pub(crate) fn core_info() -> bindings::evl_core_info {
    bindings::evl_core_info {
        abi_base: bindings::EVL_ABI_BASE,
        abi_current: bindings::EVL_ABI_LEVEL,
        fpu_features: 0,
        __pad: 0,
        shm_size: heap::size() as u64,
    }
}

/// Fails with [`ENXIO`] if the core was disabled at boot.
fn check_enabled() -> Result {
    match state::get() {
        State::Disabled => Err(ENXIO),
        _ => Ok(()),
    }
}

/// `EVL_CTLIOC_GET_COREINFO`.
fn get_core_info(call: &mut Call, request: &Request) -> Result {
    // Six words, of which the last two are `shm_size`, in the order of both architectures.
    static_assert!(offset_of!(bindings::evl_core_info, abi_base) == 0);
    static_assert!(offset_of!(bindings::evl_core_info, abi_current) == 4);
    static_assert!(offset_of!(bindings::evl_core_info, fpu_features) == 8);
    static_assert!(offset_of!(bindings::evl_core_info, __pad) == 12);
    static_assert!(offset_of!(bindings::evl_core_info, shm_size) == 16);
    static_assert!(size_of::<bindings::evl_core_info>() == size_of::<[u32; 6]>());

    check_enabled()?;

    let info = core_info();
    let [low, high] = halves(info.shm_size);
    call.write(
        request.arg,
        &[
            info.abi_base,
            info.abi_current,
            info.fpu_features,
            info.__pad,
            low,
            high,
        ],
    )
}

/// The halves of a number, in the order in which they are in memory.
pub(crate) const fn halves(value: u64) -> [u32; 2] {
    [value as u32, (value >> 32) as u32]
}

/// How the core and Linux use a CPU, as a mask of `EVL_CPU_*`.
///
/// # Errors
///
/// [`EINVAL`] if there can be no such CPU.
pub(crate) fn cpu_state(cpu: u32) -> Result<u32> {
    let state = ffi::evl_query_cpu(cpu);

    u32::try_from(state).map_err(|_| Error::from_errno(state))
}

/// `EVL_CTLIOC_GET_CPUSTATE`.
fn get_cpu_state(call: &mut Call, request: &Request) -> Result {
    static_assert!(offset_of!(bindings::evl_cpu_state, cpu) == 0);
    static_assert!(offset_of!(bindings::evl_cpu_state, state_ptr) == size_of::<u64>());
    static_assert!(size_of::<bindings::evl_cpu_state>() == size_of::<[u64; 2]>());

    check_enabled()?;

    let [cpu, address] = call.read::<[u64; 2]>(request.arg)?;
    // The other half is padding, which is not looked at.
    let [cpu, _] = halves(cpu);
    let state = cpu_state(cpu)?;
    call.write(address_of(address)?, &state)
}

/// A `*_ptr` member of a request.
///
/// # Errors
///
/// [`EFAULT`] if no address is that large.
pub(crate) fn address_of(member: u64) -> Result<usize> {
    usize::try_from(member).map_err(|_| EFAULT)
}

/// What the control device does.
pub(crate) static OPS: Ops = Ops {
    commands: &[
        (
            bindings::EVL_CTLIOC_GET_COREINFO,
            Where::Both,
            get_core_info,
        ),
        (
            bindings::EVL_CTLIOC_GET_CPUSTATE,
            Where::Both,
            get_cpu_state,
        ),
    ],
    read: None,
    write: None,
    poll: None,
};

/// Registers the control device.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_CORE, 1)?;
    class.add_device(0, c_str!("control"))?;
    Ok(class)
}
