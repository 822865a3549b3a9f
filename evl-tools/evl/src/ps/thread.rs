// SPDX-License-Identifier: MIT OR Apache-2.0
//! What sysfs says of a thread.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

/// Bits of `state`, and the letters that stand for them in the column STAT. A wait has a letter of its own if it has a
/// timeout.
const DELAY: u32 = 0x4;
const WAIT: u32 = 0x8;
const LETTERS: [(u32, char); 8] = [
    (0x1, 'S'),
    (0x10, 'R'),
    (0x20, 'U'),
    (0x40, 'Z'),
    (0x80, 'X'),
    (0x200, 'b'),
    (0x800, 'r'),
    (0x40000, 'T'),
];

/// A thread. What sysfs does not have is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Thread {
    pub(super) name: String,
    pub(super) pid: Option<u32>,
    #[serde(flatten)]
    pub(super) sched: Option<Sched>,
    #[serde(flatten)]
    pub(super) stats: Option<Stats>,
    pub(super) state: Option<u32>,
    pub(super) timeout_ns: Option<u64>,
    pub(super) wchan: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Sched {
    pub(super) cpu: u32,
    pub(super) base_priority: i32,
    pub(super) priority: i32,
    pub(super) policy: String,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub(super) struct Stats {
    pub(super) inband_switches: u64,
    pub(super) context_switches: u64,
    pub(super) system_calls: u64,
    pub(super) remote_wakeups: u64,
    pub(super) cpu_time_ns: u64,
    /// Of the last second.
    pub(super) cpu_percent: u64,
}

impl Thread {
    /// Reads a thread's directory. `None` if the thread is gone.
    pub(super) fn read(directory: &Path) -> Result<Option<Self>> {
        let name = directory.file_name().unwrap_or_default().to_string_lossy();
        let attribute = |name| attribute(directory, name);
        let thread = Self {
            name: name.into_owned(),
            pid: attribute("pid")?.and_then(|text| text.parse().ok()),
            sched: attribute("sched")?.and_then(|text| Sched::parse(&text)),
            stats: attribute("stats")?.and_then(|text| Stats::parse(&text)),
            state: attribute("state")?.and_then(|text| hexadecimal(&text)),
            timeout_ns: attribute("timeout")?.and_then(|text| text.parse().ok()),
            wchan: attribute("wchan")?,
        };
        let gone = Self {
            name: thread.name.clone(),
            ..Self::default()
        };
        Ok((thread != gone).then_some(thread))
    }

    /// The column STAT.
    pub(super) fn letters(&self) -> String {
        let Some(state) = self.state else {
            return String::new();
        };
        let wait = match (state & WAIT != 0, state & DELAY != 0) {
            (true, true) => Some('w'),
            (true, false) => Some('W'),
            (false, true) => Some('D'),
            (false, false) => None,
        };
        let others = LETTERS.iter().filter(|(bit, _)| state & bit != 0);
        wait.into_iter()
            .chain(others.map(|(_, letter)| *letter))
            .collect()
    }
}

impl Sched {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        Some(Self {
            cpu: words.next()?.parse().ok()?,
            base_priority: words.next()?.parse().ok()?,
            priority: words.next()?.parse().ok()?,
            policy: words.next()?.to_owned(),
        })
    }
}

impl Stats {
    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut next = || words.next()?.parse::<u64>().ok();
        Some(Self {
            inband_switches: next()?,
            context_switches: next()?,
            system_calls: next()?,
            remote_wakeups: next()?,
            cpu_time_ns: next()?,
            cpu_percent: next()?,
        })
    }
}

fn hexadecimal(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

/// The text of an attribute. `None` if it is not there, or its thread has just gone.
fn attribute(directory: &Path, name: &str) -> Result<Option<String>> {
    let path = directory.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NODEV.raw_os_error()) => {
            Ok(None)
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_with_a_timeout_has_another_letter() {
        let letters = |state| {
            Thread {
                state: Some(state),
                ..Thread::default()
            }
            .letters()
        };
        assert_eq!(letters(0x8), "W");
        assert_eq!(letters(0xc), "w");
        assert_eq!(letters(0x4), "D");
        assert_eq!(letters(0x4080), "X");
        assert_eq!(letters(0x4a10), "Rbr");
        assert_eq!(letters(0x4000), "");
    }

    #[test]
    fn a_thread_that_is_gone_is_none() {
        let directory = tempfile::tempdir().expect("tempdir");
        assert_eq!(Thread::read(directory.path()).expect("read"), None);
    }

    #[test]
    fn an_absent_attribute_is_no_error() {
        let directory = tempfile::tempdir().expect("tempdir");
        fs::write(directory.path().join("sched"), "1 80 90 fifo\n").expect("write");
        let thread = Thread::read(directory.path()).expect("read").expect("some");
        let sched = thread.sched.expect("sched");
        assert_eq!((sched.cpu, sched.base_priority), (1, 80));
        assert_eq!((sched.priority, sched.policy.as_str()), (90, "fifo"));
        assert_eq!(thread.stats, None);
    }
}
