// SPDX-License-Identifier: MIT OR Apache-2.0
//! `cargo xtask kernel stat`: the size of what must be carried from kernel to kernel.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{ErrorKind, Write as _, stdout};
use std::path::PathBuf;

use anyhow::Result;
use fs_err as fs;

use super::series::{self, Footprint, HOMES};
use crate::paths::Paths;

pub(crate) fn print(paths: &Paths) -> Result<()> {
    let text = linux(paths)? + &ours(paths)?;
    match stdout().write_all(text.as_bytes()) {
        // Whoever reads has seen enough: `| head`.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

/// What the series does to files of Linux: in all, patch by patch, and which.
fn linux(paths: &Paths) -> Result<String> {
    let mut files = BTreeSet::new();
    let mut sum = Footprint::default();
    let mut patches = String::new();
    for patch in series::patches(paths)? {
        let print = series::footprint(&fs::read_to_string(&patch)?);
        files.extend(print.files.iter().cloned());
        let name = patch.file_stem().unwrap_or_default().to_string_lossy();
        writeln!(patches, "{}", row(&name, &print, files.len()))?;
        sum.hunks += print.hunks;
        sum.added += print.added;
        sum.removed += print.removed;
    }
    let mut text = format!(
        "Linux's own files, changed by the series\n  {} patches, {} files, {} hunks, {} lines added, {} removed\n\n",
        patches.lines().count(),
        files.len(),
        sum.hunks,
        sum.added,
        sum.removed,
    );
    writeln!(
        text,
        "  {:60} files hunks added removed, files so far",
        "patch"
    )?;
    text += &patches;
    text.push('\n');
    for file in &files {
        writeln!(text, "  {}", file.display())?;
    }
    Ok(text)
}

fn row(name: &str, print: &Footprint, so_far: usize) -> String {
    let (files, hunks) = (print.files.len(), print.hunks);
    let (added, removed) = (print.added, print.removed);
    format!("  {name:60} {files:5} {hunks:5} {added:5} {removed:7}  {so_far:12}")
}

/// The files that are ours alone.
fn ours(paths: &Paths) -> Result<String> {
    let mut text = "\nNew files\n".to_owned();
    let files: Vec<PathBuf> = series::own_files(paths)?.into_values().collect();
    for (folder, destination) in HOMES {
        let home = paths.kernel_evl().join(folder);
        let (mut count, mut lines) = (0, 0);
        for from in files.iter().filter(|from| from.starts_with(&home)) {
            count += 1;
            lines += fs::read_to_string(from)?.lines().count();
        }
        let place = if destination.is_empty() {
            "at their kernel paths"
        } else {
            destination
        };
        writeln!(
            text,
            "  kernel-evl/{folder} ({place}): {count} files, {lines} lines"
        )?;
    }
    Ok(text)
}
