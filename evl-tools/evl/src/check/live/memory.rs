// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does Linux move or unmap memory that is in use?
//!
//! Locked memory stays in memory, but not where it is: what moves a page has whoever touches it meanwhile fault, which
//! out-of-band costs the stage.

use evl::System;

use super::super::report::{Check, Status};
use super::read;

struct Mover {
    id: &'static str,
    subject: &'static str,
    /// Always there.
    tree: &'static str,
    /// There if the kernel has it.
    path: &'static str,
    /// It does nothing then.
    idle: &'static str,
    reason: &'static str,
}

const MOVERS: [Mover; 3] = [
    Mover {
        id: "memory.compaction",
        subject: "compaction of locked memory",
        tree: "/proc/sys/vm",
        path: "/proc/sys/vm/compact_unevictable_allowed",
        idle: "0",
        reason: "Pages that are being moved fault, locked or not, which sends a thread in-band.",
    },
    Mover {
        id: "memory.ksm",
        subject: "merging of equal pages",
        tree: "/sys/kernel",
        path: "/sys/kernel/mm/ksm/run",
        idle: "0",
        reason: "The first write to a page that was merged faults, which sends a thread in-band.",
    },
    Mover {
        id: "memory.numa",
        subject: "NUMA balancing",
        tree: "/proc/sys/vm",
        path: "/proc/sys/kernel/numa_balancing",
        idle: "0",
        reason: "It has pages fault to see who uses them, which sends a thread in-band.",
    },
];

pub(super) fn check(system: &System) -> Vec<Check> {
    MOVERS.iter().map(|mover| mover.check(system)).collect()
}

impl Mover {
    fn check(&self, system: &System) -> Check {
        let (found, status, action) = match read(system, self.path) {
            None if system.path(self.tree).exists() => {
                ("not in this kernel".to_owned(), Status::Ok, None)
            }
            None => (
                "unknown".to_owned(),
                Status::Unknown,
                Some("Mount proc on /proc and sysfs on /sys.".to_owned()),
            ),
            Some(value) if value == self.idle => (value, Status::Ok, None),
            Some(value) => (
                value,
                Status::Warn,
                Some(format!("Write {} to {}.", self.idle, self.path)),
            ),
        };
        Check {
            id: self.id.to_owned(),
            subject: self.subject.to_owned(),
            looked_at: self.path.to_owned(),
            found,
            wanted: self.idle.to_owned(),
            status,
            reason: self.reason.to_owned(),
            action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fake;
    use super::*;

    fn compaction(files: &[(&str, &str)]) -> Check {
        let (_root, system) = fake(files);
        check(&system).swap_remove(0)
    }

    #[test]
    fn what_moves_memory_is_named_with_what_stops_it() {
        let path = "proc/sys/vm/compact_unevictable_allowed";
        let moving = compaction(&[(path, "1\n")]);
        assert_eq!((moving.status, moving.found.as_str()), (Status::Warn, "1"));
        let action = moving.action.expect("action");
        assert_eq!(
            action,
            "Write 0 to /proc/sys/vm/compact_unevictable_allowed."
        );
        assert_eq!(compaction(&[(path, "0\n")]).status, Status::Ok);
        let without = compaction(&[("proc/sys/vm/swappiness", "60\n")]);
        assert_eq!(without.found, "not in this kernel");
        assert_eq!(compaction(&[]).status, Status::Unknown);
    }
}
