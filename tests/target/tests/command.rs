// SPDX-License-Identifier: MIT OR Apache-2.0
//! The `evl` command against the live core.

use std::process::{Command, Output};

fn evl(args: &[&str]) -> Output {
    Command::new("evl").args(args).output().expect("evl starts")
}

fn json(args: &[&str]) -> serde_json::Value {
    serde_json::from_slice(&evl(args).stdout).expect("evl prints JSON")
}

#[test]
fn info_tells_what_runs_here() {
    let info = json(&["info", "--json"]);
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap();
    assert_eq!(info["kernel"]["release"], release.trim(), "{info:#}");
    let arch = if cfg!(target_arch = "aarch64") {
        "arm64"
    } else {
        "x86_64"
    };
    assert_eq!(info["kernel"]["arch"], arch, "{info:#}");
    assert_eq!(
        (&info["abi"]["base"], &info["abi"]["current"]),
        (&36.into(), &36.into())
    );
    let cpus = std::thread::available_parallelism().unwrap().get();
    assert_eq!(
        info["core"]["oob_cpus"].as_array().map(Vec::len),
        Some(cpus),
        "{info:#}"
    );
    let names: Vec<_> = info["clocks"]
        .as_array()
        .unwrap()
        .iter()
        .map(|clock| &clock["name"])
        .collect();
    assert_eq!(names, ["monotonic", "realtime"]);
}

#[test]
fn check_reads_this_kernel_and_this_system() {
    let output = evl(&["check", "--json"]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let status = |id: &str| {
        let checks = report["checks"].as_array().unwrap();
        checks
            .iter()
            .find(|check| check["id"] == id)
            .unwrap_or_else(|| panic!("no {id} in {report:#}"))["status"]
            .clone()
    };
    assert_eq!(status("core.interface"), "ok");
    // Read from /proc/config.gz: this kernel has the core, and no KASAN.
    assert_eq!(status("config.EVL"), "ok");
    assert_eq!(status("config.KASAN"), "ok");
    assert!(report["error"].is_null(), "{report:#}");
}

#[test]
fn bad_usage_is_2() {
    assert_eq!(evl(&["no-such-command"]).status.code(), Some(2));
}

#[test]
fn a_gravity_is_saved_as_the_core_takes_it() {
    const ATTRIBUTE: &str = "/sys/devices/virtual/clock/monotonic/gravity";
    let read = || std::fs::read_to_string(ATTRIBUTE).unwrap();
    let latmus = |args: &[&str]| {
        let status = Command::new("latmus").args(args).status();
        assert!(status.expect("latmus starts").success(), "{args:?}");
    };
    latmus(&["-t", "-q", "--save=/tmp/gravity/saved"]);
    let tuned = read();
    let saved = std::fs::read_to_string("/tmp/gravity/saved").unwrap();
    latmus(&["-r", "-q"]);
    std::fs::write(ATTRIBUTE, &saved).unwrap();
    assert_eq!(read(), tuned);
    assert_eq!(saved, tuned);
    latmus(&["-r", "-q"]);
}
