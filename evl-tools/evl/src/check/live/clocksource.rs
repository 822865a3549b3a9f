// SPDX-License-Identifier: MIT OR Apache-2.0
//! Can programs read the time without a system call?

use evl::System;

use super::super::report::{Check, Status};
use super::read;

const CURRENT: &str = "/sys/devices/system/clocksource/clocksource0/current_clocksource";

/// Clock sources which the vDSO reads. tsc-early is the TSC in the first second after boot.
const GOOD: [&str; 3] = ["tsc", "tsc-early", "arch_sys_counter"];

pub(super) fn check(system: &System) -> Check {
    let current = read(system, CURRENT);
    let (status, action) = match current.as_deref() {
        Some(name) if GOOD.contains(&name) => (Status::Ok, None),
        Some(_) => (
            Status::Warn,
            Some(
                "On x86, see the kernel log for why the TSC was given up; if it is sound, boot with tsc=reliable.",
            ),
        ),
        None => (Status::Unknown, Some("Mount sysfs on /sys.")),
    };
    Check {
        id: "clocksource".to_owned(),
        subject: "clock source".to_owned(),
        looked_at: CURRENT.to_owned(),
        found: current.unwrap_or("unknown".to_owned()),
        wanted: "tsc or arch_sys_counter".to_owned(),
        status,
        reason: "Others take longer to read, and most of them a system call.".to_owned(),
        action: action.map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fake;
    use super::*;

    #[test]
    fn slow_sources_are_named() {
        for (name, wanted) in [
            ("tsc", Status::Ok),
            ("tsc-early", Status::Ok),
            ("arch_sys_counter", Status::Ok),
            ("hpet", Status::Warn),
        ] {
            let (_root, system) = fake(&[(&CURRENT[1..], name)]);
            let check = check(&system);
            assert_eq!((check.status, check.found.as_str()), (wanted, name));
        }
        let (_root, system) = fake(&[]);
        assert_eq!(check(&system).status, Status::Unknown);
    }
}
