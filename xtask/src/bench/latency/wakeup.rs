// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who wakes up, and what Linux does meanwhile.

use anyhow::{Context, Result, ensure};
use evl_exercise::Delays;
use serde::{Deserialize, Serialize};

/// What Linux is busy with.
pub(crate) struct Load {
    pub(crate) name: &'static str,
    /// Programs that run at the same time.
    programs: &'static [&'static str],
    /// Whether it is measured for long, and with all responders.
    pub(crate) main: bool,
}

pub(crate) const IDLE: &str = "idle";
pub(crate) const BUSY: &str = "hackbench, dd";

pub(crate) const LOADS: [Load; 7] = [
    Load {
        name: IDLE,
        programs: &[],
        main: true,
    },
    Load {
        name: BUSY,
        programs: &[
            "hackbench --loops 100000000",
            "dd if=/dev/zero of=/dev/null bs=128M",
        ],
        main: true,
    },
    storm("fork", &["stress-ng --fork 4"]),
    storm("mmap", &["stress-ng --mmap 4 --mmap-bytes 32M --oomable"]),
    storm("sock", &["stress-ng --sock 4"]),
    storm("timer", &["stress-ng --timer 4 --timer-freq 10000"]),
    storm("exit-group", &["stress-ng --exit-group 4"]),
];

/// One of stress-ng.
const fn storm(name: &'static str, programs: &'static [&'static str]) -> Load {
    Load {
        name,
        programs,
        main: false,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Responder {
    /// Of the EVL core: a thread of an application, a thread of the kernel, the interrupt's handler.
    User,
    Kernel,
    Irq,
    /// Of Linux.
    Cyclictest,
}

impl Responder {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::User => "EVL, user thread",
            Self::Kernel => "EVL, kernel thread",
            Self::Irq => "EVL, interrupt handler",
            Self::Cyclictest => "PREEMPT_RT, cyclictest",
        }
    }

    /// Prints one line, in JSON.
    pub(crate) fn command(self, load: &Load, periods: u32) -> String {
        // latmus measures for whole seconds, and leaves out the first 100 ms: cyclictest has as many periods.
        let seconds = (periods * PERIOD).div_ceil(1_000_000) + 1;
        let loops = (seconds * 1_000_000 - 100_000) / PERIOD;
        let latmus =
            |option| format!("latmus {option} --priority 90 --period {PERIOD} -T {seconds} --json");
        let measure = match self {
            Self::User => latmus("--user"),
            Self::Kernel => latmus("--kernel"),
            Self::Irq => latmus("--irq"),
            Self::Cyclictest => format!(
                "cyclictest --mlockall --nsecs --quiet --priority=90 --interval={PERIOD} --loops={loops} \
                 --histogram={CELLS} --json=/tmp/json > /dev/null && tr -d '\\n' < /tmp/json && echo"
            ),
        };
        let loads = load.programs.iter();
        let loads: String = loads.map(|load| format!("--load '{load}' ")).collect();
        format!("evl-exercise under {loads}-- sh -c \"{measure}\"")
    }

    /// What that command has printed.
    pub(crate) fn parse(self, json: &str) -> Result<Delays> {
        match self {
            Self::Cyclictest => cyclictest(json),
            _ => latmus(json),
        }
    }
}

/// In us: about a kilohertz, but no multiple of Linux's tick, so that a wake-up meets it in every way. With 1000 the two
/// would go on for the whole run as they happened to begin.
const PERIOD: u32 = 1009;

/// Of cyclictest's histogram, in ns.
const CELLS: u32 = 500_000;

/// How late wake-ups were.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) load: &'static str,
    pub(crate) responder: Responder,
    pub(crate) delays: Delays,
}

/// The part of latmus' answer that is needed.
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
    histogram: Vec<(u64, u64)>,
}

fn latmus(json: &str) -> Result<Delays> {
    let answer: Latmus = serde_json::from_str(json)?;
    let one = answer.measurements.into_iter().next();
    let one = one.context("latmus measured nothing")?;
    Ok(Delays {
        count: one.samples,
        missed: one.overruns,
        min: one.min_ns,
        max: one.max_ns,
        sum: (one.mean_ns * one.samples as f64) as u64,
        buckets: one.histogram,
        ..Delays::default()
    })
}

/// The part of cyclictest's answer that is needed.
#[derive(Debug, Deserialize)]
struct Cyclictest {
    thread: std::collections::BTreeMap<String, Thread>,
}

#[derive(Debug, Deserialize)]
struct Thread {
    histogram: std::collections::BTreeMap<String, u64>,
    cycles: u64,
    min: u64,
    max: u64,
    avg: f64,
}

fn cyclictest(json: &str) -> Result<Delays> {
    let answer: Cyclictest = serde_json::from_str(json)?;
    let one = answer.thread.into_values().next();
    let one = one.context("cyclictest measured nothing")?;
    let cells = one.histogram.into_iter();
    let mut buckets = cells
        .map(|(delay, count)| Ok((delay.parse()?, count)))
        .collect::<Result<Vec<(u64, u64)>>>()?;
    buckets.sort_unstable();
    // What was too long for its histogram.
    let counted: u64 = buckets.iter().map(|bucket| bucket.1).sum();
    ensure!(counted <= one.cycles, "more wake-ups than cycles");
    if counted < one.cycles {
        buckets.push((one.max, one.cycles - counted));
    }
    Ok(Delays {
        count: one.cycles,
        min: one.min,
        max: one.max,
        sum: (one.avg * one.cycles as f64) as u64,
        buckets,
        ..Delays::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cyclictest_says_is_understood() {
        let json = r#"{"file_version": 1, "thread": {"0": {"histogram": {"9": 2, "10": 1},
            "cycles": 4, "min": 9, "max": 700000, "avg": 175007.00, "cpu": 0}}}"#;
        let delays = cyclictest(json).unwrap();
        assert_eq!((delays.count, delays.min, delays.max), (4, 9, 700_000));
        assert_eq!(delays.buckets, [(9, 2), (10, 1), (700_000, 1)]);
        assert_eq!(delays.quantile(0.5), 9);
        assert_eq!(delays.sum, 700_028);
        assert!(cyclictest(r#"{"thread": {}}"#).is_err());
    }

    #[test]
    fn what_latmus_says_is_understood() {
        let json = r#"{"measurements": [{"samples": 3, "overruns": 1, "min_ns": 5, "mean_ns": 6.0,
            "max_ns": 8, "histogram": [[5, 2], [8, 1]]}]}"#;
        let delays = latmus(json).unwrap();
        assert_eq!((delays.count, delays.missed, delays.sum), (3, 1, 18));
        assert!(latmus(r#"{"error": "no core"}"#).is_err());
    }

    #[test]
    fn only_the_first_load_is_none() {
        assert!(
            LOADS
                .iter()
                .all(|load| (load.name == IDLE) == load.programs.is_empty())
        );
        let command = Responder::User.command(&LOADS[0], 2000);
        assert!(command.contains("latmus --user") && command.contains("-T 4"));
        let command = Responder::Cyclictest.command(&LOADS[0], 2000);
        assert!(command.contains("--loops=3865"), "{command}");
    }
}
