// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask soak`: what takes too long for `cargo xtask test`.

mod selftests;
mod stress;

use std::process::ExitCode;

use anyhow::Result;

use crate::board::Board;
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
    /// How long to disturb the pipeline on several CPUs; the rest takes half as long again
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..))]
    minutes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, clap::ValueEnum)]
enum Part {
    /// The kernel's selftests, with the pipeline and without
    Selftests,
    /// Oob ticks under stress-ng, CPU hotplug, module loading and long sections with interrupts disabled
    Stress,
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
