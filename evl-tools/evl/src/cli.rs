// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// What the command exits with. The text of `--help` is `EXIT_STATUS`.
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

const EXIT_STATUS: &str = "\
Exit status:
  0  all is well
  1  a check failed, or the command did
  2  the command line is wrong
  3  the running kernel has no EVL core";

/// Says what an EVL real-time system is, and whether it is fit for real time
#[derive(Debug, Parser)]
#[command(name = "evl", version, after_help = EXIT_STATUS, arg_required_else_help = true)]
pub(crate) struct Cli {
    /// Directory which holds dev, proc, sys and boot
    #[arg(long, global = true, value_name = "DIR", default_value = "/")]
    pub(crate) root: PathBuf,

    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show what the core of the running kernel says of itself
    #[command(after_help = EXIT_STATUS)]
    Info(InfoArgs),
    /// Check the running system and the options of its kernel
    #[command(after_help = EXIT_STATUS)]
    Check(CheckArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct InfoArgs {
    /// Print a JSON object; if the command fails, one which has the key `error`
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// Print a JSON object; if the command fails, one which has the key `error`
    #[arg(long)]
    pub(crate) json: bool,

    /// Judge this kernel configuration, plain or gzipped, and nothing of the running system [default: that of the
    /// running kernel: /proc/config.gz, /boot/config-RELEASE or /lib/modules/RELEASE/config]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Use the kernel options in this TOML file instead of the built-in list
    #[arg(long, value_name = "FILE")]
    pub(crate) checklist: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }
}
