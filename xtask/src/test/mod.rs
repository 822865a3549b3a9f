// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask test`: everything CI runs, from cheap to dear.

mod boards;
mod budget;
mod debug;
mod faults;
mod guest;
mod host;
mod licences;
mod links;
pub(crate) mod results;

use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Result, bail};

use self::results::Results;
use crate::logged;
use crate::paths::Paths;
use crate::setup;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run only the steps whose name starts with one of these
    steps: Vec<String>,
    /// Name the steps and stop
    #[arg(long)]
    list: bool,
}

/// One step: a name, and what it does. A step that cannot run at all is one failure.
type Step = (&'static str, fn(&Paths) -> Result<Results>);

const STEPS: &[Step] = &[
    ("format", host::format),
    ("clippy", host::clippy),
    ("licences", licences::check),
    ("links", links::check),
    ("unsafe", budget::check),
    ("boards", boards::check),
    ("bindings", host::bindings),
    ("unit", host::unit),
    ("docs", host::docs),
    ("series", host::series),
    ("yocto", crate::yocto::lint),
    ("guest-x86_64", guest::x86_64),
    ("guest-plain", guest::plain),
    ("guest-debug", debug::check),
    ("guest-arm64", guest::arm64),
    ("altsched-x86_64", guest::altsched_x86_64),
    ("altsched-arm64", guest::altsched_arm64),
    ("faults", faults::check),
];

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<ExitCode> {
    let wanted = |name: &str| {
        args.steps.is_empty()
            || args
                .steps
                .iter()
                .any(|step| name.starts_with(step.as_str()))
    };
    let steps: Vec<&Step> = STEPS.iter().filter(|(name, _)| wanted(name)).collect();
    if steps.is_empty() {
        bail!(
            "no step starts with {}: `cargo xtask test --list` names them",
            args.steps.join(" or ")
        );
    }
    if args.list {
        steps.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(ExitCode::SUCCESS);
    }
    setup::run(paths, &setup::Args::default())?;

    let mut total = Results::default();
    for (name, step) in steps {
        let started = Instant::now();
        let results =
            step(paths).unwrap_or_else(|error| Results::failure(name, &format!("{error:#}")));
        for failure in &results.failures {
            println!("FAILED {name}: {failure}");
        }
        for skipped in &results.skipped {
            println!("skipped {name}: {skipped}");
        }
        logged::done(&format!("{name}: {results}"), started.elapsed());
        total.add(results);
    }
    println!("{total}");
    Ok(if total.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
