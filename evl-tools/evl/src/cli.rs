// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;

use clap::{Parser, Subcommand};
use evl::CpuList;

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
    /// List the threads of the core
    #[command(after_help = EXIT_STATUS)]
    Ps(PsArgs),
    /// Start the core, if it was stopped
    #[command(after_help = EXIT_STATUS)]
    Start,
    /// Stop the core, if nobody uses it
    #[command(after_help = EXIT_STATUS)]
    Stop,
    /// Run the test programs that are installed with the core's library
    #[command(after_help = EXIT_STATUS)]
    Test(TestArgs),
    /// Trace what the core and Linux do, for a command, a time, or until Ctrl-C
    ///
    /// The trace is one of its own, made for the command and removed after it: what others trace stays as it is. Its
    /// times are those of CLOCK_MONOTONIC. A mark of your own goes into it by `echo TEXT >/dev/evl/trace`.
    #[command(after_help = EXIT_STATUS)]
    Trace(TraceArgs),
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

#[derive(Debug, clap::Args)]
pub(crate) struct PsArgs {
    /// Show threads on these CPUs only, as 0-1,3
    #[arg(short, long, value_name = "LIST", value_parser = cpu_list)]
    pub(crate) cpus: Option<CpuList>,

    /// Show counts and state: ISW CTXSW SYS RWA STAT
    #[arg(short, long)]
    pub(crate) states: bool,

    /// Show times: TIMEOUT %CPU CPUTIME
    #[arg(short, long)]
    pub(crate) times: bool,

    /// Show the scheduling policy: SCHED PRIO
    #[arg(short, long)]
    pub(crate) policy: bool,

    /// Show what threads wait for: WCHAN
    #[arg(short, long)]
    pub(crate) wchan: bool,

    /// Show all columns
    #[arg(short, long)]
    pub(crate) long: bool,

    /// Show times in nanoseconds, and the state as a number
    #[arg(short, long)]
    pub(crate) numeric: bool,

    /// Put the largest first of c (%CPU), i (ISW), t (CPUTIME), x (CTXSW) or w (RWA) instead of the names in order; r
    /// reverses the order, alone or with a key
    #[arg(short = 'S', long, value_name = "KEY")]
    pub(crate) sort: Option<Sort>,

    /// Print a JSON object; if the command fails, one which has the key `error`
    #[arg(long, conflicts_with = "watch")]
    pub(crate) json: bool,

    /// Draw the list anew every so many seconds
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "1", value_parser = interval)]
    pub(crate) watch: Option<f64>,
}

/// By which column threads are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SortKey {
    Percent,
    InbandSwitches,
    CpuTime,
    ContextSwitches,
    RemoteWakeups,
}

/// The order of threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sort {
    /// By name, if there is none.
    pub(crate) key: Option<SortKey>,
    pub(crate) reverse: bool,
}

impl FromStr for Sort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut sort = Self::default();
        for letter in text.chars() {
            let key = match letter {
                'c' => SortKey::Percent,
                'i' => SortKey::InbandSwitches,
                't' => SortKey::CpuTime,
                'x' => SortKey::ContextSwitches,
                'w' => SortKey::RemoteWakeups,
                'r' => {
                    sort.reverse = true;
                    continue;
                }
                _ => return Err(format!("`{letter}` is none of c, i, t, x, w, r")),
            };
            if sort.key.replace(key).is_some() {
                return Err("one key at a time".to_owned());
            }
        }
        Ok(sort)
    }
}

fn cpu_list(text: &str) -> Result<CpuList, String> {
    text.parse()
        .map_err(|error: evl::ParseCpuListError| error.to_string())
}

/// Seconds between two looks.
fn interval(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(seconds) if (0.1..=3600.0).contains(&seconds) => Ok(seconds),
        _ => Err("this takes 0.1 to 3600 seconds".to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct TestArgs {
    /// Tests to run [default: all]
    #[arg(value_name = "TEST")]
    pub(crate) tests: Vec<String>,

    /// Name the tests, and run none
    #[arg(short, long)]
    pub(crate) list: bool,

    /// Go on after a test failed
    #[arg(short, long)]
    pub(crate) keep_going: bool,

    /// Where the test programs are
    #[arg(
        long,
        value_name = "DIR",
        env = "EVL_TESTDIR",
        default_value = "/usr/lib/evl/tests"
    )]
    pub(crate) directory: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TraceArgs {
    /// Run this, and trace until it ends
    #[arg(value_name = "COMMAND", last = true)]
    pub(crate) command: Vec<String>,

    /// Trace a group of events (evl, timer, irq, stage, sched), a SYSTEM or a SYSTEM:EVENT; several are added up
    #[arg(
        short,
        long = "event",
        value_name = "EVENT",
        value_delimiter = ',',
        default_value = "evl"
    )]
    pub(crate) events: Vec<String>,

    /// Stop after so many seconds, and the command with it, if there is one
    #[arg(short, long, value_name = "SECONDS", value_parser = crate::trace::seconds)]
    pub(crate) seconds: Option<f64>,

    /// Trace these CPUs only, as 0-1,3
    #[arg(short, long = "cpu", value_name = "LIST", value_parser = cpu_list)]
    pub(crate) cpus: Option<CpuList>,

    /// Write the trace to a file instead of the standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,

    /// Size of the buffer of each CPU, in KiB; if it is too small, the latest events are kept
    #[arg(long, value_name = "KIB", default_value_t = 4096, value_parser = clap::value_parser!(u32).range(8..=1_048_576))]
    pub(crate) size: u32,

    /// Name the groups and all events of the kernel, and trace nothing
    #[arg(short, long, conflicts_with_all = ["command", "seconds", "output"])]
    pub(crate) list: bool,
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::{Cli, Sort, SortKey};

    #[test]
    fn command_line_is_consistent() {
        super::Cli::command().debug_assert();
    }

    #[test]
    fn keys_can_be_reversed() {
        let sort = |text: &str| text.parse::<Sort>().map(|sort| (sort.key, sort.reverse));
        assert_eq!(sort("t"), Ok((Some(SortKey::CpuTime), false)));
        assert_eq!(sort("rc"), Ok((Some(SortKey::Percent), true)));
        assert_eq!(sort("r"), Ok((None, true)));
        assert!(sort("tc").is_err());
        assert!(sort("z").is_err());
    }

    #[test]
    fn an_interval_that_no_clock_has_is_refused() {
        for text in ["0", "-1", "nan", "1e9", "soon"] {
            assert!(Cli::try_parse_from(["evl", "ps", &format!("--watch={text}")]).is_err());
        }
    }
}
