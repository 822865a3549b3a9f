// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask kernel`: the kernel and its patches.

pub(crate) mod build;
pub(crate) mod config;
pub(crate) mod series;
pub(crate) mod source;
mod stat;
pub(crate) mod sync;
mod tree;

use std::path::PathBuf;

use anyhow::Result;

use crate::board::Board;
use crate::paths::Paths;
use crate::setup;

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    variant: Variant,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Fetch and verify the kernel's source, for work without a network
    Fetch,
    /// Lay out a git work tree of Linux with the series applied as commits
    Tree {
        /// A folder that does not exist yet [default: build/kernel-tree]
        dir: Option<PathBuf>,
    },
    /// Turn the commits of a work tree back into the series and our own files
    Refresh {
        /// The tree [default: build/kernel-tree]
        dir: Option<PathBuf>,
        /// Write nothing; fail if the repository would change
        #[arg(long)]
        check: bool,
    },
    /// Print how much of Linux the series touches
    Stat,
}

/// Which kernel.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Variant {
    /// A machine of conf/boards
    #[arg(short, long, default_value = "qemux86-64")]
    pub(crate) machine: String,
    /// Add a fragment: a name in kernel-evl/config, or a file (repeatable)
    #[arg(long = "kernel-config", value_name = "FRAGMENT")]
    pub(crate) fragments: Vec<String>,
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    match &args.command {
        None => {
            let board = Board::load(paths, &args.variant.machine)?;
            board.emulated()?;
            setup::run(paths, &setup::Args::default())?;
            let kernel = build::build(paths, &board, &args.variant.fragments)?;
            println!("{}", kernel.image.display());
            Ok(())
        }
        Some(Command::Fetch) => source::fetch(paths).map(drop),
        Some(Command::Tree { dir }) => {
            setup::run(paths, &setup::Args::default())?;
            tree::lay_out(paths, dir.as_deref().unwrap_or(&paths.kernel_tree()))
        }
        Some(Command::Refresh { dir, check }) => tree::refresh(
            paths,
            dir.as_deref().unwrap_or(&paths.kernel_tree()),
            *check,
        ),
        Some(Command::Stat) => stat::print(paths),
    }
}
