// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Requests of applications: system calls of both stages.

use kernel::{
    bindings,
    error::{from_result, to_result},
    prelude::*,
};

use crate::{
    class::{Ops, Request, Transfer, Where},
    cpu::reschedule,
    element::{Handle, Hold, Ref},
    errno::enosys,
    ffi, gates,
    logic::{priority::Policy, table::ThreadId},
    stage::{running_oob, with_hard_irqs_off, Call},
    thread::{self, ThreadRecord},
    trace,
};

// `#[export]` takes no function that is safe to call, hence the comparison by type.
const _: [bindings::evl_ioctl_fn; 2] = [Some(bindings::evl_ioctl), Some(evl_ioctl)];
const _: [bindings::evl_transfer_fn; 2] = [Some(bindings::evl_read), Some(evl_read)];
const _: [bindings::evl_transfer_fn; 2] = [Some(bindings::evl_write), Some(evl_write)];
const _: [bindings::evl_poll_fn; 2] = [Some(bindings::evl_poll), Some(evl_poll)];
const _: [bindings::evl_open_fn; 2] = [Some(bindings::evl_open), Some(evl_open)];
const _: [bindings::evl_u32_fn; 2] = [Some(bindings::evl_release), Some(evl_release)];
const _: [bindings::evl_call_fn; 2] = [Some(bindings::evl_oob_call), Some(evl_oob_call)];
const _: [bindings::evl_call_fn; 2] = [Some(bindings::evl_inband_call), Some(evl_inband_call)];

/// `ioctl()` on a file of the core. In-band, may sleep. The file holds its element.
#[no_mangle]
extern "C" fn evl_ioctl(handle: u32, mode: bindings::fmode_t, cmd: c_uint, arg: c_ulong) -> c_long {
    let request = Request {
        element: Handle::from_raw(handle),
        me: thread::current(),
        flags: 0,
        arg,
    };
    from_result(|| {
        let ops = Ops::of(request.element.class())?;
        ops.serve(Where::Inband, cmd, mode, &mut Call::enter(), &request)?;
        Ok(0)
    })
}

/// Serves `read()` or `write()`: waits in-band for what `transfer` would wait for. A stream moves all
/// bytes if it may wait.
fn transfer(
    transfer: Transfer,
    wanted: u32,
    handle: u32,
    flags: u32,
    buf: usize,
    size: usize,
) -> Result<isize> {
    let may_wait = flags & bindings::O_NONBLOCK == 0;
    let element = Handle::from_raw(handle);
    let is_stream = element.class() == bindings::evl_class_id_EVL_CLASS_XBUF;
    let mut done = 0_usize;
    let ended = loop {
        let request = Request {
            element,
            me: thread::current(),
            flags: flags | bindings::O_NONBLOCK,
            arg: buf.wrapping_add(done),
        };
        let left = size.saturating_sub(done);
        match transfer(&mut Call::enter(), &request, left) {
            Ok(moved) => {
                done = done.saturating_add(moved);
                if !is_stream || !may_wait || moved == left {
                    break Ok(());
                }
            }
            Err(error) if error == EAGAIN && may_wait => {}
            Err(error) => break Err(error),
        }
        let woken = ffi::evl_wait_inband(handle, wanted | bindings::EPOLLERR);
        if let Err(error) = to_result(woken) {
            break Err(error);
        }
    };
    // What was moved counts, whatever came then.
    match ended {
        Err(error) if done == 0 => Err(error),
        _ => isize::try_from(done).map_err(|_| EOVERFLOW),
    }
}

/// `read()` from a file of the core. In-band, may sleep. The file holds its element.
#[no_mangle]
extern "C" fn evl_read(handle: u32, flags: u32, buf: c_ulong, size: usize) -> isize {
    from_result(|| {
        let ops = Ops::of(Handle::from_raw(handle).class())?;
        let (read, _) = ops.read.zip(ops.poll).ok_or(EINVAL)?;
        transfer(read, bindings::EPOLLIN, handle, flags, buf, size)
    })
}

/// `write()` to a file of the core. In-band, may sleep. The file holds its element.
#[no_mangle]
extern "C" fn evl_write(handle: u32, flags: u32, buf: c_ulong, size: usize) -> isize {
    from_result(|| {
        let ops = Ops::of(Handle::from_raw(handle).class())?;
        let (write, _) = ops.write.zip(ops.poll).ok_or(EINVAL)?;
        transfer(write, bindings::EPOLLOUT, handle, flags, buf, size)
    })
}

/// What `poll()` tells of a file of the core, as `EPOLL*`. In-band.
#[no_mangle]
extern "C" fn evl_poll(handle: u32) -> u32 {
    let handle = Handle::from_raw(handle);
    match Ops::of(handle.class()) {
        Ok(Ops {
            poll: Some(poll), ..
        }) => poll(handle),
        _ => bindings::EPOLLERR,
    }
}

/// A device is being opened. In-band. The file gets a hold of the element that is returned: the
/// one that the device stands for, or a new one.
#[no_mangle]
extern "C" fn evl_open(device: u32) -> c_int {
    from_result(|| {
        let opened = open(Handle::from_raw(device))?;
        Ok(opened.keep().raw() as c_int)
    })
}

fn open(device: Handle) -> Result<Hold> {
    #[cfg(CONFIG_EVL_HECTIC)]
    if device.class() == bindings::evl_class_id_EVL_CLASS_HECTIC {
        return crate::hectic::open();
    }
    #[cfg(CONFIG_EVL_LATMUS)]
    if device.class() == bindings::evl_class_id_EVL_CLASS_LATMUS {
        return crate::latmus::open();
    }
    Hold::open(device).map_err(|_| ENXIO)
}

/// A file is gone. In-band, may sleep.
#[no_mangle]
extern "C" fn evl_release(handle: u32) {
    drop(Hold::adopt(Handle::from_raw(handle)));
}

/// Serves a system call of the core. Out-of-band, interrupts on.
fn serve(
    call: &mut Call,
    me: ThreadId,
    thread: &ThreadRecord,
    nr: u32,
    [fd, a, b]: [usize; 3],
) -> Result<usize> {
    trace::oob_sysentry(nr, fd as u32, a);
    // A thread that took a gate without the kernel may be about to wait.
    if thread.pending_gate() != 0 {
        with_hard_irqs_off(|irqs| gates::commit_ceiling(me, &irqs));
    }
    let fd = u32::try_from(fd).map_err(|_| EBADF)?;
    let (element, view) = Ref::from_fd(fd)?;
    let ops = Ops::of(element.handle().class())?;
    let request = |arg| Request {
        element: element.handle(),
        me: Some(me),
        flags: view.flags,
        arg,
    };
    match nr {
        bindings::EVL_SYSCALL_OOB_READ => {
            if view.mode & bindings::FMODE_READ == 0 {
                return Err(EBADF);
            }
            ops.read.ok_or(EINVAL)?(call, &request(a), b)
        }
        bindings::EVL_SYSCALL_OOB_WRITE => {
            if view.mode & bindings::FMODE_WRITE == 0 {
                return Err(EBADF);
            }
            ops.write.ok_or(EINVAL)?(call, &request(a), b)
        }
        bindings::EVL_SYSCALL_OOB_IOCTL => {
            let cmd = u32::try_from(a).map_err(|_| ENOTTY)?;
            ops.serve(Where::Oob, cmd, view.mode, call, &request(b))?;
            Ok(0)
        }
        _ => Err(enosys()),
    }
}

/// What is left to do when a system call of the core was served.
fn leave(me: ThreadId, thread: &ThreadRecord, result: &Result<usize>) {
    trace::oob_sysexit(result);
    let cause = thread.take_alert();
    if !running_oob() {
        thread::report(me, cause);
        return;
    }
    // Who is not told to be here by a mutex lives in-band.
    let lives_inband = thread.logic.policy() == Policy::Weak && !thread.has_gates();
    if lives_inband || cause != bindings::EVL_CAUSE_NONE {
        thread::go_inband(me, cause);
    } else {
        reschedule();
    }
}

fn serve_and_leave(
    me: ThreadId,
    thread: &ThreadRecord,
    nr: usize,
    args: [usize; 3],
) -> Result<isize> {
    let nr = u32::try_from(nr).map_err(|_| enosys())?;
    let result = serve(&mut Call::enter(), me, thread, nr, args);
    leave(me, thread, &result);
    isize::try_from(result?).map_err(|_| EOVERFLOW)
}

/// The caller, if it is attached.
fn caller() -> Result<(ThreadId, &'static ThreadRecord)> {
    let me = thread::current().ok_or(EPERM)?;
    Ok((me, thread::of(me).ok_or(EPERM)?))
}

/// A system call of the core by a thread that is out-of-band.
#[no_mangle]
extern "C" fn evl_oob_call(nr: c_ulong, a0: c_ulong, a1: c_ulong, a2: c_ulong) -> c_long {
    from_result(|| {
        let (me, thread) = caller()?;
        thread.count_call();
        serve_and_leave(me, thread, nr, [a0, a1, a2])
    })
}

/// The same by a task that is in-band: it goes out-of-band first.
#[no_mangle]
extern "C" fn evl_inband_call(nr: c_ulong, a0: c_ulong, a1: c_ulong, a2: c_ulong) -> c_long {
    from_result(|| {
        let (me, thread) = caller()?;
        if nr >= bindings::EVL_NR_SYSCALLS as usize {
            return Err(enosys());
        }
        thread::check_process(me)?;
        thread.count_call();
        thread::go_oob(me)?;
        serve_and_leave(me, thread, nr, [a0, a1, a2])
    })
}
