// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Trace events, which `trace_events.h` describes, and marks of applications in the trace.
//!
//! An event that is off costs one instruction without effect. One that is on is written to the
//! buffer of the CPU. Interrupts are off meanwhile: the buffer is made for writers that interrupt
//! each other, not for threads that preempt each other in the middle.

use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Class, Ops, Request},
    element::Handle,
    errno::errno,
    logic::{error::Error as Refusal, status::Release, table::ThreadId, timer::Shot},
    stage::{with_hard_irqs_off, Call},
    system::{target_of, Target},
    thread, waits,
};

/// Functions that raise events. Unlike those of `kernel::declare_trace!`, they do not evaluate what
/// an event tells while it is off.
macro_rules! events {
    ($($(#[$attr:meta])*
    fn $name:ident($($arg:ident: $type:ty),*) = $event:ident($($value:expr),*);)*) => {
        kernel::macros::paste! {$(
            $(#[$attr])*
            #[inline(always)]
            pub(crate) fn $name($($arg: $type),*) {
                #[cfg(CONFIG_TRACEPOINTS)]
                // SAFETY: The key is that of a tracepoint, which C defines. The event may be raised
                // anywhere with interrupts off; a pointer comes from a reference.
                unsafe {
                    if kernel::jump_label::static_branch_unlikely!(
                        bindings::[<__tracepoint_ $event>],
                        bindings::tracepoint,
                        key
                    ) {
                        with_hard_irqs_off(|_| bindings::[<rust_do_trace_ $event>]($($value),*));
                    }
                }
                #[cfg(not(CONFIG_TRACEPOINTS))]
                let _ = ($($arg,)*);
            }
        )*}
    };
}

events! {
    /// The CPU is about to pick what to run.
    fn schedule(current: Option<ThreadId>) = evl_schedule(pid_of(current));
    /// It picked a thread, or Linux.
    fn pick_next(next: Option<ThreadId>) = evl_pick_next(pid_of(next), priority_of(next));
    /// It switches.
    fn switch_context(prev: Option<ThreadId>, next: Option<ThreadId>)
        = evl_switch_context(pid_of(prev), state_of(prev), pid_of(next));
    /// It goes on after a switch to a thread, or Linux.
    fn switch_tail(current: Option<ThreadId>) = evl_switch_tail(pid_of(current));
    /// Linux let go of a thread.
    fn switch_oob(id: ThreadId) = evl_switch_oob(pid_of(Some(id)));
    /// A thread goes in-band, for a cause of `EVL_HMDIAG_*`.
    fn switch_inband(id: ThreadId, cause: u32) = evl_switch_inband(pid_of(Some(id)), cause);
    /// A reason of a thread not to run on a CPU has ended.
    fn wakeup(id: ThreadId, cpu: u32, cause: Release)
        = evl_wakeup_thread(pid_of(Some(id)), cpu, cause_of(cause));
    /// A thread is about to wait for an element, or to sleep, until a date in ns.
    fn begin_wait(id: ThreadId, date: Option<u64>)
        = evl_begin_wait(
            pid_of(Some(id)),
            waits::channel(id).map_or(0, Handle::raw),
            date.unwrap_or(0)
        );
    /// A thread has waited.
    fn finish_wait(id: ThreadId, result: Result<(), Refusal>)
        = evl_finish_wait(pid_of(Some(id)), result.map_err(errno).err().map_or(0, Error::to_errno));
    /// All who wait for an element are woken up.
    fn flush_wait(channel: Handle) = evl_flush_wait(channel.raw());
    /// A timer expired.
    fn timer_expire(shot: &Shot)
        = evl_timer_expire(owner_of(shot), number_of(shot), shot.date, shot.overruns);
    /// A system call begins.
    fn oob_sysentry(nr: u32, fd: u32, arg: usize) = evl_oob_sysentry(nr, fd, arg as u64);
    /// A system call was served.
    fn oob_sysexit(result: &Result<usize>) = evl_oob_sysexit(result_of(result));
    /// latmus measured the longest response so far, in ns.
    fn latspot(latency: i64) = evl_latspot(latency);
    /// An application wants a mark.
    fn trigger(text: &Mark) = evl_trigger(text.as_ptr().cast());
}

// What `show_evl_class()` takes for granted: one more class means one more line there.
static_assert!(bindings::evl_class_id_EVL_CLASS_TIMER == 11);

fn pid_of(id: Option<ThreadId>) -> u32 {
    id.and_then(thread::of).map_or(0, |thread| thread.pid())
}

fn priority_of(id: Option<ThreadId>) -> i32 {
    id.and_then(thread::of)
        .map_or(0, |thread| thread.logic.effective().in_class())
}

fn state_of(id: Option<ThreadId>) -> u32 {
    id.and_then(thread::of).map_or(0, |thread| thread.state())
}

const fn cause_of(cause: Release) -> u32 {
    match cause {
        Release::Wakeup => bindings::EVL_TRACE_WAKEUP,
        Release::Broadcast => bindings::EVL_TRACE_BROADCAST,
        Release::Signal => bindings::EVL_TRACE_SIGNAL,
        Release::Timeout => bindings::EVL_TRACE_TIMEOUT,
        Release::Period => bindings::EVL_TRACE_PERIOD,
        Release::Break | Release::Kick => bindings::EVL_TRACE_BREAK,
        Release::Remove => bindings::EVL_TRACE_REMOVE,
        Release::Oob => bindings::EVL_TRACE_OOB,
        Release::Start | Release::Resume | Release::Thaw => bindings::EVL_TRACE_RESUME,
    }
}

fn owner_of(shot: &Shot) -> u32 {
    match target_of(shot.timer) {
        Some(Target::File(_)) => bindings::EVL_TRACE_OF_FILE,
        Some(Target::Run(_)) => bindings::EVL_TRACE_OF_RUN,
        _ => bindings::EVL_TRACE_OF_THREAD,
    }
}

fn number_of(shot: &Shot) -> u32 {
    match target_of(shot.timer) {
        Some(Target::File(index) | Target::Run(index)) => index.saturating_add(1),
        Some(Target::Thread(id)) => pid_of(Some(id)),
        None => 0,
    }
}

fn result_of(result: &Result<usize>) -> i64 {
    match *result {
        Ok(value) => value as i64,
        Err(error) => error.to_errno().into(),
    }
}

/// A text that ends in NUL.
type Mark = [u8; bindings::EVL_TRACE_MARK_SIZE as usize + 1];

/// `write()` and `oob_write()`: the first line of the text becomes a mark in the trace.
fn write(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    let mut mark = [0; size_of::<Mark>()];
    let room = mark.len().saturating_sub(1).min(size);
    let text = mark.get_mut(..room).ok_or(EINVAL)?;
    call.read_into(request.arg, text)?;
    if let Some(end) = text.iter().position(|byte| *byte == b'\n') {
        text.iter_mut().skip(end).for_each(|byte| *byte = 0);
    }
    trigger(&mark);
    Ok(size)
}

/// What the device does.
pub(crate) static OPS: Ops = Ops {
    commands: &[],
    read: None,
    write: Some(write),
    poll: Some(|_| bindings::EPOLLOUT),
};

/// Registers the device.
pub(crate) fn register() -> Result<Class> {
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_TRACE, 1)?;
    class.add_device(0, c_str!("trace"))?;
    Ok(class)
}
