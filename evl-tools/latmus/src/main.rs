// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `latmus` command: how long after its date a timer is responded to.

mod cli;
mod end;
mod failure;
mod figures;
mod files;
mod gravity;
mod live;
mod plan;
mod report;
mod responder;
mod system;
mod text;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;

use crate::cli::Cli;
use crate::failure::Status;
use crate::plan::{Job, Plan};
use crate::report::Report;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.json;
    Plan::new(cli)
        .and_then(|plan| run(&plan))
        .unwrap_or_else(|error| failure::report(&error, json))
        .into()
}

fn run(plan: &Plan) -> Result<Status> {
    let end = end::watch(plan.background)?;
    match &plan.job {
        Job::Reset => {
            evl::latency::Latency::open()?.reset()?;
            if !plan.quiet {
                println!("the gravity of all clocks is 0");
            }
            Ok(Status::Fine)
        }
        Job::Tune { save } => {
            let store = save.as_deref().map(gravity::Store::new).transpose()?;
            responder::tune(plan, &end)?;
            store.map_or(Ok(()), gravity::Store::keep)?;
            Ok(Status::Fine)
        }
        Job::Restore { from } => gravity::restore(plan, from),
        Job::Measure => measure(plan, &end),
    }
}

fn measure(plan: &Plan, end: &end::End) -> Result<Status> {
    files::check(plan)?;
    let _awake = system::keep_awake();
    // Whatever loads Linux shall not keep us from collecting, nor from the end. It is no more than that.
    let _ = system::take_fifo(1);
    let mut report = Report::new(plan);
    for responder in &plan.responders {
        let measured = responder::measure(plan, *responder, end)?;
        let aborted = measured.aborted;
        report.measurements.push(measured);
        if aborted || end.asked() {
            break;
        }
    }
    report.print(plan)?;
    files::write(plan, &report)?;
    report.verdict(plan)
}
