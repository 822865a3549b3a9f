// SPDX-License-Identifier: MIT OR Apache-2.0
//! The command where there is no core.

use assert_cmd::Command;
use predicates::str::contains;

fn hectic() -> Command {
    Command::cargo_bin("hectic").expect("cargo builds it")
}

#[test]
fn a_kernel_without_a_core_is_told() {
    if std::path::Path::new("/dev/evl/control").exists() {
        return;
    }
    hectic().assert().code(3).stderr(contains("no EVL core"));
    let assert = hectic().arg("--json").assert().code(3);
    let text = String::from_utf8_lossy(&assert.get_output().stdout).into_owned();
    let json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(json["error"].is_string());
}

#[test]
fn what_makes_no_sense_is_refused() {
    hectic().arg("--oob=99").assert().code(2);
    hectic().args(["--quiet", "--json"]).assert().code(2);
}
