// SPDX-License-Identifier: MIT OR Apache-2.0
//! `conf/boards/*.toml`: one file a machine, read by the quick build and held against the kas files.

use std::fmt;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;

use crate::paths::Paths;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Arch {
    #[serde(rename = "x86_64")]
    X86_64,
    Arm64,
}

impl Arch {
    pub(crate) const ALL: [Self; 2] = [Self::X86_64, Self::Arm64];

    /// The kernel's `ARCH=`.
    pub(crate) fn kernel(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    pub(crate) fn rust_target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// The linker for the target's user space.
    pub(crate) fn linker(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-linux-gnu-gcc",
            Self::Arm64 => "aarch64-linux-gnu-gcc",
        }
    }

    pub(crate) fn debian(self) -> &'static str {
        match self {
            Self::X86_64 => "amd64",
            Self::Arm64 => "arm64",
        }
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kernel())
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Board {
    /// The file's name without `.toml`: Yocto's name of the machine.
    #[serde(skip)]
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) arch: Arch,
    pub(crate) kernel: Kernel,
    pub(crate) console: Console,
    /// Absent: the machine cannot be emulated, only built for.
    pub(crate) qemu: Option<Qemu>,
    pub(crate) yocto: Yocto,
    pub(crate) status: Status,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Kernel {
    /// Path of the bootable image in the kernel's build folder.
    pub(crate) image: PathBuf,
    /// Device trees that the board's firmware wants, below `arch/*/boot/dts`.
    pub(crate) device_tree: Vec<PathBuf>,
    /// Names of `kernel-evl/config/*.cfg`, in order.
    pub(crate) fragments: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Console {
    pub(crate) device: String,
    pub(crate) baud: u32,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Qemu {
    pub(crate) program: String,
    /// `{gic}` stands for the GIC's version.
    pub(crate) args: Vec<String>,
    /// Added to the kernel's command line on the emulated machine.
    #[serde(default)]
    pub(crate) append: String,
    /// GIC versions that the machine can have; the first is the default.
    #[serde(default)]
    pub(crate) gic: Vec<u8>,
    /// Number of CPUs, if the machine has just one.
    pub(crate) smp: Option<u8>,
    /// Device tree to boot with, below `arch/*/boot/dts`, if QEMU does not make one.
    pub(crate) device_tree: Option<PathBuf>,
    /// The guest's second serial port, if the machine has no PCI: it carries the command's output to the host.
    pub(crate) serial_port: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Yocto {
    pub(crate) machine: String,
    pub(crate) kas: PathBuf,
}

/// What was really done with this machine; the README's table is held against it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Status {
    pub(crate) built: String,
    pub(crate) booted: String,
    pub(crate) measured: String,
}

impl Board {
    pub(crate) fn load(paths: &Paths, name: &str) -> Result<Self> {
        let file = folder(paths).join(format!("{name}.toml"));
        if name.contains('/') || !file.is_file() {
            bail!(
                "unknown machine `{name}`: conf/boards has {}",
                names(paths)?.join(", ")
            );
        }
        let text = fs::read_to_string(&file)?;
        let mut board: Self = toml::from_str(&text)
            .with_context(|| format!("{} is not a board file", file.display()))?;
        board.name = name.to_owned();
        Ok(board)
    }

    /// The emulated machine. The quick build is for those only: for others it would make a kernel that no one can boot.
    pub(crate) fn emulated(&self) -> Result<&Qemu> {
        self.qemu.as_ref().with_context(|| {
            format!(
                "{} cannot be emulated: build its image with `kas build {}`",
                self.name,
                self.yocto.kas.display()
            )
        })
    }

    pub(crate) fn all(paths: &Paths) -> Result<Vec<Self>> {
        names(paths)?
            .iter()
            .map(|name| Self::load(paths, name))
            .collect()
    }
}

fn folder(paths: &Paths) -> PathBuf {
    paths.repo.join("conf/boards")
}

fn names(paths: &Paths) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder(paths))? {
        let path = entry?.path();
        if path.extension().is_some_and(|ext| ext == "toml") {
            names.extend(
                path.file_stem()
                    .map(|stem| stem.to_string_lossy().into_owned()),
            );
        }
    }
    names.sort();
    Ok(names)
}
