// SPDX-License-Identifier: MIT OR Apache-2.0
//! What sysfs says of a property of each CPU, and what it keeps to itself.

use std::fs;
use std::path::{Path, PathBuf};

use evl::{CpuList, System};

/// Why something could not be looked at, and what to do about it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unseen(pub(super) String);

impl Unseen {
    fn no_sysfs() -> Self {
        Self("Mount sysfs on /sys.".to_owned())
    }

    fn cannot_read(path: &Path, why: impl std::fmt::Display) -> Self {
        Self(format!(
            "Cannot read {}: {why}. Mount sysfs on /sys, and run as a user who may read it.",
            path.display()
        ))
    }
}

/// What is known of the CPUs.
#[derive(Debug)]
pub(super) struct Survey<T> {
    /// What was seen, by CPU. A CPU without the subsystem has nothing to show.
    pub(super) seen: Vec<(u32, T)>,
    /// The first obstacle to seeing all.
    pub(super) unseen: Option<Unseen>,
}

/// Looks at the folder `subsystem` of each CPU; `None` if the CPUs are not known.
pub(super) fn survey<T>(
    system: &System,
    cpus: Option<&CpuList>,
    subsystem: &str,
    look: impl Fn(&Path) -> Result<T, Unseen>,
) -> Survey<T> {
    let mut survey = Survey {
        seen: Vec::new(),
        unseen: cpus.is_none().then(Unseen::no_sysfs),
    };
    for cpu in cpus.into_iter().flat_map(CpuList::iter) {
        let folder = folder(system, cpu, subsystem);
        match folder.and_then(|folder| folder.as_deref().map(&look).transpose()) {
            Ok(seen) => survey.seen.extend(seen.map(|seen| (cpu, seen))),
            Err(unseen) => survey.unseen = survey.unseen.or(Some(unseen)),
        }
    }
    survey
}

/// The folder of a subsystem; `None` if the CPU is there and the subsystem is not.
fn folder(system: &System, cpu: u32, subsystem: &str) -> Result<Option<PathBuf>, Unseen> {
    let cpu = system.path(format!("/sys/devices/system/cpu/cpu{cpu}"));
    if !exists(&cpu)? {
        return Err(Unseen::no_sysfs());
    }
    let folder = cpu.join(subsystem);
    Ok(exists(&folder)?.then_some(folder))
}

fn exists(path: &Path) -> Result<bool, Unseen> {
    path.try_exists()
        .map_err(|error| Unseen::cannot_read(path, error))
}

/// Reads a file of one line.
pub(super) fn line(path: &Path) -> Result<String, Unseen> {
    let text = fs::read_to_string(path).map_err(|error| Unseen::cannot_read(path, error))?;
    Ok(text.trim().to_owned())
}

/// Reads a file of one number.
pub(super) fn number(path: &Path) -> Result<u64, Unseen> {
    line(path)?
        .parse()
        .map_err(|error| Unseen::cannot_read(path, error))
}

/// The folders in `folder` whose names begin with `prefix`.
pub(super) fn folders(folder: &Path, prefix: &str) -> Result<Vec<PathBuf>, Unseen> {
    let cannot_read = |error| Unseen::cannot_read(folder, error);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(cannot_read)? {
        let entry = entry.map_err(cannot_read)?;
        if entry.file_name().to_string_lossy().starts_with(prefix) {
            found.push(entry.path());
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cpus, fake};
    use super::*;

    fn levels(files: &[(&str, &str)], list: Option<&str>) -> Survey<u64> {
        let (_root, system) = fake(files);
        let list = list.map(cpus);
        survey(&system, list.as_ref(), "thing", |folder| {
            number(&folder.join("level"))
        })
    }

    const CPU_0: (&str, &str) = ("sys/devices/system/cpu/cpu0/thing/level", "7\n");
    const BARE_CPU_1: (&str, &str) = ("sys/devices/system/cpu/cpu1/online", "1\n");

    #[test]
    fn a_cpu_without_the_subsystem_is_no_obstacle() {
        let survey = levels(&[CPU_0, BARE_CPU_1], Some("0-1"));
        assert_eq!((survey.seen, survey.unseen), (vec![(0, 7)], None));
    }

    #[test]
    fn what_was_seen_stays_seen() {
        let survey = levels(&[CPU_0], Some("0-1"));
        assert_eq!(
            (survey.seen, survey.unseen),
            (vec![(0, 7)], Some(Unseen::no_sysfs()))
        );
    }

    #[test]
    fn unknown_cpus_are_an_obstacle() {
        assert_eq!(levels(&[CPU_0], None).unseen, Some(Unseen::no_sysfs()));
    }

    #[test]
    fn bad_files_are_named() {
        let bad = ("sys/devices/system/cpu/cpu0/thing/level", "many\n");
        let missing = ("sys/devices/system/cpu/cpu0/thing/colour", "red\n");
        for file in [bad, missing] {
            let survey = levels(&[file], Some("0"));
            assert_eq!(survey.seen, []);
            let Unseen(action) = survey.unseen.expect("an obstacle");
            assert!(action.contains("cpu0/thing/level: "), "{action}");
        }
    }
}
