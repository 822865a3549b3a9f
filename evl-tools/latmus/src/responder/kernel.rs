// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel responds: a handler or a thread of it. The driver counts, in microseconds.

use std::time::{Duration, Instant};

use anyhow::Result;
use evl::latency::{Latency, Responder as Driven};

use super::user::{joined, run, wait_for_gravity};
use crate::end::{self, End};
use crate::figures::{Collector, Measured};
use crate::live::Live;
use crate::plan::{Plan, Responder};

/// As many cells as the driver has, so that quantiles are right.
const CELLS: u32 = 10_000;

pub(super) fn measure(plan: &Plan, responder: Responder, end: &End) -> Result<Measured> {
    let driver = Latency::open()?;
    driver.prepare(&plan.setup(driven(responder)), None, CELLS)?;
    let runner = run(move || driver.run(CELLS))?;
    let mut live = Live::new(plan, responder);
    let started = Instant::now();
    let mut elapsed = Duration::ZERO;
    while !runner.is_finished() && !end.asked() && plan.timeout.is_none_or(|time| elapsed < time) {
        std::thread::sleep(super::PAUSE);
        elapsed = started.elapsed();
        live.wait(elapsed);
    }
    live.clear();
    end::interrupt(&runner);
    let measured = joined(runner.join())??;
    Collector::driver(&measured)?.finish(plan, responder, elapsed)
}

pub(super) fn tune(plan: &Plan, responder: Responder, end: &End) -> Result<u32> {
    let driver = Latency::open()?;
    driver.prepare_tuning(&plan.setup(driven(responder)))?;
    wait_for_gravity(run(move || driver.tune())?, end)
}

fn driven(responder: Responder) -> Driven {
    responder.driven().unwrap_or(Driven::Irq)
}
