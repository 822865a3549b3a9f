// SPDX-License-Identifier: MIT OR Apache-2.0
//! Does the firmware take the CPUs away?
//!
//! System management interrupts stop all CPUs, and no kernel can mask them. Intel's CPUs count them.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::Duration;

use evl::System;

use super::super::report::{Check, Status};
use super::read;

const CPUINFO: &str = "/proc/cpuinfo";
const MSR: &str = "/dev/cpu/0/msr";

/// MSR_SMI_COUNT: since power-on, in the lower half.
const SMI_COUNT: u64 = 0x34;

/// How long to look.
const WINDOW: Duration = Duration::from_millis(500);

/// `None` if the CPU does not count them.
pub(super) fn check(system: &System) -> Option<Check> {
    let counts = read(system, CPUINFO).is_some_and(|text| text.contains("GenuineIntel"));
    counts.then(|| {
        let (found, status, action) = verdict(look(system));
        Check {
            id: "firmware.smi".to_owned(),
            subject: "system management interrupts".to_owned(),
            looked_at: MSR.to_owned(),
            found,
            wanted: "none while we look".to_owned(),
            status,
            reason: "The firmware stops all CPUs for each, often for 100 us and more.".to_owned(),
            action: action.map(str::to_owned),
        }
    })
}

/// How many there were since power-on, before and after the window.
fn look(system: &System) -> io::Result<[u32; 2]> {
    let device = File::open(system.path(MSR))?;
    let before = count(&device)?;
    thread::sleep(WINDOW);
    Ok([before, count(&device)?])
}

fn count(device: &File) -> io::Result<u32> {
    let mut value = [0; 8];
    device.read_exact_at(&mut value, SMI_COUNT)?;
    Ok(u64::from_le_bytes(value) as u32)
}

fn verdict(counts: io::Result<[u32; 2]>) -> (String, Status, Option<&'static str>) {
    match counts {
        Ok([before, after]) if before == after => {
            (format!("none, {after} since power-on"), Status::Ok, None)
        }
        Ok([before, after]) => (
            format!("{} in {WINDOW:?}", after.wrapping_sub(before)),
            Status::Warn,
            Some(
                "Switch off USB legacy support and power management in the firmware's setup, or ask the vendor of the board.",
            ),
        ),
        Err(error) => (
            format!("unknown: {error}"),
            Status::Unknown,
            Some("As root, load the module msr (CONFIG_X86_MSR)."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::fake;
    use super::*;

    #[test]
    fn counts_are_compared() {
        assert_eq!(verdict(Ok([7, 7])).1, Status::Ok);
        let (found, status, action) = verdict(Ok([u32::MAX, 1]));
        assert_eq!((found.as_str(), status), ("2 in 500ms", Status::Warn));
        assert!(action.is_some());
    }

    #[test]
    fn only_who_counts_is_asked() {
        let (_root, system) = fake(&[("proc/cpuinfo", "vendor_id : AuthenticAMD\n")]);
        assert!(check(&system).is_none());
        let (_root, system) = fake(&[("proc/cpuinfo", "vendor_id : GenuineIntel\n")]);
        assert_eq!(check(&system).expect("check").status, Status::Unknown);
        let mut registers = vec![0_u8; 0x34];
        registers.extend(9_u64.to_le_bytes());
        let registers = String::from_utf8(registers).expect("ASCII");
        let (_root, system) = fake(&[
            ("proc/cpuinfo", "vendor_id : GenuineIntel\n"),
            ("dev/cpu/0/msr", &registers),
        ]);
        assert_eq!(
            check(&system).expect("check").found,
            "none, 9 since power-on"
        );
    }
}
