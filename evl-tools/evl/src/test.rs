// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl test`.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, Result, bail};

use crate::cli::{Status, TestArgs};
use crate::output;

/// What a test exits with if the kernel lacks what it tests.
const NO_KERNEL_SUPPORT: i32 = 42;
/// What it exits with if it has said itself how it went.
const SELF_REPORTED: i32 = 43;

pub(crate) fn run(args: &TestArgs) -> Result<Status> {
    let tests = chosen(&args.directory, &args.tests)?;
    if args.list {
        let names: String = tests
            .iter()
            .map(|test| format!("{}\n", name(test)))
            .collect();
        output::text(&names)?;
        return Ok(Status::Fine);
    }
    let mut status = Status::Fine;
    for test in &tests {
        let ended = Command::new(test)
            .status()
            .with_context(|| format!("cannot run {}", test.display()))?;
        let Some(verdict) = verdict(ended) else {
            continue;
        };
        output::text(&format!("{}: {verdict}\n", name(test)))?;
        if !ended.success() && ended.code() != Some(NO_KERNEL_SUPPORT) {
            status = Status::Failed;
            if !args.keep_going {
                break;
            }
        }
    }
    Ok(status)
}

fn verdict(ended: ExitStatus) -> Option<String> {
    match ended.code() {
        Some(0) => Some("OK".to_owned()),
        Some(NO_KERNEL_SUPPORT) => Some("no kernel support".to_owned()),
        Some(SELF_REPORTED) => None,
        _ => Some(format!("FAILED ({ended})")),
    }
}

fn name(test: &Path) -> String {
    test.file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned()
}

/// The programs to run, by name.
fn chosen(directory: &Path, wanted: &[String]) -> Result<Vec<PathBuf>> {
    let all = programs(directory)?;
    if wanted.is_empty() {
        return Ok(all);
    }
    let find = |wanted: &String| {
        let found = all.iter().find(|test| name(test) == *wanted).cloned();
        found.with_context(|| {
            let directory = directory.display();
            format!("{directory} has no test `{wanted}`: `evl test --list` names them")
        })
    };
    wanted.iter().map(find).collect()
}

fn programs(directory: &Path) -> Result<Vec<PathBuf>> {
    let entries = directory.read_dir().with_context(|| {
        let directory = directory.display();
        format!("no tests in {directory}: install the library's tests, or name another --directory")
    })?;
    let mut programs = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let meta = path.metadata()?;
        if meta.is_file() && meta.permissions().mode() & 0o111 != 0 {
            programs.push(path);
        }
    }
    if programs.is_empty() {
        bail!("{} has no programs", directory.display());
    }
    programs.sort();
    Ok(programs)
}
