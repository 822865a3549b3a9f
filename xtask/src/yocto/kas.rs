// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kas files: every composition that the book names is put together by kas itself, which holds each file against its schema.

use std::path::Path;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde_json::Value;

use super::tools::{self, Tools};
use crate::board::Board;
use crate::paths::Paths;
use crate::test::results::Results;

/// Repositories that a composition may fetch, and the file that takes them from the work folder instead.
const LOCAL: [(&str, &str); 4] = [
    ("openembedded-core", "kas/feature/local/core.yml"),
    ("meta-yocto", "kas/feature/local/yocto-bsp.yml"),
    ("meta-raspberrypi", "kas/feature/local/raspberrypi.yml"),
    ("meta-rust-bin", "kas/feature/local/rust-bin.yml"),
];

pub(crate) fn check(paths: &Paths, tools: &Tools) -> Result<Results> {
    let mut results = Results::default();
    for board in Board::all(paths)? {
        let machine = board.yocto.kas.to_string_lossy().into_owned();
        for composition in compositions(paths, &machine)? {
            results.record(
                &composition.join(":"),
                composes(paths, tools, &composition, &board.name),
            );
        }
    }
    results.record(
        "kas refuses a file that is not of its schema",
        refuses_a_fault(tools),
    );
    Ok(results)
}

/// A machine alone, with each other release, with each feature.
fn compositions(paths: &Paths, machine: &str) -> Result<Vec<Vec<String>>> {
    let mut found = vec![vec![machine.to_owned()]];
    for folder in ["kas/release", "kas/feature"] {
        for entry in fs::read_dir(paths.repo.join(folder))? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".yml") && !name.ends_with(".lock.yml") {
                found.push(vec![machine.to_owned(), format!("{folder}/{name}")]);
            }
        }
    }
    found.sort();
    Ok(found)
}

/// kas accepts the composition, for this machine, with each of its repositories pinned to a commit.
fn composes(paths: &Paths, tools: &Tools, files: &[String], machine: &str) -> Result<()> {
    let config = dump(paths, tools, files)?;
    if config["machine"] != machine {
        bail!("it builds for {}", config["machine"]);
    }
    if !config["local_conf_header"].to_string().contains("evl/evl") {
        bail!("it does not switch EVL on");
    }
    let repositories = config["repos"].as_object().context("it has no repos")?;
    for name in repositories.keys().filter(|name| *name != "meta-evl") {
        let commit = config["overrides"]["repos"][name]["commit"].as_str();
        if commit.is_none_or(|commit| commit.len() != 40) {
            bail!("no lock file pins {name}");
        }
    }
    Ok(())
}

/// The composition as kas sees it. Nothing is fetched: repositories are taken from an empty work folder.
fn dump(paths: &Paths, tools: &Tools, files: &[String]) -> Result<Value> {
    let mentioned = repositories(paths, files)?;
    let local = LOCAL
        .iter()
        .filter(|(name, _)| mentioned.contains(name))
        .map(|(_, file)| (*file).to_owned());
    let files: Vec<String> = files.iter().cloned().chain(local).collect();
    let work = tempfile::tempdir()?;
    let text = tools::stdout(
        tools
            .command("kas")
            .current_dir(&paths.repo)
            .env("KAS_WORK_DIR", work.path())
            .args(["dump", "--format", "json"])
            .arg(files.join(":")),
    )?;
    Ok(serde_json::from_str(&text)?)
}

/// Which of `LOCAL`'s repositories the files, and those they include, name.
fn repositories(paths: &Paths, files: &[String]) -> Result<Vec<&'static str>> {
    let mut texts = String::new();
    let mut queue = files.to_vec();
    while let Some(file) = queue.pop() {
        let text = fs::read_to_string(paths.repo.join(&file))?;
        queue.extend(
            text.lines()
                .filter_map(|line| line.trim().strip_prefix("- kas/"))
                .map(|rest| format!("kas/{rest}")),
        );
        texts.push_str(&text);
    }
    Ok(LOCAL
        .iter()
        .map(|(name, _)| *name)
        .filter(|name| texts.contains(&format!("  {name}:\n    url:")))
        .collect())
}

fn refuses_a_fault(tools: &Tools) -> Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("fault.yml");
    fs::write(&file, "header:\n  version: 14\nmachin: qemuarm64\n")?;
    let output = tools::output(&mut dump_command(tools, &file, folder.path()))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    if output.status.success() || !messages.contains("machin") {
        bail!("{messages}");
    }
    Ok(())
}

fn dump_command(tools: &Tools, file: &Path, work: &Path) -> std::process::Command {
    let mut command = tools.command("kas");
    command
        .current_dir(work)
        .env("KAS_WORK_DIR", work)
        .arg("dump")
        .arg(file);
    command
}
