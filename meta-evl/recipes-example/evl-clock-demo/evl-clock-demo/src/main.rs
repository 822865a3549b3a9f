// SPDX-License-Identifier: MIT
//! Compares the clocks of the EVL core with Linux's: reading one costs no change of stage, and both tell the same time.

use std::process::ExitCode;
use std::time::Duration;

use evl::{Clock, ClockId, Core};

const ROUNDS: u32 = 1000;

fn main() -> ExitCode {
    match run() {
        Ok(report) => {
            println!("{report}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("evl-clock-demo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, evl::Error> {
    evl::lock_memory()?;
    let core = Core::open()?;
    let clock = core.clock(ClockId::Monotonic)?;
    Ok(report(largest_difference(&clock)?))
}

/// How far the core's own time and what the library reads without the core are apart, at most.
fn largest_difference(clock: &Clock) -> Result<Duration, evl::Error> {
    let mut largest = Duration::ZERO;
    for _ in 0..ROUNDS {
        let before = clock.now();
        largest = largest.max(clock.core_time()?.saturating_sub(before));
    }
    Ok(largest)
}

fn report(largest: Duration) -> String {
    format!("{ROUNDS} readings, at most {} ns apart", largest.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_is_in_nanoseconds() {
        assert_eq!(
            report(Duration::from_micros(2)),
            "1000 readings, at most 2000 ns apart"
        );
    }
}
