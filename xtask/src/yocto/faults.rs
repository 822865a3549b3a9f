// SPDX-License-Identifier: MIT OR Apache-2.0
//! Deliberate faults: each ends in one message that names it. They prove, too, that the checks can fail.

use std::path::Path;

use anyhow::{Result, bail};
use fs_err as fs;

use super::parse::{Build, Parse};
use super::tools::Tools;
use crate::board::Arch;
use crate::paths::Paths;
use crate::test::results::Results;

/// A line of local.conf, and what is said of it.
const CONFIGURATIONS: [(&str, &str, &[&str]); 5] = [
    (
        "our kernel without the switch",
        "OE_FRAGMENTS = \"\"\nPREFERRED_PROVIDER_virtual/kernel = \"linux-evl\"",
        &["not in DISTRO_FEATURES", "enable-fragment evl/evl"],
    ),
    (
        "a musl target",
        "TCLIBC = \"musl\"",
        &["needs glibc", "TCLIBC"],
    ),
    (
        "a 32-bit target",
        "TARGET_ARCH = \"arm\"",
        &["64-bit", "arm"],
    ),
    (
        "a kernel without Rust",
        "KERNEL_FEATURES:remove = \"rust\"",
        &["KERNEL_FEATURES has no \"rust\""],
    ),
    (
        "a layer without its repository",
        "EVL_REPOSITORY = \"/nonexistent\"",
        &["check the whole repository out"],
    ),
];

/// A file of the repository, what is replaced in it, by what, and what is said of it.
const SOURCES: [(&str, &str, &str, &str, &[&str]); 6] = [
    (
        "a library of another ABI",
        "libevl-rs/evl-sys/src/bindings.rs",
        "EVL_ABI_LEVEL: u32 = 36",
        "EVL_ABI_LEVEL: u32 = 37",
        &["ABI 36", "ABI 37", "cargo xtask bindgen"],
    ),
    (
        "a series that names a missing patch",
        "kernel-evl/dovetail/series",
        "\n",
        "\n0000-missing.patch\n",
        &["0000-missing.patch"],
    ),
    (
        "a crate that no registry has",
        "Cargo.lock",
        "source = \"registry+",
        "source = \"unknown+",
        &["no registry is known by that"],
    ),
    (
        "a recipe that is not bitbake's language",
        "meta-evl/recipes-evl/evl-tools/evl-tools_0.1.0.bb",
        "inherit evl_workspace",
        "inherit evl_workspace\ndo_install() {",
        &["evl-tools_0.1.0.bb"],
    ),
    (
        "a layer for another release",
        "meta-evl/conf/layer.conf",
        "\"wrynose blacksail\"",
        "\"kirkstone\"",
        &["evl", "not compatible"],
    ),
    (
        "an append to no recipe",
        "meta-evl/conf/layer.conf",
        "recipes-*/*/*.bbappend",
        "dynamic-layers/raspberrypi/recipes-*/*/*.bbappend \\\n    ${LAYERDIR}/append.bbappend",
        &["append"],
    ),
];

pub(crate) fn check(paths: &Paths, tools: &Tools) -> Result<Results> {
    let mut results = Results::default();
    for (name, lines, expected) in CONFIGURATIONS {
        let build = Build::new(paths, "qemux86-64", Arch::X86_64).with(lines);
        results.record(
            &format!("bad input: {name}"),
            build
                .parse(paths, tools)
                .and_then(|parse| says(&parse, expected)),
        );
    }
    for (name, file, from, to, expected) in SOURCES {
        results.record(
            &format!("bad input: {name}"),
            changed(paths, tools, file, from, to).and_then(|parse| says(&parse, expected)),
        );
    }
    Ok(results)
}

/// Parses with one file of the repository changed.
fn changed(paths: &Paths, tools: &Tools, file: &str, from: &str, to: &str) -> Result<Parse> {
    let copy = tempfile::tempdir()?;
    link_all_but(&paths.repo, copy.path(), file)?;
    let text = fs::read_to_string(paths.repo.join(file))?;
    if !text.contains(from) {
        bail!("{file} has no `{from}` to replace");
    }
    fs::write(copy.path().join(file), text.replacen(from, to, 1))?;
    fs::write(copy.path().join("meta-evl/append.bbappend"), "")?;
    let mut build = Build::new(paths, "qemux86-64", Arch::X86_64);
    build.layer = copy.path().join("meta-evl");
    build.parse(paths, tools)
}

/// A copy of the repository that shares every folder on no way to `file`, and to the layer's top.
fn link_all_but(from: &Path, to: &Path, file: &str) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let target = to.join(&name);
        match file.split_once('/') {
            Some((first, rest)) if first == name => {
                fs::create_dir(&target)?;
                link_all_but(&entry.path(), &target, rest)?;
            }
            _ if file == name => {}
            _ if name == "meta-evl" => {
                fs::create_dir(&target)?;
                link_all_but(&entry.path(), &target, "")?;
            }
            _ => fs_err::os::unix::fs::symlink(entry.path(), target)?,
        }
    }
    Ok(())
}

/// Exactly one error, with these words; or a recipe that is skipped for them.
fn says(parse: &Parse, expected: &[&str]) -> Result<()> {
    let messages = parse.errors.iter().chain(parse.skipped.values());
    let fits = |message: &&String| expected.iter().all(|part| message.contains(part));
    if messages.filter(fits).count() == 0 {
        bail!(
            "nothing said {expected:?}: {:?} {:?}",
            parse.errors,
            parse.skipped
        );
    }
    Ok(())
}
