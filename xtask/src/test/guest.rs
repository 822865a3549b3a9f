// SPDX-License-Identifier: MIT OR Apache-2.0
//! Steps that boot the real kernel: its unit tests, and the target's tests in a running system.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::results::Results;
use crate::board::Arch;
use crate::guest::{Guest, complaints};
use crate::paths::Paths;
use crate::userland::{self, ALTSCHED_TESTS, LIBRARY, TARGET_TESTS};

/// The last lines of tests that run at boot, by the fragment that brings them.
const PASSED: &[(&str, &str)] = &[
    ("torture", "IRQ pipeline tests OK."),
    ("altsched", "IRQ pipeline tests OK."),
    ("altsched", "Dovetail tests OK."),
];

/// The packages whose tests run against EVL.
const EVL: &[&str] = &[TARGET_TESTS, LIBRARY];

/// Where the test programs are in the guest.
const TESTS: &str = "usr/lib/evl/tests";

/// One kernel a machine for all of it: unit tests, and the pipeline with its checks and its torture test, which run at boot.
const FRAGMENTS: &[&str] = &["kunit", "torture"];

/// Alternate scheduling, tried by a small core in the place of EVL.
const ALTSCHED: &[&str] = &["altsched"];

/// Without fragments, the kernel that `cargo xtask run` boots: without tests and checks in it.
const PLAIN: &[&str] = &[];

/// Machines of the virtual kind: their arguments to `cargo xtask run`.
const X86_64: &[&[&str]] = &[&["--smp", "1"], &["--smp", "2"], &["--smp", "4"]];
const ARM64: &[&[&str]] = &[
    &["--smp", "1", "--gic", "3"],
    &["--smp", "1", "--gic", "2"],
    &["--smp", "2", "--gic", "2"],
    &["--smp", "2", "--gic", "3"],
    &["--smp", "4", "--gic", "2"],
    &["--smp", "4", "--gic", "3"],
];

pub(crate) fn x86_64(paths: &Paths) -> Result<Results> {
    run(paths, Arch::X86_64, "qemux86-64", X86_64)
}

/// On the machine whose kernel is the quicker one to build.
pub(crate) fn plain(paths: &Paths) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    let programs = install_tests(paths, Arch::X86_64, EVL, overlay.path())?;
    let guest = Guest {
        machine: "qemux86-64",
        fragments: PLAIN.to_vec(),
        overlay: overlay.path().to_owned(),
    };
    boot(&guest, "qemux86-64 as shipped", &["--smp", "2"], programs)
}

pub(crate) fn arm64(paths: &Paths) -> Result<Results> {
    run(paths, Arch::Arm64, "qemuarm64", ARM64)
}

pub(crate) fn altsched_x86_64(paths: &Paths) -> Result<Results> {
    altsched(paths, Arch::X86_64, "qemux86-64", X86_64)
}

pub(crate) fn altsched_arm64(paths: &Paths) -> Result<Results> {
    altsched(paths, Arch::Arm64, "qemuarm64", ARM64)
}

fn altsched(paths: &Paths, arch: Arch, machine: &str, variants: &[&[&str]]) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    let programs = install_tests(paths, arch, &[ALTSCHED_TESTS], overlay.path())?;
    let guest = Guest {
        machine,
        fragments: ALTSCHED.to_vec(),
        overlay: overlay.path().to_owned(),
    };
    Ok(boot_all(&guest, variants, programs))
}

/// What the kernel's command line does: arguments, a command in the guest, what its output has, its exit status.
const COMMAND_LINES: &[(&str, &str, &str, i32)] = &[
    (
        "evl.oobcpus=1 isolcpus=1",
        "cat /sys/devices/virtual/evl/control/cpus; evl check | grep isolated",
        "ok",
        0,
    ),
    ("evl.oobcpus=1", "evl info", "oob CPUs         1\n", 0),
    (
        "evl.oobcpus=9-",
        "dmesg | grep evl:",
        "evl.oobcpus=9- is not a list of CPUs",
        0,
    ),
    (
        "evl.state=stopped",
        "cat /sys/devices/virtual/evl/control/state",
        "stopped\n",
        0,
    ),
    (
        "evl.state=sideways",
        "dmesg | grep evl:; cat /sys/devices/virtual/evl/control/state",
        "running\n",
        0,
    ),
    ("evl.state=disabled", "evl info 2>&1", "disabled", 1),
    (
        "",
        "rm -r /dev/evl; evl info 2>&1",
        "no EVL core in this kernel",
        3,
    ),
];

fn run(paths: &Paths, arch: Arch, machine: &str, variants: &[&[&str]]) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    let programs = install_tests(paths, arch, EVL, overlay.path())?;
    let guest = Guest {
        machine,
        fragments: FRAGMENTS.to_vec(),
        overlay: overlay.path().to_owned(),
    };

    let mut results = boot_all(&guest, variants, programs);
    for (append, command, wanted, status) in COMMAND_LINES {
        let output = guest.run(&["--append", append], command)?;
        let outcome = output
            .exits(*status)
            .and_then(|()| output.contains(&output.stdout, wanted));
        results.record(&format!("{machine} `{append}`: {command}"), outcome);
    }
    results.record(
        &format!("{machine}: a panic ends the run at once"),
        panic(&guest),
    );
    Ok(results)
}

fn boot_all(guest: &Guest<'_>, variants: &[&[&str]], programs: usize) -> Results {
    let mut results = Results::default();
    for variant in variants {
        let name = format!(
            "{} {} {}",
            guest.machine,
            guest.fragments.join(" "),
            variant.join(" ")
        );
        let outcome = boot(guest, &name, variant, programs);
        results.add(outcome.unwrap_or_else(|error| Results::failure(&name, &format!("{error:#}"))));
    }
    results
}

/// Returns the number of programs.
fn install_tests(paths: &Paths, arch: Arch, packages: &[&str], overlay: &Path) -> Result<usize> {
    let folder = overlay.join(TESTS);
    fs::create_dir_all(&folder)?;
    let programs = userland::target_tests(paths, arch, packages)?;
    for program in &programs {
        let name = program.file_name().context("a program has a name")?;
        fs::copy(program, folder.join(name))?;
    }
    Ok(programs.len())
}

/// One boot: all tests in the kernel, all programs of the target's tests, and no complaint in the kernel log after them.
fn boot(guest: &Guest<'_>, name: &str, variant: &[&str], programs: usize) -> Result<Results> {
    let command = format!(
        "s=0; for test in /{TESTS}/*; do $test --test-threads=1 2>&1 || s=1; done; dmesg; exit $s"
    );
    let output = guest.run(variant, &command)?;
    let ended = output.stdout.matches("test result: ").count();
    if !matches!(output.status, Some(0 | 1)) || ended != programs {
        bail!(
            "{ended} of {programs} programs came to their end, exit status {:?}\n{}\n{}",
            output.status,
            output.stdout,
            output.stderr
        );
    }
    let mut results = Results::from_libtest(&output.stdout)?;
    if guest.fragments.contains(&"kunit") {
        results.add(Results::from_ktap(&output.stdout)?);
    }
    for (fragment, line) in PASSED {
        if guest.fragments.contains(fragment) {
            let passed = output.contains(&output.stdout, line);
            results.record(&format!("{name}: {line}"), passed);
        }
    }
    results.record(&format!("{name}: kernel log"), complaints(&output.stdout));
    if !results.failures.is_empty() {
        println!("{}", output.stdout);
    }
    Ok(results)
}

/// Seconds from the panic to the end of QEMU, for which a busy machine may take its time.
const PANIC_SECONDS: u64 = 20;

fn panic(guest: &Guest<'_>) -> Result<()> {
    let started = Instant::now();
    guest.run(&[], "true")?;
    let boot = started.elapsed();
    let started = Instant::now();
    let output = guest.run(
        &["--timeout", "300"],
        "echo c > /proc/sysrq-trigger; sleep 300",
    )?;
    let more = started.elapsed().saturating_sub(boot).as_secs();
    output.exits(125)?;
    output.contains(&output.stderr, "the guest died")?;
    output.contains(&output.stderr, "Kernel panic - not syncing")?;
    if more > PANIC_SECONDS {
        bail!("it took {more} s more than a boot without a panic");
    }
    Ok(())
}
