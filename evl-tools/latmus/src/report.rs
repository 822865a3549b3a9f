// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is printed in the end.

use std::io::{ErrorKind, Write, stdout};

use anyhow::{Context, Result};
use serde::Serialize;

use crate::failure::Status;
use crate::figures::Measured;
use crate::plan::Plan;
use crate::system::Description;
use crate::text;

/// The JSON object.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) version: &'static str,
    pub(crate) system: Description,
    pub(crate) measurements: Vec<Measured>,
}

impl Report {
    pub(crate) fn new(plan: &Plan) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            system: Description::new(plan.cpu),
            measurements: Vec::new(),
        }
    }

    pub(crate) fn print(&self, plan: &Plan) -> Result<()> {
        let text = match (plan.json, plan.quiet) {
            (true, _) => serde_json::to_string(self)? + "\n",
            (_, true) => return Ok(()),
            _ => self.text(plan.verbose),
        };
        let mut stdout = stdout().lock();
        let written = stdout.write_all(text.as_bytes());
        match written.and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
            other => other.context("cannot write to the standard output"),
        }
    }

    /// For people.
    pub(crate) fn text(&self, verbose: bool) -> String {
        let mut text = String::new();
        if let Some(one) = self.measurements.first() {
            text += &format!(
                "period {}, CPU {}{}{}, {:.0} s each\n",
                text::time(one.period_ns as f64).trim_end(),
                one.cpu,
                if self.system.isolated {
                    " (isolated)"
                } else {
                    ""
                },
                one.priority
                    .map(|p| format!(", priority {p}"))
                    .unwrap_or_default(),
                one.duration_ms as f64 / 1000.0,
            );
        }
        if verbose {
            text += &self.describe();
        }
        let all: Vec<_> = self
            .measurements
            .iter()
            .map(|one| (one.responder, &one.full))
            .collect();
        // What a terminal has room for.
        for some in all.chunks(2) {
            text += "\n";
            text += &text::histogram(some);
        }
        text += "\n";
        text += &text::figures(&self.measurements);
        text
    }

    /// The system, a line each.
    pub(crate) fn describe(&self) -> String {
        let system = &self.system;
        format!(
            "kernel {} {}\ncommand line {}\nclock source {}\ngravity {}\n",
            system.kernel,
            system.machine,
            system.command_line,
            system.clock_source,
            system.gravity.as_deref().unwrap_or("none: no core")
        )
    }

    /// Whether all responses came in time.
    pub(crate) fn verdict(&self, plan: &Plan) -> Result<Status> {
        let (Some(limit), Some(late)) = (
            plan.abort_max,
            self.measurements.iter().find(|one| one.aborted),
        ) else {
            return Ok(Status::Fine);
        };
        eprintln!(
            "latmus: {}: a response took {}, longer than the {} of --abort-max",
            late.responder,
            text::time(late.max_ns as f64),
            text::time(limit as f64)
        );
        Ok(Status::Failed)
    }
}
