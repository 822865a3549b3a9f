// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Parser};

const EXIT_STATUS: &str = "\
Exit status:
  0  measured
  1  a response took longer than --abort-max allows, or the command failed
  2  the command line is wrong
  3  the running kernel has no EVL core

Times are those from the date of a timer to the first instruction of whoever waits for it that can tell the time.
Ctrl-C ends a measurement early; what was measured until then is reported.";

/// Measures how long after its date a timer is responded to
///
/// Without -i, -k, -u, -s or --inband it is a thread of an application that responds (-u). Several of them are measured one
/// after the other, and reported on one scale.
#[derive(Debug, Parser)]
#[command(name = "latmus", version, after_help = EXIT_STATUS, args_override_self = true)]
pub(crate) struct Cli {
    /// Respond in the handler of the timer's interrupt
    #[arg(short, long)]
    pub(crate) irq: bool,
    /// Respond in a thread of the kernel
    #[arg(short, long)]
    pub(crate) kernel: bool,
    /// Respond in a thread of an application
    #[arg(short, long)]
    pub(crate) user: bool,
    /// Respond in an in-band interrupt, sent by the handler of the timer's
    #[arg(short, long)]
    pub(crate) sirq: bool,
    /// For comparison, respond in an ordinary real-time thread of Linux: SCHED_FIFO, timerfd. Needs no EVL core
    #[arg(long)]
    pub(crate) inband: bool,

    /// Find the gravity for -i, -k, -u (all of them by default), and set it
    #[arg(short, long, conflicts_with_all = ["sirq", "inband", "reset"])]
    pub(crate) tune: bool,
    /// With -t, write the gravity to a file, too: what it has is applied at boot
    #[arg(long, value_name = "FILE", requires = "tune", num_args = 0..=1, default_missing_value = "/etc/evl/gravity")]
    pub(crate) save: Option<PathBuf>,
    /// Set the gravity to nothing
    #[arg(short, long, conflicts_with_all = ["irq", "kernel", "user", "sirq", "inband"])]
    pub(crate) reset: bool,

    /// Time between two dates: 10 to 1000000
    #[arg(short, long, value_name = "US", default_value_t = 1000, value_parser = clap::value_parser!(u32).range(10..=1_000_000))]
    pub(crate) period: u32,
    /// How long, with a suffix s, m, h or d [default: until Ctrl-C]
    #[arg(short = 'T', long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,
    /// End with status 1 as soon as a response takes longer
    #[arg(short = 'A', long, value_name = "US", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) abort_max: Option<u32>,
    /// Priority of the responding thread: 1 to 99
    #[arg(short = 'P', long, value_name = "PRIORITY", default_value_t = 90, value_parser = clap::value_parser!(u8).range(1..=99))]
    pub(crate) priority: u8,
    /// CPU of the timer and the thread [default: the first one that is isolated, else the first one, of those for EVL]
    #[arg(short, long)]
    pub(crate) cpu: Option<u32>,

    /// Print a JSON object; if the command fails, one which has the key `error`
    #[arg(long)]
    pub(crate) json: bool,
    /// Write a table for gnuplot: a line `US COUNT` for each microsecond, and what was measured in comments
    #[arg(short = 'g', long, value_name = "FILE")]
    pub(crate) plot: Option<PathBuf>,
    /// Cells of that table: 1 to 10000 us; longer times are in the last one
    #[arg(short = 'H', long, value_name = "US", default_value_t = 200, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) histogram: u32,
    /// Write the histogram in HdrHistogram's V2 format; of several, one file each: FILE.user, FILE.inband, ...
    #[arg(long, value_name = "FILE")]
    pub(crate) hdr: Option<PathBuf>,
    /// Write a picture
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
    /// Write a page with the picture, the figures and the system
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,

    /// Show nothing until the end, and go on when the terminal is closed
    #[arg(short, long)]
    pub(crate) background: bool,
    /// Lock the memory of the process, which is the default; EVL always does
    #[arg(short = 'm', long)]
    pub(crate) lock: bool,
    /// Do not lock it; for --inband alone
    #[arg(short = 'M', long, conflicts_with_all = ["lock", "irq", "kernel", "user", "sirq"], requires = "inband")]
    pub(crate) no_lock: bool,
    /// Say more: -v about the system
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Print nothing but errors; files are written, and the exit status tells
    #[arg(short, long, conflicts_with_all = ["verbose", "json"])]
    pub(crate) quiet: bool,
}

/// `90`, `90s`, `5m`, `24h`, `2d`.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.char_indices().last() {
        Some((at, 's')) => (&text[..at], 1),
        Some((at, 'm')) => (&text[..at], 60),
        Some((at, 'h')) => (&text[..at], 3600),
        Some((at, 'd')) => (&text[..at], 86_400),
        _ => (text, 1),
    };
    let number: u32 = number
        .parse()
        .map_err(|_| "a number of seconds, or one with a suffix s, m, h or d".to_owned())?;
    if number == 0 {
        return Err("at least one second".to_owned());
    }
    Ok(Duration::from_secs(u64::from(number) * unit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn durations_have_units() {
        for (text, seconds) in [
            ("5", 5),
            ("5s", 5),
            ("2m", 120),
            ("24h", 86_400),
            ("2d", 172_800),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for text in ["", "s", "-1", "0", "1.5", "5x", "5ss", "99999999999"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_out_of_range_is_refused() {
        let parse = |args: &[&str]| Cli::try_parse_from([&["latmus"], args].concat());
        for args in [
            ["-p", "9"],
            ["-p", "1000001"],
            ["-P", "0"],
            ["-P", "100"],
            ["-H", "0"],
            ["-H", "10001"],
            ["-A", "0"],
            ["-T", "0"],
            ["-t", "-r"],
            ["-q", "--json"],
            ["-r", "-u"],
            ["-t", "--inband"],
            ["-M", "-u"],
            ["-u", "--save"],
        ] {
            assert!(parse(&args).is_err(), "{args:?}");
        }
        for args in [
            ["-p", "10"],
            ["-P", "99"],
            ["-u", "--inband"],
            ["-M", "--inband"],
            ["-t", "--save=x"],
        ] {
            assert!(parse(&args).is_ok(), "{args:?}");
        }
    }
}
