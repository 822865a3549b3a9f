// SPDX-License-Identifier: MIT OR Apache-2.0
//! Making threads.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use rustix::thread::{CpuSet, sched_setaffinity};

use super::stack::{SLACK, prefault, room};
use super::{Attached, Modes, Thread, switch_oob};
use crate::error::{Error, Result};
use crate::name;
use crate::policy::Policy;
use crate::sys;

/// The stack of a thread, in bytes, unless [`Builder::stack_size`] says otherwise. All of it is locked in memory.
pub const STACK_SIZE: usize = 256 * 1024;

/// The smallest stack that a thread can have.
const LEAST_STACK: usize = 2 * SLACK;

/// What a new thread shall be.
#[derive(Clone, Debug, Default)]
pub struct Builder {
    name: Option<String>,
    public: bool,
    policy: Policy,
    modes: Modes,
    cpu: Option<u32>,
    stack_size: Option<usize>,
}

impl Builder {
    /// A thread with a name by the core, of [`Policy::Weak`] with priority 0, on the CPU where it happens to be.
    pub fn new() -> Self {
        Self::default()
    }

    /// The name by which it is shown, unique among threads in the system: 1 to 62 bytes without a slash.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Makes it public: other processes can [open](Thread::open) it by its name, which it must have.
    #[must_use]
    pub fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Its policy and priority.
    #[must_use]
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// What to notify it of.
    #[must_use]
    pub fn modes(mut self, modes: Modes) -> Self {
        self.modes = modes;
        self
    }

    /// The only CPU that it may run on, one that the core uses. Threads of the core are always bound to one CPU: without
    /// this it is the one where the thread is when it attaches.
    #[must_use]
    pub fn cpu(mut self, cpu: u32) -> Self {
        self.cpu = Some(cpu);
        self
    }

    /// The size of its stack in bytes, at least 64 KiB. [`Builder::spawn`] faults all of it in; [`Builder::attach`],
    /// whose caller has a stack, faults that much in below its present end.
    #[must_use]
    pub fn stack_size(mut self, bytes: usize) -> Self {
        self.stack_size = Some(bytes);
        self
    }

    /// Makes a thread which runs `body`, out-of-band unless its policy is [`Policy::Weak`].
    ///
    /// It returns when the thread is attached and has its policy, so that either there is a thread as was asked for, or
    /// none. The thread detaches when `body` returns or panics.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`Builder::attach`], and [`Error::Call`] if Linux cannot make a thread.
    pub fn spawn<F, T>(self, body: F) -> Result<JoinHandle<T>>
    where
        F: FnOnce() -> T + Send + 'static,
        T: Send + 'static,
    {
        let stack = self.stack_size.unwrap_or(STACK_SIZE);
        check_stack(stack)?;
        let mut builder = std::thread::Builder::new().stack_size(stack);
        name::check(self.name.as_deref(), self.public)?;
        if let Some(name) = &self.name {
            builder = builder.name(name.clone());
        }
        let (report, reported) = sync_channel(1);
        let run = move || {
            prefault(room().saturating_sub(SLACK));
            let attached = match self.attach_inband() {
                Ok(attached) => attached,
                Err(error) => {
                    // The parent waits for it.
                    let _ = report.send(Err(error));
                    return None;
                }
            };
            let _ = report.send(Ok(attached.thread().clone()));
            if !self.policy.is_weak() {
                // It was bound to a CPU where this works. If that was changed at once, its calls will say so.
                let _ = switch_oob();
            }
            Some(body())
        };
        let spawned = builder.spawn(run).map_err(cannot_spawn)?;
        let outcome = reported.recv();
        match outcome {
            Ok(Ok(thread)) => Ok(JoinHandle { spawned, thread }),
            Ok(Err(error)) => Err(error),
            // It panicked before it could say anything, which it has printed.
            Err(_) => Err(cannot_spawn(io::ErrorKind::Other.into())),
        }
    }

    /// Attaches the caller, which is out-of-band afterwards unless the policy is [`Policy::Weak`].
    ///
    /// The first call in a process connects it with the core. Each locks all memory of the process, as
    /// [`lock_memory`](crate::lock_memory) does.
    ///
    /// **Stage: in-band**, and oob afterwards.
    ///
    /// # Errors
    ///
    /// | error | if |
    /// |---|---|
    /// | [`Error::NoCore`], [`Error::NoDriver`], [`Error::Disabled`], [`Error::Abi`], [`Error::NotEvl`] | there is no core to talk to |
    /// | [`Error::NotRunning`] | the core is stopped |
    /// | [`Error::Permission`] | the caller lacks CAP_SYS_NICE, and the group of the core's devices |
    /// | [`Error::MemoryNotLocked`] | memory cannot be locked |
    /// | [`Error::AlreadyAttached`] | it is attached |
    /// | [`Error::NameInUse`], [`Error::TooMany`] | there are such, or so many |
    /// | [`Error::NoOobCpu`] | it may run on no CPU that the core uses |
    /// | [`Error::OutOfRange`] | a name, priority or size cannot be |
    /// | [`Error::Call`] | the CPU does not exist, the policy's group or partition neither |
    pub fn attach(self) -> Result<Attached> {
        if let Some(bytes) = self.stack_size {
            check_stack(bytes)?;
            check_room(bytes)?;
            prefault(bytes);
        }
        let attached = self.attach_inband()?;
        if !self.policy.is_weak() {
            switch_oob()?;
        }
        Ok(attached)
    }

    fn attach_inband(&self) -> Result<Attached> {
        let attrs = self.policy.to_attrs()?;
        let name = self.name.as_deref();
        if let Some(cpu) = self.cpu {
            bind(cpu)?;
        }
        let inner = Arc::new(sys::attach(name, self.public)?);
        // Dropped on failure: it detaches.
        let attached = Attached::new(Thread { inner });
        let done = attached.inner.set_attrs(attrs);
        done.map_err(|errno| Error::from_call("set the policy of a thread", errno))?;
        if !self.modes.is_empty() {
            attached.set_modes(self.modes)?;
        }
        Ok(attached)
    }
}

fn check_stack(bytes: usize) -> Result<()> {
    if bytes < LEAST_STACK {
        return Err(Error::OutOfRange {
            what: "the stack",
            found: format!("{bytes} bytes"),
            wanted: "65536 bytes or more",
        });
    }
    Ok(())
}

/// Checks that the caller has so much of its stack left.
fn check_room(bytes: usize) -> Result<()> {
    let room = room().saturating_sub(SLACK);
    if bytes > room {
        return Err(Error::OutOfRange {
            what: "the stack",
            found: format!("{bytes} bytes, of which the thread has {room}"),
            wanted: "no more than that: spawn a thread, or raise RLIMIT_STACK",
        });
    }
    Ok(())
}

/// Binds the caller to a CPU.
fn bind(cpu: u32) -> Result<()> {
    if cpu as usize >= CpuSet::MAX_CPU {
        return Err(Error::OutOfRange {
            what: "the CPU",
            found: cpu.to_string(),
            wanted: "less than 1024",
        });
    }
    let mut set = CpuSet::new();
    set.set(cpu as usize);
    sched_setaffinity(None, &set).map_err(|errno| Error::Call {
        action: "bind a thread to that CPU",
        source: errno.into(),
    })
}

fn cannot_spawn(source: io::Error) -> Error {
    Error::Call {
        action: "make a thread",
        source,
    }
}

/// A thread that was [spawned](Builder::spawn). Dropping it leaves the thread to itself.
#[derive(Debug)]
pub struct JoinHandle<T> {
    spawned: std::thread::JoinHandle<Option<T>>,
    thread: Thread,
}

impl<T> JoinHandle<T> {
    /// The thread, for as long as it runs.
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Whether the thread has come to its end.
    ///
    /// **Stage: any.**
    pub fn is_finished(&self) -> bool {
        self.spawned.is_finished()
    }

    /// Waits for the end of the thread: what it returned, or what it panicked with.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// The panic, as for [`std::thread::JoinHandle::join`].
    ///
    /// # Panics
    ///
    /// Never: a thread that failed to attach has no handle.
    pub fn join(self) -> std::thread::Result<T> {
        let ended = self.spawned.join();
        ended.map(|value| value.expect("the thread was attached"))
    }
}
