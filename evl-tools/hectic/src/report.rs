// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is said at the end.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use serde::Serialize;

use crate::cli::Cli;
use crate::ring::Ring;
use crate::task::Fault;

/// What the command exits with. The text of `--help` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Fine = 0,
    Failed = 1,
    // 2 is a usage error, which clap exits with.
    NoCore = 3,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// What happened.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    elapsed_s: f64,
    cpus: Vec<Cpu>,
    faults: Vec<Fault>,
}

#[derive(Debug, Serialize)]
struct Cpu {
    cpu: u32,
    tasks: usize,
    switches: u64,
}

impl Report {
    pub(crate) fn new(rings: &[Ring], faults: Vec<Fault>, elapsed: Duration) -> Self {
        let cpu = |ring: &Ring| Cpu {
            cpu: ring.cpu(),
            tasks: ring.kinds().len(),
            switches: ring.switches,
        };
        Self {
            elapsed_s: elapsed.as_secs_f64(),
            cpus: rings.iter().map(cpu).collect(),
            faults,
        }
    }

    pub(crate) fn print(&self, cli: &Cli) -> Result<Status> {
        if cli.json {
            println!("{}", serde_json::to_string_pretty(self)?);
        } else if !cli.quiet {
            for cpu in &self.cpus {
                println!(
                    "CPU {}: {} tasks, {} switches in {:.1} s",
                    cpu.cpu, cpu.tasks, cpu.switches, self.elapsed_s
                );
            }
            if self.faults.is_empty() {
                println!("all registers were kept");
            }
        }
        for fault in &self.faults {
            eprintln!("hectic: {fault}");
        }
        Ok(if self.faults.is_empty() {
            Status::Fine
        } else {
            Status::Failed
        })
    }
}

/// Says what went wrong on stderr, and on stdout with `json`.
pub(crate) fn failure(error: &anyhow::Error, json: bool) -> Status {
    let text = format!("{error:#}");
    if json {
        println!("{}", serde_json::json!({ "error": text }));
    }
    eprintln!("hectic: {text}");
    let cause = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<evl::Error>());
    match cause {
        Some(evl::Error::NoCore { .. }) => Status::NoCore,
        _ => Status::Failed,
    }
}
