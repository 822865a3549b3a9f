// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask kernel stat`: the size of what must be carried from kernel to kernel.

use std::collections::BTreeSet;

use anyhow::Result;
use fs_err as fs;

use super::series::{self, HOMES};
use crate::paths::Paths;

pub(crate) fn print(paths: &Paths) -> Result<()> {
    let mut files = BTreeSet::new();
    let (mut patches, mut hunks, mut added, mut removed) = (0, 0, 0, 0);
    for patch in series::patches(paths)? {
        let print = series::footprint(&fs::read_to_string(patch)?);
        patches += 1;
        hunks += print.hunks;
        added += print.added;
        removed += print.removed;
        files.extend(print.files);
    }
    println!("Linux's own files, changed by the series");
    println!(
        "  {patches} patches, {} files, {hunks} hunks, {added} lines added, {removed} removed",
        files.len()
    );
    for file in &files {
        println!("    {}", file.display());
    }

    println!("New files");
    for (folder, destination) in HOMES {
        let home = paths.kernel_evl().join(folder);
        let (mut count, mut lines) = (0, 0);
        for from in series::own_files(paths)?
            .into_values()
            .filter(|from| from.starts_with(&home))
        {
            count += 1;
            lines += fs::read_to_string(from)?.lines().count();
        }
        let place = if destination.is_empty() {
            "at their kernel paths"
        } else {
            destination
        };
        println!("  kernel-evl/{folder} ({place}): {count} files, {lines} lines");
    }
    Ok(())
}
