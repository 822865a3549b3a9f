// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! What applications ask of threads: `/dev/evl/thread/*`.

use core::sync::atomic::Ordering::Relaxed;
use kernel::{bindings, c_str, error::to_result, prelude::*};

use crate::{
    class::{Class, Command, Ops, Request, Where},
    control::halves,
    element::{Handle, Ref},
    errno::{errno, estale},
    events,
    factory::{Wanted, CLONE},
    ffi,
    logic::{
        error::Error as Refusal,
        priority::{Policy, Priority},
        runqueue::Params,
        status::Release,
        table::ThreadId,
        timer::Timer,
        timespec::Timespec,
    },
    stage::{with_hard_irqs_off, Call},
    system::{timer_of, timer_of_thread},
    thread::{self, ThreadRecord},
    waits,
};

/// The thread that a request is for.
///
/// # Errors
///
/// [`ENOTTY`] for the device that makes threads, [`ESTALE`] if the thread is gone.
fn target(request: &Request) -> Result<(ThreadId, &'static ThreadRecord)> {
    let id = thread::of_minor(request.element.minor()).ok_or(ENOTTY)?;
    if thread::is_gone(id) {
        return Err(estale());
    }
    Ok((id, thread::of(id).ok_or_else(estale)?))
}

/// The same for what a thread may only ask for itself.
///
/// # Errors
///
/// [`EPERM`] if it is another one.
fn myself(request: &Request) -> Result<ThreadId> {
    let (id, _) = target(request)?;
    if request.me != Some(id) {
        return Err(EPERM);
    }
    Ok(id)
}

/// `EVL_IOC_CLONE`: attaches the current task.
fn attach(call: &mut Call, request: &Request) -> Result {
    let wanted = Wanted::read(call, request, 0)?;
    if !wanted.is_plain() {
        return Err(EINVAL);
    }
    let claimed = thread::claim()?;
    let (_, record) = target_of(claimed.handle().minor())?;
    let file = wanted.make(call, &claimed, record.state_offset(), c_str!("thread"))?;
    thread::attach(claimed)?;
    if let Some(file) = file {
        file.install();
    }
    Ok(())
}

fn target_of(minor: u32) -> Result<(ThreadId, &'static ThreadRecord)> {
    let id = thread::of_minor(minor).ok_or(ENXIO)?;
    Ok((id, thread::of(id).ok_or(ENXIO)?))
}

/// `EVL_THRIOC_DETACH_SELF`.
fn detach(_: &mut Call, request: &Request) -> Result {
    thread::detach(myself(request)?);
    Ok(())
}

/// `EVL_THRIOC_SWITCH_OOB`: whoever serves this has gone there.
fn switch_oob(_: &mut Call, request: &Request) -> Result {
    myself(request).map(drop)
}

/// `EVL_THRIOC_SWITCH_INBAND`: any request by `ioctl()` does that.
fn switch_inband(_: &mut Call, request: &Request) -> Result {
    myself(request).map(drop)
}

/// `EVL_THRIOC_YIELD`.
fn yield_now(call: &mut Call, request: &Request) -> Result {
    myself(request)?;
    thread::yield_now(&call.oob()?);
    Ok(())
}

/// `EVL_THRIOC_JOIN`: may sleep.
fn join(_: &mut Call, request: &Request) -> Result {
    let minor = request.element.minor();
    let id = thread::of_minor(minor).ok_or(ENOTTY)?;
    if request.me == Some(id) {
        return Err(errno(Refusal::Deadlock));
    }
    // The file keeps the record that of this thread.
    to_result(ffi::evl_wait_exit(minor))
}

/// `EVL_THRIOC_SIGNAL`: wakes the thread from its wait for an event when its gate is left.
fn signal(call: &mut Call, request: &Request) -> Result {
    let (id, _) = target(request)?;
    let fd = call.read(request.arg)?;
    let (event, _) = Ref::from_fd(fd)?;
    events::pick(&call.oob()?, event.handle(), request.me.ok_or(EPERM)?, id)
}

/// `EVL_THRIOC_UNBLOCK`.
fn unblock(_: &mut Call, request: &Request) -> Result {
    let (id, _) = target(request)?;
    with_hard_irqs_off(|irqs| waits::end(id, Release::Break, &irqs));
    Ok(())
}

/// `EVL_THRIOC_DEMOTE`.
fn demote(_: &mut Call, request: &Request) -> Result {
    let (id, _) = target(request)?;
    thread::set_params(id, Params::Weak, thread::WEAKEST)?;
    thread::kick(id);
    Ok(())
}

/// `struct evl_sched_attrs` in words: policy, priority, and a union, here a timespec.
type Attrs = [u32; 6];

fn long(low: u32, high: u32) -> u64 {
    u64::from(low) | (u64::from(high) << 32)
}

fn params_of([policy, priority, s0, s1, n0, n1]: Attrs) -> Result<(Params, Priority)> {
    let policy = Policy::from_number(policy as i32).map_err(errno)?;
    let priority = policy.priority(priority as i32).map_err(errno)?;
    let params = match policy {
        Policy::Fifo => Params::Fifo,
        Policy::Weak => Params::Weak,
        Policy::RoundRobin => {
            let quantum = [long(s0, s1) as i64, long(n0, n1) as i64];
            Params::RoundRobin {
                quantum: Timespec::date_from_array(quantum).ok_or(EINVAL)?,
            }
        }
        // There are no groups, and no partitions.
        Policy::Quota | Policy::Tp => return Err(EINVAL),
    };
    Ok((params, priority))
}

fn number_of(policy: Policy) -> u32 {
    match policy {
        Policy::Fifo => bindings::SCHED_FIFO,
        Policy::RoundRobin => bindings::SCHED_RR,
        Policy::Weak => bindings::SCHED_WEAK,
        Policy::Quota => bindings::SCHED_QUOTA,
        Policy::Tp => bindings::SCHED_TP,
    }
}

fn attrs_of(record: &ThreadRecord) -> Attrs {
    let quantum = Timespec::from_ns(i64::try_from(record.logic.quantum()).unwrap_or(i64::MAX));
    let [sec, nsec] = quantum.to_array();
    let [s0, s1] = halves(sec as u64);
    let [n0, n1] = halves(nsec as u64);
    let policy = number_of(record.logic.policy());
    let priority = record.logic.base().in_class() as u32;
    [policy, priority, s0, s1, n0, n1]
}

/// `EVL_THRIOC_SET_SCHEDPARAM`.
fn set_params(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_sched_attrs>() == size_of::<Attrs>());

    let (id, _) = target(request)?;
    let (params, priority) = params_of(call.read(request.arg)?)?;
    thread::set_params(id, params, priority)
}

/// `EVL_THRIOC_GET_SCHEDPARAM`.
fn get_params(call: &mut Call, request: &Request) -> Result {
    let (_, record) = target(request)?;
    call.write(request.arg, &attrs_of(record))
}

/// `EVL_THRIOC_GET_STATE`.
fn get_state(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_thread_state>() == size_of::<[u32; 14]>());

    let (_, record) = target(request)?;
    let stats = &record.stats;
    let [a0, a1, a2, a3, a4, a5] = attrs_of(record);
    let (xtime, _) = record.load();
    let [t0, t1] = halves(xtime);
    call.write(
        request.arg,
        &[
            a0,
            a1,
            a2,
            a3,
            a4,
            a5,
            record.cpu(),
            record.state(),
            stats.inband.load(Relaxed),
            stats.switches.load(Relaxed),
            stats.calls.load(Relaxed),
            stats.remote.load(Relaxed),
            t0,
            t1,
        ],
    )
}

/// The modes that say what to notify of, and those that say how.
const WHAT: u32 =
    bindings::EVL_T_WOSS | bindings::EVL_T_WOLI | bindings::EVL_T_WOSX | bindings::EVL_T_WOSO;
const HOW: u32 = bindings::EVL_T_HMSIG | bindings::EVL_T_HMOBS;

/// The modes that a request names.
///
/// # Errors
///
/// [`EINVAL`] for bits that are no modes, and EVL_T_HMOBS, since no thread can be observed.
fn modes_at(call: &mut Call, request: &Request) -> Result<u32> {
    let modes = call.read::<u32>(request.arg)?;
    if modes & !(WHAT | HOW) != 0 || modes & bindings::EVL_T_HMOBS != 0 {
        return Err(EINVAL);
    }
    Ok(modes)
}

/// `EVL_THRIOC_SET_MODE`.
fn set_mode(call: &mut Call, request: &Request) -> Result {
    let (_, record) = target(request)?;
    let modes = modes_at(call, request)?;
    let before = record.set_mode(|now| {
        let then = now | modes;
        if then & WHAT != 0 && then & HOW == 0 {
            then | bindings::EVL_T_HMSIG
        } else {
            then
        }
    });
    call.write(request.arg, &before)
}

/// `EVL_THRIOC_CLEAR_MODE`.
fn clear_mode(call: &mut Call, request: &Request) -> Result {
    let (_, record) = target(request)?;
    let modes = modes_at(call, request)?;
    let before = record.set_mode(|now| {
        let then = now & !modes;
        if then & WHAT == 0 {
            0
        } else {
            then
        }
    });
    call.write(request.arg, &before)
}

const COMMANDS: &[Command] = &[
    (bindings::EVL_IOC_CLONE, Where::Inband, attach),
    (bindings::EVL_THRIOC_DETACH_SELF, Where::Inband, detach),
    (bindings::EVL_THRIOC_JOIN, Where::Inband, join),
    (
        bindings::EVL_THRIOC_SWITCH_INBAND,
        Where::Inband,
        switch_inband,
    ),
    (bindings::EVL_THRIOC_SWITCH_OOB, Where::Oob, switch_oob),
    (bindings::EVL_THRIOC_YIELD, Where::Oob, yield_now),
    (bindings::EVL_THRIOC_SIGNAL, Where::Oob, signal),
    (bindings::EVL_THRIOC_UNBLOCK, Where::Both, unblock),
    (bindings::EVL_THRIOC_DEMOTE, Where::Both, demote),
    (bindings::EVL_THRIOC_SET_SCHEDPARAM, Where::Both, set_params),
    (bindings::EVL_THRIOC_GET_SCHEDPARAM, Where::Both, get_params),
    (bindings::EVL_THRIOC_GET_STATE, Where::Both, get_state),
    (bindings::EVL_THRIOC_SET_MODE, Where::Both, set_mode),
    (bindings::EVL_THRIOC_CLEAR_MODE, Where::Both, clear_mode),
];

/// What threads do.
pub(crate) static OPS: Ops = Ops {
    commands: COMMANDS,
    read: None,
    write: None,
    poll: None,
};

/// Registers the class of threads, and the device that makes them.
pub(crate) fn register() -> Result<Class> {
    let nr_minors = (thread::all().len() as u32).saturating_add(1);
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_THREAD, nr_minors)?;
    class.add_device(CLONE, c_str!("clone"))?;
    Ok(class)
}

const _: [bindings::evl_thread_info_fn; 2] =
    [Some(bindings::evl_thread_query), Some(evl_thread_query)];

/// What the attributes of a thread show. In-band.
#[no_mangle]
extern "C" fn evl_thread_query(minor: u32) -> bindings::evl_thread_info {
    let Ok((id, record)) = target_of(minor) else {
        return bindings::evl_thread_info::default();
    };
    let stats = &record.stats;
    let (xtime, percent) = record.load();
    bindings::evl_thread_info {
        pid: record.pid(),
        cpu: record.cpu(),
        policy: number_of(record.logic.policy()) as i32,
        base: record.logic.base().in_class(),
        priority: record.logic.effective().in_class(),
        state: if thread::is_gone(id) {
            0
        } else {
            record.state()
        },
        isw: stats.inband.load(Relaxed),
        csw: stats.switches.load(Relaxed),
        sc: stats.calls.load(Relaxed),
        rwa: stats.remote.load(Relaxed),
        xtime,
        percent,
        wchan: waits::channel(id).map_or(0, Handle::raw),
        timeout: timer_of_thread(id)
            .and_then(timer_of)
            .filter(|timer| timer.is_running())
            .map_or(0, Timer::date),
    }
}
