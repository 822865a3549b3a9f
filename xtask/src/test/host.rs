// SPDX-License-Identifier: MIT OR Apache-2.0
//! Steps that need no kernel: formatting, lints, unit tests, generated code, documentation, the series.

use std::process::Command;

use anyhow::{Context, Result, bail};

use super::results::Results;
use crate::bindgen as bindings_of_uapi;
use crate::host::LIBCLANG_PATH;
use crate::paths::Paths;
use crate::userland;

pub(crate) fn format(paths: &Paths) -> Result<Results> {
    let mut results = Results::default();
    let outcome = cargo(paths, &["fmt", "--all", "--check"]).map(drop);
    results.record("cargo fmt", outcome.context("run `cargo fmt --all`"));
    let core = paths.kernel_evl().join("evl/evl_core.rs");
    let mut rustfmt = Command::new("rustfmt");
    rustfmt.args(["--check", "--edition", "2021"]).arg(core);
    results.record("rustfmt of the core", output_of(&mut rustfmt).map(drop));
    Ok(results)
}

pub(crate) fn clippy(paths: &Paths) -> Result<Results> {
    let mut results = Results::default();
    for what in [
        &["--workspace"][..],
        &["--package", userland::LIBRARY, "--features", "posix"],
    ] {
        let args = [
            &["clippy", "--locked", "--all-targets", "--quiet"],
            what,
            &["--", "--deny", "warnings"],
        ]
        .concat();
        let name = format!("cargo clippy {}", what.join(" "));
        results.record(&name, cargo(paths, &args).map(drop));
    }
    Ok(results)
}

/// What runs on the host, as arguments of `cargo test`. The library runs over POSIX here, and is tested as it is where
/// there is a core; what needs none of that are its unit tests.
const UNIT: &[&[&str]] = &[
    &[
        "--workspace",
        "--exclude",
        userland::TARGET_TESTS,
        "--exclude",
        userland::ALTSCHED_TESTS,
        "--exclude",
        userland::LIBRARY,
    ],
    &["--package", userland::LIBRARY, "--features", "posix"],
    &["--package", userland::LIBRARY, "--lib"],
];

pub(crate) fn unit(paths: &Paths) -> Result<Results> {
    let mut results = Results::default();
    for args in UNIT {
        results.add(cargo_test(paths, args)?);
    }
    Ok(results)
}

fn cargo_test(paths: &Paths, args: &[&str]) -> Result<Results> {
    let args = [&["test", "--locked", "--no-fail-fast"], args].concat();
    let output = cargo_command(paths, &args).output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let results = Results::from_libtest(&text)?;
    if results.failures.is_empty() != output.status.success() {
        bail!(
            "cargo test ended with {}:\n{text}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    if !results.failures.is_empty() {
        println!("{text}");
    }
    Ok(results)
}

pub(crate) fn bindings(paths: &Paths) -> Result<Results> {
    Ok(Results::one(
        "evl-sys is what bindgen makes of the headers",
        bindings_of_uapi::run(&paths.repo, true),
    ))
}

pub(crate) fn docs(paths: &Paths) -> Result<Results> {
    let args = ["doc", "--locked", "--workspace", "--no-deps", "--quiet"];
    let output = cargo_command(paths, &args)
        .env("RUSTDOCFLAGS", "--deny warnings")
        .output()?;
    let outcome = if output.status.success() {
        Ok(())
    } else {
        Err(anyhow::anyhow!(
            "{}",
            String::from_utf8_lossy(&output.stderr)
        ))
    };
    Ok(Results::one("cargo doc", outcome))
}

/// The way from the repository to a git tree and back changes nothing, for each release of Linux.
pub(crate) fn series(paths: &Paths) -> Result<Results> {
    fs_err::create_dir_all(&paths.build)?;
    let mut results = round_trip(paths, &[])?;
    for next in paths.next_releases()? {
        let release = ["--linux", &next];
        match xtask(&[&release[..], &["kernel", "fetch"]].concat()) {
            Ok(_) => results.add(round_trip(paths, &release)?),
            Err(error) => results.skipped.push(format!("{error:#}")),
        }
    }
    Ok(results)
}

fn round_trip(paths: &Paths, release: &[&str]) -> Result<Results> {
    let folder = tempfile::tempdir_in(&paths.build)?;
    let tree = folder.path().join("tree");
    let tree = tree.to_string_lossy();
    let mut results = Results::default();
    for command in [
        &["kernel", "tree", &tree][..],
        &["kernel", "refresh", &tree, "--check"],
    ] {
        let command = [release, command].concat();
        let name = command.join(" ").replace(&*tree, "TREE");
        results.record(&name, xtask(&command).map(drop));
    }
    Ok(results)
}

/// Runs this very program and returns its standard output.
pub(crate) fn xtask(args: &[&str]) -> Result<String> {
    output_of(Command::new(std::env::current_exe()?).args(args))
}

fn cargo(paths: &Paths, args: &[&str]) -> Result<String> {
    output_of(&mut cargo_command(paths, args))
}

fn cargo_command(paths: &Paths, args: &[&str]) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .current_dir(&paths.repo)
        .args(args)
        .env("LIBCLANG_PATH", LIBCLANG_PATH);
    cargo
}

fn output_of(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("{command:?} does not start"))?;
    if !output.status.success() {
        bail!(
            "{}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
