// SPDX-License-Identifier: MIT OR Apache-2.0
//! Random requests to the EVL core: of many threads, to all files, with good and bad arguments, from processes that
//! are killed, exit or execute something else meanwhile. The kernel has to survive that, and nothing may be left.
//!
//! Run it on a kernel with KASAN, lockdep and `panic_on_warn`. Runs with one seed do not repeat each other to the
//! instruction, since threads race, but they do the same things.

mod census;
mod memory;
mod requests;
mod watch;
mod worker;

use std::process::ExitCode;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Result;
use clap::Parser;
use fastrand::Rng;

use crate::census::Census;

#[derive(Debug, Parser)]
#[command(version, about)]
struct Args {
    /// How long to run
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,

    /// What the random numbers start from [default: the time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,

    /// Threads of a process
    #[arg(long, value_name = "NUMBER", default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=32))]
    threads: u8,
}

fn main() -> ExitCode {
    match run(&Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evl-fuzz: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: &Args) -> Result<()> {
    let seed = args.seed.unwrap_or_else(time_as_seed);
    println!("seed {seed}");
    let census = Census::new()?;
    let mut rng = Rng::with_seed(seed);
    let end = Instant::now() + Duration::from_secs(args.seconds);
    let mut workers = 0_u64;
    while Instant::now() < end {
        worker::run(&mut rng, args.threads, &census)?;
        workers += 1;
    }
    println!("{census}");
    println!("{} requests of {workers} processes", census.total());
    watch::nothing_is_left()?;
    census.check()
}

fn time_as_seed() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.map_or(0, |time| time.as_nanos() as u64)
}
