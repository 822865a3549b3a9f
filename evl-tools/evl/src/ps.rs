// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl ps`.

mod columns;
mod live;
mod thread;

use std::cmp::Ordering;
use std::fs;
use std::io::ErrorKind;

use anyhow::{Context, Result};
use evl::System;
use serde::Serialize;

use crate::cli::{PsArgs, Sort, SortKey, Status};
use crate::output;

use self::thread::Thread;

/// The JSON object. Keys are only added within a schema number.
#[derive(Debug, Serialize)]
struct List<'a> {
    schema: u32,
    threads: &'a [Thread],
}

pub(crate) fn run(system: &System, args: &PsArgs) -> Result<Status> {
    if let Some(seconds) = args.watch {
        live::run(seconds, || Ok(columns::table(&list(system, args)?, args)))?;
        return Ok(Status::Fine);
    }
    let threads = list(system, args)?;
    if args.json {
        output::json(&List {
            schema: 1,
            threads: &threads,
        })?;
    } else {
        output::text(&columns::table(&threads, args))?;
    }
    Ok(Status::Fine)
}

/// The threads that the options ask for, in order.
fn list(system: &System, args: &PsArgs) -> Result<Vec<Thread>> {
    system.core_state()?;
    let mut threads: Vec<_> = all(system)?
        .into_iter()
        .filter(|thread| match (&args.cpus, &thread.sched) {
            (Some(cpus), Some(sched)) => cpus.contains(sched.cpu),
            (Some(_), None) => false,
            (None, _) => true,
        })
        .collect();
    threads.sort_by(|a, b| a.name.cmp(&b.name));
    let Sort { key, reverse } = args.sort.unwrap_or_default();
    if let Some(key) = key {
        threads.sort_by(|a, b| compare(key, a, b));
    }
    if reverse {
        threads.reverse();
    }
    Ok(threads)
}

/// The largest first.
fn compare(key: SortKey, a: &Thread, b: &Thread) -> Ordering {
    let value = |thread: &Thread| {
        thread.stats.as_ref().map(|stats| match key {
            SortKey::Percent => stats.cpu_percent,
            SortKey::InbandSwitches => stats.inband_switches,
            SortKey::CpuTime => stats.cpu_time_ns,
            SortKey::ContextSwitches => stats.context_switches,
            SortKey::RemoteWakeups => stats.remote_wakeups,
        })
    };
    value(b).cmp(&value(a))
}

fn all(system: &System) -> Result<Vec<Thread>> {
    let path = system.path("/sys/devices/virtual/thread");
    let entries = match fs::read_dir(&path) {
        Ok(entries) => entries,
        // A core without the class of threads, as when it was disabled.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    let mut threads = Vec::new();
    for entry in entries {
        let entry = entry?;
        // The device that makes threads.
        if entry.file_name() != "clone" {
            threads.extend(Thread::read(&entry.path())?);
        }
    }
    Ok(threads)
}
