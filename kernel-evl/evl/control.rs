// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The control device, `/dev/evl/control`.
//!
//! Its attributes are in `device.c`.

use core::mem::offset_of;
use kernel::{bindings, c_str, prelude::*, uaccess::UserSlice};

use crate::{
    class::{Class, DeviceClass, Handler},
    logic::state::State,
    state,
};

/// Describes this core.
///
/// No floating-point feature is announced as long as nothing runs out-of-band that could use one,
/// and there is no memory to map as long as no element has a shared state.
pub(crate) fn core_info() -> bindings::evl_core_info {
    bindings::evl_core_info {
        abi_base: bindings::EVL_ABI_BASE,
        abi_current: bindings::EVL_ABI_LEVEL,
        fpu_features: 0,
        __pad: 0,
        shm_size: 0,
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
fn get_core_info(_minor: u32, arg: UserPtr) -> Result {
    // The members are written in their order, and leave no gap.
    static_assert!(offset_of!(bindings::evl_core_info, abi_base) == 0);
    static_assert!(offset_of!(bindings::evl_core_info, abi_current) == 4);
    static_assert!(offset_of!(bindings::evl_core_info, fpu_features) == 8);
    static_assert!(offset_of!(bindings::evl_core_info, __pad) == 12);
    static_assert!(offset_of!(bindings::evl_core_info, shm_size) == 16);
    static_assert!(size_of::<bindings::evl_core_info>() == 24);

    check_enabled()?;

    let info = core_info();
    let mut answer = UserSlice::new(arg, size_of_val(&info)).writer();
    answer.write(&info.abi_base)?;
    answer.write(&info.abi_current)?;
    answer.write(&info.fpu_features)?;
    answer.write(&info.__pad)?;
    answer.write(&info.shm_size)
}

/// How the core and Linux use a CPU, as a mask of `EVL_CPU_*`.
///
/// # Errors
///
/// [`EINVAL`] if there can be no such CPU.
pub(crate) fn cpu_state(cpu: u32) -> Result<u32> {
    // SAFETY: The function takes any number, in any context.
    let state = unsafe { bindings::evl_query_cpu(cpu) };

    u32::try_from(state).map_err(|_| Error::from_errno(state))
}

/// `EVL_CTLIOC_GET_CPUSTATE`.
fn get_cpu_state(_minor: u32, arg: UserPtr) -> Result {
    // The padding between the two members is not looked at.
    static_assert!(offset_of!(bindings::evl_cpu_state, cpu) == 0);
    static_assert!(offset_of!(bindings::evl_cpu_state, state_ptr) == size_of::<u64>());

    check_enabled()?;

    let mut request = UserSlice::new(arg, size_of::<bindings::evl_cpu_state>()).reader();
    let cpu = request.read::<u32>()?;
    request.skip(size_of::<u32>())?;
    let addr = usize::try_from(request.read::<u64>()?).map_err(|_| EFAULT)?;

    let state = cpu_state(cpu)?;
    UserSlice::new(UserPtr::from_addr(addr), size_of::<u32>())
        .writer()
        .write(&state)
}

/// The class of the control device.
struct Control;

impl DeviceClass for Control {
    const ID: bindings::evl_class_id = bindings::evl_class_id_EVL_CLASS_CORE;
    const NR_MINORS: u32 = 1;

    const COMMANDS: &'static [(u32, Handler)] = &[
        (bindings::EVL_CTLIOC_GET_COREINFO, get_core_info),
        (bindings::EVL_CTLIOC_GET_CPUSTATE, get_cpu_state),
    ];
}

/// Registers the control device.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register::<Control>()?;
    class.add_device(0, c_str!("control"))?;
    Ok(class)
}
