// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask soak`: what takes too long for `cargo xtask test`.

mod core;
mod selftests;
mod stress;

use std::process::ExitCode;

use anyhow::Result;

use crate::board::{Arch, Board};
use crate::guest::Guest;
use crate::kernel::Variant;
use crate::paths::Paths;
use crate::setup;
use crate::test::results::Results;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    variant: Variant,
    /// Only this one
    #[arg(long, value_enum)]
    only: Option<Part>,
    /// How long to disturb each on several CPUs; with one that counts instructions, about half as long again
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
enum Part {
    /// The EVL core: hectic and latmus under stress-ng
    Core,
    /// The kernel's selftests, with the pipeline and without
    Selftests,
    /// Oob ticks under stress-ng, CPU hotplug, module loading and long sections with interrupts disabled
    Stress,
}

/// Seconds of instruction-counted time for each minute: an emulated CPU gets through about that.
const COUNTED_SECONDS: u64 = 3;

/// Other numbers of CPUs, other interrupt controllers: arguments to `cargo xtask run`.
fn variants(arch: Arch) -> &'static [&'static [&'static str]] {
    match arch {
        Arch::X86_64 => &[&["--smp", "2"], &["--smp", "4"]],
        Arch::Arm64 => &[&["--smp", "2", "--gic", "2"], &["--smp", "4", "--gic", "3"]],
    }
}

/// Interrupt controllers to count instructions with.
fn controllers(arch: Arch) -> &'static [&'static [&'static str]] {
    match arch {
        Arch::X86_64 => &[&[]],
        Arch::Arm64 => &[&["--gic", "2"], &["--gic", "3"]],
    }
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode> {
    let board = Board::load(paths, &args.variant.machine)?;
    board.emulated()?;
    setup::run(paths, &setup::Args::default())?;

    let mut results = Results::default();
    let extra = &args.variant.fragments;
    let wanted = |part| args.only.is_none_or(|only| only == part);
    if wanted(Part::Selftests) {
        results.add(selftests::run(paths, &board, extra)?);
    }
    if wanted(Part::Stress) {
        results.add(stress::run(paths, &board, extra, args.minutes)?);
    }
    if wanted(Part::Core) {
        results.add(core::run(paths, &board, extra, args.minutes)?);
    }
    for failure in &results.failures {
        println!("FAILED {failure}");
    }
    println!("{results}");
    Ok(if results.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn announce(guest: &Guest<'_>, options: &[&str], seconds: u64) {
    eprintln!(
        "{} {}: {seconds} s of the guest's time",
        guest.machine,
        options.join(" ")
    );
}

/// Seconds after which a guest is hung. A counted second takes up to a minute of the host's.
fn timeout(seconds: u64) -> String {
    (600 + 60 * seconds).to_string()
}
