// SPDX-License-Identifier: MIT OR Apache-2.0
//! The running kernel.

use std::fs;

use anyhow::{Context, Result};
use evl::System;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Kernel {
    pub(crate) release: String,
    /// The kernel's name of the architecture: `x86_64`, `arm64`.
    pub(crate) arch: String,
}

impl Kernel {
    pub(crate) fn running(system: &System) -> Result<Self> {
        let path = system.path("/proc/sys/kernel/osrelease");
        let release = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}; is procfs mounted?", path.display()))?;
        Ok(Self {
            release: release.trim().to_owned(),
            arch: arch(&rustix::system::uname().machine().to_string_lossy()),
        })
    }
}

/// The name of the architecture, given the one which uname(2) uses.
fn arch(machine: &str) -> String {
    match machine {
        "aarch64" => "arm64",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_have_the_names_of_the_kernel() {
        assert_eq!(arch("x86_64"), "x86_64");
        assert_eq!(arch("aarch64"), "arm64");
    }
}
