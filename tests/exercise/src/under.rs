// SPDX-License-Identifier: MIT OR Apache-2.0
//! `exercise under`: runs a command while others load Linux.

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use rustix::process::setpriority_process;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A program with its arguments, which runs until it is killed
    #[arg(long)]
    load: Vec<String>,
    /// What to run meanwhile
    #[arg(required = true, last = true)]
    command: Vec<String>,
}

/// Until the load is what it is going to be.
const SETTLE: Duration = Duration::from_secs(2);

/// Below everybody else: starting the command is not what is measured.
const NICE: i32 = 19;

pub(crate) fn run(args: &Args) -> Result<()> {
    setpriority_process(None, NICE)?;
    let loads: Result<Vec<Child>> = args.load.iter().map(|load| start(load)).collect();
    setpriority_process(None, 0)?;
    let mut loads = loads?;
    if !loads.is_empty() {
        thread::sleep(SETTLE);
    }
    let (program, arguments) = args.command.split_first().context("a command")?;
    let status = Command::new(program).args(arguments).status();
    let ended = ended(&args.load, &mut loads);
    for load in &mut loads {
        load.kill()?;
        load.wait()?;
    }
    let status = status.with_context(|| format!("{program} does not start"))?;
    ensure!(status.success(), "{:?}: {status}", args.command);
    ended
}

fn start(load: &str) -> Result<Child> {
    let mut words = load.split_whitespace();
    let mut command = Command::new(words.next().context("an empty load")?);
    command.args(words).stdin(Stdio::null());
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    let started = command.spawn();
    started.with_context(|| format!("{load}: it does not start"))
}

/// An error if a load has come to its end.
fn ended(names: &[String], loads: &mut [Child]) -> Result<()> {
    for (name, load) in names.iter().zip(loads) {
        if let Some(status) = load.try_wait()? {
            bail!("{name}: it ended before its time: {status}");
        }
    }
    Ok(())
}
