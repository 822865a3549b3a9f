// SPDX-License-Identifier: MIT OR Apache-2.0
//! A trace of our own: what others trace stays as it is.
//!
//! tracefs has *instances*, each with its own buffers, events and settings. Ours lives as long as the command.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use evl::{CpuList, System};

/// How an instance of ours is named, with the number of the process.
const PREFIX: &str = "evl-trace-";

/// Where tracefs is.
pub(super) fn tracing(system: &System) -> Result<PathBuf> {
    let mounts = system.path("/proc/mounts");
    let text = fs::read_to_string(&mounts).with_context(|| cannot("read", &mounts))?;
    let found = text.lines().find_map(|line| {
        let mut words = line.split(' ');
        let (path, kind) = (words.nth(1)?, words.next()?);
        (kind == "tracefs").then(|| system.path(path))
    });
    if let Some(found) = found {
        return Ok(found);
    }
    if system.path("/sys/kernel/tracing").is_dir() {
        bail!(
            "tracefs is not mounted: `mount -t tracefs tracefs /sys/kernel/tracing` as root does it"
        );
    }
    bail!(
        "this kernel cannot trace: build it with CONFIG_FTRACE and CONFIG_ENABLE_DEFAULT_TRACERS (the fragment trace.cfg)"
    )
}

/// What failed, and what to do about it.
pub(super) fn cannot(what: &str, path: &Path) -> String {
    let hint = match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => ": tracing is for root",
        _ => "",
    };
    format!("cannot {what} {}{hint}", path.display())
}

/// A directory of tracefs that is ours; removing it ends the trace.
#[derive(Debug)]
pub(super) struct Instance {
    path: PathBuf,
    gone: bool,
}

impl Instance {
    /// A new one, which does not trace yet.
    pub(super) fn new(tracing: &Path) -> Result<Self> {
        let all = tracing.join("instances");
        remove_stale(&all);
        let path = all.join(format!("{PREFIX}{}", process::id()));
        match fs::create_dir(&path) {
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                bail!(
                    "no access to {}: tracing is for root, run as root",
                    all.display()
                )
            }
            done => done.with_context(|| format!("cannot make {}", path.display()))?,
        }
        let instance = Self { path, gone: false };
        instance.set("tracing_on", "0")?;
        Ok(instance)
    }

    pub(super) fn has(&self, file: &str) -> bool {
        self.path.join(file).is_file()
    }

    pub(super) fn set(&self, file: &str, value: &str) -> Result<()> {
        let path = self.path.join(file);
        fs::write(&path, value)
            .with_context(|| format!("cannot write {value} to {}", path.display()))
    }

    pub(super) fn open(&self, file: &str) -> Result<File> {
        let path = self.path.join(file);
        File::open(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    /// Events that were not kept.
    pub(super) fn lost(&self) -> Result<u64> {
        let mut lost = 0;
        let path = self.path.join("per_cpu");
        for cpu in path.read_dir().with_context(|| cannot("read", &path))? {
            let stats = cpu?.path().join("stats");
            let text = fs::read_to_string(&stats).with_context(|| cannot("read", &stats))?;
            lost += overwritten(&text);
        }
        Ok(lost)
    }

    /// Ends it, and says so if that fails.
    pub(super) fn remove(mut self) -> Result<()> {
        self.gone = true;
        remove(&self.path)
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        if !self.gone {
            // Whatever made us leave early is told.
            let _ = remove(&self.path);
        }
    }
}

/// A file of it may be open in another process for a moment.
fn remove(path: &Path) -> Result<()> {
    for _ in 0..50 {
        match fs::remove_dir(path) {
            Err(error) if error.kind() == ErrorKind::ResourceBusy => {
                thread::sleep(Duration::from_millis(20));
            }
            done => return done.with_context(|| format!("cannot remove {}", path.display())),
        }
    }
    bail!(
        "somebody uses {}: remove it with rmdir when he is done",
        path.display()
    )
}

/// Removes what a killed process left. It is in nobody's way if that fails.
fn remove_stale(all: &Path) {
    let Ok(entries) = all.read_dir() else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let pid = name.to_str().and_then(|name| name.strip_prefix(PREFIX));
        if pid.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
            let _ = fs::remove_dir(entry.path());
        }
    }
}

/// The sum of what a CPU's `stats` says was overwritten or dropped.
fn overwritten(stats: &str) -> u64 {
    let count = |line: &str| {
        let (name, value) = line.split_once(':')?;
        matches!(name, "overrun" | "dropped events").then(|| value.trim().parse::<u64>().ok())?
    };
    stats.lines().filter_map(count).sum()
}

/// CPUs as the kernel takes a mask: hexadecimal, in groups of 32 bits.
pub(super) fn mask(cpus: &CpuList) -> String {
    let mut words = vec![0_u32];
    for cpu in cpus.iter() {
        let word = cpu as usize / 32;
        if word >= words.len() {
            words.resize(word + 1, 0);
        }
        words[word] |= 1 << (cpu % 32);
    }
    let words: Vec<_> = words
        .iter()
        .rev()
        .map(|word| format!("{word:08x}"))
        .collect();
    words.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_have_the_first_cpu_last() {
        let mask = |text: &str| super::mask(&text.parse().unwrap());
        assert_eq!(mask("0"), "00000001");
        assert_eq!(mask("1,3-4"), "0000001a");
        assert_eq!(mask("0,33"), "00000002,00000001");
    }

    #[test]
    fn what_is_lost_is_counted() {
        let stats = "entries: 7\noverrun: 3\ncommit overrun: 0\nbytes: 99\ndropped events: 2\nread events: 1\n";
        assert_eq!(overwritten(stats), 5);
    }
}
