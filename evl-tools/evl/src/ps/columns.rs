// SPDX-License-Identifier: MIT OR Apache-2.0
//! The table: which columns, and what is in them.

use super::thread::Thread;
use crate::cli::PsArgs;

/// A column: its title, and its cell for a thread, where numbers alone may be wanted.
type Column = (&'static str, fn(&Thread, numeric: bool) -> Option<String>);

const HEAD: &[Column] = &[
    ("CPU", |thread, _| {
        Some(thread.sched.as_ref()?.cpu.to_string())
    }),
    ("PID", |thread, _| Some(thread.pid?.to_string())),
];

const POLICY: &[Column] = &[
    ("SCHED", |thread, _| {
        Some(thread.sched.as_ref()?.policy.clone())
    }),
    ("PRIO", |thread, _| {
        Some(thread.sched.as_ref()?.priority.to_string())
    }),
];

const STATE: &[Column] = &[
    ("ISW", |thread, _| {
        Some(thread.stats.as_ref()?.inband_switches.to_string())
    }),
    ("CTXSW", |thread, _| {
        Some(thread.stats.as_ref()?.context_switches.to_string())
    }),
    ("SYS", |thread, _| {
        Some(thread.stats.as_ref()?.system_calls.to_string())
    }),
    ("RWA", |thread, _| {
        Some(thread.stats.as_ref()?.remote_wakeups.to_string())
    }),
    ("STAT", |thread, numeric| {
        let state = thread.state?;
        Some(if numeric {
            format!("{state:#x}")
        } else {
            thread.letters()
        })
    }),
];

const TIMES: &[Column] = &[
    ("TIMEOUT", |thread, numeric| {
        timeout(thread.timeout_ns?, numeric)
    }),
    ("%CPU", |thread, _| {
        Some(thread.stats.as_ref()?.cpu_percent.to_string())
    }),
    ("CPUTIME", |thread, numeric| {
        Some(cpu_time(thread.stats.as_ref()?.cpu_time_ns, numeric))
    }),
];

const WAIT: &[Column] = &[("WCHAN", |thread, _| thread.wchan.clone())];

/// What the options ask for, in the order of the documentation: NAME CPU PID, SCHED PRIO, ISW CTXSW SYS RWA STAT,
/// TIMEOUT, WCHAN, %CPU CPUTIME. Without any of them, the policy and the state.
fn columns(args: &PsArgs) -> Vec<Column> {
    let chosen = args.states || args.times || args.policy || args.wchan || args.long;
    let groups = [
        (true, HEAD),
        (args.policy || args.long || !chosen, POLICY),
        (args.states || args.long, STATE),
        // Unless the whole group is there.
        (!chosen, &STATE[STATE.len() - 1..]),
        (args.times || args.long, &TIMES[..1]),
        (args.wchan || args.long, WAIT),
        (args.times || args.long, &TIMES[1..]),
    ];
    let wanted = groups.into_iter().filter(|(wanted, _)| *wanted);
    wanted.flat_map(|(_, columns)| columns).copied().collect()
}

/// Lays the threads out as a table.
pub(super) fn table(threads: &[Thread], args: &PsArgs) -> String {
    let columns = columns(args);
    let mut rows = vec![
        std::iter::once("NAME".to_owned())
            .chain(columns.iter().map(|(title, _)| (*title).to_owned()))
            .collect::<Vec<_>>(),
    ];
    rows.extend(threads.iter().map(|thread| {
        let cells = columns.iter().map(|(_, cell)| cell(thread, args.numeric));
        std::iter::once(thread.name.clone())
            .chain(cells.map(|cell| cell.unwrap_or_else(|| "-".to_owned())))
            .collect()
    }));
    crate::table::format(&rows)
}

/// Seconds to go, or nanoseconds.
fn timeout(ns: u64, numeric: bool) -> Option<String> {
    match (ns, numeric) {
        (_, true) => Some(ns.to_string()),
        (0, false) => None,
        (_, false) => Some(format!(
            "{}.{:06}s",
            ns / 1_000_000_000,
            ns / 1_000 % 1_000_000
        )),
    }
}

/// Minutes, milliseconds and microseconds as `min:ms.us`, or nanoseconds.
fn cpu_time(ns: u64, numeric: bool) -> String {
    if numeric {
        return ns.to_string();
    }
    let us = ns / 1_000;
    format!(
        "{}:{:03}.{:03}",
        us / 60_000_000,
        us % 60_000_000 / 1_000,
        us % 1_000
    )
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::super::thread::{Sched, Stats};
    use super::*;
    use crate::cli::{Cli, Command};

    fn args(words: &[&str]) -> PsArgs {
        let words = ["evl", "ps"].iter().chain(words);
        match Cli::parse_from(words).command {
            Command::Ps(args) => args,
            other => panic!("{other:?}"),
        }
    }

    fn thread() -> Thread {
        Thread {
            name: "loop".to_owned(),
            pid: Some(42),
            sched: Some(Sched {
                cpu: 1,
                base_priority: 80,
                priority: 90,
                policy: "fifo".to_owned(),
            }),
            stats: Some(Stats {
                inband_switches: 1,
                context_switches: 2,
                system_calls: 3,
                remote_wakeups: 4,
                cpu_time_ns: 61_002_003_000,
                cpu_percent: 5,
            }),
            state: Some(0x400c),
            timeout_ns: Some(1_500_000_000),
            wchan: None,
        }
    }

    #[test]
    fn options_choose_columns() {
        for (words, wanted) in [
            (
                &[][..],
                "NAME  CPU  PID  SCHED  PRIO  STAT\nloop  1    42   fifo   90    w\n",
            ),
            (
                &["-p"],
                "NAME  CPU  PID  SCHED  PRIO\nloop  1    42   fifo   90\n",
            ),
            (
                &["-t"],
                "NAME  CPU  PID  TIMEOUT    %CPU  CPUTIME\nloop  1    42   1.500000s  5     1:1002.003\n",
            ),
            (&["-w"], "NAME  CPU  PID  WCHAN\nloop  1    42   -\n"),
            (
                &["-s", "-n"],
                "NAME  CPU  PID  ISW  CTXSW  SYS  RWA  STAT\nloop  1    42   1    2      3    4    0x400c\n",
            ),
        ] {
            assert_eq!(table(&[thread()], &args(words)), wanted, "{words:?}");
        }
    }

    #[test]
    fn long_has_each_column_once() {
        let text = table(&[], &args(&["-l", "-s"]));
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "NAME CPU PID SCHED PRIO ISW CTXSW SYS RWA STAT TIMEOUT WCHAN %CPU CPUTIME"
        );
    }
}
