// SPDX-License-Identifier: MIT OR Apache-2.0
//! What real-time threads do, by the EVL core and by Linux: the same programs measure both.

mod evl;
mod linux;

use std::time::Duration;

use anyhow::Result;

pub(crate) use self::evl::Evl;
pub(crate) use self::linux::Linux;

/// Threads of SCHED_FIFO, and what they wait for.
pub(crate) trait Kernel: 'static {
    type Semaphore: Send + Sync + 'static;
    /// With priority inheritance.
    type Mutex: Send + Sync + 'static;
    /// Periodic dates.
    type Timer: Send + 'static;
    type Thread<T>;

    fn spawn<T: Send + 'static>(
        priority: u8,
        body: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> Result<Self::Thread<T>>;
    fn join<T>(thread: Self::Thread<T>) -> Result<T>;

    fn semaphore() -> Result<Self::Semaphore>;
    fn put(semaphore: &Self::Semaphore) -> Result<()>;
    fn get(semaphore: &Self::Semaphore) -> Result<()>;

    fn mutex() -> Result<Self::Mutex>;
    /// Calls `body` with the mutex locked.
    fn with<T>(mutex: &Self::Mutex, body: impl FnOnce() -> T) -> Result<T>;

    /// Dates of CLOCK_MONOTONIC.
    fn timer(first: Duration, period: Duration) -> Result<Self::Timer>;
    /// Waits for the next date: how many have come since the last one.
    fn wait(timer: &mut Self::Timer) -> Result<u64>;

    /// Lets another thread of the same priority run.
    fn yield_now() -> Result<()>;
    /// The least that a system call can do.
    fn null_call() -> Result<()>;
}

/// CLOCK_MONOTONIC, without a system call.
pub(crate) fn now() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    Duration::new(time.tv_sec.unsigned_abs(), time.tv_nsec as u32)
}
