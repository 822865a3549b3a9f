// SPDX-License-Identifier: MIT OR Apache-2.0
//! The running system.

mod clocksource;
mod core;
mod cpufreq;
mod cpuidle;
mod cpus;
mod isolation;
mod memory;
mod smi;

use std::fs;

use evl::{CpuList, Error, System};

use super::report::Check;

/// Runs all checks. Also returns the error which says that the kernel has no core, if that is so.
pub(crate) fn check(system: &System) -> (Vec<Check>, Option<Error>) {
    let (mut checks, no_core) = core::check(system);
    let oob_cpus = system.oob_cpus().ok();
    // Without a core, judge the CPUs it could use.
    let cpus = oob_cpus.clone().or_else(|| online(system));
    checks.push(cpufreq::check(system, cpus.as_ref()));
    checks.push(cpuidle::check(system, cpus.as_ref()));
    checks.push(isolation::check(system, oob_cpus.as_ref()));
    checks.push(clocksource::check(system));
    checks.extend(memory::check(system));
    checks.extend(smi::check(system));
    (checks, no_core)
}

fn online(system: &System) -> Option<CpuList> {
    read_list(system, "/sys/devices/system/cpu/online")
}

/// Reads a file of one line; `None` if it cannot be read.
fn read(system: &System, path: &str) -> Option<String> {
    fs::read_to_string(system.path(path))
        .ok()
        .map(|text| text.trim().to_owned())
}

fn read_list(system: &System, path: &str) -> Option<CpuList> {
    read(system, path)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::super::report::Status;
    use super::*;

    /// A system of the given files.
    pub(super) fn fake(files: &[(&str, &str)]) -> (tempfile::TempDir, System) {
        let root = tempfile::tempdir().expect("tempdir");
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().expect("parent")).expect("create");
            fs::write(path, text).expect("write");
        }
        let system = System::at(root.path());
        (root, system)
    }

    pub(super) fn cpus(text: &str) -> CpuList {
        text.parse().expect("CPUs")
    }

    #[test]
    fn each_check_has_an_id_of_its_own() {
        let (_root, system) = fake(&[]);
        let (checks, no_core) = check(&system);
        let fine: Vec<_> = checks
            .iter()
            .filter(|check| check.status == Status::Ok)
            .collect();
        assert!(fine.is_empty(), "nothing to look at, yet: {fine:?}");
        let ids: Vec<_> = checks.iter().map(|check| check.id.as_str()).collect();
        let wanted = [
            "core.interface",
            "core.state",
            "cpufreq.governor",
            "cpuidle.latency",
            "cpu.isolation",
        ];
        assert_eq!(ids[..5], wanted);
        let others = [
            "clocksource",
            "memory.compaction",
            "memory.ksm",
            "memory.numa",
        ];
        assert_eq!(ids[5..], others);
        assert!(matches!(no_core, Some(Error::NoCore { .. })));
    }
}
