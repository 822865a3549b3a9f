// SPDX-License-Identifier: MIT OR Apache-2.0
//! The configuration of a kernel.

use std::collections::HashMap;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use evl::System;
use flate2::read::GzDecoder;

/// No configuration is larger, unpacked; what is, is something else.
const MAX_BYTES: u64 = 16 << 20;

const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) path: PathBuf,
    /// The kernel's name of the architecture: `x86_64`, `arm64`.
    pub(crate) arch: &'static str,
    values: HashMap<String, String>,
}

impl Config {
    /// Reads a configuration, plain or gzipped.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let text = decode(&bytes).with_context(|| format!("cannot decode {}", path.display()))?;
        Self::parse(path, &text)
    }

    /// Reads that of the running kernel; `None` if the system does not have it.
    pub(crate) fn of_running_kernel(system: &System, release: &str) -> Result<Option<Self>> {
        let places = [
            "/proc/config.gz".to_owned(),
            format!("/boot/config-{release}"),
            format!("/lib/modules/{release}/config"),
        ];
        let found = places
            .iter()
            .map(|place| system.path(place))
            .find(|path| path.exists());
        found.map(|path| Self::read(&path)).transpose()
    }

    fn parse(path: &Path, text: &str) -> Result<Self> {
        let values: HashMap<_, _> = text.lines().filter_map(parse_line).collect();
        let arch = ["X86_64", "ARM64", "ARM"]
            .into_iter()
            .zip(["x86_64", "arm64", "arm"])
            .find_map(|(symbol, arch)| {
                values
                    .get(symbol)
                    .is_some_and(|value| value == "y")
                    .then_some(arch)
            });
        match arch {
            Some(arch) => Ok(Self {
                path: path.to_owned(),
                arch,
                values,
            }),
            None => bail!(
                "{} is not the configuration of a kernel for x86_64, arm64 or arm: \
                 name a .config file as `make` leaves it in the build directory",
                path.display()
            ),
        }
    }

    /// The value of a symbol, without `CONFIG_`; `n` if it is not set.
    pub(crate) fn value(&self, symbol: &str) -> &str {
        self.values.get(symbol).map_or("n", String::as_str)
    }
}

fn decode(bytes: &[u8]) -> Result<String> {
    let mut text = String::new();
    if bytes.starts_with(&GZIP_MAGIC) {
        GzDecoder::new(bytes)
            .take(MAX_BYTES)
            .read_to_string(&mut text)?;
    } else {
        bytes.take(MAX_BYTES).read_to_string(&mut text)?;
    }
    Ok(text)
}

/// `CONFIG_SYMBOL=value`; symbols which are not set are in comments.
fn parse_line(line: &str) -> Option<(String, String)> {
    let (symbol, value) = line.trim().strip_prefix("CONFIG_")?.split_once('=')?;
    Some((symbol.to_owned(), value.trim_matches('"').to_owned()))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::io::Write;

    use super::*;

    pub(crate) fn config(text: &str) -> Config {
        Config::parse(Path::new("test.config"), text).expect("configuration")
    }

    #[test]
    fn values_are_read() {
        let config = config(
            "CONFIG_ARM64=y\nCONFIG_A=m\n# CONFIG_B is not set\nCONFIG_HZ=250\nCONFIG_S=\"x y\"\n",
        );
        assert_eq!(config.arch, "arm64");
        let values = ["A", "B", "C", "HZ", "S"].map(|symbol| config.value(symbol));
        assert_eq!(values, ["m", "n", "n", "250", "x y"]);
    }

    #[test]
    fn gzip_is_unpacked() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(b"CONFIG_X86_64=y\n").expect("compress");
        let bytes = encoder.finish().expect("compress");
        assert_eq!(decode(&bytes).expect("decode"), "CONFIG_X86_64=y\n");
        assert!(decode(&bytes[..bytes.len() - 4]).is_err(), "truncated");
    }

    #[test]
    fn other_files_are_refused() {
        for text in ["", "hello", "# CONFIG_X86_64 is not set\n"] {
            let error = Config::parse(Path::new("some.txt"), text).expect_err(text);
            assert!(
                error
                    .to_string()
                    .contains("some.txt is not the configuration"),
                "{error}"
            );
        }
    }
}
