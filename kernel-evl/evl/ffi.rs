// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Functions of the C half that are safe to call with any argument, in any context.
//!
//! Some belong to one stage, which their callers keep to; on the wrong one they complain, but
//! access nothing that is not theirs. What a caller has to prove more of is called through
//! [`kernel::bindings`], and unsafe.

use kernel::{bindings, prelude::*};

macro_rules! safe_calls {
    ($(fn $name:ident($($arg:ident: $type:ty),*) $(-> $ret:ty)?;)*) => {
        // SAFETY: Each is declared with the types that bindgen found, which is checked below. They
        // take no pointers, check the numbers that they take, and each of them is static.
        unsafe extern "C" {
            $(pub(crate) safe fn $name($($arg: $type),*) $(-> $ret)?;)*
        }

        $(const _: [unsafe extern "C" fn($($type),*) $(-> $ret)?; 2] = [bindings::$name, $name];)*
    };
}

safe_calls! {
    fn evl_current_mm() -> c_ulong;
    fn evl_current_process() -> bindings::evl_process;
    fn evl_current_thread() -> u32;
    fn evl_defer_reap();
    fn evl_first_oob_cpu() -> u32;
    fn evl_hard_irqs_save() -> c_ulong;
    fn evl_heap_size() -> usize;
    fn evl_init_heap(size: usize) -> c_int;
    fn evl_is_online(cpu: u32) -> bool;
    fn evl_is_oob_cpu(cpu: u32) -> bool;
    fn evl_join_kthread(thread: u32);
    fn evl_leave_inband() -> c_int;
    fn evl_notify_debug(cause: u32);
    fn evl_pin_current() -> c_int;
    fn evl_process_lives(number: u32, birth: u64) -> bool;
    fn evl_query_cpu(cpu: u32) -> c_int;
    fn evl_read_clock(clock: u32) -> u64;
    fn evl_register_class(id: bindings::evl_class_id, nr_minors: u32) -> c_int;
    fn evl_remove_device(id: bindings::evl_class_id, minor: u32);
    fn evl_run_kthread(thread: u32, cpu: u32) -> c_int;
    fn evl_running_oob() -> bool;
    fn evl_signal_exit();
    fn evl_signal_pending() -> bool;
    fn evl_this_cpu() -> u32;
    fn evl_wait_exit(thread: u32) -> c_int;
    fn evl_wait_inband(handle: u32, events: u32) -> c_int;
    fn evl_notify_inband(handle: u32);
}

#[cfg(CONFIG_EVL_HECTIC)]
safe_calls! {
    fn evl_hectic_run(run: u32, task: u32, cpu: u32) -> c_int;
    fn evl_hectic_stop(run: u32);
    fn evl_hectic_wait(run: u32, task: u32) -> c_int;
}

#[cfg(CONFIG_EVL_LATMUS)]
safe_calls! {
    fn evl_latmus_raise(run: u32);
    fn evl_latmus_sync(run: u32);
}
