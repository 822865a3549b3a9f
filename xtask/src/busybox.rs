// SPDX-License-Identifier: MIT OR Apache-2.0
//! Debian's static busybox, the image's user space besides our own programs.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fs_err as fs;

use crate::board::Arch;
use crate::debian;
use crate::image::write_whole;
use crate::kernel::source;
use crate::paths::Paths;

/// Where the program is in the cache.
pub(crate) fn cached(paths: &Paths, arch: Arch) -> PathBuf {
    paths.downloads().join(format!("busybox-{arch}"))
}

/// Puts the program into the cache, if it is not there. apt verifies what it downloads.
pub(crate) fn fetch(paths: &Paths, arch: Arch) -> Result<()> {
    let program = cached(paths, arch);
    if program.is_file() && sum_file(&program).is_file() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let root = folder.path();
    debian::unpack(paths, arch, "busybox-static", root)?;
    let found = ["bin/busybox", "usr/bin/busybox"]
        .map(|path| root.join(path))
        .into_iter()
        .find(|path| path.is_file())
        .context("busybox-static holds no busybox")?;
    write_whole(&sum_file(&program), source::sha256(&found)?.as_bytes())?;
    write_whole(&program, &fs::read(found)?)?;
    Ok(())
}

/// The program, verified to be what was fetched.
pub(crate) fn read(paths: &Paths, arch: Arch) -> Result<Vec<u8>> {
    fetch(paths, arch)?;
    let program = cached(paths, arch);
    source::verify(&program, &fs::read_to_string(sum_file(&program))?)?;
    Ok(fs::read(program)?)
}

fn sum_file(program: &Path) -> PathBuf {
    program.with_extension("sha256")
}
