// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `evl` command.

mod check;
mod cli;
mod failure;
mod info;
mod kernel;
mod output;
mod power;
mod ps;
mod table;
mod test;
mod trace;

use std::process::ExitCode;

use clap::Parser;

use crate::cli::{Cli, Command};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let system = evl::System::at(cli.root);
    let (json, result) = match cli.command {
        Command::Info(args) => (args.json, info::run(&system, args.json)),
        Command::Check(args) => (args.json, check::run(&system, &args)),
        Command::Ps(args) => (args.json, ps::run(&system, &args)),
        Command::Start => (false, power::start(&system)),
        Command::Stop => (false, power::stop(&system)),
        Command::Test(args) => (false, test::run(&args)),
        Command::Trace(args) => (false, trace::run(&system, &args)),
    };
    result
        .unwrap_or_else(|error| failure::report(&error, json))
        .into()
}
