// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `hectic` command: threads of all kinds switch to each other, and look after their registers.

mod cli;
mod driver;
mod registers;
mod report;
mod ring;
mod task;

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Parser;
use evl::CpuList;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGUSR1};

use crate::cli::Cli;
use crate::report::{Report, Status};
use crate::ring::Ring;

/// How often it is looked how the tasks get on.
const PAUSE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let cli = Cli::parse();
    run(&cli)
        .unwrap_or_else(|error| report::failure(&error, cli.json))
        .into()
}

fn run(cli: &Cli) -> Result<Status> {
    let end = watch_signals()?;
    let mut rings = Vec::new();
    for cpu in chosen(cli)?.iter() {
        rings.push(Ring::start(cli, cpu)?);
    }
    let started = Instant::now();
    let mut watched = Ok(());
    while watched.is_ok() && !over(cli, &end, started) && !rings.iter().any(Ring::is_over) {
        thread::sleep(PAUSE);
        watched = rings.iter_mut().try_for_each(Ring::look);
    }
    let elapsed = started.elapsed();
    let faults: Result<Vec<_>> = rings.iter_mut().map(Ring::end).collect();
    watched?;
    rings.iter_mut().try_for_each(Ring::look)?;
    Report::new(&rings, faults?.into_iter().flatten().collect(), elapsed).print(cli)
}

fn over(cli: &Cli, end: &AtomicBool, started: Instant) -> bool {
    let up = cli.timeout.is_some_and(|time| started.elapsed() >= time);
    up || end.load(Ordering::Relaxed)
}

/// The CPUs to run on.
fn chosen(cli: &Cli) -> Result<CpuList> {
    let all = evl::System::default().oob_cpus()?;
    let Some(wanted) = &cli.cpus else {
        return Ok(all);
    };
    for cpu in wanted.iter() {
        if !all.contains(cpu) {
            bail!("CPU {cpu} is not one of the core, which has {all}: see evl.oobcpus");
        }
    }
    Ok(wanted.clone())
}

fn watch_signals() -> Result<Arc<AtomicBool>> {
    let end = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, end.clone()).context("cannot handle signals")?;
    }
    // It only ends a system call.
    signal_hook::flag::register(SIGUSR1, Arc::default()).context("cannot handle signals")?;
    Ok(end)
}
