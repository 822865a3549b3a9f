// SPDX-License-Identifier: MIT OR Apache-2.0
//! The EVL core for long: `hectic` switches stages and registers on every CPU as fast as it can, `latmus` wants to be woken
//! up every millisecond, stress-ng keeps Linux busy.
//!
//! No register may be found wrong, and the kernel may have nothing to complain about. Where one CPU counts instructions,
//! the host delays nobody: there, no period of `latmus` may be missed either.

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::{COUNTED_SECONDS, controllers, variants};
use crate::board::Board;
use crate::guest::{self, Guest, Output};
use crate::paths::Paths;
use crate::test::results::Results;
use crate::userland;

/// Processes, page faults, signals, timers, futexes, context switches, migrations.
const STRESS: &str = "stress-ng --affinity 1 --exec 1 --fault 1 --fork 1 --futex 1 --mmap 1 --mmap-bytes 8M --oomable \
    --pipe 1 --signal 1 --sock 1 --switch 1 --timer 1 --timerfd 1 --vfork 1 --temp-path /tmp";

pub(super) fn run(paths: &Paths, board: &Board, extra: &[String], minutes: u64) -> Result<Results> {
    let overlay = userland::exercise_overlay(paths, board.arch)?;
    let guest = Guest {
        machine: &board.name,
        fragments: extra.iter().map(String::as_str).collect(),
        overlay: overlay.path().to_owned(),
    };
    let mut results = Results::default();
    for controller in controllers(board.arch) {
        let options = [&["--smp", "1", "--icount"], *controller].concat();
        let outcome = soak(&guest, &options, COUNTED_SECONDS * minutes)
            .and_then(|soaked| soaked.is_fine().and_then(|()| soaked.is_in_time()));
        results.record(
            &format!("core {} {}", board.name, options.join(" ")),
            outcome,
        );
    }
    for variant in variants(board.arch) {
        let seconds = 60 * minutes / variants(board.arch).len() as u64;
        let outcome = soak(&guest, variant, seconds).and_then(|soaked| soaked.is_fine());
        results.record(
            &format!("core {} {}", board.name, variant.join(" ")),
            outcome,
        );
    }
    Ok(results)
}

fn soak(guest: &Guest<'_>, options: &[&str], seconds: u64) -> Result<Soaked> {
    super::announce(guest, options, seconds);
    let timeout = super::timeout(seconds);
    let options = [options, &["--timeout", &timeout]].concat();
    let output = guest.run(&options, &command(seconds))?;
    output.exits(0)?;
    let soaked = Soaked::parse(&output)?;
    soaked.report();
    soaked.woke_up_until_the_end(seconds)?;
    Ok(soaked)
}

/// Prints three things: a line of `latmus`, a line of `hectic`, the kernel's log.
fn command(seconds: u64) -> String {
    // `latmus` measures after `hectic` has begun, and is done before it ends.
    let longer = seconds + 10;
    format!(
        "evl-exercise under --load '{STRESS}' -- sh -c \"\
         hectic -T {longer} --json > /tmp/hectic & \
         latmus --user --priority 90 --period 1000 -T {seconds} --json || exit; \
         wait \\$! ; status=\\$?; tr -d '\\n' < /tmp/hectic; echo; exit \\$status\" && dmesg"
    )
}

#[derive(Debug)]
struct Soaked {
    latmus: Latmus,
    hectic: Hectic,
}

/// The parts of the answers that are needed.
#[derive(Debug, Deserialize)]
struct Latmus {
    measurements: Vec<Measurement>,
}

#[derive(Debug, Deserialize)]
struct Measurement {
    samples: u64,
    overruns: u64,
    min_ns: u64,
    mean_ns: f64,
    max_ns: u64,
}

#[derive(Debug, Deserialize)]
struct Hectic {
    cpus: Vec<Ring>,
    faults: Vec<serde_json::Value>,
}

#[derive(Debug, Deserialize)]
struct Ring {
    cpu: u32,
    tasks: usize,
    switches: u64,
}

impl Soaked {
    fn parse(output: &Output) -> Result<Self> {
        let mut parts = output.stdout.splitn(3, '\n');
        let mut next = |who| parts.next().with_context(|| format!("{who} said nothing"));
        let soaked = Self {
            latmus: serde_json::from_str(next("latmus")?)?,
            hectic: serde_json::from_str(next("hectic")?)?,
        };
        guest::complaints(next("the kernel")?)?;
        Ok(soaked)
    }

    fn report(&self) {
        for one in &self.latmus.measurements {
            println!(
                "  latmus: {} wake-ups, min {} mean {:.0} max {} ns, {} overruns",
                one.samples, one.min_ns, one.mean_ns, one.max_ns, one.overruns
            );
        }
        for ring in &self.hectic.cpus {
            println!(
                "  hectic: CPU {}: {} switches among {} tasks",
                ring.cpu, ring.switches, ring.tasks
            );
        }
    }

    fn is_fine(&self) -> Result<()> {
        ensure!(
            self.hectic.faults.is_empty(),
            "registers were found wrong: {:?}",
            self.hectic.faults
        );
        ensure!(
            !self.hectic.cpus.is_empty() && self.hectic.cpus.iter().all(|ring| ring.switches > 0),
            "hectic did not switch on every CPU: {:?}",
            self.hectic.cpus
        );
        Ok(())
    }

    /// However late it was: each date was responded to, or was missed.
    fn woke_up_until_the_end(&self, seconds: u64) -> Result<()> {
        let dates = |one: &Measurement| one.samples + one.overruns;
        let counted: u64 = self.latmus.measurements.iter().map(dates).sum();
        // Starting and ending take time, on a host that does other things as well.
        let expected = seconds * 1000 * 8 / 10;
        ensure!(
            counted >= expected,
            "latmus saw {counted} periods in {seconds} s: it was not woken up any more"
        );
        Ok(())
    }

    fn is_in_time(&self) -> Result<()> {
        let overruns: u64 = self
            .latmus
            .measurements
            .iter()
            .map(|one| one.overruns)
            .sum();
        ensure!(overruns == 0, "{overruns} periods were missed");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output(latmus: &str, hectic: &str, log: &str) -> Output {
        Output {
            status: Some(0),
            stdout: format!("{latmus}\n{hectic}\n{log}"),
            stderr: String::new(),
        }
    }

    fn latmus(samples: u64, overruns: u64) -> String {
        format!(
            r#"{{"measurements": [{{"samples": {samples}, "overruns": {overruns}, "min_ns": 1, "mean_ns": 2.5, "max_ns": 9}}]}}"#
        )
    }

    const HECTIC: &str = r#"{"cpus": [{"cpu": 0, "tasks": 11, "switches": 5}], "faults": []}"#;

    #[test]
    fn a_wrong_register_or_a_silent_cpu_is_a_failure() {
        let parse = |hectic: &str| Soaked::parse(&output(&latmus(3, 1), hectic, "fine\n")).unwrap();
        parse(HECTIC).is_fine().unwrap();
        let fault = HECTIC.replace("[]", r#"[{"cpu": 0}]"#);
        assert!(parse(&fault).is_fine().is_err());
        let silent = HECTIC.replace("\"switches\": 5", "\"switches\": 0");
        assert!(parse(&silent).is_fine().is_err());
    }

    #[test]
    fn periods_may_be_missed_where_the_host_takes_the_cpu_away() {
        let parse =
            |overruns| Soaked::parse(&output(&latmus(3, overruns), HECTIC, "fine\n")).unwrap();
        parse(0).is_in_time().unwrap();
        parse(1).is_fine().unwrap();
        assert!(parse(1).is_in_time().is_err());
    }

    #[test]
    fn a_thread_that_is_left_asleep_is_a_failure() {
        let soaked = Soaked::parse(&output(&latmus(700, 200), HECTIC, "fine\n")).unwrap();
        soaked.woke_up_until_the_end(1).unwrap();
        assert!(soaked.woke_up_until_the_end(2).is_err());
    }

    #[test]
    fn a_complaint_of_the_kernel_is_a_failure() {
        assert!(Soaked::parse(&output(&latmus(3, 0), HECTIC, "BUG: x\n")).is_err());
        assert!(Soaked::parse(&output("", HECTIC, "")).is_err());
    }
}
