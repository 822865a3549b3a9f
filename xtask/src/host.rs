// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the quick build needs of its host, and which Debian packages bring it.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};
use fs_err as fs;

/// bindgen as the kernel runs it; no package of Debian 12 is new enough.
pub(crate) const BINDGEN_VERSION: &str = "0.72.1";

/// The compiler of the kernel and of the target's programs: 1.85 on every host.
pub(crate) const RUSTC: &str = "/usr/bin/rustc";
const RUSTC_SERIES: &str = "1.85.";

/// The LLVM that builds the kernel: `make LLVM=-19`.
pub(crate) const LLVM_SUFFIX: &str = "-19";
pub(crate) const LIBCLANG_PATH: &str = "/usr/lib/llvm-19/lib";

/// Before 8.1, QEMU's CPUs may run an instruction that another one has replaced: Linux dies of it when it switches trace
/// events. 9 knows the Raspberry Pi 4.
const QEMU_MAJOR: u32 = 9;

const UNSUPPORTED: &str = "the quick build knows Debian 12 and 13 on x86_64; elsewhere run it in a `debian:12` container, \
     or build the product with Yocto (`kas build kas/machine/qemux86-64.yml`), which brings its own tools";

/// One program or file the build needs, and the packages that bring it.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) what: &'static str,
    probe: Probe,
}

#[derive(Debug)]
enum Probe {
    Program(&'static str),
    File(&'static str),
    PythonVenv,
    Qemu(&'static str),
    Rustc,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Debian {
    Bookworm,
    Trixie,
}

impl Debian {
    pub(crate) fn detect() -> Result<Self> {
        Self::from_os_release(
            &fs::read_to_string("/etc/os-release").unwrap_or_default(),
            std::env::consts::ARCH,
        )
    }

    fn from_os_release(text: &str, arch: &str) -> Result<Self> {
        let value = |key: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
                .map(|value| value.trim_matches('"'))
        };
        match (value("ID"), value("VERSION_ID"), arch) {
            (Some("debian"), Some("12"), "x86_64") => Ok(Self::Bookworm),
            (Some("debian"), Some("13"), "x86_64") => Ok(Self::Trixie),
            (id, version, arch) => bail!(
                "this host is {} {} on {arch}: {UNSUPPORTED}",
                id.unwrap_or("an unknown system"),
                version.unwrap_or("(no version)"),
            ),
        }
    }

    /// Packages as apt takes them. Debian 12's Rust is pinned: its candidate is newer than Linux 6.18 can use.
    pub(crate) fn packages(self) -> Vec<String> {
        let rust = match self {
            Self::Bookworm => [
                "rustc-web",
                "rust-web-src",
                "libstd-rust-web-dev",
                "libstd-rust-web-dev:arm64",
                "libstd-rust-web-1.85",
                "libstd-rust-web-1.85:arm64",
            ]
            .map(|name| format!("{name}=1.85.0+dfsg3-1~deb12u3"))
            .to_vec(),
            Self::Trixie => [
                "rustc",
                "rust-src",
                "libstd-rust-dev",
                "libstd-rust-dev:arm64",
            ]
            .map(str::to_owned)
            .to_vec(),
        };
        COMMON_PACKAGES
            .iter()
            .map(|&name| name.to_owned())
            .chain(rust)
            .collect()
    }
}

const COMMON_PACKAGES: &[&str] = &[
    "bc",
    "bison",
    "ca-certificates",
    "clang-19",
    "flex",
    "g++",
    "g++-aarch64-linux-gnu",
    "gcc",
    "gcc-aarch64-linux-gnu",
    "git",
    "libc6-dev",
    "libc6-dev-arm64-cross",
    "libclang-19-dev",
    "libelf-dev",
    "libssl-dev",
    "lld-19",
    "llvm-19",
    "make",
    "patch",
    "python3-venv",
    "xz-utils",
];

/// Debian 12 has them new enough in its backports.
pub(crate) const QEMU_PACKAGES: &[&str] = &["qemu-system-arm", "qemu-system-x86"];

const NEEDS: &[Need] = &[
    Need {
        what: "make",
        probe: Probe::Program("make"),
    },
    Need {
        what: "C compiler of the host",
        probe: Probe::Program("gcc"),
    },
    Need {
        what: "C++ compiler of the host",
        probe: Probe::Program("g++"),
    },
    Need {
        what: "C++ compiler for arm64",
        probe: Probe::Program("aarch64-linux-gnu-g++"),
    },
    Need {
        what: "C linker for arm64 programs",
        probe: Probe::Program("aarch64-linux-gnu-gcc"),
    },
    Need {
        what: "clang 19",
        probe: Probe::Program("clang-19"),
    },
    Need {
        what: "lld 19",
        probe: Probe::Program("ld.lld-19"),
    },
    Need {
        what: "LLVM 19 tools",
        probe: Probe::Program("llvm-objcopy-19"),
    },
    Need {
        what: "libclang 19",
        probe: Probe::File("/usr/lib/llvm-19/lib/libclang.so"),
    },
    Need {
        what: "rustc 1.85",
        probe: Probe::Rustc,
    },
    Need {
        what: "Rust's sources",
        probe: Probe::File("/usr/lib/rustlib/src/rust/library/core/src/lib.rs"),
    },
    Need {
        what: "Rust's std for x86_64",
        probe: Probe::File("/usr/lib/rustlib/x86_64-unknown-linux-gnu/lib"),
    },
    Need {
        what: "Rust's std for arm64",
        probe: Probe::File("/usr/lib/rustlib/aarch64-unknown-linux-gnu/lib"),
    },
    Need {
        what: "static libc for x86_64",
        probe: Probe::File("/usr/lib/x86_64-linux-gnu/libc.a"),
    },
    Need {
        what: "static libc for arm64",
        probe: Probe::File("/usr/aarch64-linux-gnu/lib/libc.a"),
    },
    Need {
        what: "flex",
        probe: Probe::Program("flex"),
    },
    Need {
        what: "bison",
        probe: Probe::Program("bison"),
    },
    Need {
        what: "bc",
        probe: Probe::Program("bc"),
    },
    Need {
        what: "libelf",
        probe: Probe::File("/usr/include/libelf.h"),
    },
    Need {
        what: "OpenSSL's headers",
        probe: Probe::File("/usr/include/openssl/ssl.h"),
    },
    Need {
        what: "xz",
        probe: Probe::Program("xz"),
    },
    Need {
        what: "git",
        probe: Probe::Program("git"),
    },
    Need {
        what: "patch",
        probe: Probe::Program("patch"),
    },
    Need {
        what: "Python with venv, for the layer's checks",
        probe: Probe::PythonVenv,
    },
    Need {
        what: "QEMU 9 or later for x86_64",
        probe: Probe::Qemu("qemu-system-x86_64"),
    },
    Need {
        what: "QEMU 9 or later for arm64",
        probe: Probe::Qemu("qemu-system-aarch64"),
    },
];

impl Need {
    /// Where it was found.
    pub(crate) fn find(&self) -> Option<PathBuf> {
        match self.probe {
            Probe::Program(name) => which::which(name).ok(),
            Probe::File(path) => Path::new(path).exists().then(|| path.into()),
            Probe::PythonVenv => {
                let output = Command::new("python3")
                    .args(["-c", "import venv, ensurepip"])
                    .output();
                output
                    .is_ok_and(|output| output.status.success())
                    .then(|| "python3".into())
            }
            Probe::Qemu(name) => {
                let path = which::which(name).ok()?;
                let output = Command::new(&path).arg("--version").output().ok()?;
                let major = qemu_major(&String::from_utf8_lossy(&output.stdout))?;
                (major >= QEMU_MAJOR).then_some(path)
            }
            Probe::Rustc => rustc_version()
                .is_some_and(|version| version.starts_with(RUSTC_SERIES))
                .then(|| RUSTC.into()),
        }
    }
}

pub(crate) fn needs() -> &'static [Need] {
    NEEDS
}

pub(crate) fn missing() -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| need.find().is_none()).collect()
}

/// The version of [`RUSTC`], if it is there.
pub(crate) fn rustc_version() -> Option<String> {
    let output = Command::new(RUSTC).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    text.split_whitespace().nth(1).map(str::to_owned)
}

/// Of `QEMU emulator version 10.0.2 (...)`.
fn qemu_major(version: &str) -> Option<u32> {
    let number = version.strip_prefix("QEMU emulator version ")?;
    number.split('.').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qemu_tells_its_version() {
        let text = "QEMU emulator version 10.0.2 (Debian 1:10.0.2+ds-2)\nCopyright\n";
        assert_eq!(qemu_major(text), Some(10));
        assert_eq!(qemu_major("QEMU emulator version 7.2.22\n"), Some(7));
        assert_eq!(qemu_major("qemu-system-x86_64: what?"), None);
    }

    const BOOKWORM: &str = "NAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\nID=debian\n";

    #[test]
    fn debian_12_is_known() {
        assert_eq!(
            Debian::from_os_release(BOOKWORM, "x86_64").unwrap(),
            Debian::Bookworm
        );
    }

    #[test]
    fn other_hosts_get_one_sentence_and_a_way_out() {
        for (text, arch) in [
            ("ID=fedora\nVERSION_ID=44\n", "x86_64"),
            (BOOKWORM, "aarch64"),
            ("", "x86_64"),
        ] {
            let message = Debian::from_os_release(text, arch).unwrap_err().to_string();
            assert!(
                message.contains("container") && message.contains("kas build"),
                "{message}"
            );
            assert!(!message.contains('\n'));
        }
    }

    #[test]
    fn debian_12_pins_its_rust() {
        let packages = Debian::Bookworm.packages();
        assert!(
            packages.iter().any(|p| p.starts_with("rustc-web=1.85.0")),
            "{packages:?}"
        );
    }
}
