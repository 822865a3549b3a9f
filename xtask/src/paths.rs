// SPDX-License-Identifier: MIT OR Apache-2.0
//! Where things are: the repository, its build folder, and the cache shared between checkouts.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;

#[derive(Debug)]
pub(crate) struct Paths {
    /// The checkout.
    pub(crate) repo: PathBuf,
    /// Everything built; `cargo xtask clean` removes it.
    pub(crate) build: PathBuf,
    /// Downloads and host tools, shared between checkouts.
    pub(crate) cache: PathBuf,
    /// The release that the series moves to, if that is the one to work on.
    pub(crate) next: Option<String>,
}

impl Paths {
    /// `EVL_BUILD_DIR` and `EVL_CACHE_DIR` override the defaults `<repo>/build` and `$XDG_CACHE_HOME/meta-evl`.
    pub(crate) fn discover(next: Option<String>) -> Result<Self> {
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
        let paths = Self {
            repo,
            build,
            cache,
            next,
        };
        if let Some(next) = &paths.next
            && !paths.release().is_file()
        {
            bail!("there is no conf/kernel-{next}.toml: the series was not moved to that release");
        }
        Ok(paths)
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

    /// Which Linux, and the archives that hold it.
    pub(crate) fn release(&self) -> PathBuf {
        self.repo.join(self.of_release("conf/kernel") + ".toml")
    }

    /// The releases that the series was moved to.
    pub(crate) fn next_releases(&self) -> Result<Vec<String>> {
        let files = fs::read_dir(self.repo.join("conf"))?.collect::<Result<Vec<_>, _>>()?;
        let names = files.iter().map(|file| file.file_name());
        let mut releases: Vec<String> = names
            .filter_map(|name| {
                let release = name.to_str()?.strip_prefix("kernel-")?;
                Some(release.strip_suffix(".toml")?.to_owned())
            })
            .collect();
        releases.sort();
        Ok(releases)
    }

    /// The series, with the patches that are not those of the product's release.
    pub(crate) fn series(&self) -> PathBuf {
        let ours = self.kernel_evl().join("dovetail");
        match &self.next {
            Some(next) => ours.join(next),
            None => ours,
        }
    }

    /// Built kernels, a folder a variant.
    pub(crate) fn kernels(&self) -> PathBuf {
        self.build.join(self.of_release("kernel"))
    }

    /// The git work tree in which a developer works on the series.
    pub(crate) fn kernel_tree(&self) -> PathBuf {
        self.build.join(self.of_release("kernel-tree"))
    }

    fn of_release(&self, name: &str) -> String {
        match &self.next {
            Some(next) => format!("{name}-{next}"),
            None => name.to_owned(),
        }
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
