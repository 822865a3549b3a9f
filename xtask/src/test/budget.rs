// SPDX-License-Identifier: MIT OR Apache-2.0
//! The EVL core's budget of unsafe code, and the constructs it does without.

use std::path::Path;

use anyhow::{Result, bail};
use fs_err as fs;
use walkdir::WalkDir;

use super::results::Results;
use crate::paths::Paths;

/// Occurrences of `unsafe` in a thousand lines.
const UNSAFE_PER_THOUSAND: usize = 10;

/// Not in the core: each can panic, or is unsynchronised state.
const BANNED: [&str; 5] = [
    ".unwrap()",
    ".expect(",
    "static mut ",
    "todo!(",
    "unimplemented!(",
];

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let root = paths.kernel_evl().join("evl");
    let (mut lines, mut count) = (0, 0);
    let mut complaints = Vec::new();
    for entry in WalkDir::new(&root)
        .into_iter()
        .filter_entry(|entry| entry.file_name() != "target")
    {
        let entry = entry?;
        if entry.path().extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(entry.path())?;
            let here = unsafe_uses(&text);
            lines += text.lines().count();
            count += here;
            let name = entry.path().strip_prefix(&root)?;
            if let Err(error) = check_file(name, &text, here) {
                complaints.push(format!("{}: {error:#}", name.display()));
            }
        }
    }
    println!("unsafe in the core: {count} in {lines} lines of Rust");
    if count * 1000 > lines * UNSAFE_PER_THOUSAND {
        complaints.push(format!(
            "{count} in {lines} lines is more than {UNSAFE_PER_THOUSAND} per thousand"
        ));
    }
    Ok(Results::survey(complaints))
}

fn check_file(name: &Path, text: &str, unsafe_uses: usize) -> Result<()> {
    if name.starts_with("logic") && unsafe_uses > 0 {
        bail!("logic/ is free of unsafe code");
    }
    // What follows `#[cfg(test)]` runs on the developer's machine only.
    for line in text
        .lines()
        .take_while(|line| line.trim() != "#[cfg(test)]")
        .map(code)
    {
        if let Some(banned) = BANNED.iter().find(|banned| line.contains(**banned)) {
            bail!("`{banned}` in: {}", line.trim());
        }
    }
    Ok(())
}

/// The line without its comment.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

fn unsafe_uses(text: &str) -> usize {
    let words = text
        .lines()
        .map(code)
        .flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'));
    words.filter(|word| *word == "unsafe").count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_counts() {
        assert_eq!(
            unsafe_uses(
                "// unsafe\nunsafe { f() } // unsafe\n#![deny(unsafe_op_in_unsafe_fn)]\nunsafe impl Send for X {}\n"
            ),
            2
        );
    }

    #[test]
    fn what_can_panic_is_found() {
        assert!(check_file(Path::new("a.rs"), "let x = y.unwrap();\n", 0).is_err());
        assert!(
            check_file(
                Path::new("a.rs"),
                "// y.unwrap()\n#[cfg(test)]\nlet x = y.unwrap();\n",
                0
            )
            .is_ok()
        );
        assert!(check_file(Path::new("logic/a.rs"), "", 1).is_err());
    }
}
