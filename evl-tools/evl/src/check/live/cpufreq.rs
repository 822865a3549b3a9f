// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the frequency of the oob CPUs change?

use evl::{CpuList, System};

use super::super::report::{Check, Status};
use super::read;

pub(super) fn check(system: &System, cpus: &CpuList) -> Check {
    let governor = |cpu| {
        Some((
            cpu,
            read(
                system,
                &format!("/sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor"),
            )?,
        ))
    };
    let governors: Vec<_> = cpus.iter().filter_map(governor).collect();
    let wrong: CpuList = governors
        .iter()
        .filter(|(_, name)| name != "performance")
        .map(|(cpu, _)| *cpu)
        .collect();
    let found = match governors.iter().find(|(cpu, _)| wrong.contains(*cpu)) {
        Some((_, name)) => format!("{name} (CPU {wrong})"),
        None if governors.is_empty() => "no frequency scaling".to_owned(),
        None => "performance".to_owned(),
    };
    let action = || {
        "Write performance to cpufreq/scaling_governor of these CPUs, or build the kernel with \
         CONFIG_CPU_FREQ_DEFAULT_GOV_PERFORMANCE=y."
            .to_owned()
    };
    Check {
        id: "cpufreq.governor".to_owned(),
        subject: "CPU frequency governor".to_owned(),
        looked_at: "/sys/devices/system/cpu/cpu*/cpufreq/scaling_governor".to_owned(),
        found,
        wanted: "performance".to_owned(),
        status: if wrong.is_empty() {
            Status::Ok
        } else {
            Status::Fail
        },
        reason: "A CPU which changes its frequency adds 10 to more than 100 us of latency."
            .to_owned(),
        action: (!wrong.is_empty()).then(action),
    }
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
        assert_eq!(check(&system, &cpus("1")).status, Status::Ok);
        let both = check(&system, &cpus("0-1"));
        assert_eq!(
            (both.status, both.found.as_str()),
            (Status::Fail, "schedutil (CPU 0)")
        );
    }

    #[test]
    fn no_scaling_is_fine() {
        let (_root, system) = fake(&[]);
        assert_eq!(check(&system, &cpus("0-3")).status, Status::Ok);
    }
}
