// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench latency`: how late threads of the EVL core wake up, and those of Linux with PREEMPT_RT, idle and
//! under load, and what both pay for waiting for each other.
//!
//! One CPU, and a virtual clock that counts instructions as nanoseconds: the host's load changes nothing. Each figure is
//! of a guest that was booted for it.

mod plot;
mod report;
mod wakeup;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use evl_exercise::{Delays, Waiting};
use fs_err as fs;

use self::report::Report;
use self::wakeup::{LOADS, Load, Responder};
use super::{GuestOptions, subject};
use crate::board::Board;
use crate::guest::{self, Guest};
use crate::kernel::build;
use crate::paths::Paths;
use crate::setup;
use crate::userland;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A machine of conf/boards
    #[arg(short, long, default_value = "qemux86-64")]
    machine: String,
    /// Version of the interrupt controller (arm64)
    #[arg(long, value_name = "2|3")]
    gic: Option<u8>,
    /// Periods of a good ms to measure, idle and under the main load; the other loads have a fifth of them
    // More would not fit into 32 bits, in us.
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u32).range(1000..=4_000_000))]
    periods: u32,
}

/// Fragments over the machine's own.
const EVL: &[&str] = &["crowd"];
const RT: &[&str] = &["preempt-rt"];

/// Seconds of the host after which a guest is hung: 100 s of a loaded one take an hour where others work, too.
const TIMEOUT: u32 = 10_000;

/// Threads at a time, each with a timer.
const CROWDS: &str = "1,10,100,1000";
/// Of all of them.
const WAKEUPS: u32 = 20_000;

/// What is measured of one kernel.
struct Half {
    fragments: &'static [&'static str],
    /// The main responder, under each load.
    responder: Responder,
    /// For comparison, idle and under the main load.
    others: &'static [Responder],
    /// The program that measures what threads pay for waiting.
    waiting: &'static str,
}

const HALVES: [Half; 2] = [
    Half {
        fragments: EVL,
        responder: Responder::User,
        others: &[Responder::Kernel, Responder::Irq],
        waiting: "evl-exercise wait",
    },
    Half {
        fragments: RT,
        responder: Responder::Cyclictest,
        others: &[],
        waiting: "evl-exercise wait --linux",
    },
];

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let board = Board::load(paths, &args.machine)?;
    board.emulated()?;
    setup::run(paths, &setup::Args::default())?;
    for fragments in [EVL, RT] {
        let names: Vec<String> = fragments.iter().map(|&name| name.to_owned()).collect();
        build::build(paths, &board, &names)?;
    }
    let overlay = userland::exercise_overlay(paths, board.arch)?;
    let guests = Guests {
        args,
        options: GuestOptions::new(args.gic, TIMEOUT),
        overlay: overlay.path(),
    };
    let mut waiting = Vec::new();
    let mut wakeups = Vec::new();
    for half in &HALVES {
        waiting.push(guests.waiting(half)?);
        for load in &LOADS {
            wakeups.push(guests.wakeups(half, half.responder, load)?);
        }
        for load in LOADS.iter().filter(|load| load.main) {
            for &responder in half.others {
                wakeups.push(guests.wakeups(half, responder, load)?);
            }
        }
    }
    let [evl, rt] = waiting.try_into().ok().context("two kernels")?;
    let report = Report::new(wakeups, &evl, &rt, subject(paths, &board, args.gic)?)?;
    let folder = folder(paths, args);
    write(&folder, &report)?;
    println!("{}", report::text(&report));
    println!(
        "in {}: table.md, report.json, means.svg, delays.svg",
        folder.display()
    );
    Ok(())
}

fn folder(paths: &Paths, args: &Args) -> PathBuf {
    let gic = args.gic.map(|gic| format!("-gic{gic}")).unwrap_or_default();
    paths
        .build
        .join("bench/latency")
        .join(format!("{}{gic}", args.machine))
}

fn write(folder: &Path, report: &Report) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("report.json"),
        serde_json::to_string_pretty(report)?,
    )?;
    fs::write(folder.join("table.md"), report::text(report))?;
    plot::means(report, &folder.join("means.svg"))?;
    plot::delays(report, &folder.join("delays.svg"))
}

/// How guests are booted.
struct Guests<'a> {
    args: &'a Args,
    options: GuestOptions,
    overlay: &'a Path,
}

impl Guests<'_> {
    fn waiting(&self, half: &Half) -> Result<Waiting> {
        let wakeups = WAKEUPS.min(self.args.periods);
        let command = format!("{} --crowds {CROWDS} --wakeups {wakeups}", half.waiting);
        let output = self.run(half, &command)?;
        serde_json::from_str(&output).context(output)
    }

    fn wakeups(&self, half: &Half, responder: Responder, load: &Load) -> Result<wakeup::Row> {
        let periods = match load.main {
            true => self.args.periods,
            false => self.args.periods / 5,
        };
        let output = self.run(half, &responder.command(load, periods))?;
        let delays: Delays = responder.parse(&output).with_context(|| output.clone())?;
        eprintln!(
            "  min {} mean {:.0} max {} of {}",
            delays.min,
            delays.mean(),
            delays.max,
            delays.count
        );
        Ok(wakeup::Row {
            load: load.name,
            responder,
            delays,
        })
    }

    /// The first line that `command` prints. The kernel must not complain meanwhile.
    fn run(&self, half: &Half, command: &str) -> Result<String> {
        eprintln!(
            "{} {}: {command}",
            self.args.machine,
            half.fragments.join(" ")
        );
        let guest = Guest {
            machine: &self.args.machine,
            fragments: half.fragments.to_vec(),
            overlay: self.overlay.to_owned(),
        };
        let output = guest.run(&self.options.words(), &format!("{command} && dmesg"))?;
        output.exits(0)?;
        let (answer, log) = output
            .stdout
            .split_once('\n')
            .context("the guest said nothing")?;
        guest::complaints(log)?;
        Ok(answer.to_owned())
    }
}
