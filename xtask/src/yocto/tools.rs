// SPDX-License-Identifier: MIT OR Apache-2.0
//! The Python tools of `tests/yocto/requirements.txt`, in an environment of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail};
use fs_err as fs;

use crate::logged;
use crate::paths::Paths;

#[derive(Debug)]
pub(crate) struct Tools {
    programs: PathBuf,
}

impl Tools {
    /// A program of the environment. Python leaves no compiled files behind in the layer.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }
}

/// Installs the tools, or finds them installed from the same list.
pub(crate) fn install(paths: &Paths) -> Result<Tools> {
    let wanted = fs::read_to_string(folder(paths).join("requirements.txt"))?;
    let environment = paths.cache.join("yocto-tools");
    let stamp = environment.join("requirements.txt");
    let tools = Tools {
        programs: environment.join("bin"),
    };
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(tools);
    }
    let log = paths.logs().join("yocto-tools.log");
    let mut create = Command::new("python3");
    create.args(["-m", "venv", "--clear"]).arg(&environment);
    logged::run_plain(&mut create, "make a Python environment", &log).context(
        "python3 with its venv module is needed: on Debian, `apt-get install python3-venv`",
    )?;
    let mut pip = tools.command("pip");
    pip.args(["install", "--disable-pip-version-check", "--requirement"])
        .arg(folder(paths).join("requirements.txt"));
    logged::run_plain(&mut pip, "install kas, oelint-adv and bitbake", &log)?;
    fs::write(stamp, wanted)?;
    Ok(tools)
}

/// The checks' own files.
pub(crate) fn folder(paths: &Paths) -> PathBuf {
    paths.repo.join("tests/yocto")
}

pub(crate) fn output(command: &mut Command) -> Result<Output> {
    command
        .output()
        .with_context(|| format!("{} does not start", command.get_program().to_string_lossy()))
}

/// The standard output of a command that must succeed.
pub(crate) fn stdout(command: &mut Command) -> Result<String> {
    let output = output(command)?;
    if !output.status.success() {
        bail!(
            "{}\n{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Files below `root` whose names end in one of `endings`, sorted.
pub(crate) fn files(root: &Path, endings: &[&str]) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(root).sort_by_file_name() {
        let path = entry?.into_path();
        let name = path.to_string_lossy();
        if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path);
        }
    }
    Ok(found)
}
