// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask bench`: what things cost, in guest instructions.

mod pipeline;
mod plot;
mod report;

use anyhow::Result;

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
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    match &args.what {
        What::Pipeline(args) => pipeline::run(paths, args),
    }
}
