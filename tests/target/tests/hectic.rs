// SPDX-License-Identifier: MIT OR Apache-2.0
//! The context switch test: its driver, by raw requests, and the `hectic` command.

use std::fs::{self, File};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use evl_sys::{
    EVL_HECIOC_CREATE_KTASK, EVL_HECIOC_GET_SWITCHES_COUNT, EVL_HECIOC_LOCK_STAX, EVL_HECIOC_PEND,
    EVL_HECIOC_REGISTER_UTASK, EVL_HECIOC_SET_CPU, EVL_HECIOC_SET_PAUSE,
    EVL_HECIOC_SET_TASKS_COUNT, EVL_HECIOC_SWITCH_TO, EVL_HECTIC_OOB_WAIT,
};
use evl_target_tests::{ioctl, ioctl_with, open};

const DEVICE: &str = "/dev/hectic";

fn words(device: &File, request: u32, words: &[u32]) -> Result<i32, i32> {
    let mut bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    ioctl_with(device, request, &mut bytes)
}

fn switches(device: &File) -> u32 {
    let mut bytes = [0; 4];
    ioctl_with(device, EVL_HECIOC_GET_SWITCHES_COUNT, &mut bytes).expect("it counts");
    u32::from_ne_bytes(bytes)
}

#[test]
fn what_makes_no_sense_is_refused() {
    let device = open(DEVICE);
    for (request, argument, error) in [
        (EVL_HECIOC_SET_TASKS_COUNT, vec![1], libc::EINVAL),
        (EVL_HECIOC_SET_TASKS_COUNT, vec![u32::MAX], libc::EINVAL),
        (EVL_HECIOC_SET_CPU, vec![4000], libc::EINVAL),
        (EVL_HECIOC_SET_PAUSE, vec![1_000_001], libc::EINVAL),
        (EVL_HECIOC_REGISTER_UTASK, vec![0, 0], libc::EINVAL),
        (EVL_HECIOC_CREATE_KTASK, vec![0, 0], libc::EINVAL),
        (EVL_HECIOC_PEND, vec![0, 0], libc::EINVAL),
        (EVL_HECIOC_SWITCH_TO, vec![0, 1], libc::EINVAL),
    ] {
        assert_eq!(
            words(&device, request, &argument),
            Err(error),
            "{request:#x} {argument:?}"
        );
    }
    words(&device, EVL_HECIOC_SET_TASKS_COUNT, &[2]).unwrap();
    assert_eq!(
        words(&device, EVL_HECIOC_SET_TASKS_COUNT, &[2]),
        Err(libc::EBUSY)
    );
    words(&device, EVL_HECIOC_REGISTER_UTASK, &[0, 0]).unwrap();
    assert_eq!(
        words(&device, EVL_HECIOC_REGISTER_UTASK, &[0, 0]),
        Err(libc::EBUSY)
    );
    assert_eq!(
        words(&device, EVL_HECIOC_REGISTER_UTASK, &[2, 0]),
        Err(libc::EINVAL)
    );
    // Nobody is there to switch to.
    assert_eq!(
        words(&device, EVL_HECIOC_SWITCH_TO, &[0, 1]),
        Err(libc::EINVAL)
    );
    // There are no such locks in this core.
    // SAFETY: the request takes nothing.
    let stax = unsafe { ioctl(&device, EVL_HECIOC_LOCK_STAX, 0) };
    assert_eq!(stax, Err(libc::ENOTTY));
}

#[test]
fn kernel_threads_of_both_stages_pass_the_turn_back() {
    for flags in [EVL_HECTIC_OOB_WAIT, 0] {
        let device = open(DEVICE);
        words(&device, EVL_HECIOC_SET_TASKS_COUNT, &[2]).unwrap();
        words(&device, EVL_HECIOC_REGISTER_UTASK, &[0, 0]).unwrap();
        words(&device, EVL_HECIOC_CREATE_KTASK, &[1, flags]).unwrap();
        for round in 1..=100 {
            words(&device, EVL_HECIOC_SWITCH_TO, &[0, 1]).unwrap();
            assert_eq!(switches(&device), 2 * round);
        }
    }
}

fn report(args: &[&str]) -> serde_json::Value {
    let output = Command::new("hectic")
        .args(args)
        .output()
        .expect("hectic starts");
    let report = serde_json::from_slice(&output.stdout).expect("hectic prints JSON");
    assert!(output.status.success(), "{output:?}");
    report
}

#[test]
fn all_kinds_switch_to_each_other() {
    let report = report(&["--json", "-T", "3"]);
    let cpus = report["cpus"].as_array().unwrap();
    assert_eq!(cpus.len(), thread::available_parallelism().unwrap().get());
    for cpu in cpus {
        assert_eq!(cpu["tasks"], 11, "{report:#}");
        assert!(cpu["switches"].as_u64() > Some(200), "{report:#}");
    }
    assert_eq!(report["faults"], serde_json::json!([]));
}

#[test]
fn each_kind_switches_with_the_first_task() {
    for kind in [
        "--oob",
        "--inband",
        "--both",
        "--oob-kernel",
        "--inband-kernel",
    ] {
        let mut args = vec!["--json", "-T", "1", "-c", "0"];
        for other in [
            "--oob",
            "--inband",
            "--both",
            "--oob-kernel",
            "--inband-kernel",
        ] {
            args.extend([other, if other == kind { "1" } else { "0" }]);
        }
        let report = report(&args);
        assert!(
            report["cpus"][0]["switches"].as_u64() > Some(20),
            "{kind}: {report:#}"
        );
    }
}

/// Names of the core's threads.
fn threads() -> Vec<String> {
    let entries = fs::read_dir("/sys/devices/virtual/thread").expect("the core runs");
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("hectic"))
        .collect()
}

#[test]
fn who_is_killed_leaves_nothing() {
    let mut child = Command::new("hectic")
        .arg("--quiet")
        .stderr(Stdio::null())
        .spawn()
        .expect("hectic starts");
    while threads().is_empty() {
        assert!(child.try_wait().unwrap().is_none());
        thread::sleep(Duration::from_millis(20));
    }
    thread::sleep(Duration::from_millis(300));
    child.kill().unwrap();
    child.wait().unwrap();
    for _ in 0..500 {
        if threads().is_empty() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("there are still {:?}", threads());
}
