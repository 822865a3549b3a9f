// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things are: the repository, its build folder, and the cache shared between checkouts.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

#[derive(Debug)]
pub(crate) struct Paths {
    /// The checkout.
    pub(crate) repo: PathBuf,
    /// Everything built; `cargo xtask clean` removes it.
    pub(crate) build: PathBuf,
    /// Downloads and host tools, shared between checkouts.
    pub(crate) cache: PathBuf,
}

impl Paths {
    /// `EVL_BUILD_DIR` and `EVL_CACHE_DIR` override the defaults `<repo>/build` and `$XDG_CACHE_HOME/meta-evl`.
    pub(crate) fn discover() -> Result<Self> {
        let repo = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .context("xtask is not inside the repository")?
            .to_owned();
        let build = env_dir("EVL_BUILD_DIR").unwrap_or_else(|| repo.join("build"));
        let cache = match env_dir("EVL_CACHE_DIR").or_else(|| Some(env_dir("XDG_CACHE_HOME")?.join("meta-evl"))) {
            Some(dir) => dir,
            None => env_dir("HOME")
                .context("neither HOME nor EVL_CACHE_DIR is set: set EVL_CACHE_DIR to a folder for downloads")?
                .join(".cache/meta-evl"),
        };
        Ok(Self { repo, build, cache })
    }

    pub(crate) fn downloads(&self) -> PathBuf {
        self.cache.join("downloads")
    }

    /// Where host tools that no distribution package brings are installed (`bin/` below it).
    pub(crate) fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    pub(crate) fn bindgen(&self) -> PathBuf {
        self.tools().join("bin/bindgen")
    }

    pub(crate) fn kernel_evl(&self) -> PathBuf {
        self.repo.join("kernel-evl")
    }

    /// The git work tree in which a developer works on the series.
    pub(crate) fn kernel_tree(&self) -> PathBuf {
        self.build.join("kernel-tree")
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.build.join("logs")
    }
}

fn env_dir(name: &str) -> Option<PathBuf> {
    env::var_os(name)
        .filter(|value| !value.is_empty())
        .map(PathBuf::from)
}
