// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command as its users see it, on a host without a core: a made-up root directory stands for the target.

use std::fs;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use serde_json::Value;

/// A target without a core: a kernel, its configuration, two CPUs.
struct Target(tempfile::TempDir);

impl Target {
    fn new() -> Self {
        let target = Self(tempfile::tempdir().expect("tempdir"));
        target.write("proc/sys/kernel/osrelease", "6.18.15-test\n");
        target.write("sys/devices/system/cpu/online", "0-1\n");
        target.write("sys/devices/system/cpu/isolated", "\n");
        target.write(
            "sys/devices/system/clocksource/clocksource0/current_clocksource",
            "tsc\n",
        );
        target
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        fs::create_dir_all(path.parent().expect("parent")).expect("create");
        fs::write(path, text).expect("write");
    }

    fn evl(&self, arguments: &[&str]) -> Command {
        let mut command = evl(arguments);
        command.arg("--root").arg(self.0.path());
        command
    }
}

/// Beside the tests, also where they are installed: no path of the build may get into them.
fn program() -> PathBuf {
    let cargo_bin = Command::cargo_bin("evl").expect("the program is built with its tests");
    cargo_bin.get_program().into()
}

fn evl(arguments: &[&str]) -> Command {
    let mut command = Command::new(program());
    command.args(arguments);
    command
}

fn stdout_json(command: &mut Command) -> Value {
    let output = command.output().expect("run");
    serde_json::from_slice(&output.stdout).expect("JSON on stdout")
}

fn check_of<'a>(report: &'a Value, id: &str) -> &'a Value {
    let checks = report["checks"].as_array().expect("checks");
    checks
        .iter()
        .find(|check| check["id"] == id)
        .unwrap_or_else(|| panic!("no check {id}"))
}

#[test]
fn info_without_core_exits_3_and_says_what_to_do() {
    Target::new()
        .evl(&["info"])
        .assert()
        .code(3)
        .stdout("")
        .stderr(
            predicate::str::contains("no EVL core in this kernel")
                .and(predicate::str::contains("CONFIG_EVL=y")),
        );
}

#[test]
fn info_without_core_gives_a_json_error() {
    let target = Target::new();
    let mut command = target.evl(&["info", "--json"]);
    let json = stdout_json(&mut command);
    assert_eq!(
        json.as_object().expect("object").keys().collect::<Vec<_>>(),
        ["error"]
    );
    assert_eq!(json["error"]["kind"], "no_core");
    assert!(
        json["error"]["message"]
            .as_str()
            .expect("message")
            .contains("dev/evl/control")
    );
    command
        .assert()
        .code(3)
        .stderr(predicate::str::contains("no EVL core"));
}

#[test]
fn a_strange_device_is_another_error() {
    let target = Target::new();
    target.write("dev/evl/control", "");
    let mut command = target.evl(&["info", "--json"]);
    assert_eq!(stdout_json(&mut command)["error"]["kind"], "not_evl");
    command
        .assert()
        .code(1)
        .stderr(predicate::str::contains("is not an EVL device"));
}

/// Opening a socket in the file system fails with ENXIO, as does opening a device node without a driver.
#[test]
fn a_node_without_a_driver_is_not_a_missing_node() {
    let target = Target::new();
    target.write("dev/evl/README", "");
    let node = target.0.path().join("dev/evl/control");
    let _socket = std::os::unix::net::UnixListener::bind(node).expect("bind");
    let mut command = target.evl(&["info", "--json"]);
    assert_eq!(stdout_json(&mut command)["error"]["kind"], "no_driver");
    let message = predicate::str::contains("exists, but this kernel has no driver for it");
    command.assert().code(1).stderr(message);
    let report = stdout_json(&mut target.evl(&["check", "--json"]));
    assert_eq!(check_of(&report, "core.interface")["found"], "no driver");
}

#[test]
fn without_sysfs_no_check_is_fine() {
    let target = Target::new();
    fs::remove_dir_all(target.0.path().join("sys")).expect("remove");
    let report = stdout_json(&mut target.evl(&["check", "--json"]));
    assert_eq!(report["summary"]["ok"], 0, "{report}");
    for id in ["core.state", "cpufreq.governor", "cpuidle.latency"] {
        let check = check_of(&report, id);
        assert_eq!(check["status"], "unknown", "{check}");
        let action = check["action"].as_str().expect("action");
        assert!(action.contains("Mount sysfs on /sys"), "{action}");
    }
}

#[test]
fn check_without_core_reports_all_the_same() {
    let target = Target::new();
    target.write(
        "boot/config-6.18.15-test",
        "CONFIG_X86_64=y\nCONFIG_KASAN=y\n",
    );
    let mut command = target.evl(&["check", "--json"]);
    let report = stdout_json(&mut command);
    assert_eq!(report["error"]["kind"], "no_core");
    assert_eq!(report["kernel"]["release"], "6.18.15-test");
    assert_eq!(check_of(&report, "core.interface")["status"], "fail");
    assert_eq!(check_of(&report, "clocksource")["status"], "ok");
    assert_eq!(check_of(&report, "config.KASAN")["found"], "y");
    command
        .assert()
        .code(3)
        .stderr(predicate::str::contains("no EVL core"));
}

#[test]
fn summary_counts_the_checks() {
    let target = Target::new();
    target.write("boot/config-6.18.15-test", "CONFIG_X86_64=y\n");
    let report = stdout_json(&mut target.evl(&["check", "--json"]));
    let checks = report["checks"].as_array().expect("checks");
    for status in ["ok", "warn", "fail", "unknown"] {
        let count = checks
            .iter()
            .filter(|check| check["status"] == status)
            .count();
        assert_eq!(report["summary"][status], count, "{status}");
    }
}

#[test]
fn missing_configuration_is_unknown() {
    let report = stdout_json(&mut Target::new().evl(&["check", "--json"]));
    assert_eq!(check_of(&report, "config")["status"], "unknown");
}

#[test]
fn a_file_is_judged_by_itself() {
    let target = Target::new();
    target.write("good.config", "CONFIG_ARM64=y\nCONFIG_A=y\n");
    target.write("bad.config", "CONFIG_ARM64=y\n");
    target.write(
        "list.toml",
        "[[option]]\nsymbol = \"A\"\nwant = \"y\"\nreason = \"It is needed.\"\n",
    );
    let check = |config: &str| {
        let mut command = evl(&["check", "--checklist"]);
        command
            .arg(target.0.path().join("list.toml"))
            .arg("--config")
            .arg(target.0.path().join(config));
        command
    };
    check("good.config")
        .assert()
        .code(0)
        .stdout(predicate::str::contains("1 ok, 0 warn, 0 FAIL, 0 unknown"));
    check("bad.config").assert().code(1).stdout(
        predicate::str::contains("FAIL    CONFIG_A  n      y")
            .and(predicate::str::contains("It is needed."))
            .and(predicate::str::contains(
                "Build the kernel with CONFIG_A=y.",
            )),
    );
}

#[test]
fn bad_files_are_named() {
    let target = Target::new();
    target.write(
        "list.toml",
        "[[option]]\nsymbol = \"CONFIG_A\"\nwant = \"y\"\nreason = \"r\"\n",
    );
    target.write("text", "hello\n");
    let path = |name: &str| target.0.path().join(name).display().to_string();
    for (option, file, message) in [
        ("--config", path("missing"), "cannot read"),
        (
            "--config",
            path("text"),
            "is not the configuration of a kernel",
        ),
        ("--checklist", path("missing"), "cannot read"),
        (
            "--checklist",
            path("list.toml"),
            "write A instead of CONFIG_A",
        ),
    ] {
        let named = predicate::str::contains(message).and(predicate::str::contains(file.as_str()));
        target
            .evl(&["check", option, &file])
            .assert()
            .code(1)
            .stderr(named);
    }
}

#[test]
fn usage_errors_exit_2() {
    for arguments in [&["frobnicate"][..], &["info", "--frobnicate"], &[]] {
        evl(arguments)
            .assert()
            .code(2)
            .stderr(predicate::str::contains("Usage: evl"));
    }
}

#[test]
fn help_documents_the_exit_status() {
    for arguments in [&["--help"][..], &["info", "--help"], &["check", "--help"]] {
        evl(arguments)
            .assert()
            .code(0)
            .stdout(predicate::str::contains(
                "3  the running kernel has no EVL core",
            ));
    }
}

#[test]
fn a_reader_may_leave_early() {
    let target = Target::new();
    target.write("boot/config-6.18.15-test", "CONFIG_X86_64=y\n");
    let command = format!(
        "{} check --root {} | true",
        program().display(),
        target.0.path().display()
    );
    let output = std::process::Command::new("sh")
        .args(["-c", &command])
        .output()
        .expect("sh");
    let messages = String::from_utf8_lossy(&output.stderr);
    assert!(
        !messages.contains("panicked") && !messages.contains("cannot write"),
        "{messages}"
    );
}

#[test]
fn built_in_checklist_is_valid_for_people_too() {
    let target = Target::new();
    target.write("checklist.toml", include_str!("../checklist.toml"));
    let list = target.0.path().join("checklist.toml");
    target.write("a.config", "CONFIG_ARM64=y\n");
    let config = target.0.path().join("a.config");
    let run = |extra: &[&Path]| {
        let mut command = evl(&["check", "--json", "--config"]);
        command.arg(&config).args(extra);
        stdout_json(&mut command)
    };
    assert_eq!(run(&[]), run(&[Path::new("--checklist"), &list]));
}

/// A target whose core has two threads.
fn with_threads() -> Target {
    let target = Target::new();
    target.write("sys/devices/virtual/evl/control/state", "running\n");
    target.write("sys/devices/virtual/thread/clone/uevent", "");
    for (name, cpu, time) in [("a.loop", 0, 1_000), ("b.loop", 1, 2_000)] {
        let file = |attribute: &str| format!("sys/devices/virtual/thread/{name}/{attribute}");
        target.write(&file("pid"), "42\n");
        target.write(&file("sched"), &format!("{cpu} 80 80 fifo\n"));
        target.write(&file("state"), "0x4004\n");
        target.write(&file("stats"), &format!("1 2 3 4 {time} 7\n"));
        target.write(&file("timeout"), "0\n");
    }
    target
}

#[test]
fn ps_lists_threads_but_not_what_makes_them() {
    with_threads().evl(&["ps"]).assert().success().stdout(
        "NAME    CPU  PID  SCHED  PRIO  STAT\na.loop  0    42   fifo   80    D\nb.loop  1    42   fifo   80    D\n",
    );
}

#[test]
fn ps_filters_and_sorts() {
    let target = with_threads();
    let first = |arguments: &[&str]| {
        let json = stdout_json(&mut target.evl(arguments));
        let threads = json["threads"].as_array().expect("threads").clone();
        (threads.len(), threads[0]["name"].clone())
    };
    assert_eq!(first(&["ps", "--json", "-c", "1"]), (1, "b.loop".into()));
    assert_eq!(first(&["ps", "--json", "-S", "t"]), (2, "b.loop".into()));
    assert_eq!(first(&["ps", "--json", "-S", "tr"]), (2, "a.loop".into()));
}

#[test]
fn ps_without_core_exits_3() {
    Target::new().evl(&["ps"]).assert().code(3);
}

#[test]
fn a_live_list_wants_a_terminal() {
    with_threads()
        .evl(&["ps", "--watch"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("terminal"));
}

#[test]
fn start_and_stop_write_their_word() {
    let target = with_threads();
    let state = target
        .0
        .path()
        .join("sys/devices/virtual/evl/control/state");
    for word in ["stop", "start"] {
        target.evl(&[word]).assert().success().stdout("");
        assert_eq!(fs::read_to_string(&state).expect("read"), word);
    }
}

/// A folder of test programs that exit with the given statuses.
fn programs(statuses: &[(&str, i32)]) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir().expect("tempdir");
    for (name, status) in statuses {
        let path = directory.path().join(name);
        fs::write(&path, format!("#!/bin/sh\nexit {status}\n")).expect("write");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("chmod");
    }
    directory
}

#[test]
fn tests_stop_at_the_first_failure_unless_told_otherwise() {
    let directory = programs(&[("a", 0), ("b", 42), ("c", 1), ("d", 43), ("e", 0)]);
    let test = |options: &[&str]| {
        let mut command = evl(&["test", "--directory"]);
        command.arg(directory.path()).args(options);
        command.assert()
    };
    let until_c = "a: OK\nb: no kernel support\nc: FAILED (exit status: 1)\n";
    test(&[]).code(1).stdout(until_c);
    test(&["-k"]).code(1).stdout(format!("{until_c}e: OK\n"));
    test(&["a", "e"]).success().stdout("a: OK\ne: OK\n");
    test(&["-l"]).success().stdout("a\nb\nc\nd\ne\n");
    test(&["x"])
        .code(1)
        .stderr(predicate::str::contains("no test `x`"));
}
