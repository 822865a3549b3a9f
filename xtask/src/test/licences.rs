// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every file says what its licence is: by an SPDX line, or, where it can hold none, in REUSE.toml.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};
use fs_err as fs;
use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::Deserialize;

use super::results::Results;
use crate::paths::Paths;

/// Folders whose licence is not free to choose. The first match counts.
const REQUIRED: [(&str, &str); 4] = [
    ("kernel-evl/uapi/evl/", "GPL-2.0 WITH Linux-syscall-note"),
    ("kernel-evl/", "GPL-2.0"),
    ("meta-evl/", "MIT"),
    ("", "MIT OR Apache-2.0"),
];

/// Lines in which the licence must stand.
const HEADER_LINES: usize = 5;

/// The part of REUSE.toml (reuse.software, version 3.2) that is used here.
#[derive(Debug, Deserialize)]
struct Reuse {
    annotations: Vec<Annotation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
struct Annotation {
    path: Vec<String>,
    #[serde(rename = "SPDX-License-Identifier")]
    licence: String,
}

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let annotated = annotations(paths)?;
    let mut complaints = Vec::new();
    for file in tracked_files(paths)? {
        let annotation = || {
            annotated
                .iter()
                .find(|(globs, _)| globs.is_match(&file))
                .map(|(_, licence)| licence.clone())
        };
        let complaint = match licence_in(&paths.repo.join(&file))?.or_else(annotation) {
            Some(licence) => complaint(&file, &licence),
            None => {
                Some("no SPDX-License-Identifier in its first lines, nor in REUSE.toml".to_owned())
            }
        };
        complaints.extend(complaint.map(|text| format!("{file}: {text}")));
    }
    Ok(Results::survey(complaints))
}

/// Files that are in git, or would be after `git add`.
pub(super) fn tracked_files(paths: &Paths) -> Result<Vec<String>> {
    let output = Command::new("git")
        .arg("-C")
        .arg(&paths.repo)
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .output()
        .context("git does not start")?;
    let names = String::from_utf8(output.stdout)?;
    Ok(names
        .lines()
        .filter(|name| paths.repo.join(name).is_file())
        .map(str::to_owned)
        .collect())
}

fn annotations(paths: &Paths) -> Result<Vec<(GlobSet, String)>> {
    let reuse: Reuse = toml::from_str(&fs::read_to_string(paths.repo.join("REUSE.toml"))?)?;
    reuse
        .annotations
        .into_iter()
        .map(|annotation| {
            let mut globs = GlobSetBuilder::new();
            for path in &annotation.path {
                globs.add(Glob::new(path)?);
            }
            Ok((globs.build()?, annotation.licence))
        })
        .collect()
}

fn licence_in(file: &Path) -> Result<Option<String>> {
    let bytes = fs::read(file)?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text
        .lines()
        .take(HEADER_LINES)
        .find_map(|line| line.split_once("SPDX-License-Identifier:"));
    Ok(line.map(|(_, rest)| {
        rest.trim()
            .trim_end_matches("*/")
            .trim_end_matches("-->")
            .trim()
            .to_owned()
    }))
}

fn complaint(file: &str, licence: &str) -> Option<String> {
    let required = REQUIRED
        .iter()
        .find(|(folder, _)| file.starts_with(folder))
        .map_or("", |(_, licence)| licence);
    (licence != required)
        .then(|| format!("its licence is `{licence}`, here it must be `{required}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_folder_has_its_licence() {
        let uapi = "GPL-2.0 WITH Linux-syscall-note";
        assert_eq!(complaint("kernel-evl/uapi/evl/clock.h", uapi), None);
        assert!(complaint("kernel-evl/evl/core.rs", "MIT").is_some());
        assert_eq!(complaint("xtask/src/main.rs", "MIT OR Apache-2.0"), None);
    }

    #[test]
    fn the_line_is_found_in_any_comment() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.h");
        fs::write(&file, "/* SPDX-License-Identifier: GPL-2.0 */\n").unwrap();
        assert_eq!(licence_in(&file).unwrap().as_deref(), Some("GPL-2.0"));
        fs::write(&file, "int x;\n").unwrap();
        assert_eq!(licence_in(&file).unwrap(), None);
    }
}
