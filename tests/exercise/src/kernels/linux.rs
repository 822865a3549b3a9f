// SPDX-License-Identifier: MIT OR Apache-2.0
//! In-band, by Linux and the C library.

use std::cell::UnsafeCell;
use std::hint::black_box;
use std::io;
use std::mem::MaybeUninit;
use std::sync::mpsc::sync_channel;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::time::{ClockId, Timespec};

use super::Kernel;

#[derive(Debug)]
pub(crate) struct Linux;

const STACK: usize = 64 * 1024;

impl Kernel for Linux {
    type Semaphore = Semaphore;
    type Mutex = Mutex;
    type Timer = Timer;
    type Thread<T> = JoinHandle<Result<T>>;

    fn spawn<T: Send + 'static>(
        priority: u8,
        body: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<Self::Thread<T>> {
        let (report, reported) = sync_channel(1);
        let run = move || {
            let real_time = take_fifo(priority);
            let failed = real_time.is_err();
            // The other side waits for it.
            let _ = report.send(real_time);
            ensure!(!failed, "no real-time thread");
            body()
        };
        let thread = Builder::new().stack_size(STACK).spawn(run)?;
        reported.recv()?.context("cannot take SCHED_FIFO")?;
        Ok(thread)
    }

    fn join<T>(thread: Self::Thread<T>) -> Result<T> {
        thread.join().ok().context("a thread panicked")?
    }

    fn semaphore() -> Result<Semaphore> {
        Semaphore::new()
    }

    fn put(semaphore: &Semaphore) -> Result<()> {
        // SAFETY: `new` has initialized it.
        done(unsafe { libc::sem_post(semaphore.0.get()) })
    }

    fn get(semaphore: &Semaphore) -> Result<()> {
        // SAFETY: `new` has initialized it.
        done(unsafe { libc::sem_wait(semaphore.0.get()) })
    }

    fn mutex() -> Result<Mutex> {
        Mutex::new()
    }

    fn with<T>(mutex: &Mutex, body: impl FnOnce() -> T) -> Result<T> {
        // SAFETY: `new` has initialized it.
        code(unsafe { libc::pthread_mutex_lock(mutex.0.get()) })?;
        let result = body();
        // SAFETY: the caller has just locked it.
        code(unsafe { libc::pthread_mutex_unlock(mutex.0.get()) })?;
        Ok(result)
    }

    fn timer(first: Duration, period: Duration) -> Result<Timer> {
        Ok(Timer {
            next: first,
            period,
        })
    }

    fn wait(timer: &mut Timer) -> Result<u64> {
        let date = Timespec {
            tv_sec: timer.next.as_secs() as i64,
            tv_nsec: timer.next.subsec_nanos().into(),
        };
        rustix::thread::clock_nanosleep_absolute(ClockId::Monotonic, &date)?;
        timer.next += timer.period;
        Ok(1)
    }

    fn yield_now() -> Result<()> {
        rustix::thread::sched_yield();
        Ok(())
    }

    fn null_call() -> Result<()> {
        black_box(rustix::process::getppid());
        Ok(())
    }
}

fn take_fifo(priority: u8) -> io::Result<()> {
    let param = libc::sched_param {
        sched_priority: priority.into(),
    };
    // SAFETY: it reads `param`.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const param) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// As the functions tell it that set errno.
fn done(result: libc::c_int) -> Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error().into()),
    }
}

/// As those of threads tell it.
fn code(result: libc::c_int) -> Result<()> {
    match result {
        0 => Ok(()),
        errno => Err(io::Error::from_raw_os_error(errno).into()),
    }
}

/// One of POSIX, which stays where it is and is never destroyed.
#[derive(Debug)]
pub(crate) struct Semaphore(Box<UnsafeCell<libc::sem_t>>);

// SAFETY: threads share it, that is what it is for: all access is through the C library's functions.
unsafe impl Sync for Semaphore {}
// SAFETY: it belongs to no thread.
unsafe impl Send for Semaphore {}

impl Semaphore {
    fn new() -> Result<Self> {
        // SAFETY: a structure of integers, which `sem_init` sets.
        let raw = Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() }));
        // SAFETY: it is ours alone until it is returned.
        done(unsafe { libc::sem_init(raw.get(), 0, 0) })?;
        Ok(Self(raw))
    }
}

/// One of POSIX with priority inheritance, which stays where it is and is never destroyed.
#[derive(Debug)]
pub(crate) struct Mutex(Box<UnsafeCell<libc::pthread_mutex_t>>);

// SAFETY: as for `Semaphore`.
unsafe impl Sync for Mutex {}
// SAFETY: nobody has locked it when it is sent: `with` borrows it as long.
unsafe impl Send for Mutex {}

impl Mutex {
    fn new() -> Result<Self> {
        let raw = Box::new(UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER));
        let mut attributes = MaybeUninit::uninit();
        // SAFETY: the attributes are initialized first; the mutex is ours alone until it is returned.
        unsafe {
            code(libc::pthread_mutexattr_init(attributes.as_mut_ptr()))?;
            let inherit = libc::PTHREAD_PRIO_INHERIT;
            code(libc::pthread_mutexattr_setprotocol(
                attributes.as_mut_ptr(),
                inherit,
            ))?;
            code(libc::pthread_mutex_init(raw.get(), attributes.as_ptr()))?;
        }
        Ok(Self(raw))
    }
}

/// Absolute sleeps, as cyclictest does it.
#[derive(Debug)]
pub(crate) struct Timer {
    next: Duration,
    period: Duration,
}
