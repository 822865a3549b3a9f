// SPDX-License-Identifier: MIT OR Apache-2.0
//! An oob tick on every CPU, while stress-ng, CPU hotplug, modules and sections with interrupts disabled disturb Linux.
//!
//! Two questions, two kinds of run:
//!
//! * Is the delay bounded? Asked with one CPU whose clock counts instructions: the host cannot delay anything. Every
//!   delay, wherever Linux was, has to be within a [bound](Parts::bound).
//! * Is a tick ever lost? Asked on several CPUs, by the host's clock. The host may take a CPU away for milliseconds, so
//!   delays say nothing there, and ticks that are late by whole periods are none to complain about. But the kernel's
//!   side programs the timer from its own event only: a single interrupt lost ends the tick of that CPU for good, which no
//!   delay looks like. A CPU whose tick is older than [`ALIVE`] has lost one.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use evl_exercise::{Delays, Soaked};
use fs_err as fs;

use super::{COUNTED_SECONDS, controllers, variants};
use crate::board::{Arch, Board};
use crate::guest::{self, Guest};
use crate::kernel::build::{self, Built};
use crate::paths::Paths;
use crate::test::results::Results;
use crate::userland;

const FRAGMENTS: &[&str] = &["measure", "pipeline"];

const PERIOD: Duration = Duration::from_micros(100);
/// Several CPUs share the host's: a period that an emulated CPU can keep most of the time.
const SMP_PERIOD: Duration = Duration::from_millis(1);

/// Far more than any host takes a CPU away for.
const ALIVE: Duration = Duration::from_secs(10);

/// In the guest.
const MODULES: &str = "usr/lib/evl/modules";

/// The timers of both machines take no shorter time than 15 of their ticks, 16 ns each.
const SHORTEST: u64 = 240;

/// What can delay an interrupt, in instructions at most, as counted in these runs.
struct Parts {
    /// Sections of Linux with the CPU masked: entry, context switch, deferral, programming of the timer.
    masked: u64,
    /// An oob interrupt from entry to exit, with a tick of Linux in it. Nothing preempts it: another one waits.
    service: u64,
    /// The way of an interrupt to its handler.
    delivery: u64,
}

impl Parts {
    const fn of(arch: Arch) -> Self {
        match arch {
            Arch::X86_64 => Self {
                masked: 310,
                service: 600,
                delivery: 250,
            },
            Arch::Arm64 => Self {
                masked: 270,
                service: 980,
                delivery: 330,
            },
        }
    }

    /// Instructions from an interrupt to its handler at most, wherever Linux was: at worst the CPU is masked when one
    /// for Linux comes, which is served first, programs the timer for one more, and only then sees ours.
    const fn bound(&self) -> u64 {
        self.masked + self.service + SHORTEST + self.service + self.delivery
    }
}

pub(super) fn run(paths: &Paths, board: &Board, extra: &[String], minutes: u64) -> Result<Results> {
    let fragments: Vec<&str> = FRAGMENTS
        .iter()
        .copied()
        .chain(extra.iter().map(String::as_str))
        .collect();
    let names: Vec<String> = fragments.iter().map(|&name| name.to_owned()).collect();
    let kernel = build::build(paths, board, &names)?;
    let overlay = userland::exercise_overlay(paths, board.arch)?;
    let modules = add_modules(&kernel, overlay.path())?;
    let guest = Guest {
        machine: &board.name,
        fragments,
        overlay: overlay.path().to_owned(),
    };

    let bound = Parts::of(board.arch).bound();
    let mut results = Results::default();
    for controller in controllers(board.arch) {
        let options = [&["--smp", "1", "--icount"], *controller].concat();
        let seconds = COUNTED_SECONDS * minutes;
        let outcome = soak(&guest, &options, PERIOD, seconds, &modules)
            .and_then(|soaked| bounded(&soaked, bound));
        results.record(&format!("{} {}", board.name, options.join(" ")), outcome);
    }
    for variant in variants(board.arch) {
        let seconds = 60 * minutes / variants(board.arch).len() as u64;
        let outcome =
            soak(&guest, variant, SMP_PERIOD, seconds, &modules).and_then(|soaked| alive(&soaked));
        results.record(&format!("{} {}", board.name, variant.join(" ")), outcome);
    }
    Ok(results)
}

/// Returns the modules' paths in the guest.
fn add_modules(kernel: &Built, overlay: &Path) -> Result<Vec<String>> {
    fs::create_dir_all(overlay.join(MODULES))?;
    let mut modules = Vec::new();
    for module in &kernel.modules {
        let name = module.file_name().context("a module has a name")?;
        fs::copy(module, overlay.join(MODULES).join(name))?;
        modules.push(format!("/{MODULES}/{}", name.to_string_lossy()));
    }
    Ok(modules)
}

fn soak(
    guest: &Guest<'_>,
    options: &[&str],
    period: Duration,
    seconds: u64,
    modules: &[String],
) -> Result<Soaked> {
    super::announce(guest, options, seconds);
    let mut command = format!(
        "evl-exercise soak --seconds {seconds} --period {}",
        period.as_nanos()
    );
    for module in modules {
        command += &format!(" --module {module}");
    }
    let timeout = super::timeout(seconds);
    // Modules and CPUs that come and go fill the kernel's log.
    let options = [
        options,
        &["--timeout", &timeout, "--append", "log_buf_len=16M"],
    ]
    .concat();
    let output = guest.run(&options, &format!("{command} && dmesg"))?;
    output.exits(0)?;
    let (json, log) = output
        .stdout
        .split_once('\n')
        .context("the guest said nothing")?;
    guest::complaints(log)?;
    let soaked: Soaked = serde_json::from_str(json)?;
    report(&soaked);
    ensure!(
        soaked.stalls > 0 && soaked.stalled.count > 0 && soaked.module_loads > 0,
        "nothing disturbed it: {soaked:?}"
    );
    Ok(soaked)
}

fn report(soaked: &Soaked) {
    println!(
        "  {} stalls, {} rounds of CPU hotplug, {} of module loading; {}",
        soaked.stalls, soaked.hotplugs, soaked.module_loads, soaked.stress
    );
    for ticks in &soaked.cpus {
        println!(
            "  CPU {}: {} ticks, {} late by more than a period, the last one {} us ago",
            ticks.cpu,
            ticks.count,
            ticks.missed,
            ticks.age / 1000
        );
    }
    let line = |name: &str, delays: &Delays| {
        println!(
            "  {name}: {} delays, min {} mean {:.0} p99.99 {} max {} ns",
            delays.count,
            delays.min,
            delays.mean(),
            delays.quantile(0.9999),
            delays.max
        );
        println!(
            "    the latest one interrupted {}",
            delays.latest.join(" < ")
        );
    };
    line("stalled", &soaked.stalled);
    line("elsewhere", &soaked.running);
}

/// Nothing was late by more than `bound` instructions, anywhere.
fn bounded(soaked: &Soaked, bound: u64) -> Result<()> {
    let worst = soaked.running.max.max(soaked.stalled.max);
    if worst > bound {
        bail!("an interrupt came {worst} instructions late, the bound is {bound}");
    }
    alive(soaked)
}

/// Every CPU has its tick still.
fn alive(soaked: &Soaked) -> Result<()> {
    ensure!(!soaked.cpus.is_empty(), "no CPU reports a tick");
    for ticks in &soaked.cpus {
        if ticks.count == 0 || u128::from(ticks.age) > ALIVE.as_nanos() {
            bail!(
                "CPU {} lost its tick after {} of them, {} ms ago",
                ticks.cpu,
                ticks.count,
                ticks.age / 1_000_000
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use evl_exercise::Ticks;

    use super::*;

    fn soaked(count: u64, age: u64, max: u64) -> Soaked {
        let ticks = |cpu, age| Ticks {
            cpu,
            count,
            missed: 0,
            early: 0,
            age,
        };
        Soaked {
            cpus: vec![ticks(0, 1000), ticks(1, age)],
            running: Delays {
                max,
                ..Delays::default()
            },
            ..Soaked::default()
        }
    }

    #[test]
    fn one_cpu_without_its_tick_is_a_loss() {
        alive(&soaked(5, 1000, 0)).unwrap();
        let error = alive(&soaked(5, 11_000_000_000, 0))
            .unwrap_err()
            .to_string();
        assert!(error.contains("CPU 1 lost its tick"), "{error}");
        assert!(alive(&soaked(0, 1000, 0)).is_err());
        assert!(alive(&Soaked::default()).is_err());
    }

    #[test]
    fn the_bound_holds_for_every_context() {
        bounded(&soaked(5, 1000, 300), 300).unwrap();
        assert!(bounded(&soaked(5, 1000, 301), 300).is_err());
    }
}
