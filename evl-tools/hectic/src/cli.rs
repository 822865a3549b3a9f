// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command line.

use std::time::Duration;

use clap::Parser;
use evl::CpuList;

const EXIT_STATUS: &str = "\
Exit status:
  0  no register was found wrong
  1  one was, or the tasks got stuck, or the command failed
  2  the command line is wrong
  3  the running kernel has no EVL core

On each CPU, one task has the turn, and passes it on to each of the others, all of which wait. An in-band thread of the
command takes part, so that Linux has the CPU now and then. Ctrl-C ends the test early.";

/// Has threads of applications and of the kernel switch to each other, out-of-band and in-band, and looks after their registers
#[derive(Debug, Parser)]
#[command(name = "hectic", version, after_help = EXIT_STATUS, args_override_self = true)]
pub(crate) struct Cli {
    /// CPUs to run on, as 0-1,3 [default: all of the core]
    #[arg(short, long, value_name = "LIST", value_parser = cpu_list)]
    pub(crate) cpus: Option<CpuList>,
    /// How long, with a suffix s, m, h or d [default: until Ctrl-C]
    #[arg(short = 'T', long, value_name = "TIME", value_parser = duration)]
    pub(crate) timeout: Option<Duration>,

    /// Threads of applications that wait out-of-band, on each CPU
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = count())]
    pub(crate) oob: u32,
    /// Threads of applications that wait in-band, on each CPU
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = count())]
    pub(crate) inband: u32,
    /// Threads of applications that change the stage at each turn, on each CPU
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = count())]
    pub(crate) both: u32,
    /// Out-of-band threads of the kernel, on each CPU
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = count())]
    pub(crate) oob_kernel: u32,
    /// In-band threads of the kernel, which pass the turn on while they use SIMD, on each CPU
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = count())]
    pub(crate) inband_kernel: u32,
    /// How long out-of-band threads of the kernel sleep before they pass the turn on: 0 to 1000000
    #[arg(short, long, value_name = "US", default_value_t = 0, value_parser = clap::value_parser!(u32).range(..=1_000_000))]
    pub(crate) pause: u32,

    /// Print a JSON object; if the command fails, one which has the key `error`
    #[arg(long)]
    pub(crate) json: bool,
    /// Print nothing but errors
    #[arg(short, long, conflicts_with = "json")]
    pub(crate) quiet: bool,
}

/// All five kinds together are less than what a test takes.
fn count() -> clap::builder::RangedI64ValueParser<u32> {
    clap::value_parser!(u32).range(..=6)
}

fn cpu_list(text: &str) -> Result<CpuList, String> {
    text.parse()
        .map_err(|error: evl::ParseCpuListError| error.to_string())
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
    match number.parse::<u32>() {
        Ok(number @ 1..) => Ok(Duration::from_secs(u64::from(number) * unit)),
        _ => Err("a number of seconds, or one with a suffix s, m, h or d".to_owned()),
    }
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
    fn what_is_out_of_range_is_refused() {
        for args in [
            ["--oob", "7"],
            ["-T", "0"],
            ["-T", "5x"],
            ["-c", "x"],
            ["-p", "1000001"],
        ] {
            assert!(Cli::try_parse_from([&["hectic"][..], &args[..]].concat()).is_err());
        }
        assert!(Cli::try_parse_from(["hectic", "-T", "2m", "-c", "0-1", "--both=0"]).is_ok());
    }
}
