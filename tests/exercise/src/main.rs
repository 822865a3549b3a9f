// SPDX-License-Identifier: MIT OR Apache-2.0
//! Measures and loads Linux on the target. `cargo xtask bench` and `cargo xtask soak` run it.

mod crowd;
mod kernels;
mod measure;
mod pairs;
mod soak;
mod tick;
mod under;

use anyhow::Result;
use clap::Parser;
use evl_exercise::Waiting;

use crate::kernels::{Evl, Kernel, Linux};

/// Measures and loads Linux on the target; answers in JSON.
#[derive(Debug, Parser)]
#[command(version)]
enum Command {
    /// What operations of Linux take, and how late interrupts come
    Measure(measure::Args),
    /// Disturb Linux as hard as it goes while a periodic interrupt runs on every CPU
    Soak(soak::Args),
    /// Run a command while others load Linux
    Under(under::Args),
    /// What real-time threads pay for waiting, for each other and for timers
    Wait {
        /// By Linux, not by the EVL core
        #[arg(long)]
        linux: bool,
        /// Of so many threads at a time, each with a timer
        #[arg(long, value_delimiter = ',')]
        crowds: Vec<u32>,
        /// So often they wake up, altogether
        #[arg(long)]
        wakeups: u32,
    },
    /// Send standard input to standard output, byte by byte
    #[command(hide = true)]
    Echo,
}

fn main() -> Result<()> {
    match Command::parse() {
        Command::Measure(args) => println!("{}", serde_json::to_string(&measure::run(&args)?)?),
        Command::Soak(args) => println!("{}", serde_json::to_string(&soak::run(&args)?)?),
        Command::Under(args) => under::run(&args)?,
        Command::Wait {
            linux,
            crowds,
            wakeups,
        } => {
            let waiting = match linux {
                true => waiting::<Linux>(&crowds, wakeups),
                false => waiting::<Evl>(&crowds, wakeups),
            };
            println!("{}", serde_json::to_string(&waiting?)?);
        }
        Command::Echo => measure::echo()?,
    }
    Ok(())
}

fn waiting<K: Kernel>(crowds: &[u32], wakeups: u32) -> Result<Waiting> {
    evl::lock_memory()?;
    let crowds = crowds.iter();
    Ok(Waiting {
        costs: pairs::run::<K>()?,
        crowds: crowds
            .map(|threads| crowd::run::<K>(*threads, wakeups))
            .collect::<Result<_>>()?,
    })
}
