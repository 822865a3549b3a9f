// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The compiled code cannot panic: no function that can is referred to, though overflows are checked
//! as they are in kernels.

// Miri starts no compiler.
#![cfg(not(miri))]

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

/// The compiler that comes with the cargo that runs the tests.
fn rustc() -> PathBuf {
    let cargo = PathBuf::from(env!("CARGO"));
    let sibling = cargo.with_file_name("rustc");
    if sibling.exists() {
        sibling
    } else {
        "rustc".into()
    }
}

/// Compiles the logic with all that runs oob; whether the object refers to a panic.
fn can_panic(name: &str, options: &[&str]) -> bool {
    let object = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let output = Command::new(rustc())
        .args(["--edition=2021", "--crate-type=lib", "--emit=obj"])
        .args(["-Copt-level=2", "-Coverflow-checks=on", "-Cpanic=abort"])
        .args(["-Ccodegen-units=1", "--check-cfg=cfg(control)"])
        .args(options)
        .arg("-o")
        .arg(&object)
        .arg("tests/no_panic/whole.rs")
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let code = std::fs::read(object).unwrap();
    code.windows(9).any(|bytes| bytes == b"panicking")
}

#[test]
fn nothing_that_runs_oob_panics() {
    assert!(!can_panic("whole.o", &[]));
}

#[test]
fn what_panics_is_found() {
    assert!(can_panic("control.o", &["--cfg=control"]));
}
