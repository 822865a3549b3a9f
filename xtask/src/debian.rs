// SPDX-License-Identifier: MIT OR Apache-2.0
//! Programs of Debian for the guest: packages fetched with apt, which verifies them, and unpacked, not installed.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use walkdir::WalkDir;

use crate::board::Arch;
use crate::logged;
use crate::paths::Paths;

/// Puts everything that is in a package below `to`.
pub(crate) fn unpack(paths: &Paths, arch: Arch, package: &str, to: &Path) -> Result<()> {
    let archive = fetch(paths, arch, package)?;
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--extract").arg(&archive).arg(to);
    logged::run_plain(
        &mut unpack,
        &format!("unpack {package} for {arch}"),
        &log(paths),
    )
}

/// Puts `programs` and the shared libraries of `packages` below `to`, at the paths that Debian has them at.
///
/// `packages` has to name those of the libraries, too.
pub(crate) fn install(
    paths: &Paths,
    arch: Arch,
    packages: &[&str],
    programs: &[&str],
    to: &Path,
) -> Result<()> {
    let all = tempfile::tempdir()?;
    for package in packages {
        unpack(paths, arch, package, all.path())?;
    }
    for program in programs {
        if !all.path().join(program).is_file() {
            bail!("there is no {program} in {}", packages.join(", "));
        }
    }
    for entry in WalkDir::new(all.path()) {
        let entry = entry?;
        let file = entry.path().strip_prefix(all.path())?;
        let wanted = programs.iter().any(|program| Path::new(program) == file);
        if entry.file_type().is_dir() || !(wanted || is_library(file)) {
            continue;
        }
        copy(entry.path(), &to.join(file))?;
    }
    Ok(())
}

/// A shared library where the loader looks for it: not the plug-ins in folders below.
fn is_library(file: &Path) -> bool {
    let name = file.file_name().and_then(OsStr::to_str).unwrap_or_default();
    let depth = file.components().count();
    let folder = file.components().next().map(|first| first.as_os_str());
    let in_usr = folder == Some(OsStr::new("usr"));
    let below_lib = file
        .components()
        .nth(usize::from(in_usr))
        .is_some_and(|lib| lib.as_os_str().to_string_lossy().starts_with("lib"));
    (name.ends_with(".so") || name.contains(".so."))
        && below_lib
        && depth <= 3 + usize::from(in_usr)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to.parent().context("a file has a folder")?)?;
    if from.is_symlink() {
        fs::os::unix::fs::symlink(fs::read_link(from)?, to)?;
    } else {
        fs::copy(from, to)?;
    }
    Ok(())
}

/// The package's archive, in the cache.
fn fetch(paths: &Paths, arch: Arch, package: &str) -> Result<PathBuf> {
    let archive = paths
        .downloads()
        .join(format!("{package}_{}.deb", arch.debian()));
    if archive.is_file() {
        return Ok(archive);
    }
    fs::create_dir_all(paths.downloads())?;
    let folder = tempfile::tempdir_in(paths.downloads())?;
    let mut fetch = Command::new("apt-get");
    fetch
        .current_dir(&folder)
        .args(["download", &format!("{package}:{}", arch.debian())]);
    let what = format!("fetch {package} for {arch}");
    logged::run_plain(&mut fetch, &what, &log(paths))?;
    let fetched = fs::read_dir(folder.path())?
        .next()
        .context("apt-get downloaded nothing")??
        .path();
    fs::rename(fetched, &archive)?;
    Ok(archive)
}

fn log(paths: &Paths) -> PathBuf {
    paths.logs().join("debian.log")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_where_the_loader_looks() {
        for file in [
            "lib64/ld-linux-x86-64.so.2",
            "lib/ld-linux-aarch64.so.1",
            "lib/x86_64-linux-gnu/libc.so.6",
            "usr/lib/x86_64-linux-gnu/libz.so.1.2.13",
        ] {
            assert!(is_library(Path::new(file)), "{file}");
        }
        for file in [
            "usr/lib/x86_64-linux-gnu/gconv/UTF-16.so",
            "usr/share/doc/x.so.1",
            "usr/bin/ldd",
            "etc/ld.so.conf",
        ] {
            assert!(!is_library(Path::new(file)), "{file}");
        }
    }
}
