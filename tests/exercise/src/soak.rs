// SPDX-License-Identifier: MIT OR Apache-2.0
//! `exercise soak`: a periodic interrupt on every CPU, and everything that could lose one.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use evl_exercise::Soaked;

use crate::tick::{self, Tick};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How long
    #[arg(long)]
    seconds: u64,
    /// Period of the interrupt
    #[arg(long, value_name = "NS")]
    period: u64,
    /// Load and unload these, over and over
    #[arg(long, value_name = "FILE")]
    module: Vec<PathBuf>,
}

const STALL: Duration = Duration::from_millis(10);
/// Linux gets the better part of the time.
const PAUSE: Duration = Duration::from_millis(30);
const HOTPLUG_PAUSE: Duration = Duration::from_millis(200);

/// Interrupts, timers, signals, processes, page faults, futexes, context switches, migrations.
const STRESSORS: &[&str] = &[
    "affinity",
    "clock",
    "exec",
    "fault",
    "fork",
    "futex",
    "hrtimers",
    "itimer",
    "membarrier",
    "mmap",
    "pipe",
    "sigq",
    "signal",
    "sigsegv",
    "sock",
    "switch",
    "timer",
    "timerfd",
    "userfaultfd",
    "vfork",
    "yield",
];
/// The image is in memory, too.
const MAPPED: &str = "8M";

pub(crate) fn run(args: &Args) -> Result<Soaked> {
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let _tick = Tick::start(Duration::from_nanos(args.period))?;
    let mut soaked = Soaked::default();
    let failed = &AtomicBool::new(false);
    let go_on = || Instant::now() < end && !failed.load(Ordering::Relaxed);
    thread::scope(|scope| -> Result<()> {
        let stalls = scope.spawn(|| {
            // Its own alone: stress-ng would leave it no time otherwise.
            rustix::process::setpriority_process(None, -20)?;
            repeat(go_on, failed, stall)
        });
        let cpus = removable_cpus()?;
        let hotplugs = scope.spawn(move || match cpus.is_empty() {
            true => Ok(0),
            false => repeat(go_on, failed, || {
                cpus.iter().try_for_each(|cpu| hotplug(cpu))
            }),
        });
        let modules = scope.spawn(|| repeat(go_on, failed, || load_and_unload(&args.module)));
        let stress = stress(args.seconds);
        let joined = |thread: thread::ScopedJoinHandle<'_, Result<u64>>| {
            thread
                .join()
                .unwrap_or_else(|_| Err(anyhow::anyhow!("panic")))
        };
        soaked.stalls = joined(stalls).context("stalls")?;
        soaked.hotplugs = joined(hotplugs).context("CPU hotplug")?;
        soaked.module_loads = joined(modules).context("modules")?;
        soaked.stress = stress?;
        Ok(())
    })?;
    let seen = tick::seen()?;
    soaked.cpus = seen.cpus;
    soaked.running = seen.running;
    soaked.stalled = seen.stalled;
    Ok(soaked)
}

/// Counts. One disturbance that fails ends the others, too.
fn repeat(
    go_on: impl Fn() -> bool,
    failed: &AtomicBool,
    disturb: impl Fn() -> Result<()>,
) -> Result<u64> {
    let mut count = 0;
    while go_on() {
        disturb().inspect_err(|_| failed.store(true, Ordering::Relaxed))?;
        count += 1;
    }
    Ok(count)
}

fn stall() -> Result<()> {
    tick::stall(STALL)?;
    thread::sleep(PAUSE);
    Ok(())
}

/// All but the first one.
fn removable_cpus() -> Result<Vec<PathBuf>> {
    let mut cpus = Vec::new();
    for entry in fs::read_dir("/sys/devices/system/cpu")? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = name.strip_prefix("cpu").map(str::parse::<u32>);
        if matches!(number, Some(Ok(1..))) {
            cpus.push(path.join("online"));
        }
    }
    Ok(cpus)
}

fn hotplug(online: &Path) -> Result<()> {
    for state in ["0", "1"] {
        fs::write(online, state).with_context(|| format!("{state} to {}", online.display()))?;
        thread::sleep(HOTPLUG_PAUSE);
    }
    Ok(())
}

/// Loads all, those first that others need, and unloads them again.
fn load_and_unload(modules: &[PathBuf]) -> Result<()> {
    let mut loaded: Vec<&Path> = Vec::new();
    while loaded.len() < modules.len() {
        let before = loaded.len();
        for module in modules {
            if loaded.contains(&module.as_path()) {
                continue;
            }
            if Command::new("insmod")
                .arg(module)
                .output()?
                .status
                .success()
            {
                loaded.push(module);
            }
        }
        ensure!(loaded.len() > before, "of {modules:?} only {loaded:?} load");
    }
    for module in loaded.iter().rev() {
        let name = module.file_stem().context("a module has a name")?;
        run_command(Command::new("rmmod").arg(name))?;
    }
    Ok(())
}

fn stress(seconds: u64) -> Result<String> {
    let mut command = Command::new("stress-ng");
    command
        .args(
            STRESSORS
                .iter()
                .flat_map(|name| [format!("--{name}"), "1".to_owned()]),
        )
        .args(["--mmap-bytes", MAPPED, "--oomable", "--temp-path", "/tmp"])
        .args(["--timeout", &format!("{seconds}s")]);
    let output = run_command(&mut command)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    let last = text
        .lines()
        .rev()
        .find(|line| line.contains("run completed"));
    Ok(last
        .with_context(|| format!("stress-ng did not complete:\n{text}"))?
        .to_owned())
}

fn run_command(command: &mut Command) -> Result<Output> {
    let output = command
        .output()
        .with_context(|| format!("{:?} does not start", command.get_program()))?;
    ensure!(
        output.status.success(),
        "{command:?}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output)
}
