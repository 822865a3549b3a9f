// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command as a shell sees it, on a machine without a core.

use assert_cmd::Command;
use predicates::prelude::*;

fn latmus() -> Command {
    Command::cargo_bin("latmus").expect("the program is built with its tests")
}

fn has_core() -> bool {
    std::path::Path::new("/dev/evl/control").exists()
}

#[test]
fn without_a_core_it_says_so() {
    if has_core() {
        return;
    }
    for args in [
        &["-T", "1"][..],
        &["-i"],
        &["-k"],
        &["-t"],
        &["-r"],
        &["--restore"],
    ] {
        latmus()
            .args(args)
            .assert()
            .code(3)
            .stdout("")
            .stderr(predicate::str::contains("no EVL core in this kernel"));
    }
}

#[test]
fn json_has_the_error() {
    if has_core() {
        return;
    }
    let output = latmus().args(["--json", "-u"]).output().expect("it runs");
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(
        object["error"]
            .as_str()
            .is_some_and(|text| text.contains("EVL core"))
    );
}

#[test]
fn bad_arguments_are_named() {
    for (args, named) in [
        (&["-p", "5"][..], "--period"),
        (&["-P", "100"], "--priority"),
        (&["-T", "soon"], "--timeout"),
        (&["-H", "0"], "--histogram"),
        (&["-t", "--reset"], "--reset"),
        (&["--save"], "--tune"),
        (&["--restore", "--tune"], "--restore"),
    ] {
        latmus()
            .args(args)
            .assert()
            .code(2)
            .stderr(predicate::str::contains(named));
    }
}

#[test]
fn a_cpu_that_is_not_there_is_refused() {
    latmus()
        .args(["--inband", "-T", "1", "-c", "4095"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("--cpu 4095"));
}

#[test]
fn a_file_that_cannot_be_written_is_named_before_the_measurement() {
    latmus()
        .args(["--inband", "-T", "600", "--svg", "/nonexistent/x.svg"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("/nonexistent/x.svg"));
}

/// The object that `--json` prints, and the files. Needs the right to SCHED_FIFO; without it, the error says so.
#[test]
fn linux_alone_can_be_measured() {
    let folder = tempfile::tempdir().expect("tempdir");
    let file = |name: &str| folder.path().join(name);
    let output = latmus()
        .args(["--inband", "-T", "1", "--json", "--hdr"])
        .arg(file("hdr"))
        .arg("--svg")
        .arg(file("svg"))
        .arg("--html")
        .arg(file("html"))
        .arg("-g")
        .arg(file("plot"))
        .output()
        .expect("it runs");
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(
            stderr.contains("SCHED_FIFO") || stderr.contains("lock the memory"),
            "{stderr}"
        );
        return;
    }
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for key in ["kernel", "machine", "command_line", "clock_source"] {
        assert!(object["system"][key].is_string(), "{key}: {object}");
    }
    let one = &object["measurements"][0];
    assert_eq!(one["responder"], "inband");
    assert_eq!(one["period_ns"], 1_000_000);
    let figure = |key: &str| one[key].as_f64().unwrap_or_else(|| panic!("{key}: {one}"));
    let order = [
        "min_ns",
        "p50_ns",
        "p99_ns",
        "p99.9_ns",
        "p99.99_ns",
        "max_ns",
    ];
    for pair in order.windows(2) {
        assert!(figure(pair[0]) <= figure(pair[1]), "{one}");
    }
    assert!(figure("min_ns") <= figure("mean_ns") && figure("mean_ns") <= figure("max_ns"));
    let cells = one["histogram"].as_array().expect("an array");
    let counted: u64 = cells.iter().filter_map(|cell| cell[1].as_u64()).sum();
    assert_eq!(Some(counted), one["samples"].as_u64());

    let text = |name| std::fs::read_to_string(file(name)).expect("written");
    assert!(text("svg").starts_with("<svg") && text("svg").contains("Linux thread: max"));
    assert!(text("html").contains("<svg") && text("html").contains("<h1>Response times"));
    assert!(text("plot").contains("# Linux thread, period 1000 us"));
    // The cookie of HdrHistogram's V2 format.
    let hdr = std::fs::read(file("hdr")).expect("written");
    assert_eq!(hdr[..3], [0x1c, 0x84, 0x93]);
}
