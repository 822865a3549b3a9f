// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask doctor`: what this host has and lacks.

use std::process::ExitCode;

use anyhow::Result;

use crate::board::Arch;
use crate::busybox;
use crate::host::{self, Debian};
use crate::kernel::source;
use crate::paths::Paths;

/// Exits with 1 when something is missing.
pub(crate) fn run(paths: &Paths) -> Result<ExitCode> {
    let mut healthy = true;
    let mut line = |ok: bool, what: &str, found: String| {
        healthy &= ok;
        println!(
            "{} {what:<28} {found}",
            if ok { "ok     " } else { "missing" }
        );
    };

    match Debian::detect() {
        Ok(release) => line(true, "host", format!("Debian, {release:?}")),
        Err(error) => line(false, "host", error.to_string()),
    }
    for need in host::needs() {
        let found = need.find();
        line(
            found.is_some(),
            need.what,
            found
                .map(|path| path.display().to_string())
                .unwrap_or_default(),
        );
    }
    let bindgen = paths.bindgen();
    line(bindgen.is_file(), "bindgen", bindgen.display().to_string());
    match source::cached_archive(paths) {
        Some(archive) => line(true, "kernel source", archive.display().to_string()),
        None => line(
            false,
            "kernel source",
            format!("none in {}", paths.downloads().display()),
        ),
    }
    for arch in Arch::ALL {
        let busybox = busybox::cached(paths, arch);
        line(
            busybox.is_file(),
            &format!("busybox for {arch}"),
            busybox.display().to_string(),
        );
    }
    if healthy {
        return Ok(ExitCode::SUCCESS);
    }
    println!("\n`cargo xtask setup` installs what is missing.");
    Ok(ExitCode::FAILURE)
}
