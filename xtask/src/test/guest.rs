// SPDX-License-Identifier: MIT OR Apache-2.0
//! Steps that boot the real kernel: its unit tests, and the target's tests in a running system.

use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::results::Results;
use crate::board::Arch;
use crate::paths::Paths;
use crate::userland;

/// Where the test programs are in the guest.
const TESTS: &str = "usr/lib/evl/tests";

/// Machines of the virtual kind: their arguments to `cargo xtask run`.
const X86_64: &[&[&str]] = &[&["--smp", "1"], &["--smp", "2"], &["--smp", "4"]];
const ARM64: &[&[&str]] = &[
    &["--smp", "1"],
    &["--smp", "2", "--gic", "2"],
    &["--smp", "4", "--gic", "3"],
];

pub(crate) fn x86_64(paths: &Paths) -> Result<Results> {
    run(paths, Arch::X86_64, "qemux86-64", X86_64)
}

pub(crate) fn arm64(paths: &Paths) -> Result<Results> {
    run(paths, Arch::Arm64, "qemuarm64", ARM64)
}

fn run(paths: &Paths, arch: Arch, machine: &str, variants: &[&[&str]]) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    let folder = overlay.path().join(TESTS);
    fs::create_dir_all(&folder)?;
    for program in userland::target_tests(paths, arch)? {
        fs::copy(
            &program,
            folder.join(program.file_name().context("a program has a name")?),
        )?;
    }
    let overlay = overlay.path().to_string_lossy().into_owned();
    let guest = |variant: &[&str], command: &str| {
        let mut xtask = Command::new(std::env::current_exe()?);
        xtask.args([
            "run",
            "--machine",
            machine,
            "--kernel-config",
            "kunit",
            "--overlay",
            &overlay,
        ]);
        let output = xtask.args(variant).args(["--exec", command]).output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        anyhow::Ok((
            output.status.code(),
            text,
            String::from_utf8_lossy(&output.stderr).into_owned(),
        ))
    };

    let mut results = Results::default();
    for variant in variants {
        results.add(boot(&guest, machine, variant).unwrap_or_else(|error| {
            Results::failure(
                &format!("{machine} {}", variant.join(" ")),
                &format!("{error:#}"),
            )
        }));
    }
    results.record(
        "the command's status is run's",
        exits(
            &guest("--smp 1".split(' ').collect::<Vec<_>>().as_slice(), "false")?,
            1,
        ),
    );
    let panicked = guest(&[], "echo c > /proc/sysrq-trigger; sleep 60")?;
    results.record("a panic ends the run at once", exits(&panicked, 125));
    let oops = if panicked.2.contains("Kernel panic - not syncing") {
        Ok(())
    } else {
        Err(anyhow::anyhow!("{}", panicked.2))
    };
    results.record("a panic is on screen", oops);
    Ok(results)
}

type Output = (Option<i32>, String, String);

/// One boot: no complaint in the kernel log, all KUnit cases, all programs of the target's tests.
fn boot(
    guest: &impl Fn(&[&str], &str) -> Result<Output>,
    machine: &str,
    variant: &[&str],
) -> Result<Results> {
    let command = format!("dmesg; for test in /{TESTS}/*; do $test 2>&1; done");
    let (status, output, errors) = guest(variant, &command)?;
    if status != Some(0) && !output.contains("test result: ") {
        bail!("exit status {status:?}\n{output}\n{errors}");
    }
    let mut results = Results::from_ktap(&output)?;
    results.add(Results::from_libtest(&output)?);
    let name = format!(
        "{machine} {}: kernel log without complaints",
        variant.join(" ")
    );
    results.record(&name, complaints(&output));
    if !results.failures.is_empty() {
        println!("{output}");
    }
    Ok(results)
}

/// Words with which the kernel says that something is wrong with it.
fn complaints(log: &str) -> Result<()> {
    const WORDS: [&str; 6] = [
        "WARNING:",
        "BUG:",
        "Oops",
        "rcu: INFO:",
        "Call Trace:",
        "Call trace:",
    ];
    let found: Vec<&str> = log
        .lines()
        .filter(|line| WORDS.iter().any(|word| line.contains(word)))
        .collect();
    if !found.is_empty() {
        bail!("{}", found.join("\n"));
    }
    Ok(())
}

fn exits(output: &Output, wanted: i32) -> Result<()> {
    if output.0 != Some(wanted) {
        bail!(
            "exit status {:?}, wanted {wanted}\n{}\n{}",
            output.0,
            output.1,
            output.2
        );
    }
    Ok(())
}
