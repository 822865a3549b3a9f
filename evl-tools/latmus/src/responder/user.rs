// SPDX-License-Identifier: MIT OR Apache-2.0
//! A thread of this program responds, out-of-band.
//!
//! It waits in the driver, so that what is measured is the way from the hardware to a thread of an application, and the
//! driver counts as well. An absolute sleep would add the way into the kernel to each period, and the core would
//! program the timer while the application waits for it.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, anyhow};
use evl::latency::{Latency, Responder as Driven};
use evl::{Clock, ClockId, Policy};
use rtrb::Producer;

use super::{Response, WARMUP, channel, collect};
use crate::end::{self, End};
use crate::figures::Measured;
use crate::plan::{Plan, Responder};

pub(super) fn measure(plan: &Plan, end: &End) -> Result<Measured> {
    let driver = Arc::new(Latency::open()?);
    driver.prepare(&plan.setup(Driven::User), None, 0)?;
    let (to, mut from) = channel(plan);
    let thread = respond(plan, driver.clone(), to)?;
    let runner = run(move || driver.run(0))?;
    let collected = collect(plan, Responder::User, end, &mut from, || {
        runner.is_finished()
    });
    end::interrupt(&runner);
    let ran = joined(runner.join())?;
    let responded = joined(thread.join())?;
    let (mut all, elapsed) = collected?;
    ran?;
    // If it was not waiting when the run ended, nobody wanted its next response.
    if all.samples() == 0 {
        responded?;
    }
    while let Ok((time, overruns)) = from.pop() {
        all.add(time, overruns);
    }
    all.finish(plan, Responder::User, elapsed)
}

pub(super) fn tune(plan: &Plan, end: &End) -> Result<u32> {
    let driver = Arc::new(Latency::open()?);
    driver.prepare_tuning(&plan.setup(Driven::User))?;
    let (to, _) = channel(plan);
    let thread = respond(plan, driver.clone(), to)?;
    let runner = run(move || driver.tune())?;
    let found = wait_for_gravity(runner, end);
    // If it was not waiting when the search ended, nobody wanted its next response.
    let _ = joined(thread.join())?;
    found
}

/// Waits for the end of a search, which comes by itself or because somebody asks for it.
pub(super) fn wait_for_gravity(runner: JoinHandle<evl::Result<u32>>, end: &End) -> Result<u32> {
    while !runner.is_finished() && !end.asked() {
        std::thread::sleep(Duration::from_millis(50));
    }
    end::interrupt(&runner);
    Ok(joined(runner.join())??)
}

/// A thread in which a run waits for its end.
pub(super) fn run<T: Send + 'static>(
    work: impl FnOnce() -> evl::Result<T> + Send + 'static,
) -> Result<JoinHandle<evl::Result<T>>> {
    let builder = std::thread::Builder::new().name("latmus-run".to_owned());
    let spawned = builder.spawn(move || {
        end::leave_signals_to_others();
        work()
    });
    spawned.context("cannot make a thread")
}

pub(super) fn joined<T>(ended: std::thread::Result<T>) -> Result<T> {
    ended.map_err(|_| anyhow!("a thread of latmus panicked"))
}

/// A thread that responds until the run ends.
fn respond(
    plan: &Plan,
    driver: Arc<Latency>,
    mut to: Producer<Response>,
) -> Result<evl::thread::JoinHandle<evl::Result<()>>> {
    let period = plan.period.as_nanos() as u64;
    let warmup = WARMUP.as_nanos() as u64 / period + 1;
    let clock = Clock::open(ClockId::Monotonic)?;
    // The timer fires so much earlier.
    let gravity = crate::system::user_gravity();
    let body = move || {
        let mut woken = None;
        let (mut called, mut last) = (0, 0);
        let mut left = warmup;
        loop {
            match driver.pulse(woken) {
                Ok(()) => {}
                Err(evl::Error::Interrupted { .. }) => return Ok(()),
                // The run ended while we did not wait.
                Err(evl::Error::Call { source, .. })
                    if woken.is_some() && source.raw_os_error() == Some(libc::EINVAL) =>
                {
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
            let at = clock.now();
            // Dates are multiples of the period. Ours is the first one for which the timer was to fire after we began to
            // wait; unless it fired late, for one before.
            let now = at.as_nanos() as u64;
            let date = ((called + gravity) / period + 1).min((now + gravity) / period);
            if left == 0 {
                let time = now as i64 - (date * period) as i64;
                // If nobody collects, it is lost: an oob thread waits for nobody.
                let _ = to.push((time, date.saturating_sub(last + 1)));
            }
            left = left.saturating_sub(1);
            last = date;
            woken = Some(at);
            called = clock.now().as_nanos() as u64;
        }
    };
    end::leave_signals_to_others();
    Ok(evl::thread::Builder::new()
        .name(format!("latmus.{}", std::process::id()))
        .policy(Policy::fifo(plan.priority))
        .cpu(plan.cpu)
        .spawn(body)?)
}
