// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `evl` command.

mod check;
mod cli;
mod failure;
mod info;
mod kernel;
mod output;
mod table;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let system = evl::System::at(cli.root);
    let (json, result) = match cli.command {
        Command::Info(args) => (args.json, info::run(&system, args.json)),
        Command::Check(args) => (args.json, check::run(&system, &args)),
    };
    result
        .unwrap_or_else(|error| failure::report(&error, json))
        .into()
}
