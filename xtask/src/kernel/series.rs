// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `kernel-evl/` adds to Linux: the patches of the series, and files of our own at their kernel paths.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use fs_err as fs;
use walkdir::WalkDir;

use crate::paths::Paths;

/// Folders of the repository, and where their files go in the kernel's tree. The first match of a kernel path is its home.
pub(crate) const HOMES: [(&str, &str); 3] = [
    ("evl", "kernel/evl"),
    ("uapi/evl", "include/uapi/evl"),
    ("dovetail/src", ""),
];

/// The patches in the order in which they apply: for another release, its own of a name before the product's.
pub(crate) fn patches(paths: &Paths) -> Result<Vec<PathBuf>> {
    let file = paths.series().join("series");
    let series = fs::read_to_string(&file)?;
    let names = series
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let folders = [paths.series().join("patches"), product_patches(paths)];
    names
        .map(|name| {
            let mut candidates = folders.iter().map(|folder| folder.join(name));
            candidates.find(|path| path.is_file()).with_context(|| {
                format!("{} names {name}, which is not in patches", file.display())
            })
        })
        .collect()
}

/// The patches of the product's release.
pub(crate) fn product_patches(paths: &Paths) -> PathBuf {
    paths.kernel_evl().join("dovetail/patches")
}

/// Whether two patches make the same changes in the same context, whatever the line numbers.
pub(crate) fn same_changes(one: &str, other: &str) -> bool {
    fn lines(patch: &str) -> impl Iterator<Item = &str> {
        patch
            .lines()
            .filter(|line| !line.starts_with("index "))
            .map(|line| if line.starts_with("@@ -") { "@@" } else { line })
    }
    lines(one).eq(lines(other))
}

/// Our own files: kernel path to file of the repository.
pub(crate) fn own_files(paths: &Paths) -> Result<BTreeMap<PathBuf, PathBuf>> {
    let mut files = BTreeMap::new();
    for (folder, destination) in HOMES {
        let root = paths.kernel_evl().join(folder);
        // git keeps no empty folders.
        if !root.is_dir() {
            continue;
        }
        for entry in WalkDir::new(&root)
            .into_iter()
            .filter_entry(|entry| entry.file_name() != "target")
        {
            let entry = entry.with_context(|| format!("cannot read {}", root.display()))?;
            if entry.file_type().is_file() {
                let inside = entry.path().strip_prefix(&root)?;
                files.insert(Path::new(destination).join(inside), entry.path().to_owned());
            }
        }
    }
    Ok(files)
}

/// The file of the repository that a new file of the kernel's tree belongs to.
pub(crate) fn home_of(paths: &Paths, kernel_path: &Path) -> PathBuf {
    let home = HOMES.iter().find_map(|(folder, destination)| {
        let inside = kernel_path.strip_prefix(destination).ok()?;
        Some(Path::new(folder).join(inside))
    });
    paths.kernel_evl().join(home.unwrap_or_default())
}

/// What one patch changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Footprint {
    pub(crate) files: Vec<PathBuf>,
    pub(crate) hunks: usize,
    pub(crate) added: usize,
    pub(crate) removed: usize,
}

/// Reads a git patch. A hunk's header says how many lines follow, so text that looks like a header is not taken for one.
pub(crate) fn footprint(patch: &str) -> Footprint {
    let mut print = Footprint::default();
    let (mut old, mut new) = (0_usize, 0_usize);
    for line in patch.lines() {
        if old > 0 || new > 0 {
            match line.as_bytes().first() {
                Some(b'+') => (new, print.added) = (new.saturating_sub(1), print.added + 1),
                Some(b'-') => (old, print.removed) = (old.saturating_sub(1), print.removed + 1),
                Some(b'\\') => {}
                _ => (old, new) = (old.saturating_sub(1), new.saturating_sub(1)),
            }
        } else if let Some(header) = line.strip_prefix("@@ -") {
            (old, new) = hunk_lengths(header);
            print.hunks += 1;
        } else if let Some(names) = line.strip_prefix("diff --git a/") {
            print
                .files
                .extend(names.split(" b/").next().map(PathBuf::from));
        }
    }
    print
}

/// The line counts in `1,7 +1,9 @@`; a missing one is 1.
fn hunk_lengths(header: &str) -> (usize, usize) {
    let mut ranges = header
        .split(' ')
        .take(2)
        .map(|range| match range.split_once(',') {
            Some((_, length)) => length.parse().unwrap_or(0),
            None => 1,
        });
    (ranges.next().unwrap_or(0), ranges.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATCH: &str = "\
Subject: [PATCH] one line more

diff --git a/kernel/Makefile b/kernel/Makefile
--- a/kernel/Makefile
+++ b/kernel/Makefile
@@ -1,3 +1,3 @@
 a
--- b
+++ c
 d
@@ -9 +9,2 @@ section
 x
+y
diff --git a/init/Kconfig b/init/Kconfig
--- a/init/Kconfig
+++ b/init/Kconfig
@@ -4,1 +4,0 @@
-z
-- 
2.39
";

    #[test]
    fn patches_that_moved_are_the_same() {
        let moved = PATCH.replace("@@ -9 +9,2 @@ section", "@@ -30 +31,2 @@ other");
        assert!(same_changes(PATCH, &moved));
        assert!(!same_changes(PATCH, &PATCH.replace("+y", "+z")));
    }

    #[test]
    fn a_patch_is_counted_by_its_hunk_headers() {
        let print = footprint(PATCH);
        assert_eq!(
            print.files,
            [PathBuf::from("kernel/Makefile"), "init/Kconfig".into()]
        );
        assert_eq!((print.hunks, print.added, print.removed), (3, 2, 2));
    }
}
