// SPDX-License-Identifier: MIT OR Apache-2.0
//! What loads Linux in the image, and measures it as everybody does: Debian's hackbench, cyclictest and stress-ng.

use std::path::PathBuf;

use anyhow::Result;
use fs_err as fs;
use sha2::{Digest, Sha256};

use crate::board::Arch;
use crate::debian;
use crate::paths::Paths;

const PROGRAMS: &[&str] = &[
    "usr/bin/cyclictest",
    "usr/bin/hackbench",
    "usr/bin/stress-ng",
];

/// Their packages, and those of every library that they are linked with.
const PACKAGES: &[&str] = &[
    "rt-tests",
    "stress-ng",
    "libapparmor1",
    "libbsd0",
    "libc6",
    "libcrypt1",
    "libdrm2",
    "libegl1",
    "libexpat1",
    "libffi8",
    "libgbm1",
    "libgles2",
    "libglvnd0",
    "libjpeg62-turbo",
    "libjudydebian1",
    "libkmod2",
    "liblzma5",
    "libmd0",
    "libnuma1",
    "libsctp1",
    "libssl3",
    "libwayland-server0",
    "libxxhash0",
    "libzstd1",
    "zlib1g",
];
const PACKAGES_X86_64: &[&str] = &["libipsec-mb1"];

/// A folder with all of them, to be put into an image. Made once.
pub(crate) fn folder(paths: &Paths, arch: Arch) -> Result<PathBuf> {
    let mut packages = PACKAGES.to_vec();
    if arch == Arch::X86_64 {
        packages.extend(PACKAGES_X86_64);
    }
    let wanted = [packages.as_slice(), PROGRAMS].concat().join(" ");
    let name = format!("{:x}", Sha256::digest(wanted));
    let folder = paths.build.join(format!("load-{arch}-{}", &name[..8]));
    if folder.is_dir() {
        return Ok(folder);
    }
    fs::create_dir_all(&paths.build)?;
    let new = tempfile::tempdir_in(&paths.build)?;
    debian::install(paths, arch, &packages, PROGRAMS, new.path())?;
    fs::rename(new.keep(), &folder)?;
    Ok(folder)
}
