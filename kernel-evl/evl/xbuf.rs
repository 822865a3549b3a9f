// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Cross buffers, `/dev/evl/xbuf/*`: streams of bytes between the stages, one each way.
//!
//! Both stages copy by way of their stack, a chunk at a time, so that a ring is only touched with its
//! lock held. A chunk is never mixed with others; longer data of several writers may be. Data that a reader has
//! no memory for is lost.

use kernel::{bindings, c_str, prelude::*};

use crate::{
    class::{Class, Command, Ops, Request, Where},
    element::{Element, Handle, Hold},
    errno::errno,
    factory::{Wanted, CLONE},
    ffi,
    lock::HardSpinLock,
    logic::{
        error::Error as Refusal,
        ring::{Amount, Ring, Span, Spans},
        status::{Block, Release},
        table::ThreadId,
        waitqueue::{Order, WaitQueue},
    },
    once::Once,
    stage::{running_oob, with_hard_irqs_off, Call, HardIrqs, HardIrqsOff},
    system::System,
    thread, user,
    waits::{self, pause, Kind},
};

/// How many there can be.
const NR_XBUFS: usize = bindings::CONFIG_EVL_NR_XBUFS as usize;

/// What is copied at a time, in bytes.
const CHUNK: usize = 256;

/// One direction.
struct Pipe {
    ring: Ring,
    bytes: KVVec<u8>,
    /// Threads that are out-of-band: readers or writers, by the direction.
    waiters: WaitQueue,
}

impl Pipe {
    const fn new(kind: Kind, index: u32) -> Self {
        Self {
            ring: Ring::EMPTY,
            bytes: KVVec::new(),
            waiters: WaitQueue::new(waits::tag(kind, index), Order::Priority),
        }
    }

    /// Takes what is there, as far as it fits: how many bytes.
    fn take(&mut self, to: &mut [u8]) -> usize {
        let wanted = u32::try_from(to.len()).unwrap_or(u32::MAX);
        let Ok(spans) = self.ring.to_read(wanted, Amount::Available) else {
            return 0;
        };
        let mut places = to.iter_mut();
        for range in ranges(&spans) {
            let found = self.bytes.get(range).unwrap_or_default();
            for (place, byte) in Iterator::zip(places.by_ref().take(found.len()), found) {
                *place = *byte;
            }
        }
        self.ring.took(&spans);
        spans.len() as usize
    }

    /// Puts bytes in, as far as there is room: how many.
    fn put(&mut self, from: &[u8]) -> usize {
        let wanted = u32::try_from(from.len()).unwrap_or(u32::MAX);
        let Ok(spans) = self.ring.to_write(wanted.min(self.ring.room())) else {
            return 0;
        };
        let mut bytes = from.iter();
        for range in ranges(&spans) {
            let places = self.bytes.get_mut(range).unwrap_or_default();
            for (place, byte) in Iterator::zip(places.iter_mut(), bytes.by_ref()) {
                *place = *byte;
            }
        }
        self.ring.wrote(&spans);
        spans.len() as usize
    }

    /// Those who wait look again.
    fn wake(&mut self, cause: Release, irqs: &HardIrqsOff<'_>) {
        while let Some(waiter) = self.waiters.pop(&System) {
            thread::release(waiter, cause, irqs);
        }
    }

    /// Blocks the current thread until something has changed.
    fn block(&mut self, me: ThreadId, irqs: &HardIrqsOff<'_>) -> Result<(), Refusal> {
        if !self.waiters.add(&System, me) {
            return Err(Refusal::Busy);
        }
        thread::block(me, Block::Wait { timed: false }, irqs).inspect_err(|_| {
            self.waiters.remove(&System, me);
        })
    }
}

fn ranges(spans: &Spans) -> [core::ops::Range<usize>; 2] {
    let range = |span: Span| {
        let start = span.offset as usize;
        start..start.saturating_add(span.len as usize)
    };
    [range(spans.first), range(spans.second)]
}

/// The record of a cross buffer.
pub(crate) struct XbufRecord {
    element: Element,
    index: u32,
    /// Written in-band, read out-of-band.
    inward: HardSpinLock<Pipe>,
    /// Written out-of-band, read in-band.
    outward: HardSpinLock<Pipe>,
}

static XBUFS: Once<XbufRecord> = Once::new();

/// Makes the table. Once, in-band, may sleep.
pub(crate) fn init() -> Result {
    XBUFS.fill(NR_XBUFS, |index| XbufRecord {
        element: Element::new(),
        index,
        inward: HardSpinLock::new(Pipe::new(Kind::XbufReader, index)),
        outward: HardSpinLock::new(Pipe::new(Kind::XbufWriter, index)),
    })
}

fn of(index: u32) -> Option<&'static XbufRecord> {
    XBUFS.get().get(index as usize)
}

fn of_minor(minor: u32) -> Option<&'static XbufRecord> {
    of(minor.checked_sub(1)?)
}

/// What counts the references to a cross buffer.
pub(crate) fn element(minor: u32) -> Option<&'static Element> {
    Some(&of_minor(minor)?.element)
}

/// Nobody can open it any more: whoever waits is told. In-band.
pub(crate) fn delete(minor: u32) {
    let Some(record) = of_minor(minor) else {
        return;
    };
    for pipe in [&record.inward, &record.outward] {
        with_hard_irqs_off(|irqs| pipe.lock(&irqs).wake(Release::Remove, &irqs));
    }
}

/// Nobody refers to it any more. In-band, may sleep.
pub(crate) fn reap(minor: u32) {
    if let Some(record) = of_minor(minor) {
        record.replace(Ring::EMPTY, KVVec::new(), Ring::EMPTY, KVVec::new());
    }
}

impl XbufRecord {
    fn handle(&self) -> Handle {
        let minor = self.index.saturating_add(1);
        Handle::new(bindings::evl_class_id_EVL_CLASS_XBUF, minor)
    }

    /// Gives it other rings; those before are freed with interrupts on.
    fn replace(&self, i_ring: Ring, i_bytes: KVVec<u8>, o_ring: Ring, o_bytes: KVVec<u8>) {
        let set = |pipe: &HardSpinLock<Pipe>, ring, bytes| {
            with_hard_irqs_off(|irqs| {
                let mut pipe = pipe.lock(&irqs);
                pipe.ring = ring;
                core::mem::replace(&mut pipe.bytes, bytes)
            })
        };
        drop(set(&self.inward, i_ring, i_bytes));
        drop(set(&self.outward, o_ring, o_bytes));
    }

    /// Wakes the other side of a pipe, after this side has changed it.
    fn changed(&self, pipe: &mut Pipe, irqs: &HardIrqsOff<'_>) {
        if running_oob() {
            ffi::evl_notify_inband(self.handle().raw());
        } else {
            pipe.wake(Release::Wakeup, irqs);
        }
    }

    /// Moves a chunk by `step`, which says how many bytes it moved: waits until there are some, if that
    /// is allowed out-of-band.
    ///
    /// # Errors
    ///
    /// [`EAGAIN`], [`EINVAL`] if the direction has no ring, [`EINTR`], [`EIDRM`].
    fn move_chunk(
        &self,
        pipe: &HardSpinLock<Pipe>,
        request: &Request,
        mut step: impl FnMut(&mut Pipe) -> usize,
    ) -> Result<usize> {
        let may_wait = running_oob() && request.flags & bindings::O_NONBLOCK == 0;
        loop {
            let guard = HardIrqs::off();
            let me = {
                let irqs = guard.token();
                let mut pipe = pipe.lock(&irqs);
                if pipe.bytes.is_empty() {
                    return Err(EINVAL);
                }
                let moved = step(&mut pipe);
                if moved != 0 {
                    self.changed(&mut pipe, &irqs);
                    return Ok(moved);
                }
                if !may_wait {
                    return Err(EAGAIN);
                }
                if self.element.is_deleted() {
                    return Err(errno(Refusal::Removed));
                }
                let me = request.me.ok_or(EPERM)?;
                pipe.block(me, &irqs).map_err(errno)?;
                me
            };
            pause(&guard, me, None).map_err(errno)?;
        }
    }

    fn read_chunk(
        &self,
        call: &mut Call,
        request: &Request,
        at: usize,
        len: usize,
    ) -> Result<usize> {
        let pipe = if running_oob() {
            &self.inward
        } else {
            &self.outward
        };
        let mut chunk = [0; CHUNK];
        let room = chunk.get_mut(..len.min(CHUNK)).ok_or(EINVAL)?;
        let moved = self.move_chunk(pipe, request, |pipe| pipe.take(room))?;
        let found = chunk.get(..moved).ok_or(EINVAL)?;
        call.write(at, found)?;
        Ok(moved)
    }

    fn write_chunk(
        &self,
        call: &mut Call,
        request: &Request,
        at: usize,
        len: usize,
    ) -> Result<usize> {
        let mut chunk = [0; CHUNK];
        let given = chunk.get_mut(..len.min(CHUNK)).ok_or(EINVAL)?;
        call.read_into(at, given)?;
        let pipe = if running_oob() {
            &self.outward
        } else {
            &self.inward
        };
        self.move_chunk(pipe, request, |pipe| pipe.put(given))
    }
}

/// Moves `size` bytes by chunks; fewer if the rest cannot be moved now, and nobody waits.
fn transfer(
    call: &mut Call,
    request: &Request,
    size: usize,
    chunk: fn(&XbufRecord, &mut Call, &Request, usize, usize) -> Result<usize>,
) -> Result<usize> {
    let record = of_minor(request.element.minor()).ok_or(EINVAL)?;
    let mut done = 0_usize;
    while done < size {
        let at = request.arg.wrapping_add(done);
        match chunk(record, call, request, at, size.saturating_sub(done)) {
            Ok(moved) => done = done.saturating_add(moved),
            Err(_) if done > 0 => break,
            Err(error) => return Err(error),
        }
    }
    Ok(done)
}

/// `oob_read()`, `read()`.
fn read(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    transfer(call, request, size, XbufRecord::read_chunk)
}

/// `oob_write()`, `write()`.
fn write(call: &mut Call, request: &Request, size: usize) -> Result<usize> {
    transfer(call, request, size, XbufRecord::write_chunk)
}

/// What `poll()` tells in-band tasks.
fn poll(handle: Handle) -> u32 {
    let Some(record) = of_minor(handle.minor()) else {
        return bindings::EPOLLERR;
    };
    with_hard_irqs_off(|irqs| {
        let readable = match record.outward.lock(&irqs).ring.fill() {
            0 => 0,
            _ => bindings::EPOLLIN,
        };
        let writable = match record.inward.lock(&irqs).ring.room() {
            0 => 0,
            _ => bindings::EPOLLOUT,
        };
        readable | writable
    })
}

/// Writes all of some bytes for in-band readers, if there is room. Out-of-band, in any context.
pub(crate) fn send(buffer: Handle, bytes: &[u8], irqs: &HardIrqsOff<'_>) {
    let Some(record) = of_minor(buffer.minor()) else {
        return;
    };
    let mut pipe = record.outward.lock(irqs);
    if pipe.ring.room() as usize >= bytes.len() {
        pipe.put(bytes);
        ffi::evl_notify_inband(buffer.raw());
    }
}

/// Takes a thread out of the queue of readers or writers; whether it was there.
pub(crate) fn cancel(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) -> bool {
    of(index).is_some_and(|record| {
        let pipes = [&record.inward, &record.outward];
        let mut pipes = pipes.iter();
        pipes.any(|pipe| pipe.lock(irqs).waiters.remove(&System, id))
    })
}

/// The priority of one of them changed.
pub(crate) fn requeue(index: u32, id: ThreadId, irqs: &HardIrqsOff<'_>) {
    let Some(record) = of(index) else { return };
    for pipe in [&record.inward, &record.outward] {
        let mut pipe = pipe.lock(irqs);
        if pipe.waiters.contains(&System, id) {
            pipe.waiters.requeue(&System, id);
        }
    }
}

/// `EVL_IOC_CLONE`.
fn create(call: &mut Call, request: &Request) -> Result {
    static_assert!(size_of::<bindings::evl_xbuf_attrs>() == size_of::<[u32; 2]>());

    let wanted = Wanted::read(call, request, 0)?;
    let [i_size, o_size] = wanted.attrs::<[u32; 2]>(call)?;
    let i_ring = Ring::new(i_size, 1).map_err(errno)?;
    let o_ring = Ring::new(o_size, 1).map_err(errno)?;
    let i_bytes = KVVec::from_elem(0, i_size as usize, user::sized())?;
    let o_bytes = KVVec::from_elem(0, o_size as usize, user::sized())?;

    let class = bindings::evl_class_id_EVL_CLASS_XBUF;
    let claimed = Hold::claim(class, XBUFS.get(), |record: &XbufRecord| &record.element)?;
    let record = of_minor(claimed.handle().minor()).ok_or(ENXIO)?;
    record.replace(i_ring, i_bytes, o_ring, o_bytes);
    match wanted.make(call, &claimed, 0, c_str!("xbuf"))? {
        Some(file) => file.install(),
        None => claimed.leave_to_process(),
    }
    Ok(())
}

const COMMANDS: &[Command] = &[(bindings::EVL_IOC_CLONE, Where::Inband, create)];

/// What cross buffers do.
pub(crate) static OPS: Ops = Ops {
    commands: COMMANDS,
    read: Some(read),
    write: Some(write),
    poll: Some(poll),
};

/// Registers the class, and the device that makes cross buffers.
pub(crate) fn register() -> Result<Class> {
    let nr_minors = (XBUFS.get().len() as u32).saturating_add(1);
    let class = Class::register(bindings::evl_class_id_EVL_CLASS_XBUF, nr_minors)?;
    class.add_device(CLONE, c_str!("clone"))?;
    Ok(class)
}
