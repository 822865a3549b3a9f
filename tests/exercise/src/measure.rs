// SPDX-License-Identifier: MIT OR Apache-2.0
//! `exercise measure`: what operations of Linux take, and how late interrupts come.

use std::hint::black_box;
use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use evl_exercise::{Cost, Delays, Measured};
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};

use crate::tick::{self, Tick};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Have a periodic interrupt on every CPU while the costs are measured
    #[arg(long, value_name = "NS")]
    tick: Option<u64>,
    /// Measure the delays of a periodic interrupt, too
    #[arg(long)]
    delays: bool,
}

/// A period short enough for 100 events in a stall.
const DELAY_PERIOD: Duration = Duration::from_micros(100);
const STALL: Duration = Duration::from_millis(10);
const STALLS: u32 = 200;
/// Linux catches up between two stalls.
const PAUSE: Duration = Duration::from_millis(2);
const IDLE: Duration = Duration::from_secs(3);

pub(crate) fn run(args: &Args) -> Result<Measured> {
    let mut measured = Measured::default();
    let tick = args
        .tick
        .map(|ns| Tick::start(Duration::from_nanos(ns)))
        .transpose()?;
    measured.costs = costs()?;
    drop(tick);
    if args.delays {
        measured.delays = delays()?;
    }
    Ok(measured)
}

fn costs() -> Result<Vec<Cost>> {
    Ok(vec![
        cost("local_irq_save + restore", 3, tick::pair)?,
        cost("null system call", 100, null_system_calls)?,
        cost("page fault", 30, page_faults)?,
        context_switches("pipe round trip", 30)?,
        cost("fork + exec", 30, forks)?,
        cost("hackbench", 9, hackbench)?,
    ])
}

fn cost(name: &str, batches: usize, batch: impl Fn() -> Result<f64>) -> Result<Cost> {
    let samples = (0..batches).map(|_| batch()).collect::<Result<_>>();
    Ok(Cost {
        name: name.to_owned(),
        samples: samples.with_context(|| name.to_owned())?,
    })
}

/// Short enough to see no tick of Linux most of the time: the minimum of the batches is the call alone.
fn null_system_calls() -> Result<f64> {
    const CALLS: u32 = 1000;
    let start = Instant::now();
    for _ in 0..CALLS {
        black_box(rustix::process::getppid());
    }
    Ok(per(start, CALLS))
}

/// First writes to anonymous memory.
fn page_faults() -> Result<f64> {
    const PAGES: u32 = 1024;
    const PAGE: usize = 4096;
    let size = PAGES as usize * PAGE;
    // SAFETY: a fresh mapping at an address of the kernel's choice touches no other memory.
    let base = unsafe {
        mmap_anonymous(
            std::ptr::null_mut(),
            size,
            ProtFlags::READ | ProtFlags::WRITE,
            MapFlags::PRIVATE,
        )
    }?;
    let start = Instant::now();
    for page in 0..PAGES as usize {
        // SAFETY: inside the mapping made above, which is writable and has no other user.
        unsafe { base.cast::<u8>().add(page * PAGE).write_volatile(1) };
    }
    let time = per(start, PAGES);
    // SAFETY: all of the mapping made above; no pointer into it is used any more.
    unsafe { munmap(base, size) }?;
    Ok(time)
}

/// A byte to another process and back.
fn context_switches(name: &str, batches: usize) -> Result<Cost> {
    const ROUNDS: u32 = 1000;
    let mut echo = Command::new("/proc/self/exe")
        .arg("echo")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut to = echo.stdin.take().context("a pipe")?;
    let mut from = echo.stdout.take().context("a pipe")?;
    let mut samples = Vec::with_capacity(batches);
    for _ in 0..batches {
        let start = Instant::now();
        for _ in 0..ROUNDS {
            to.write_all(&[1])?;
            from.read_exact(&mut [0])?;
        }
        samples.push(per(start, ROUNDS));
    }
    drop(to);
    echo.wait()?;
    Ok(Cost {
        name: name.to_owned(),
        samples,
    })
}

/// The other end of [`context_switches`].
pub(crate) fn echo() -> Result<()> {
    // Not stdin() and stdout(), which buffer.
    let mut from = std::fs::File::open("/proc/self/fd/0")?;
    let mut to = std::fs::OpenOptions::new()
        .write(true)
        .open("/proc/self/fd/1")?;
    let mut byte = [0];
    while from.read(&mut byte)? == 1 {
        to.write_all(&byte)?;
    }
    Ok(())
}

fn forks() -> Result<f64> {
    const FORKS: u32 = 20;
    let start = Instant::now();
    for _ in 0..FORKS {
        let mut command = Command::new("/bin/busybox");
        command.arg("true");
        // SAFETY: it does nothing. With something to call, the standard library forks; without, it would use vfork.
        unsafe { command.pre_exec(|| Ok(())) };
        ensure!(command.status()?.success(), "busybox true fails");
    }
    Ok(per(start, FORKS))
}

fn hackbench() -> Result<f64> {
    let start = Instant::now();
    let status = Command::new("hackbench")
        .args(["--groups", "2", "--loops", "100"])
        .stdout(Stdio::null())
        .status()?;
    ensure!(status.success(), "hackbench: {status}");
    Ok(per(start, 1))
}

fn per(start: Instant, operations: u32) -> f64 {
    start.elapsed().as_nanos() as f64 / f64::from(operations)
}

fn delays() -> Result<Vec<Delays>> {
    let idle = sample(|| {
        thread::sleep(IDLE);
        Ok(())
    })?;
    let stalled = sample(stalls)?;
    let load = sample(|| with_load(stalls))?;
    let named = |name: &str, delays: &Delays, seen: &tick::Seen| Delays {
        name: name.to_owned(),
        missed: seen.cpus.iter().map(|cpu| cpu.missed).sum(),
        ..delays.clone()
    };
    Ok(vec![
        named("idle", &idle.running, &idle),
        named("10 ms stalls", in_stalls(&stalled), &stalled),
        named("10 ms stalls, hackbench", in_stalls(&load), &load),
        named("hackbench", &load.running, &load),
    ])
}

/// A tick that Linux can hold back comes after the stall.
fn in_stalls(seen: &tick::Seen) -> &Delays {
    match seen.stalled.count {
        0 => &seen.running,
        _ => &seen.stalled,
    }
}

fn sample(phase: impl Fn() -> Result<()>) -> Result<tick::Seen> {
    let _tick = Tick::start(DELAY_PERIOD)?;
    phase()?;
    tick::seen()
}

fn stalls() -> Result<()> {
    // Ours alone, not those of hackbench: else we would wait for our turn most of the time.
    rustix::process::setpriority_process(None, -20)?;
    for _ in 0..STALLS {
        tick::stall(STALL)?;
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// Runs `work` while hackbench runs, over and over.
fn with_load(work: impl Fn() -> Result<()>) -> Result<()> {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let load = scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                hackbench()?;
            }
            Ok(())
        });
        let result = work();
        done.store(true, Ordering::Relaxed);
        let load = load
            .join()
            .unwrap_or_else(|_| Err(anyhow::anyhow!("panic")));
        result.and(load)
    })
}
