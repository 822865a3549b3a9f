// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask clean`.

use std::path::Path;

use anyhow::Result;
use fs_err as fs;

use crate::paths::Paths;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Remove the downloads and the host tools in the cache too
    #[arg(long)]
    downloads: bool,
}

pub(crate) fn run(paths: &Paths, args: &Args) -> Result<()> {
    remove(&paths.build)?;
    if args.downloads {
        remove(&paths.downloads())?;
        remove(&paths.tools())?;
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
        eprintln!("removed {}", folder.display());
    }
    Ok(())
}
