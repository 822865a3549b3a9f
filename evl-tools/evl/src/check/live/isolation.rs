// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does Linux leave the oob CPUs alone?

use evl::{CpuList, System};

use super::super::report::{Check, Status};
use super::read_list;

const ISOLATED: &str = "/sys/devices/system/cpu/isolated";

pub(super) fn check(system: &System, oob_cpus: Option<&CpuList>) -> Check {
    let isolated = read_list(system, ISOLATED);
    let status = match (&isolated, oob_cpus) {
        (Some(isolated), Some(oob)) if oob.is_subset(isolated) => Status::Ok,
        (Some(_), Some(_)) => Status::Warn,
        _ => Status::Unknown,
    };
    let action = match status {
        Status::Ok => None,
        Status::Warn => Some(
            "Choose CPUs for real time and boot with isolcpus=LIST evl.oobcpus=LIST; leave at least one to Linux."
                .to_owned(),
        ),
        _ => Some("Boot a kernel with the core, and mount sysfs on /sys.".to_owned()),
    };
    Check {
        id: "cpu.isolation".to_owned(),
        subject: "isolated CPUs".to_owned(),
        looked_at: ISOLATED.to_owned(),
        found: isolated.map_or("unknown".to_owned(), |cpus| describe(&cpus)),
        wanted: oob_cpus.map_or("the oob CPUs".to_owned(), |cpus| {
            format!("the oob CPUs: {}", describe(cpus))
        }),
        status,
        reason: "Linux work on an oob CPU takes its caches and buses away from real-time work."
            .to_owned(),
        action,
    }
}

fn describe(cpus: &CpuList) -> String {
    if cpus.is_empty() {
        "none".to_owned()
    } else {
        cpus.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{cpus, fake};
    use super::*;

    #[test]
    fn all_oob_cpus_must_be_isolated() {
        let (_root, system) = fake(&[("sys/devices/system/cpu/isolated", "2-3\n")]);
        assert_eq!(check(&system, Some(&cpus("3"))).status, Status::Ok);
        assert_eq!(check(&system, Some(&cpus("1-3"))).status, Status::Warn);
        assert_eq!(check(&system, None).status, Status::Unknown);
    }

    #[test]
    fn no_isolated_cpu_is_seen() {
        let (_root, system) = fake(&[("sys/devices/system/cpu/isolated", "\n")]);
        let check = check(&system, Some(&cpus("0-1")));
        assert_eq!((check.status, check.found.as_str()), (Status::Warn, "none"));
    }
}
