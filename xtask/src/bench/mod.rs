// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench`: what things cost, in guest instructions.

mod latency;
mod pipeline;
mod plot;
mod report;

use std::process::Command;

use anyhow::Result;

use crate::board::Board;
use crate::kernel::source;
use crate::paths::Paths;

#[derive(Debug, clap::Args)]
#[command(arg_required_else_help = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The interrupt pipeline: how late oob interrupts come, and what Linux pays for it
    Pipeline(pipeline::Args),
    /// The EVL core against PREEMPT_RT: how late threads wake up, and what waiting costs them
    Latency(latency::Args),
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    match &args.what {
        What::Pipeline(args) => pipeline::run(paths, args),
        What::Latency(args) => latency::run(paths, args),
    }
}

/// What was measured, for the report's head.
fn subject(paths: &Paths, board: &Board, gic: Option<u8>) -> Result<String> {
    let qemu = board.emulated()?;
    let version = Command::new(&qemu.program).arg("--version").output()?;
    let version = String::from_utf8_lossy(&version.stdout).into_owned();
    let gic = gic.or(qemu.gic.first().copied());
    Ok(format!(
        "{}{}, Linux {}, {}",
        board.name,
        gic.map(|gic| format!(" with GICv{gic}"))
            .unwrap_or_default(),
        source::release(paths)?.version,
        version.lines().next().unwrap_or_default()
    ))
}

/// One CPU that counts instructions, as options of `cargo xtask run`.
struct GuestOptions(Vec<String>);

impl GuestOptions {
    /// A guest that takes longer than `timeout`, in seconds of the host, is hung.
    fn new(gic: Option<u8>, timeout: u32) -> Self {
        // Where a program's memory lies decides how many page tables a fork copies.
        let fixed = "--smp 1 --icount --append norandmaps --timeout";
        let mut words: Vec<String> = fixed.split(' ').map(str::to_owned).collect();
        words.push(timeout.to_string());
        if let Some(gic) = gic {
            words.extend(["--gic".to_owned(), gic.to_string()]);
        }
        Self(words)
    }

    fn words(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).collect()
    }
}
