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
    for entry in fs::read_dir(&paths.build).into_iter().flatten() {
        let path = entry?.path();
        // Work that exists nowhere else may be in there.
        if path == paths.kernel_tree() {
            eprintln!("kept {}: remove it by hand", path.display());
        } else if is_ours(&path) {
            remove(&path)?;
        }
    }
    if args.downloads {
        remove(&paths.downloads())?;
        remove(&paths.tools())?;
    }
    Ok(())
}

/// The build folder can be any that the user chose: only what xtask makes there is removed.
fn is_ours(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    matches!(
        &*name,
        "book" | "evl-clock-demo" | "kernel" | "logs" | "userland" | "yocto"
    ) || name.starts_with("image-")
        || name.starts_with("linux-")
        || name.ends_with(".partial")
        || name.ends_with(".tree")
}

fn remove(path: &Path) -> Result<()> {
    if path.is_dir() {
        fs::remove_dir_all(path)?;
    } else if path.exists() {
        fs::remove_file(path)?;
    } else {
        return Ok(());
    }
    eprintln!("removed {}", path.display());
    Ok(())
}
