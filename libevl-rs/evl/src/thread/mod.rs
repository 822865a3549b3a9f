// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads that the core schedules while they are out-of-band.
//!
//! A thread of the core is a thread of Linux that is *attached*. [`Builder::spawn`] makes one, as
//! [`std::thread::Builder`] does; [`Builder::attach`] attaches the caller.
//!
//! ```no_run
//! use evl::{Policy, thread};
//!
//! # fn main() -> Result<(), evl::Error> {
//! let worker = thread::Builder::new()
//!     .name("motor")
//!     .policy(Policy::fifo(80))
//!     .cpu(1)
//!     .spawn(|| thread::is_inband())?;
//! assert_eq!(worker.join().unwrap(), false);
//! # Ok(())
//! # }
//! ```
//!
//! A thread of [`Policy::Weak`] lives in-band, all others live out-of-band, from where a system
//! call of Linux, an exception or a signal takes them in-band until their next call of the core. What does not look like
//! a system call may be one: allocating memory, printing, a contended [`std::sync::Mutex`]. [`Modes::WOSS`] finds
//! them.

mod builder;
mod stack;
mod state;

use std::cell::RefCell;
use std::marker::PhantomData;
#[cfg(not(feature = "posix"))]
use std::os::fd::{AsFd, BorrowedFd};
use std::path::Path;
use std::sync::Arc;

pub use builder::{Builder, JoinHandle, STACK_SIZE};
pub use state::{Flags, Modes, State};

use crate::error::{Error, Result};
use crate::policy::Policy;
use crate::sys;

/// A thread of the core, of this process or another.
///
/// It does not keep the thread alive: when that has detached or exited, calls fail with [`Error::Gone`].
#[derive(Clone, Debug)]
pub struct Thread {
    inner: Arc<sys::Thread>,
}

impl Thread {
    /// Opens a public thread, by the name it was [built](Builder::name) with.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotFound`], [`Error::Permission`], [`Error::OutOfRange`] if it cannot be a name, [`Error::Io`].
    pub fn open(name: &str) -> Result<Self> {
        let inner = Arc::new(sys::Thread::open(name)?);
        Ok(Self { inner })
    }

    /// Changes its policy and priority.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`], [`Error::Gone`], or [`Error::Call`] for a group or partition that its CPU does not have.
    pub fn set_policy(&self, policy: Policy) -> Result<()> {
        let done = self.inner.set_attrs(policy.to_attrs()?);
        done.map_err(|errno| Error::from_call("change the policy of a thread", errno))
    }

    /// What the core says of it.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Gone`]; [`Error::Unexpected`] if the core did not answer with a policy that exists.
    pub fn state(&self) -> Result<State> {
        let raw = self.inner.state();
        let raw = raw.map_err(|errno| Error::from_call("query a thread", errno))?;
        State::new(&raw).ok_or_else(|| self.no_policy(raw.eattrs.sched_policy))
    }

    fn no_policy(&self, number: i32) -> Error {
        Error::Unexpected {
            path: self.path().to_owned(),
            found: format!("policy {number}"),
            wanted: "a policy",
        }
    }

    /// Ends its wait, if it waits out-of-band: that fails with [`Error::Interrupted`].
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Gone`].
    pub fn unblock(&self) -> Result<()> {
        let done = self.inner.unblock();
        done.map_err(|errno| Error::from_call("unblock a thread", errno))
    }

    /// Takes it in-band, ending its wait as [`Thread::unblock`] does, and leaves it there, by making its policy
    /// [`Policy::Weak`] with priority 0.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Gone`].
    pub fn demote(&self) -> Result<()> {
        let done = self.inner.demote();
        done.map_err(|errno| Error::from_call("demote a thread", errno))
    }

    /// Sets modes: what to notify of and how. Returns those before. Without a way of notification it is by signal.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// [`Error::Gone`], or [`Error::Call`] for [`Modes::HMOBS`] if the thread cannot be observed.
    pub fn set_modes(&self, modes: Modes) -> Result<Modes> {
        let before = self.inner.set_mode(modes.bits());
        let before = before.map_err(|errno| Error::from_call("set modes of a thread", errno))?;
        Ok(Modes::from_bits_truncate(before))
    }

    /// Clears modes. Returns those before. Without anything to notify of, the ways of notification are cleared, too.
    ///
    /// **Stage: any.**
    ///
    /// # Errors
    ///
    /// As [`Thread::set_modes`].
    pub fn clear_modes(&self, modes: Modes) -> Result<Modes> {
        let before = self.inner.clear_mode(modes.bits());
        let before = before.map_err(|errno| Error::from_call("clear modes of a thread", errno))?;
        Ok(Modes::from_bits_truncate(before))
    }

    /// What the operating system has.
    pub(crate) fn inner(&self) -> &sys::Thread {
        &self.inner
    }

    fn path(&self) -> &Path {
        self.inner.path()
    }
}

#[cfg(not(feature = "posix"))]
impl AsFd for Thread {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.inner.as_fd()
    }
}

/// The calling thread, attached by [`Builder::attach`]. It detaches when this is dropped.
///
/// It cannot be sent to another thread, for a thread detaches only itself. If it is leaked, the thread stays attached
/// until it exits.
#[derive(Debug)]
pub struct Attached {
    thread: Thread,
    only_here: PhantomData<*const ()>,
}

thread_local! {
    /// The caller, if it is attached.
    static CURRENT: RefCell<Option<Thread>> = const { RefCell::new(None) };
}

impl Attached {
    fn new(thread: Thread) -> Self {
        CURRENT.set(Some(thread.clone()));
        Self {
            thread,
            only_here: PhantomData,
        }
    }

    /// A handle that other threads can use.
    ///
    /// **Stage: any.**
    pub fn thread(&self) -> &Thread {
        &self.thread
    }

    /// Detaches, and tells whether that worked.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NotAttached`] if the thread is not attached any more, as in a child of fork(2).
    pub fn detach(self) -> Result<()> {
        // Dropping it afterwards changes nothing: the thread knows that it is not attached.
        let done = self.thread.inner.detach();
        done.map_err(|errno| Error::from_call("detach", errno))
    }
}

impl std::ops::Deref for Attached {
    type Target = Thread;

    fn deref(&self) -> &Thread {
        &self.thread
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // It fails only if there is nothing to detach.
        let _ = self.thread.inner.detach();
        // At the end of the thread it may be gone already.
        let _ = CURRENT.try_with(|current| current.take());
    }
}

/// The caller.
///
/// **Stage: any.**
///
/// # Errors
///
/// [`Error::NotAttached`].
pub fn current() -> Result<Thread> {
    let current = CURRENT.with_borrow(Clone::clone);
    // A child of fork(2) has its parent's memory, and is not attached.
    let attached = current.filter(|_| sys::is_attached());
    attached.ok_or(Error::NotAttached {
        action: "name this thread",
    })
}

/// Whether the caller is attached to the core.
///
/// **Stage: any.**
pub fn is_attached() -> bool {
    sys::is_attached()
}

/// Whether the caller is in-band; always so if it is not attached.
///
/// **Stage: any.**
pub fn is_inband() -> bool {
    sys::is_inband()
}

/// Takes the caller out-of-band. Nothing happens if it is there. A thread of [`Policy::Weak`] is back in-band when this
/// returns.
///
/// **Stage: oob.**
///
/// # Errors
///
/// [`Error::NotAttached`]; [`Error::Call`] if its affinity was changed to CPUs that the core does not use.
pub fn switch_oob() -> Result<()> {
    sys::switch_oob().map_err(|errno| Error::from_call("go out-of-band", errno))
}

/// Takes the caller in-band. Nothing happens if it is there.
///
/// **Stage: in-band.**
///
/// # Errors
///
/// [`Error::NotAttached`].
pub fn switch_inband() -> Result<()> {
    sys::switch_inband().map_err(|errno| Error::from_call("go in-band", errno))
}

/// Lets those threads run that are ready and have the priority of the caller.
///
/// **Stage: oob.**
///
/// # Errors
///
/// [`Error::NotAttached`].
pub fn yield_now() -> Result<()> {
    sys::yield_now().map_err(|errno| Error::from_call("yield", errno))
}
