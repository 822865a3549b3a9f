// SPDX-License-Identifier: MIT OR Apache-2.0
//! Bad input to xtask itself: each gives one clear error, and leaves nothing half-done behind.

use std::path::Path;
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::results::Results;
use crate::paths::Paths;

/// A command line that is refused, and what its error says.
type Refusal = (&'static str, &'static [&'static str], &'static str);

const REFUSALS: &[Refusal] = &[
    (
        "an unknown machine",
        &["run", "--machine", "pdp11"],
        "unknown machine `pdp11`: conf/boards has ",
    ),
    (
        "a machine that is no QEMU",
        &["run", "--machine", "raspberrypi5"],
        "raspberrypi5 cannot be emulated",
    ),
    (
        "an unknown fragment",
        &["kernel", "--kernel-config", "none"],
        "there is no fragment `none`",
    ),
    (
        "an overlay that is not there",
        &["run", "--overlay", "/nonexistent"],
        "--overlay /nonexistent: there is no such",
    ),
    (
        "a GIC on a PC",
        &["run", "--gic", "3", "--exec", "true"],
        "qemux86-64 has no GIC",
    ),
    (
        "an existing tree",
        &["kernel", "tree", "/"],
        "/ exists already",
    ),
    (
        "a folder that is no tree",
        &["kernel", "refresh", "/"],
        "is not a tree made by `cargo xtask kernel tree`",
    ),
];

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let mut results = Results::default();
    for (name, args, message) in REFUSALS {
        results.record(name, refused(args, message));
    }
    results.record("a corrupted download", corrupted_download(paths));
    // Containers often forbid what this one needs.
    if may_mount() {
        results.record("a full disk", full_disk());
    } else {
        results
            .skipped
            .push("a full disk: no mount namespaces here".to_owned());
    }
    results.record("a missing tool", missing_tool());
    results.record("a fragment with an unknown symbol", unknown_symbol());
    Ok(results)
}

fn corrupted_download(paths: &Paths) -> Result<()> {
    let cache = tempfile::tempdir()?;
    let good = crate::kernel::source::cached_archive(paths).context("no archive in the cache")?;
    let bad = cache
        .path()
        .join("downloads")
        .join(good.file_name().context("an archive has a name")?);
    fs::create_dir_all(cache.path().join("downloads"))?;
    fs::write(&bad, "not an archive")?;
    let output = xtask(&["kernel", "fetch"])
        .env("EVL_CACHE_DIR", cache.path())
        .output()?;
    expect(&output, &["is corrupted (sha256 ", "run the command again"])?;
    if bad.exists() {
        bail!("the corrupted file is still there");
    }
    Ok(())
}

fn may_mount() -> bool {
    let probe = Command::new("unshare")
        .args(["--map-root-user", "--mount", "true"])
        .output();
    probe.is_ok_and(|output| output.status.success())
}

/// A small file system in a mount namespace of its own is full soon.
fn full_disk() -> Result<()> {
    let disk = tempfile::tempdir()?;
    let script = format!(
        "mount -t tmpfs -o size=20m tmpfs {disk}; {xtask} kernel tree {disk}/tree; status=$?; ls -A {disk} >&2; exit $status",
        disk = disk.path().display(),
        xtask = std::env::current_exe()?.display(),
    );
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .output()
        .context("unshare")?;
    expect(&output, &["No space left on device", "its log is"])?;
    if String::from_utf8_lossy(&output.stderr)
        .lines()
        .any(|line| line.starts_with("tree"))
    {
        bail!("a half-extracted tree was left behind");
    }
    Ok(())
}

/// With nothing on PATH, and so no way to install anything.
fn missing_tool() -> Result<()> {
    let empty = tempfile::tempdir()?;
    let output = xtask(&["run"]).env("PATH", empty.path()).output()?;
    expect(&output, &["QEMU 9 or later for x86_64", "clang 19"])?;
    let doctor = xtask(&["doctor"]).env("PATH", empty.path()).output()?;
    let text = String::from_utf8_lossy(&doctor.stdout);
    if doctor.status.code() != Some(1) || !text.contains("missing QEMU 9 or later for arm64") {
        bail!("doctor: {}\n{text}", doctor.status);
    }
    Ok(())
}

fn unknown_symbol() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let fragment = folder.path().join("typo.cfg");
    fs::write(&fragment, "CONFIG_NO_SUCH_SYMBOL=y\n")?;
    let args = ["kernel", "--kernel-config", &fragment.to_string_lossy()];
    refused(&args, "this kernel has no symbol CONFIG_NO_SUCH_SYMBOL")
}

fn refused(args: &[&str], message: &str) -> Result<()> {
    expect(&xtask(args).output()?, &[message])
}

fn xtask(args: &[&str]) -> Command {
    let mut command =
        Command::new(std::env::current_exe().unwrap_or_else(|_| Path::new("xtask").into()));
    command.args(args);
    command
}

fn expect(output: &Output, words: &[&str]) -> Result<()> {
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.code() != Some(125) {
        bail!("exit status {}, wanted 125:\n{text}", output.status);
    }
    match words.iter().find(|word| !text.contains(**word)) {
        Some(word) => bail!("the error does not say `{word}`:\n{text}"),
        None => Ok(()),
    }
}
