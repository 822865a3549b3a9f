// SPDX-License-Identifier: MIT OR Apache-2.0
//! How long does an idle oob CPU take to wake up?

use std::path::Path;

use evl::{CpuList, System};

use super::super::report::{Check, Status};
use super::cpus::{Survey, Unseen, folders, line, number, survey};

/// Exit latency that is accepted, in us: that of halting a CPU, as C1 on x86 or WFI on arm64.
const ACCEPTED_US: u64 = 2;

const ACTION: &str = "Hold a request of 0 us on /dev/cpu_dma_latency while the application runs, disable the states \
                      in cpuidle/state*/disable, or boot with cpuidle.off=1.";

/// An idle state which a CPU may enter.
#[derive(Debug)]
struct IdleState {
    name: String,
    latency_us: u64,
}

pub(super) fn check(system: &System, cpus: Option<&CpuList>) -> Check {
    let states = survey(system, cpus, "cpuidle", deepest_enabled);
    let (found, status, action) = verdict(states);
    Check {
        id: "cpuidle.latency".to_owned(),
        subject: "deepest idle state".to_owned(),
        looked_at: "/sys/devices/system/cpu/cpu*/cpuidle/state*/latency".to_owned(),
        found,
        wanted: format!("at most {ACCEPTED_US} us"),
        status,
        reason: "An interrupt waits until the CPU has left its idle state.".to_owned(),
        action,
    }
}

/// What is found, how bad it is, and what to do. A deep state is deep whatever the CPUs hide which were not seen.
fn verdict(states: Survey<Option<IdleState>>) -> (String, Status, Option<String>) {
    let deepest = states
        .seen
        .into_iter()
        .filter_map(|(_, state)| state)
        .max_by_key(|state| state.latency_us);
    let deep = deepest
        .as_ref()
        .is_some_and(|state| state.latency_us > ACCEPTED_US);
    let found = deepest.map_or("none".to_owned(), |state| {
        format!("{} ({} us)", state.name, state.latency_us)
    });
    match states.unseen {
        _ if deep => (found, Status::Warn, Some(ACTION.to_owned())),
        Some(unseen) => ("unknown".to_owned(), Status::Unknown, Some(unseen.0)),
        None => (found, Status::Ok, None),
    }
}

/// The deepest state in the `cpuidle` folder of a CPU which is not disabled.
fn deepest_enabled(folder: &Path) -> Result<Option<IdleState>, Unseen> {
    let mut deepest: Option<IdleState> = None;
    for state in folders(folder, "state")? {
        let found = IdleState {
            name: line(&state.join("name"))?,
            latency_us: number(&state.join("latency"))?,
        };
        let enabled = number(&state.join("disable"))? == 0;
        if enabled
            && deepest
                .as_ref()
                .is_none_or(|d| d.latency_us < found.latency_us)
        {
            deepest = Some(found);
        }
    }
    Ok(deepest)
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
        check(&system, Some(&cpus("0")))
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
        let (_root, system) = fake(&[("sys/devices/system/cpu/cpu0/online", "1\n")]);
        let check = check(&system, Some(&cpus("0")));
        assert_eq!((check.status, check.found.as_str()), (Status::Ok, "none"));
    }

    #[test]
    fn what_cannot_be_seen_is_unknown() {
        for files in [&[][..], &C1[..2], &C1[1..]] {
            let (_root, system) = fake(files);
            let check = check(&system, Some(&cpus("0")));
            assert_eq!(check.status, Status::Unknown, "{files:?}");
            let action = check.action.expect("action");
            assert!(action.contains("Mount sysfs on /sys"), "{action}");
        }
    }

    #[test]
    fn a_deep_state_beats_an_unknown_one() {
        let deep = [C1[0], (C1[1].0, "90\n"), C1[2]];
        let (_root, system) = fake(&deep);
        let check = check(&system, Some(&cpus("0-1")));
        assert_eq!(
            (check.status, check.found.as_str()),
            (Status::Warn, "C1 (90 us)")
        );
    }
}
