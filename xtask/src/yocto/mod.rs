// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask yocto`: checks of the Yocto layer, with what package registries bring, or with checkouts of OE-core.

mod check;
mod faults;
mod kas;
mod layer;
mod parse;
mod style;
mod tools;
mod workspace;

use std::process::ExitCode;

use anyhow::Result;
use clap::Subcommand;

use crate::paths::Paths;
use crate::test::results::Results;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check kas files, style and recipes without OE-core; ends in a line `N passed, N failed`
    Lint,
    /// Check with the real OE-core: parse, dry run, yocto-check-layer, tasks; as an ordinary user, not as root
    Check(check::Args),
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode> {
    let results = match &args.command {
        Command::Lint => lint(paths)?,
        Command::Check(args) => check::check(paths, args)?,
    };
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

/// What CI runs of the layer: nothing of it needs more than the registry of Python packages.
pub(crate) fn lint(paths: &Paths) -> Result<Results> {
    let tools = tools::install(paths)?;
    let mut results = Results::default();
    results.add(kas::check(paths, &tools)?);
    results.add(style::check(paths, &tools)?);
    results.add(layer::check(paths)?);
    results.add(parse::check(paths, &tools)?);
    results.add(workspace::check(paths, &tools)?);
    results.add(faults::check(paths, &tools)?);
    Ok(results)
}
