// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl trace`.

mod events;
mod instance;

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use evl::System;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::cli::{Status, TraceArgs};
use crate::output;
use instance::Instance;

/// How often it is looked whether the end has come.
const PAUSE: Duration = Duration::from_millis(20);

pub(crate) fn run(system: &System, args: &TraceArgs) -> Result<Status> {
    let tracing = instance::tracing(system)?;
    if args.list {
        output::text(&events::list(&tracing)?)?;
        return Ok(Status::Fine);
    }
    // Before anything is changed: nothing stays half-done.
    let end = watch_signals()?;
    let instance = Instance::new(&tracing)?;
    instance.set("trace_clock", "mono")?;
    instance.set("buffer_size_kb", &args.size.to_string())?;
    if let Some(cpus) = &args.cpus {
        let mask = instance::mask(cpus);
        instance
            .set("tracing_cpumask", &mask)
            .with_context(|| format!("cannot trace CPUs {cpus}: are there such CPUs?"))?;
    }
    events::enable(&instance, &args.events)?;
    // So that a file which cannot be written is known before.
    let mut to = destination(args)?;

    instance.set("tracing_on", "1")?;
    let status = wait(args, &end);
    instance.set("tracing_on", "0")?;

    copy(&instance, &mut to)?;
    let lost = instance.lost()?;
    if lost > 0 {
        eprintln!(
            "evl: the {lost} oldest events were overwritten: use a larger --size, or fewer events"
        );
    }
    instance.remove()?;
    status
}

fn destination(args: &TraceArgs) -> Result<Box<dyn Write>> {
    match &args.output {
        Some(path) => {
            let file = File::create(path)
                .with_context(|| format!("cannot write to {}", path.display()))?;
            Ok(Box::new(BufWriter::new(file)))
        }
        None => Ok(Box::new(BufWriter::new(io::stdout()))),
    }
}

/// A reader which has seen enough, such as head(1), is no error.
fn copy(instance: &Instance, to: &mut impl Write) -> Result<()> {
    let mut from = instance.open("trace")?;
    match io::copy(&mut from, to).and_then(|_| to.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot copy the trace"),
    }
}

fn watch_signals() -> Result<Arc<AtomicBool>> {
    let end = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, end.clone()).context("cannot handle signals")?;
    }
    Ok(end)
}

/// Until the command ends, the time is up, or somebody wants the end.
fn wait(args: &TraceArgs, end: &AtomicBool) -> Result<Status> {
    let mut child = match args.command.split_first() {
        Some((program, rest)) => Some(
            Command::new(program)
                .args(rest)
                .spawn()
                .with_context(|| format!("cannot run {program}"))?,
        ),
        None => None,
    };
    if child.is_none() && args.seconds.is_none() {
        eprintln!("evl: tracing, Ctrl-C ends it");
    }
    let started = Instant::now();
    loop {
        if let Some(status) = ended(args, child.as_mut())? {
            return Ok(status);
        }
        let over = args
            .seconds
            .is_some_and(|seconds| started.elapsed().as_secs_f64() >= seconds);
        if over || end.load(Ordering::Relaxed) {
            return stop(child);
        }
        thread::sleep(PAUSE);
    }
}

fn ended(args: &TraceArgs, child: Option<&mut Child>) -> Result<Option<Status>> {
    let Some(child) = child else { return Ok(None) };
    let Some(status) = child.try_wait().context("cannot wait for the command")? else {
        return Ok(None);
    };
    if status.success() {
        return Ok(Some(Status::Fine));
    }
    eprintln!("evl: {}: {status}", args.command.join(" "));
    Ok(Some(Status::Failed))
}

/// A command that outlives the time that it was given is ended, which is no failure.
fn stop(child: Option<Child>) -> Result<Status> {
    if let Some(mut child) = child {
        let pid = rustix::process::Pid::from_child(&child);
        // It may have ended meanwhile.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        child.wait().context("cannot wait for the command")?;
    }
    Ok(Status::Fine)
}

/// Seconds to trace for.
pub(crate) fn seconds(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.001..=86_400.0).contains(&seconds) => Ok(seconds),
        _ => Err("this takes 0.001 to 86400 seconds".to_owned()),
    }
}

/// What was asked for is not there.
fn missing(what: &str) -> Result<()> {
    bail!("this kernel has no trace event {what}: `evl trace --list` names them")
}
