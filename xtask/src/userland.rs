// SPDX-License-Identifier: MIT OR Apache-2.0
//! The target's programs, cross-compiled as static binaries: the image needs no library.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;
use tempfile::TempDir;

use crate::board::Arch;
use crate::host::RUSTC;
use crate::logged;
use crate::paths::Paths;

/// Programs of the image, as cargo packages.
const TOOLS: [&str; 3] = ["evl-tools", "hectic", "latmus"];

/// What measures and loads Linux on the target.
const EXERCISE: &str = "evl-exercise";

/// What tries random requests.
pub(crate) const FUZZ: &str = "evl-fuzz";

/// The package whose integration tests run on the target, against EVL.
pub(crate) const TARGET_TESTS: &str = "evl-target-tests";

/// The library: its tests and examples run on the target, against EVL, and on the host, over POSIX.
pub(crate) const LIBRARY: &str = "evl";

/// The package whose integration tests run on the target, against the small core that tests Dovetail.
pub(crate) const ALTSCHED_TESTS: &str = "evl-altsched-tests";

/// Builds the tools and returns the paths of their programs.
pub(crate) fn tools(paths: &Paths, arch: Arch) -> Result<Vec<PathBuf>> {
    let mut cargo = cargo(paths, arch, "build", "release");
    for package in TOOLS {
        cargo.args(["--package", package]);
    }
    executables(paths, &mut cargo, arch, "tools")
}

/// Builds a package with one program, and returns its path.
pub(crate) fn program(paths: &Paths, arch: Arch, package: &str) -> Result<PathBuf> {
    let mut cargo = cargo(paths, arch, "build", "release");
    cargo.args(["--package", package]);
    let programs = executables(paths, &mut cargo, arch, package)?;
    programs
        .into_iter()
        .next()
        .context("cargo built no program")
}

/// A folder to add to an image: our own program for measuring and loading. hackbench and the like are in the image.
pub(crate) fn exercise_overlay(paths: &Paths, arch: Arch) -> Result<TempDir> {
    let overlay = tempfile::tempdir()?;
    let programs = overlay.path().join("usr/bin");
    fs::create_dir_all(&programs)?;
    fs::copy(program(paths, arch, EXERCISE)?, programs.join(EXERCISE))?;
    Ok(overlay)
}

/// Builds the tests of packages, which run on the target, and returns the paths of their programs.
pub(crate) fn target_tests(paths: &Paths, arch: Arch, packages: &[&str]) -> Result<Vec<PathBuf>> {
    let mut cargo = cargo(paths, arch, "test", "target-tests");
    cargo.arg("--no-run");
    for package in packages {
        cargo.args(["--package", package]);
    }
    executables(paths, &mut cargo, arch, &packages.join("+"))
}

fn cargo(paths: &Paths, arch: Arch, command: &str, profile: &str) -> Command {
    let target = arch.rust_target();
    let variable = format!("CARGO_TARGET_{}", target.to_uppercase().replace('-', "_"));
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo
        .current_dir(&paths.repo)
        .args([
            command,
            "--locked",
            "--profile",
            profile,
            "--target",
            target,
            "--message-format=json-render-diagnostics",
        ])
        .arg("--target-dir")
        .arg(paths.build.join("userland"))
        .env("RUSTC", RUSTC)
        .env(format!("{variable}_LINKER"), arch.linker())
        .env(
            format!("{variable}_RUSTFLAGS"),
            "-Ctarget-feature=+crt-static",
        )
        .env_remove("RUSTFLAGS");
    cargo
}

/// The part of cargo's messages that names what it built.
#[derive(Debug, Deserialize)]
struct Message {
    executable: Option<PathBuf>,
}

fn executables(paths: &Paths, cargo: &mut Command, arch: Arch, what: &str) -> Result<Vec<PathBuf>> {
    let log = paths.logs().join(format!("{what}-{arch}.log"));
    let is_crate = |line: &str| line.contains("\"reason\":\"compiler-artifact\"");
    logged::run(
        cargo,
        &format!("build the {what} for {arch}"),
        &log,
        is_crate,
    )?;
    let programs = programs(&log)?;
    if programs.is_empty() {
        bail!("cargo built no program; its log is {}", log.display());
    }
    Ok(programs)
}

fn programs(log: &Path) -> Result<Vec<PathBuf>> {
    let text = fs_err::read_to_string(log)?;
    let messages = text.lines().filter(|line| line.starts_with('{'));
    messages
        .map(|line| {
            serde_json::from_str::<Message>(line).context("cargo's messages are not as expected")
        })
        .filter_map(|message| message.map(|message| message.executable).transpose())
        .collect()
}
