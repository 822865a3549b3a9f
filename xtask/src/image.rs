// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask image`: the initramfs, and the archive format that the kernel unpacks.

use std::io::{self, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use cpio::newc;
use fs_err as fs;
use walkdir::WalkDir;

use crate::board::{Arch, Board};
use crate::busybox;
use crate::load;
use crate::paths::Paths;
use crate::userland;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A machine of conf/boards
    #[arg(short, long, default_value = "qemux86-64")]
    machine: String,
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    let board = Board::load(paths, &args.machine)?;
    crate::setup::run(paths, &crate::setup::Args::default())?;
    println!("{}", build(paths, board.arch)?.display());
    Ok(())
}

const FOLDERS: [&str; 12] = [
    "bin", "dev", "etc/evl", "proc", "root", "run", "sbin", "sys", "tmp", "usr/bin", "usr/sbin",
    "var",
];

/// Builds the image for `arch` and returns its path.
pub(crate) fn build(paths: &Paths, arch: Arch) -> Result<PathBuf> {
    let programs = userland::tools(paths, arch)?;
    let mut archive = Archive::new();
    for folder in FOLDERS {
        archive.folder(folder)?;
    }
    archive.tree(&paths.repo.join("conf/initramfs"))?;
    archive.tree(&load::folder(paths, arch)?)?;
    archive.file("bin/busybox", 0o755, &busybox::read(paths, arch)?)?;
    for program in programs {
        let name = program
            .file_name()
            .context("a program has a name")?
            .to_string_lossy()
            .into_owned();
        archive.file(&format!("usr/bin/{name}"), 0o755, &fs::read(&program)?)?;
    }
    let image = paths.build.join(format!("image-{arch}.cpio"));
    write_whole(&image, &archive.finish()?)?;
    Ok(image)
}

/// A newc archive under construction. The kernel unpacks several in a row, so an overlay is one more of them.
#[derive(Debug, Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
}

const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

impl Archive {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn folder(&mut self, name: &str) -> Result<()> {
        // The kernel makes no parents.
        let mut parents: Vec<&Path> = Path::new(name)
            .ancestors()
            .filter(|path| !path.as_os_str().is_empty())
            .collect();
        parents.reverse();
        for parent in parents {
            self.entry(&parent.to_string_lossy(), FOLDER | 0o755, &[])?;
        }
        Ok(())
    }

    pub(crate) fn file(&mut self, name: &str, permissions: u32, content: &[u8]) -> Result<()> {
        self.entry(name, FILE | permissions, content)
    }

    /// Everything below `root`, owned by root.
    pub(crate) fn tree(&mut self, root: &Path) -> Result<()> {
        for entry in WalkDir::new(root).min_depth(1).sort_by_file_name() {
            let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
            let name = entry
                .path()
                .strip_prefix(root)?
                .to_string_lossy()
                .into_owned();
            let kind = entry.file_type();
            if kind.is_dir() {
                self.entry(&name, FOLDER | 0o755, &[])?;
            } else if kind.is_symlink() {
                self.entry(
                    &name,
                    LINK | 0o777,
                    fs::read_link(entry.path())?.to_string_lossy().as_bytes(),
                )?;
            } else if kind.is_file() {
                let permissions = entry.metadata()?.permissions().mode() & 0o7777;
                self.file(&name, permissions, &fs::read(entry.path())?)?;
            } else {
                bail!(
                    "{} is neither file, folder nor link: it cannot go into an image",
                    entry.path().display()
                );
            }
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Vec<u8>> {
        let mut bytes = newc::trailer(self.bytes)?;
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        Ok(bytes)
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) -> Result<()> {
        let size = u32::try_from(content.len())
            .with_context(|| format!("{name} is too large for an image"))?;
        let mut writer = newc::Builder::new(name)
            .mode(mode)
            .nlink(1)
            .write(&mut self.bytes, size);
        writer.write_all(content)?;
        writer.finish()?;
        Ok(())
    }
}

/// Writes through a temporary name: the file is there whole or not at all.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new()
        .permissions(PermissionsExt::from_mode(0o644))
        .tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.persist(path)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names and sizes, as `cpio --list` would show them.
    fn entries(bytes: &[u8]) -> Vec<(String, u32)> {
        let mut rest = bytes;
        let mut found = Vec::new();
        loop {
            let reader = newc::Reader::new(rest).unwrap();
            let entry = reader.entry().clone();
            if entry.is_trailer() {
                return found;
            }
            found.push((entry.name().to_owned(), entry.file_size()));
            rest = reader.finish().unwrap();
        }
    }

    #[test]
    fn parents_come_before_their_files() {
        let mut archive = Archive::new();
        archive.folder("etc/evl").unwrap();
        archive.file("etc/evl/exec", 0o644, b"true\n").unwrap();
        let bytes = archive.finish().unwrap();
        assert_eq!(bytes.len() % 4, 0);
        assert_eq!(
            entries(&bytes),
            [
                ("etc".into(), 0),
                ("etc/evl".into(), 0),
                ("etc/evl/exec".into(), 5)
            ]
        );
    }

    #[test]
    fn an_overlay_keeps_links_and_modes() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        fs::write(dir.path().join("bin/hello"), "#!/bin/sh\n").unwrap();
        fs::set_permissions(
            dir.path().join("bin/hello"),
            PermissionsExt::from_mode(0o755),
        )
        .unwrap();
        std::os::unix::fs::symlink("hello", dir.path().join("bin/hi")).unwrap();
        let mut archive = Archive::new();
        archive.tree(dir.path()).unwrap();
        let bytes = archive.finish().unwrap();
        assert_eq!(
            entries(&bytes),
            [
                ("bin".into(), 0),
                ("bin/hello".into(), 10),
                ("bin/hi".into(), 5)
            ]
        );
        let reader = newc::Reader::new(&bytes[..]).unwrap();
        let reader = newc::Reader::new(reader.finish().unwrap()).unwrap();
        assert_eq!(reader.entry().mode(), FILE | 0o755);
    }

    #[test]
    fn a_device_in_an_overlay_is_refused_by_name() {
        let dir = tempfile::tempdir().unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(dir.path().join("socket")).unwrap();
        let error = Archive::new().tree(dir.path()).unwrap_err();
        assert!(error.to_string().contains("socket"), "{error}");
    }
}
