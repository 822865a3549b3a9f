// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench pipeline`: boots Linux without the pipeline, with it, and with an oob timer on it, one after the
//! other, and has each measure itself.
//!
//! One CPU, and a virtual clock that counts instructions as nanoseconds: the host's load changes nothing.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use evl_exercise::Measured;
use fs_err as fs;

use super::report::Report;
use super::{GuestOptions, plot, report, subject};
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
}

/// Linux alone, and Linux with the pipeline: fragments over the machine's own.
const OFF: &[&str] = &["measure"];
const ON: &[&str] = &["measure", "pipeline"];

/// Seconds of the host after which a guest is hung: one takes minutes.
const TIMEOUT: u32 = 3000;

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let board = Board::load(paths, &args.machine)?;
    board.emulated()?;
    setup::run(paths, &setup::Args::default())?;
    for fragments in [OFF, ON] {
        let names: Vec<String> = fragments.iter().map(|&name| name.to_owned()).collect();
        build::build(paths, &board, &names)?;
    }
    let overlay = userland::exercise_overlay(paths, board.arch)?;
    let options = GuestOptions::new(args.gic, TIMEOUT);

    let measure = |fragments: &[&'static str], exercise: &str| {
        let guest = Guest {
            machine: &args.machine,
            fragments: fragments.to_vec(),
            overlay: overlay.path().to_owned(),
        };
        measure(&guest, &options, exercise)
    };
    let off = measure(OFF, "evl-exercise measure --delays")?;
    let on = measure(ON, "evl-exercise measure")?;
    let oob = measure(ON, "evl-exercise measure --tick 1000000 --delays")?;

    let report = Report::new(&off, &on, &oob, subject(paths, &board, args.gic)?)?;
    let folder = folder(paths, args);
    write(&folder, &report, &oob)?;
    println!("{}", report::text(&report));
    println!(
        "in {}: table.md, report.json, costs.svg, delays.svg",
        folder.display()
    );
    Ok(())
}

fn folder(paths: &Paths, args: &Args) -> PathBuf {
    let gic = args.gic.map(|gic| format!("-gic{gic}")).unwrap_or_default();
    paths
        .build
        .join("bench/pipeline")
        .join(format!("{}{gic}", args.machine))
}

fn measure(guest: &Guest<'_>, options: &GuestOptions, exercise: &str) -> Result<Measured> {
    eprintln!(
        "{} {}: {exercise}",
        guest.machine,
        guest.fragments.join(" ")
    );
    let output = guest.run(&options.words(), &format!("{exercise} && dmesg"))?;
    output.exits(0)?;
    let (json, log) = output
        .stdout
        .split_once('\n')
        .context("the guest said nothing")?;
    guest::complaints(log)?;
    let measured: Measured = serde_json::from_str(json)?;
    if let Some(delays) = measured.delays.iter().find(|delays| delays.count == 0) {
        bail!("no event was seen: {}", delays.name);
    }
    Ok(measured)
}

fn write(folder: &Path, report: &Report, oob: &Measured) -> Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(
        folder.join("report.json"),
        serde_json::to_string_pretty(report)?,
    )?;
    fs::write(folder.join("table.md"), report::text(report))?;
    plot::costs(report, &folder.join("costs.svg"))?;
    plot::delays(&report.subject, &oob.delays, &folder.join("delays.svg"))
}
