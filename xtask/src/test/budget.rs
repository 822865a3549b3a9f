// SPDX-License-Identifier: MIT OR Apache-2.0
//! The EVL core's budget of unsafe code, and the constructs it does without. Tests are not looked at.

use std::path::Path;

use anyhow::{Result, bail};
use fs_err as fs;
use walkdir::WalkDir;

use super::results::Results;
use crate::paths::Paths;

/// Occurrences of `unsafe` in a thousand lines.
const UNSAFE_PER_THOUSAND: usize = 10;

/// What holds nothing but tests, or is generated.
const PASSED_OVER: [&str; 3] = ["kunit.rs", "tests", "target"];

/// Not in the core: each can panic, or is unsynchronised state.
const BANNED: [&str; 7] = [
    ".unwrap()",
    ".expect(",
    "panic!(",
    "unreachable!(",
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
        .filter_entry(|entry| PASSED_OVER.iter().all(|name| entry.file_name() != *name))
    {
        let entry = entry?;
        if entry.path().extension().is_some_and(|ext| ext == "rs") {
            let text = fs::read_to_string(entry.path())?;
            let text = without_tests(&text);
            let here = unsafe_uses(text);
            lines += text.lines().count();
            count += here;
            let name = entry.path().strip_prefix(&root)?;
            if let Err(error) = check_file(name, text, here) {
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
    for line in text.lines().map(code) {
        if let Some(banned) = BANNED.iter().find(|banned| line.contains(**banned)) {
            bail!("`{banned}` in: {}", line.trim());
        }
    }
    Ok(())
}

/// The text before `#[cfg(test)]`: what follows runs on the developer's machine only.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]").next().unwrap_or_default()
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
    fn tests_are_left_out() {
        let text = "f();\n#[cfg(test)]\nmod tests { unsafe { g() } }\n";
        assert_eq!(without_tests(text), "f();\n");
    }

    #[test]
    fn what_can_panic_is_found() {
        for line in ["let x = y.unwrap();\n", "_ => unreachable!(),\n"] {
            assert!(check_file(Path::new("a.rs"), line, 0).is_err(), "{line}");
        }
        assert!(check_file(Path::new("a.rs"), "// y.unwrap()\n", 0).is_ok());
        assert!(check_file(Path::new("logic/a.rs"), "", 1).is_err());
    }
}
