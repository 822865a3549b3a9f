// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Threads of the kernel that the core schedules.

use kernel::{bindings, error::to_result, prelude::*};

use crate::{
    class::add_device,
    element::{Hold, Ref},
    ffi,
    logic::{priority::Priority, runqueue::Params, status::Release, table::ThreadId},
    stage::with_hard_irqs_off,
    thread, waits,
};

/// What a kernel thread does, out-of-band, with a number that is its own business. It returns when
/// whoever owns the thread wants it to, at the latest when a wait of its is broken.
pub(crate) type Body = fn(me: ThreadId, arg: u32);

/// A kernel thread. Dropping it breaks its wait, and waits for its end: in-band, may sleep.
pub(crate) struct Kthread {
    id: ThreadId,
    // So that the record stays that of this thread.
    _record: Ref,
}

impl Kthread {
    /// Starts one in SCHED_FIFO, bound to a CPU. In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`ENXIO`] unless the core runs, [`EAGAIN`] if there are too many threads, [`EEXIST`] if one
    /// has that name, [`EINVAL`] if the CPU is offline, [`ENOMEM`].
    pub(crate) fn run(
        name: &CStr,
        cpu: u32,
        priority: Priority,
        body: Body,
        arg: u32,
    ) -> Result<Self> {
        let claimed = thread::claim_for_kernel(body, arg)?;
        let handle = claimed.handle();
        let id = thread::of_minor(handle.minor()).ok_or(ENXIO)?;
        add_device(handle, name, false)?;
        thread::set_params(id, Params::Fifo, priority)?;
        let record = Ref::get(handle)?;
        to_result(ffi::evl_run_kthread(handle.minor(), cpu))?;
        // The thread adopts it.
        claimed.keep();
        Ok(Self {
            id,
            _record: record,
        })
    }
}

impl Drop for Kthread {
    fn drop(&mut self) {
        with_hard_irqs_off(|irqs| waits::end(self.id, Release::Break, &irqs));
        ffi::evl_join_kthread(thread::handle(self.id).minor());
    }
}

const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_kthread_main), Some(evl_kthread_main)];

/// The life of a kernel thread. In-band.
#[no_mangle]
extern "C" fn evl_kthread_main(minor: u32) {
    let Some(me) = thread::of_minor(minor) else {
        return;
    };
    let body = thread::body(me);
    if thread::attach(Hold::adopt(thread::handle(me))).is_err() {
        return;
    }
    if let (Some((body, arg)), Ok(())) = (body, thread::go_oob(me)) {
        body(me, arg);
        thread::go_inband(me, bindings::EVL_CAUSE_NONE);
    }
    thread::detach(me);
}
