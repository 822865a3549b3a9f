// SPDX-License-Identifier: MIT OR Apache-2.0
//! The core under KASAN, lockdep and the pipeline's checks, where a warning is a panic: random requests, from processes
//! that die at any time.

use anyhow::Result;
use fs_err as fs;

use super::results::Results;
use crate::board::Arch;
use crate::guest::{Guest, complaints};
use crate::paths::Paths;
use crate::userland;

const FRAGMENTS: &[&str] = &["debug", "kunit"];

/// How long random requests are made, with each number of CPUs.
const SECONDS: u64 = 60;

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    let folder = overlay.path().join("usr/bin");
    fs::create_dir_all(&folder)?;
    let program = userland::program(paths, Arch::X86_64, userland::FUZZ)?;
    fs::copy(program, folder.join(userland::FUZZ))?;
    let guest = Guest {
        machine: "qemux86-64",
        fragments: FRAGMENTS.to_vec(),
        overlay: overlay.path().to_owned(),
    };

    let mut results = Results::default();
    for cpus in ["1", "2"] {
        let name = format!("random requests to a checking kernel with {cpus} CPUs");
        results.record(&name, fuzz(&guest, cpus));
    }
    Ok(results)
}

fn fuzz(guest: &Guest<'_>, cpus: &str) -> Result<()> {
    let output = guest.run(
        &["--smp", cpus, "--append", "panic_on_warn=1"],
        &format!("{} --seconds {SECONDS} && dmesg", userland::FUZZ),
    )?;
    if let Some(seed) = output.stdout.lines().find(|line| line.starts_with("seed ")) {
        println!("random requests with {cpus} CPUs: {seed}");
    }
    output.exits(0)?;
    complaints(&output.stdout)
}
