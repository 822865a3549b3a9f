// SPDX-License-Identifier: MIT OR Apache-2.0
//! The workspace as a recipe cuts it down: cargo accepts it, and wants no crate that the recipe does not fetch.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;
use walkdir::WalkDir;

use super::parse::Build;
use super::tools::{self, Tools};
use crate::board::Arch;
use crate::paths::Paths;
use crate::test::results::Results;

const RECIPES: [&str; 3] = ["evl-tools", "evl-tests", "libevl-rs"];
const VARIABLES: [&str; 3] = ["CARGO_LOCK_MEMBERS", "EVL_HOST_TESTS", "SRC_URI"];
/// What puts a path of the build into a program. In a package that is an error (`buildpaths`), and a test looks there in vain.
const BUILD_PATHS: [&str; 2] = ["env!(\"CARGO_BIN_EXE_", "env!(\"CARGO_MANIFEST_DIR\")"];

#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    checksum: Option<String>,
}

pub(crate) fn check(paths: &Paths, tools: &Tools) -> Result<Results> {
    let mut build = Build::new(paths, "qemux86-64", Arch::X86_64);
    build.variables = RECIPES
        .iter()
        .flat_map(|recipe| VARIABLES.map(|name| format!("{recipe}:{name}")))
        .collect();
    let parse = build.parse(paths, tools)?;
    let mut results = Results::default();
    for recipe in RECIPES {
        let value = |name: &str| {
            let key = format!("{recipe}:{name}");
            parse
                .variables
                .get(&key)
                .with_context(|| format!("no {key}: {:?}", parse.errors))
        };
        let outcome = value("CARGO_LOCK_MEMBERS").and_then(|members| {
            let lock = lock_of(paths, tools, members)?;
            listed(&lock, value("SRC_URI")?)
        });
        results.record(
            &format!("{recipe} fetches every crate that cargo wants"),
            outcome,
        );
        let outcome = value("CARGO_LOCK_MEMBERS")
            .and_then(|members| no_build_paths(paths, members, value("EVL_HOST_TESTS")?));
        results.record(&format!("{recipe} packages no path of the build"), outcome);
    }
    results.record(
        "the example application builds and passes its tests",
        example(paths),
    );
    Ok(results)
}

/// As its recipe does: the evl crate by a patch of the registry, and the lock file as it is.
fn example(paths: &Paths) -> Result<()> {
    let patch = format!(
        "patch.crates-io.evl.path = \"{}\"",
        paths.repo.join("libevl-rs/evl").display()
    );
    tools::stdout(
        Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .current_dir(
                paths
                    .repo
                    .join("meta-evl/recipes-example/evl-clock-demo/evl-clock-demo"),
            )
            .env("CARGO_TARGET_DIR", paths.build.join("evl-clock-demo"))
            .args(["--config", &patch, "test", "--locked", "--quiet"]),
    )?;
    Ok(())
}

/// What cargo makes of the lock file when the workspace has these members only.
fn lock_of(paths: &Paths, tools: &Tools, members: &str) -> Result<Lock> {
    let folder = tempfile::tempdir()?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        fs::copy(paths.repo.join(file), folder.path().join(file))?;
    }
    for member in members.split_whitespace() {
        copy_tree(&paths.repo.join(member), &folder.path().join(member))?;
    }
    let script = "import sys; from evl import cargo_lock; cargo_lock.cut_workspace(sys.argv[1], sys.argv[2].split())";
    tools::stdout(
        tools
            .command("python")
            .env("PYTHONPATH", paths.repo.join("meta-evl/lib"))
            .args(["-c", script])
            .arg(folder.path().join("Cargo.toml"))
            .arg(members),
    )?;
    tools::stdout(
        Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
            .current_dir(folder.path())
            .args(["metadata", "--format-version", "1"])
            .args(["--filter-platform", Arch::X86_64.rust_target()]),
    )?;
    Ok(toml::from_str(&fs::read_to_string(
        folder.path().join("Cargo.lock"),
    )?)?)
}

fn listed(lock: &Lock, src_uri: &str) -> Result<()> {
    for package in &lock.package {
        let Some(checksum) = &package.checksum else {
            continue;
        };
        let uri = format!("/{}/{};sha256sum={checksum}", package.name, package.version);
        if !src_uri.contains(&uri) {
            bail!("SRC_URI has no {uri}");
        }
    }
    Ok(())
}

fn no_build_paths(paths: &Paths, members: &str, host_tests: &str) -> Result<()> {
    for member in members.split_whitespace() {
        for file in tools::files(&paths.repo.join(member), &[".rs"])? {
            let on_host = |folder| file.starts_with(paths.repo.join(folder));
            if host_tests.split_whitespace().any(on_host) {
                continue;
            }
            let text = fs::read_to_string(&file)?;
            if let Some(found) = BUILD_PATHS.iter().find(|part| text.contains(**part)) {
                bail!("{} has {found}", file.display());
            }
        }
    }
    Ok(())
}

fn copy_tree(from: &Path, to: &Path) -> Result<()> {
    for entry in WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
