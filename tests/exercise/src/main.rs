// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures and loads Linux on the target. `cargo xtask bench pipeline` and `cargo xtask soak` run it.

mod measure;
mod soak;
mod tick;

use anyhow::Result;
use clap::Parser;

/// Measures and loads Linux on the target; answers in JSON.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// What operations of Linux take, and how late interrupts come
    Measure(measure::Args),
    /// Disturb Linux as hard as it goes while a periodic interrupt runs on every CPU
    Soak(soak::Args),
    /// Send standard input to standard output, byte by byte
    #[command(hide = true)]
    Echo,
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Measure(args) => println!("{}", serde_json::to_string(&measure::run(&args)?)?),
        Command::Soak(args) => println!("{}", serde_json::to_string(&soak::run(&args)?)?),
        Command::Echo => measure::echo()?,
    }
    Ok(())
}
