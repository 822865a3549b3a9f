// SPDX-License-Identifier: MIT OR Apache-2.0
//! Out-of-band, by the EVL core.

use std::io;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use evl::{Clock, ClockId, Mutex, Policy, Semaphore, Timer, thread};

use super::Kernel;

#[derive(Debug)]
pub(crate) struct Evl;

/// Small: a thousand of them are locked in memory.
const STACK: usize = 64 * 1024;

impl Kernel for Evl {
    type Semaphore = Semaphore;
    type Mutex = Mutex<()>;
    type Timer = Timer;
    type Thread<T> = thread::JoinHandle<Result<T>>;

    fn spawn<T: Send + 'static>(
        priority: u8,
        body: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<Self::Thread<T>> {
        let builder = thread::Builder::new().policy(Policy::fifo(priority));
        Ok(builder.stack_size(STACK).spawn(body)?)
    }

    fn join<T>(thread: Self::Thread<T>) -> Result<T> {
        thread.join().ok().context("a thread panicked")?
    }

    fn semaphore() -> Result<Semaphore> {
        Ok(Semaphore::new(0)?)
    }

    fn put(semaphore: &Semaphore) -> Result<()> {
        Ok(semaphore.put()?)
    }

    fn get(semaphore: &Semaphore) -> Result<()> {
        Ok(semaphore.get()?)
    }

    fn mutex() -> Result<Mutex<()>> {
        Ok(Mutex::new(())?)
    }

    fn with<T>(mutex: &Mutex<()>, body: impl FnOnce() -> T) -> Result<T> {
        let _guard = mutex.lock()?;
        Ok(body())
    }

    fn timer(first: Duration, period: Duration) -> Result<Timer> {
        let timer = Timer::new(&Clock::open(ClockId::Monotonic)?)?;
        timer.start(first, period)?;
        Ok(timer)
    }

    fn wait(timer: &mut Timer) -> Result<u64> {
        Ok(timer.wait()?)
    }

    fn yield_now() -> Result<()> {
        Ok(thread::yield_now()?)
    }

    /// A read from a file that the core does not know: it finds that out, and returns.
    fn null_call() -> Result<()> {
        match evl::io::oob_read(io::stdin(), &mut []) {
            Err(evl::Error::Call { source, .. }) if source.raw_os_error() == Some(libc::EBADF) => {
                Ok(())
            }
            other => bail!("the core read from our standard input: {other:?}"),
        }
    }
}
