// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup`: installs what this host lacks. Does nothing, quickly, when nothing is missing.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::board::{Arch, Board};
use crate::busybox;
use crate::host::{self, BINDGEN_VERSION, Debian};
use crate::kernel::source;
use crate::logged;
use crate::paths::Paths;
use crate::qemu;

#[derive(Debug, Default, clap::Args)]
pub(crate) struct Args {
    /// Say what would be installed, and stop
    #[arg(long)]
    dry_run: bool,
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let missing = host::missing();
    if args.dry_run {
        for need in &missing {
            println!("missing: {}", need.what);
        }
        println!("packages: {}", Debian::detect()?.packages().join(" "));
        return Ok(());
    }
    if !missing.is_empty() {
        let names: Vec<&str> = missing.iter().map(|need| need.what).collect();
        install_packages(paths).with_context(|| format!("this host lacks {}", names.join(", ")))?;
    }
    if !paths.bindgen().is_file() {
        install_bindgen(paths)?;
    }
    // Verifying the large archive at every run would cost more than the run: extraction does it.
    if source::cached_archive(paths).is_none() {
        source::fetch(paths)?;
    }
    for arch in Arch::ALL {
        busybox::fetch(paths, arch)?;
    }
    Ok(())
}

/// QEMU with the machine of `board`. Debian 12's own has most; a newer one is installed only for a machine that needs it.
pub(crate) fn machine(paths: &Paths, board: &Board) -> Result<()> {
    let wanted = board.emulated()?;
    if qemu::has_machine(wanted) {
        return Ok(());
    }
    let lacks = format!("this host's QEMU cannot emulate {}", board.name);
    if Debian::detect()? != Debian::Bookworm {
        bail!("{lacks}: install a newer {}", wanted.program);
    }
    install_backported_qemu(paths).context(lacks.clone())?;
    if !qemu::has_machine(wanted) {
        bail!("{lacks}, and the one of {BACKPORTS} cannot either");
    }
    Ok(())
}

const BACKPORTS: &str = "bookworm-backports";

fn install_backported_qemu(paths: &Paths) -> Result<()> {
    let root = is_root()?;
    // From wherever this host has Debian 12 itself.
    let output = Command::new("apt-get")
        .args(["indextargets", "--format", "$(REPO_URI)"])
        .args(["Codename: bookworm", "Label: Debian"])
        .output()
        .context("apt-get does not run")?;
    let output = String::from_utf8(output.stdout)?;
    let source = output
        .lines()
        .next()
        .context("apt has no source of Debian 12 to take backports from")?;
    let list = format!("/etc/apt/sources.list.d/{BACKPORTS}.list");
    let line = format!("deb {source} {BACKPORTS} main");
    let write = format!("echo '{line}' > {list}");
    apt(paths, root, &["sh", "-c", &write], "add Debian's backports")?;
    apt(
        paths,
        root,
        &["apt-get", "update"],
        "read the package lists",
    )?;
    apt(
        paths,
        root,
        &[
            "apt-get",
            "install",
            "--yes",
            "--no-install-recommends",
            "--no-remove",
            "--target-release",
            BACKPORTS,
            "qemu-system-arm",
            "qemu-system-x86",
        ],
        "install a newer QEMU",
    )
}

fn apt(paths: &Paths, root: bool, args: &[&str], what: &str) -> Result<()> {
    let mut command = as_root(root, args);
    logged::run(&mut command, what, &paths.logs().join("apt.log"), |line| {
        line.starts_with("Get:") || line.starts_with("Setting up")
    })
}

fn install_packages(paths: &Paths) -> Result<()> {
    let release = Debian::detect()?;
    let root = is_root()?;
    let apt = |args: &[&str], what: &str| apt(paths, root, args, what);
    apt(
        &["dpkg", "--add-architecture", "arm64"],
        "allow arm64 packages",
    )?;
    apt(&["apt-get", "update"], "read the package lists")?;
    let packages = release.packages();
    let mut install = vec![
        "apt-get",
        "install",
        "--yes",
        "--no-install-recommends",
        "--no-remove",
    ];
    install.extend(packages.iter().map(String::as_str));
    apt(&install, "install packages")?;

    let still: Vec<&str> = host::missing().iter().map(|need| need.what).collect();
    if !still.is_empty() {
        bail!(
            "the packages are installed, but these are still missing: {}",
            still.join(", ")
        );
    }
    Ok(())
}

/// A command line that runs as root, whoever we are.
fn as_root(root: bool, args: &[&str]) -> Command {
    let mut command = Command::new(if root { "env" } else { "sudo" });
    command.arg("DEBIAN_FRONTEND=noninteractive").args(args);
    command
}

fn is_root() -> Result<bool> {
    let output = Command::new("id")
        .arg("-u")
        .output()
        .context("id(1) does not run")?;
    let root = output.stdout.trim_ascii() == b"0";
    if !root && which::which("sudo").is_err() {
        bail!(
            "packages must be installed, and you are neither root nor is there a sudo: run `cargo xtask setup` as root"
        );
    }
    Ok(root)
}

fn install_bindgen(paths: &Paths) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["install", "--locked", "--root"])
        .arg(paths.tools())
        .args(["bindgen-cli", "--version", BINDGEN_VERSION]);
    logged::run(
        &mut command,
        "install bindgen",
        &paths.logs().join("bindgen.log"),
        |line| line.trim_start().starts_with("Compiling"),
    )
}
