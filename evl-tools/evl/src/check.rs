// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl check`.

mod checklist;
mod config;
mod expression;
mod live;
mod options;
mod report;

use std::path::Path;

use anyhow::Result;
use evl::System;

use crate::cli::{CheckArgs, Status};
use crate::failure::Failure;
use crate::kernel::Kernel;
use crate::output;

use self::checklist::Checklist;
use self::config::Config;
use self::report::Report;

pub(crate) fn run(system: &System, args: &CheckArgs) -> Result<Status> {
    let checklist = Checklist::load(args.checklist.as_deref())?;
    let report = match &args.config {
        Some(path) => of_file(path, &checklist)?,
        None => of_running_system(system, &checklist)?,
    };
    if args.json {
        output::json(&report)?;
    } else {
        output::text(&report.human())?;
    }
    if let Some(error) = &report.error {
        eprintln!("evl: {}", error.message());
    }
    Ok(report.status())
}

fn of_file(path: &Path, checklist: &Checklist) -> Result<Report> {
    let config = Config::read(path)?;
    Ok(Report::new(None, None, options::check(checklist, &config)))
}

fn of_running_system(system: &System, checklist: &Checklist) -> Result<Report> {
    let kernel = Kernel::running(system)?;
    let (mut checks, no_core) = live::check(system);
    match Config::of_running_kernel(system, &kernel.release)? {
        Some(config) => checks.extend(options::check(checklist, &config)),
        None => checks.push(options::no_configuration(&kernel.release)),
    }
    Ok(Report::new(
        Some(kernel),
        no_core.as_ref().map(Failure::from),
        checks,
    ))
}
