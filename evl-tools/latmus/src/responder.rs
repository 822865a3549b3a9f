// SPDX-License-Identifier: MIT OR Apache-2.0
//! The measurements.

mod inband;
mod kernel;
mod user;

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use rtrb::{Consumer, Producer, RingBuffer};

use crate::end::End;
use crate::failure::Status;
use crate::figures::{Collector, Measured};
use crate::live::Live;
use crate::plan::{Plan, Responder};
use crate::system;

/// How often the responses are collected.
const PAUSE: Duration = Duration::from_millis(100);

/// Responses that are not counted at first, by time: caches are cold.
const WARMUP: Duration = Duration::from_millis(100);

/// A response: its time in ns, and the dates that passed before it came.
type Response = (i64, u64);

/// Room for what comes while nobody collects: a loaded system may keep us waiting for some seconds.
fn channel(plan: &Plan) -> (Producer<Response>, Consumer<Response>) {
    let per_second = 1_000_000_000 / plan.period.as_nanos().max(1) as usize;
    RingBuffer::new((per_second * 10).max(1000))
}

pub(crate) fn measure(plan: &Plan, responder: Responder, end: &End) -> Result<Measured> {
    match responder {
        Responder::User => user::measure(plan, end),
        Responder::Inband => inband::measure(plan, end),
        Responder::Irq | Responder::Kernel | Responder::InbandIrq => {
            kernel::measure(plan, responder, end)
        }
    }
}

/// Finds the gravity of each.
pub(crate) fn tune(plan: &Plan, end: &End) -> Result<Status> {
    let mut found = serde_json::Map::new();
    for responder in &plan.responders {
        let gravity = match responder {
            Responder::User => user::tune(plan, end)?,
            other => kernel::tune(plan, *other, end)?,
        };
        if !plan.quiet && !plan.json {
            println!("{responder:<18} gravity {gravity} ns");
        }
        found.insert(format!("{}_ns", responder.word()), gravity.into());
    }
    if let Some(path) = &plan.save {
        save(path)?;
    }
    if plan.json {
        println!("{}", serde_json::json!({ "gravity": found }));
    }
    Ok(Status::Fine)
}

/// Writes the gravity, which was set, as the core takes it.
fn save(path: &Path) -> Result<()> {
    let gravity = system::gravity().context("the core does not show its gravity")?;
    if let Some(folder) = path.parent() {
        // If that fails, so does what follows, and says more.
        let _ = fs::create_dir_all(folder);
    }
    fs::write(path, gravity + "\n").with_context(|| format!("cannot write to {}", path.display()))
}

/// Collects responses until the time is up, somebody asks for the end, one took too long, or `gone` says that there
/// will be no more.
fn collect(
    plan: &Plan,
    responder: Responder,
    end: &End,
    responses: &mut Consumer<Response>,
    gone: impl Fn() -> bool,
) -> Result<(Collector, Duration)> {
    let mut all = Collector::new()?;
    let mut live = Live::new(plan, responder);
    let started = Instant::now();
    loop {
        std::thread::sleep(PAUSE);
        while let Ok((time, overruns)) = responses.pop() {
            all.add(time, overruns);
        }
        let elapsed = started.elapsed();
        live.show(&all, elapsed);
        let over = plan.timeout.is_some_and(|timeout| elapsed >= timeout);
        let too_long = plan.abort_max.is_some_and(|limit| all.max() > limit);
        if over || too_long || end.asked() || gone() {
            live.clear();
            return Ok((all, elapsed));
        }
    }
}
