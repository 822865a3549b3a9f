// SPDX-License-Identifier: MIT OR Apache-2.0
//! Files to keep: a table for gnuplot, HdrHistogram, a picture, a page.

mod picture;

use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use hdrhistogram::serialization::{Serializer, V2Serializer};

use crate::figures::Measured;
use crate::plan::Plan;
use crate::report::Report;
use crate::text;

/// Fails before the measurement, rather than after it, if a file cannot be written.
pub(crate) fn check(plan: &Plan) -> Result<()> {
    for path in [&plan.plot, &plan.svg, &plan.html].into_iter().flatten() {
        File::options()
            .append(true)
            .create(true)
            .open(path)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}

pub(crate) fn write(plan: &Plan, report: &Report) -> Result<()> {
    if let Some(path) = &plan.plot {
        write_to(path, table(report, plan.cells).as_bytes())?;
    }
    if let Some(path) = &plan.hdr {
        for one in &report.measurements {
            write_hdr(&named(path, one, report.measurements.len()), one)?;
        }
    }
    let picture =
        || picture::svg(&report.measurements).map_err(|error| anyhow!("cannot draw: {error}"));
    if let Some(path) = &plan.svg {
        write_to(path, picture()?.as_bytes())?;
    }
    if let Some(path) = &plan.html {
        write_to(path, page(report, &picture()?).as_bytes())?;
    }
    Ok(())
}

fn write_to(path: &Path, content: &[u8]) -> Result<()> {
    fs::write(path, content).with_context(|| format!("cannot write {}", path.display()))
}

/// One file each if there are several.
fn named(path: &Path, one: &Measured, count: usize) -> PathBuf {
    if count == 1 {
        return path.to_owned();
    }
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(one.responder.word());
    name.into()
}

fn write_hdr(path: &Path, one: &Measured) -> Result<()> {
    let mut bytes = Vec::new();
    V2Serializer::new()
        .serialize(&one.full, &mut bytes)
        .map_err(|error| anyhow!("cannot write {}: {error}", path.display()))?;
    write_to(path, &bytes)
}

/// `US COUNT` lines, with a `+` behind the last one if it holds longer times, too.
fn table(report: &Report, cells: u32) -> String {
    let mut table = String::new();
    for line in report.describe().lines() {
        let _ = writeln!(table, "# {line}");
    }
    for one in &report.measurements {
        let _ = writeln!(
            table,
            "\n# {}, period {} us, CPU {}, {} samples, {} overruns",
            one.responder,
            one.period_ns / 1000,
            one.cpu,
            one.samples,
            one.overruns
        );
        let us = |ns: f64| ns / 1000.0;
        let _ = writeln!(
            table,
            "# min {:.3} avg {:.3} max {:.3} us",
            us(one.min_ns as f64),
            us(one.mean_ns),
            us(one.max_ns as f64)
        );
        let mut counts = vec![0; cells as usize];
        let last = counts.len() - 1;
        for (ns, count) in &one.histogram {
            counts[usize::try_from(ns / 1000).map_or(last, |us| us.min(last))] += count;
        }
        let beyond = one.max_ns >= i64::from(cells) * 1000;
        for (us, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let more = if us == last && beyond { "+" } else { "" };
            let _ = writeln!(table, "{us} {count}{more}");
        }
    }
    table
}

fn page(report: &Report, picture: &str) -> String {
    let escape = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let mut rows = String::new();
    for one in &report.measurements {
        let times = [
            one.min_ns as f64,
            one.mean_ns,
            one.p99_ns as f64,
            one.p99_9_ns as f64,
            one.p99_99_ns as f64,
            one.max_ns as f64,
        ];
        let cells = times.map(|ns| format!("<td>{}</td>", text::time(ns)));
        let _ = writeln!(
            rows,
            "<tr><th>{}</th>{}<td>{}</td><td>{}</td></tr>",
            one.responder,
            cells.concat(),
            one.samples,
            one.overruns
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>latmus</title><style>\n\
         body {{ font-family: sans-serif; max-width: 60em; margin: 2em auto; }}\n\
         td, th {{ padding: 0.2em 0.8em; text-align: right; }} svg {{ max-width: 100%; height: auto; }}\n\
         </style></head><body>\n<h1>Response times</h1>\n{picture}\n\
         <table><tr><th></th><th>min</th><th>avg</th><th>p99</th><th>p99.9</th><th>p99.99</th><th>max</th>\
         <th>samples</th><th>overruns</th></tr>\n{rows}</table>\n<pre>{}</pre>\n</body></html>\n",
        escape(&report.describe())
    )
}
