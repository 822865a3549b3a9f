// SPDX-License-Identifier: MIT OR Apache-2.0
//! An ordinary real-time thread of Linux responds: SCHED_FIFO, waiting for a timerfd.

use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Sender, channel as std_channel};

use anyhow::{Context, Result, anyhow};
use rtrb::Producer;
use rustix::thread::{CpuSet, sched_setaffinity};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};

use super::{Response, WARMUP, channel, collect};
use crate::end::{self, End};
use crate::figures::Measured;
use crate::plan::{Plan, Responder};
use crate::system;

pub(super) fn measure(plan: &Plan, end: &End) -> Result<Measured> {
    if plan.lock {
        evl::lock_memory()?;
    }
    let (to, mut from) = channel(plan);
    let over = Arc::new(AtomicBool::new(false));
    let (ready, readied) = std_channel();
    let waiter = Waiter {
        period: plan.period.as_nanos() as u64,
        priority: plan.priority,
        cpu: plan.cpu,
        over: over.clone(),
    };
    let builder = std::thread::Builder::new().name("latmus-inband".to_owned());
    let thread = builder
        .spawn(move || waiter.respond(to, &ready))
        .context("cannot make a thread")?;
    // It hangs up without a word if it fails.
    let collected = match readied.recv() {
        Ok(()) => Some(collect(plan, Responder::Inband, end, &mut from, || {
            thread.is_finished()
        })),
        Err(_) => None,
    };
    over.store(true, Ordering::Relaxed);
    thread
        .join()
        .map_err(|_| anyhow!("a thread of latmus panicked"))??;
    let (all, elapsed) = collected.context("a thread of latmus ended early")??;
    all.finish(plan, Responder::Inband, elapsed)
}

struct Waiter {
    period: u64,
    priority: u8,
    cpu: u32,
    over: Arc<AtomicBool>,
}

impl Waiter {
    fn respond(self, mut to: Producer<Response>, ready: &Sender<()>) -> Result<()> {
        end::leave_signals_to_others();
        self.become_real_time()?;
        let mut date = (now() / self.period + 2) * self.period;
        let timer = self.timer(date)?;
        let mut left = WARMUP.as_nanos() as u64 / self.period + 1;
        // The other side lives until we end.
        let _ = ready.send(());
        while !self.over.load(Ordering::Relaxed) {
            let mut periods = [0; 8];
            rustix::io::read(&timer, &mut periods).context("cannot read a timer")?;
            let time = now() as i64 - date as i64;
            let periods = u64::from_ne_bytes(periods);
            if left == 0 {
                let _ = to.push((time, periods - 1));
            }
            left = left.saturating_sub(1);
            date += periods * self.period;
        }
        Ok(())
    }

    fn become_real_time(&self) -> Result<()> {
        let mut cpus = CpuSet::new();
        cpus.set(self.cpu as usize);
        sched_setaffinity(None, &cpus)
            .with_context(|| format!("cannot run on CPU {}", self.cpu))?;
        system::take_fifo(self.priority).with_context(|| {
            format!(
                "cannot take SCHED_FIFO priority {}: run as root, or with CAP_SYS_NICE",
                self.priority
            )
        })?;
        Ok(())
    }

    fn timer(&self, date: u64) -> Result<OwnedFd> {
        let timer = timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::CLOEXEC)
            .context("cannot make a timer")?;
        let setting = Itimerspec {
            it_interval: timespec(self.period),
            it_value: timespec(date),
        };
        timerfd_settime(&timer, TimerfdTimerFlags::ABSTIME, &setting)
            .context("cannot set a timer")?;
        Ok(timer)
    }
}

fn now() -> u64 {
    let time = clock_gettime(ClockId::Monotonic);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

fn timespec(ns: u64) -> Timespec {
    Timespec {
        tv_sec: (ns / 1_000_000_000) as i64,
        tv_nsec: (ns % 1_000_000_000) as i64,
    }
}
