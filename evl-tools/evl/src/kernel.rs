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
    pub(crate) arch: &'static str,
}

impl Kernel {
    pub(crate) fn running(system: &System) -> Result<Self> {
        let path = system.path("/proc/sys/kernel/osrelease");
        let release = fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}; is procfs mounted?", path.display()))?;
        Ok(Self {
            release: release.trim().to_owned(),
            arch: arch(),
        })
    }
}

fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "aarch64" => "arm64",
        other => other,
    }
}
