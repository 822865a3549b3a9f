// SPDX-License-Identifier: MIT OR Apache-2.0
//! Monitors of the core, by its raw system calls and shared words.

use std::fs::File;
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::{
    __kernel_timespec as timespec, EVL_EVENT_COUNT, EVL_EVENT_GATED, EVL_EVENT_MASK, EVL_GATE_PI,
    EVL_GATE_PP, EVL_MONIOC_BROADCAST, EVL_MONIOC_ENTER, EVL_MONIOC_EXIT, EVL_MONIOC_SIGNAL,
    EVL_MONIOC_TRYENTER, EVL_MONIOC_TRYWAIT, EVL_MONIOC_TRYWAIT_EXACT, EVL_MONIOC_UNWAIT,
    EVL_MONIOC_WAIT, EVL_MONIOC_WAIT_EXACT, EVL_MONITOR_BROADCAST, EVL_MONITOR_EVENT,
    EVL_MONITOR_GATE, EVL_MONITOR_SIGNALED, evl_element_ids, evl_monitor_waitreq,
};

use crate::ioctl;
use crate::thread::{Window, clone_of, clone_request, oob_command, oob_ioctl};

/// EVL_CLOCK_MONOTONIC as a descriptor.
pub const MONOTONIC: u32 = u32::MAX;
/// EVL_CLOCK_REALTIME as a descriptor.
pub const REALTIME: u32 = 0;

/// What a monitor is: type and protocol as in `struct evl_monitor_attrs`.
pub const INHERIT: u32 = EVL_MONITOR_GATE | (EVL_GATE_PI << 2);
/// A gate with a ceiling.
pub const CEILING: u32 = EVL_MONITOR_GATE | (EVL_GATE_PP << 2);
/// A gated event.
pub const GATED: u32 = EVL_MONITOR_EVENT | (EVL_EVENT_GATED << 2);
/// A semaphore.
pub const COUNT: u32 = EVL_MONITOR_EVENT | (EVL_EVENT_COUNT << 2);
/// A group of flags.
pub const MASK: u32 = EVL_MONITOR_EVENT | (EVL_EVENT_MASK << 2);

/// A date that never comes.
pub const NEVER: u64 = 0;

/// A private monitor.
#[derive(Debug)]
pub struct Monitor {
    file: File,
    /// As the answer to the clone request has it.
    pub eids: evl_element_ids,
    words: [&'static AtomicU32; 4],
}

impl Monitor {
    /// Makes one without a name.
    pub fn create(kind: u32, clock: u32, initial: u32) -> Result<Self, i32> {
        let mut attrs = [clock, kind, initial];
        let mut request = clone_request(&[], 0);
        request.name_ptr = 0;
        request.attrs_ptr = attrs.as_mut_ptr().expose_provenance() as u64;
        clone_of("monitor", &mut request)?;
        // SAFETY: the core made this descriptor for us.
        let file = unsafe { File::from_raw_fd(request.efd as i32) };
        Ok(Self::with(file, request.eids))
    }

    /// One of a file.
    pub fn with(file: File, eids: evl_element_ids) -> Self {
        let window = Window::new();
        let words = [0, 4, 8, 12].map(|at| window.atomic(eids.state_offset + at));
        Self { file, eids, words }
    }

    /// Makes one on CLOCK_MONOTONIC.
    pub fn new(kind: u32, initial: u32) -> Self {
        Self::create(kind, MONOTONIC, initial).unwrap()
    }

    /// Another descriptor of the same file.
    pub fn share(&self) -> Self {
        Self {
            file: self.file.try_clone().unwrap(),
            eids: self.eids,
            words: self.words,
        }
    }

    /// The name that the core gave it.
    pub fn name(&self) -> String {
        format!("monitor.{}", self.eids.minor)
    }

    /// The same descriptor, which is not closed with this.
    pub fn alias(&self) -> ManuallyDrop<Self> {
        // SAFETY: it is never dropped. Who uses it after the descriptor was closed gets an error.
        let file = unsafe { File::from_raw_fd(self.file.as_raw_fd()) };
        ManuallyDrop::new(Self {
            file,
            eids: self.eids,
            words: self.words,
        })
    }

    /// Its file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// A word of its window.
    pub fn word(&self, index: usize) -> u32 {
        self.words[index].load(Ordering::Acquire)
    }

    /// The same, to be changed.
    pub fn atomic(&self, index: usize) -> &'static AtomicU32 {
        self.words[index]
    }

    /// Locks a gate, by the kernel; `limit`: a date in ns, or [`NEVER`].
    pub fn enter(&self, limit: u64) -> Result<usize, i32> {
        oob_ioctl(&self.file, EVL_MONIOC_ENTER, &mut date(limit))
    }

    /// Locks a gate if it is free.
    pub fn try_enter(&self) -> Result<usize, i32> {
        oob_command(&self.file, EVL_MONIOC_TRYENTER)
    }

    /// Unlocks a gate, by the kernel.
    pub fn exit(&self) -> Result<usize, i32> {
        oob_command(&self.file, EVL_MONIOC_EXIT)
    }

    /// Locks a free gate as a library does, without the kernel.
    pub fn fast_enter(&self, me: u32) -> bool {
        let order = Ordering::AcqRel;
        self.words[1]
            .compare_exchange(0, me, order, Ordering::Relaxed)
            .is_ok()
    }

    /// Unlocks a gate without the kernel, if that may be.
    pub fn fast_exit(&self, me: u32) -> bool {
        let order = Ordering::AcqRel;
        self.word(0) & EVL_MONITOR_SIGNALED == 0
            && self.words[1]
                .compare_exchange(me, 0, order, Ordering::Relaxed)
                .is_ok()
    }

    fn wait_by(
        &self,
        request: u32,
        gate: i32,
        value: i32,
        limit: u64,
    ) -> (Result<(), i32>, [i32; 2]) {
        let limit = date(limit);
        let mut wait = evl_monitor_waitreq {
            timeout_ptr: (&raw const limit).expose_provenance() as u64,
            gatefd: gate,
            status: -1000,
            value,
            __pad: 0,
        };
        let result = oob_ioctl(&self.file, request, &mut wait).map(drop);
        (result, [wait.status, wait.value])
    }

    /// Waits for an event with a gate: the result of the request, and the status of the wait.
    pub fn wait_with(&self, gate: &Monitor, limit: u64) -> (Result<(), i32>, i32) {
        let fd = gate.file.as_raw_fd();
        let (result, [status, _]) = self.wait_by(EVL_MONIOC_WAIT, fd, 0, limit);
        (result, status)
    }

    /// Waits for a unit.
    pub fn get(&self, limit: u64) -> Result<(), i32> {
        self.wait_by(EVL_MONIOC_WAIT, -1, 0, limit).0
    }

    /// Waits for any of some flags: those received.
    pub fn wait_any(&self, flags: u32, limit: u64) -> Result<u32, i32> {
        let (result, [_, value]) = self.wait_by(EVL_MONIOC_WAIT, -1, flags as i32, limit);
        result.map(|()| value as u32)
    }

    /// Waits for all of some flags.
    pub fn wait_all(&self, flags: u32, limit: u64) -> Result<u32, i32> {
        let (result, [_, value]) = self.wait_by(EVL_MONIOC_WAIT_EXACT, -1, flags as i32, limit);
        result.map(|()| value as u32)
    }

    /// Receives flags that are set: any of them, or all.
    pub fn try_wait(&self, flags: u32, all: bool) -> Result<u32, i32> {
        let request = if all {
            EVL_MONIOC_TRYWAIT_EXACT
        } else {
            EVL_MONIOC_TRYWAIT
        };
        let mut value = flags;
        self.inband(request, &mut value)?;
        Ok(value)
    }

    /// Takes the gate again after a wait that failed.
    pub fn unwait(&self, gate: &Monitor) -> Result<usize, i32> {
        let mut fd = gate.file.as_raw_fd();
        oob_ioctl(&self.file, EVL_MONIOC_UNWAIT, &mut fd)
    }

    /// An ordinary ioctl with a word.
    pub fn inband(&self, request: u32, value: &mut u32) -> Result<i32, i32> {
        let address = std::ptr::from_mut(value).expose_provenance();
        // SAFETY: the kernel writes 4 bytes at most, to `value`.
        unsafe { ioctl(&self.file, request, address) }
    }

    /// Returns a unit or posts flags, by an ordinary ioctl.
    pub fn signal(&self, mut value: u32) -> Result<i32, i32> {
        self.inband(EVL_MONIOC_SIGNAL, &mut value)
    }

    /// Flushes a semaphore or shows flags to all, by an ordinary ioctl.
    pub fn broadcast(&self, mut value: u32) -> Result<i32, i32> {
        self.inband(EVL_MONIOC_BROADCAST, &mut value)
    }

    /// Signals an event as a library does, under its gate.
    pub fn mark(&self, gate: &Monitor, all: bool) {
        let bits = EVL_MONITOR_SIGNALED | if all { EVL_MONITOR_BROADCAST } else { 0 };
        self.words[0].fetch_or(bits, Ordering::AcqRel);
        gate.words[0].fetch_or(EVL_MONITOR_SIGNALED, Ordering::AcqRel);
    }
}

/// A date in ns.
pub fn date(ns: u64) -> timespec {
    timespec {
        tv_sec: (ns / 1_000_000_000) as i64,
        tv_nsec: (ns % 1_000_000_000) as i64,
    }
}
