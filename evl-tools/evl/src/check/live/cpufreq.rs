// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the frequency of the oob CPUs change?

use evl::{CpuList, System};

use super::super::report::{Check, Status};
use super::cpus::{Survey, line, survey};

const ACTION: &str = "Write performance to cpufreq/scaling_governor of these CPUs, or build the kernel with \
                      CONFIG_CPU_FREQ_DEFAULT_GOV_PERFORMANCE=y.";

pub(super) fn check(system: &System, cpus: Option<&CpuList>) -> Check {
    let governors = survey(system, cpus, "cpufreq", |folder| {
        line(&folder.join("scaling_governor"))
    });
    let (found, status, action) = verdict(governors);
    Check {
        id: "cpufreq.governor".to_owned(),
        subject: "CPU frequency governor".to_owned(),
        looked_at: "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor".to_owned(),
        found,
        wanted: "performance".to_owned(),
        status,
        reason: "A CPU which changes its frequency adds 10 to more than 100 us of latency."
            .to_owned(),
        action,
    }
}

/// What is found, how bad it is, and what to do. A wrong governor is wrong whatever the CPUs hide which were not seen.
fn verdict(governors: Survey<String>) -> (String, Status, Option<String>) {
    let Survey { seen, unseen } = governors;
    let wrong: Vec<_> = seen
        .iter()
        .filter(|(_, name)| name != "performance")
        .collect();
    if let Some((_, name)) = wrong.first() {
        let cpus: CpuList = wrong.iter().map(|(cpu, _)| *cpu).collect();
        let found = format!("{name} (CPU {cpus})");
        return (found, Status::Fail, Some(ACTION.to_owned()));
    }
    if let Some(unseen) = unseen {
        return ("unknown".to_owned(), Status::Unknown, Some(unseen.0));
    }
    let found = match seen.is_empty() {
        true => "no frequency scaling",
        false => "performance",
    };
    (found.to_owned(), Status::Ok, None)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cpus, fake};
    use super::*;

    #[test]
    fn each_oob_cpu_counts_and_no_other() {
        let (_root, system) = fake(&[
            (
                "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
                "schedutil\n",
            ),
            (
                "sys/devices/system/cpu/cpu1/cpufreq/scaling_governor",
                "performance\n",
            ),
        ]);
        assert_eq!(check(&system, Some(&cpus("1"))).status, Status::Ok);
        let both = check(&system, Some(&cpus("0-1")));
        assert_eq!(
            (both.status, both.found.as_str()),
            (Status::Fail, "schedutil (CPU 0)")
        );
    }

    #[test]
    fn no_scaling_is_fine() {
        let (_root, system) = fake(&[
            ("sys/devices/system/cpu/cpu0/online", "1\n"),
            ("sys/devices/system/cpu/cpu1/online", "1\n"),
        ]);
        assert_eq!(check(&system, Some(&cpus("0-1"))).status, Status::Ok);
    }

    #[test]
    fn what_cannot_be_seen_is_unknown() {
        let no_governor = ("sys/devices/system/cpu/cpu0/cpufreq/affected_cpus", "0\n");
        for files in [&[][..], &[no_governor]] {
            let (_root, system) = fake(files);
            let check = check(&system, Some(&cpus("0")));
            assert_eq!(check.status, Status::Unknown);
            let action = check.action.expect("action");
            assert!(action.contains("Mount sysfs on /sys"), "{action}");
        }
    }

    #[test]
    fn a_wrong_governor_beats_an_unknown_one() {
        let (_root, system) = fake(&[(
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor",
            "powersave\n",
        )]);
        let check = check(&system, Some(&cpus("0-1")));
        assert_eq!(
            (check.status, check.found.as_str()),
            (Status::Fail, "powersave (CPU 0)")
        );
    }
}
