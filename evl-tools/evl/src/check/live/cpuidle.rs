// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long does an idle oob CPU take to wake up?

use std::fs;
use std::path::Path;

use evl::{CpuList, System};

use super::super::report::{Check, Status};

/// Exit latency that is accepted, in us: that of halting a CPU, as C1 on x86 or WFI on arm64.
const ACCEPTED_US: u64 = 2;

/// An idle state which a CPU may enter.
#[derive(Debug)]
struct IdleState {
    name: String,
    latency_us: u64,
}

pub(super) fn check(system: &System, cpus: &CpuList) -> Check {
    let deepest = cpus
        .iter()
        .flat_map(|cpu| enabled_states(system, cpu))
        .max_by_key(|state| state.latency_us);
    let fine = deepest
        .as_ref()
        .is_none_or(|state| state.latency_us <= ACCEPTED_US);
    let action = || {
        "Hold a request of 0 us on /dev/cpu_dma_latency while the application runs, disable the states in \
         cpuidle/state*/disable, or boot with cpuidle.off=1."
            .to_owned()
    };
    Check {
        id: "cpuidle.latency".to_owned(),
        subject: "deepest idle state".to_owned(),
        looked_at: "/sys/devices/system/cpu/cpu*/cpuidle/state*/latency".to_owned(),
        found: deepest.map_or("none".to_owned(), |state| {
            format!("{} ({} us)", state.name, state.latency_us)
        }),
        wanted: format!("at most {ACCEPTED_US} us"),
        status: if fine { Status::Ok } else { Status::Warn },
        reason: "An interrupt waits until the CPU has left its idle state.".to_owned(),
        action: (!fine).then(action),
    }
}

fn enabled_states(system: &System, cpu: u32) -> Vec<IdleState> {
    let directory = system.path(format!("/sys/devices/system/cpu/cpu{cpu}/cpuidle"));
    let Ok(entries) = fs::read_dir(directory) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| enabled_state(&entry.path()))
        .collect()
}

/// The state in a directory; `None` if it is disabled, or if the directory is not a state's.
fn enabled_state(directory: &Path) -> Option<IdleState> {
    let read = |file| {
        fs::read_to_string(directory.join(file))
            .ok()
            .map(|text| text.trim().to_owned())
    };
    let enabled = read("disable")? == "0";
    let state = IdleState {
        name: read("name")?,
        latency_us: read("latency")?.parse().ok()?,
    };
    enabled.then_some(state)
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cpus, fake};
    use super::*;

    const C1: [(&str, &str); 3] = [
        ("sys/devices/system/cpu/cpu0/cpuidle/state0/name", "C1\n"),
        ("sys/devices/system/cpu/cpu0/cpuidle/state0/latency", "2\n"),
        ("sys/devices/system/cpu/cpu0/cpuidle/state0/disable", "0\n"),
    ];

    fn with_c6(disable: &str) -> Check {
        let c6 = [
            ("sys/devices/system/cpu/cpu0/cpuidle/state1/name", "C6\n"),
            (
                "sys/devices/system/cpu/cpu0/cpuidle/state1/latency",
                "133\n",
            ),
            (
                "sys/devices/system/cpu/cpu0/cpuidle/state1/disable",
                disable,
            ),
        ];
        let (_root, system) = fake(&[C1, c6].concat());
        check(&system, &cpus("0"))
    }

    #[test]
    fn the_deepest_enabled_state_counts() {
        let check = with_c6("0\n");
        assert_eq!(
            (check.status, check.found.as_str()),
            (Status::Warn, "C6 (133 us)")
        );
        let check = with_c6("1\n");
        assert_eq!(
            (check.status, check.found.as_str()),
            (Status::Ok, "C1 (2 us)")
        );
    }

    #[test]
    fn no_cpuidle_is_fine() {
        let (_root, system) = fake(&[]);
        assert_eq!(check(&system, &cpus("0-3")).status, Status::Ok);
    }
}
