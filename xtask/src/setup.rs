// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask setup`: installs what this host lacks. Does nothing, quickly, when nothing is missing.

use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::board::Arch;
use crate::busybox;
use crate::host::{self, BINDGEN_VERSION, Debian};
use crate::kernel::source;
use crate::logged;
use crate::paths::Paths;

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
        let packages = Debian::detect()?.packages().join(" ");
        println!("packages: {packages} {}", host::QEMU_PACKAGES.join(" "));
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

const BACKPORTS: &str = "bookworm-backports";

/// Has apt know the backports, from wherever this host has Debian 12 itself.
fn add_backports(paths: &Paths, root: bool) -> Result<()> {
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
    apt(paths, root, &["sh", "-c", &write], "add Debian's backports")
}

fn apt(paths: &Paths, root: bool, args: &[&str], what: &str) -> Result<()> {
    let mut command = as_root(root, args);
    logged::run(&mut command, what, &paths.logs().join("apt.log"), |line| {
        line.starts_with("Get:") || line.starts_with("Setting up")
    })
}

const INSTALL: &[&str] = &[
    "apt-get",
    "install",
    "--yes",
    "--no-install-recommends",
    "--no-remove",
];

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
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    apt(&[INSTALL, &packages].concat(), "install packages")?;
    let mut qemu = INSTALL.to_vec();
    if release == Debian::Bookworm {
        // apt has no indices of this host's sources before the first update.
        add_backports(paths, root)?;
        apt(&["apt-get", "update"], "read the package lists")?;
        qemu.extend(["--target-release", BACKPORTS]);
    }
    apt(&[&qemu, host::QEMU_PACKAGES].concat(), "install QEMU")?;

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
