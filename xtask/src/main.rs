// SPDX-License-Identifier: MIT OR Apache-2.0
//! The developer's tool: builds, boots and tests the whole stack without Yocto.

mod bench;
mod bindgen;
mod board;
mod busybox;
mod clean;
mod debian;
mod doctor;
mod guest;
mod host;
mod image;
mod kernel;
mod load;
mod logged;
mod paths;
mod ports;
mod qemu;
mod run;
mod setup;
mod soak;
mod test;
mod userland;
mod yocto;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::paths::Paths;

/// Builds, boots and tests meta-evl without Yocto.
#[derive(Parser)]
#[command(
    name = "cargo xtask",
    bin_name = "cargo xtask",
    version,
    arg_required_else_help = true
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// Another release of Linux than the product's, for the series to move to: X where conf/kernel-X.toml exists
    #[arg(long, global = true, value_name = "X")]
    linux: Option<String>,
}

#[derive(Subcommand)]
enum Command {
    /// Install what this host lacks: Debian packages, bindgen, the kernel's source
    Setup(setup::Args),
    /// Say what this host has and lacks; change nothing
    Doctor,
    /// Build the kernel, or work on its patches
    Kernel(kernel::Args),
    /// Build the initramfs
    Image(image::Args),
    /// Build what changed, boot it in QEMU, show what the core says, open a shell
    Run(run::Args),
    /// Everything CI runs; ends in a line `N passed, N failed`
    Test(test::Args),
    /// Measure, in guest instructions; exits with 0 if everything could be measured, whatever the figures
    Bench(bench::Args),
    /// Disturb the pipeline, and compare the kernel's selftests with it and without: for hours, if you like
    Soak(soak::Args),
    /// Write libevl-rs/evl-sys/src/bindings.rs anew from kernel-evl/uapi
    Bindgen {
        /// Only compare, and fail if the file is not what it would be
        #[arg(long)]
        check: bool,
    },
    /// Check the Yocto layer
    Yocto(yocto::Args),
    /// Remove build results; downloads stay unless asked for
    Clean(clean::Args),
}

fn dispatch(cli: Cli) -> Result<ExitCode> {
    let paths = Paths::discover(cli.linux)?;
    match cli.command {
        Command::Setup(args) => setup::run(&paths, &args)?,
        Command::Doctor => return doctor::run(&paths),
        Command::Kernel(args) => kernel::run(&paths, &args)?,
        Command::Image(args) => image::run(&paths, &args)?,
        Command::Run(args) => return run::run(&paths, &args),
        Command::Test(args) => return test::run(&paths, &args),
        Command::Bench(args) => bench::run(&paths, &args)?,
        Command::Soak(args) => return soak::run(&paths, &args),
        Command::Bindgen { check } => bindgen::run(&paths.repo, check)?,
        Command::Yocto(args) => return yocto::run(&paths, &args),
        Command::Clean(args) => clean::run(&paths, &args)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn main() -> ExitCode {
    match dispatch(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(EXIT_TOOL_FAILED)
        }
    }
}

/// What xtask exits with when it failed itself, so that `run --exec` can tell that from its command's status.
/// 125 is what env(1), timeout(1) and container runners use for the same purpose.
const EXIT_TOOL_FAILED: u8 = 125;
