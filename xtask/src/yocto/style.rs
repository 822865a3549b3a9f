// SPDX-License-Identifier: MIT OR Apache-2.0
//! oelint-adv over the layer: no error, no warning.

use anyhow::{Result, bail};

use super::tools::{self, Tools};
use crate::paths::Paths;
use crate::test::results::Results;

const RELEASES: [&str; 2] = ["wrynose", "blacksail"];

/// Rules that are off for the whole layer. Exceptions for one line stand in the line above it, with their reason.
const OFF: [&str; 1] = [
    // It asks the home page's server.
    "oelint.vars.homepageping",
];

pub(crate) fn check(paths: &Paths, tools: &Tools) -> Result<Results> {
    let mut results = Results::default();
    let files = tools::files(
        &paths.repo.join("meta-evl"),
        &[".bb", ".bbappend", ".bbclass", ".inc", ".conf"],
    )?;
    for release in RELEASES {
        let findings = findings(paths, tools, release, &files)?;
        results.record(
            &format!("oelint-adv, {release}: {} files", files.len()),
            none(&findings),
        );
    }
    let fault = tempfile::tempdir()?;
    let file = fault.path().join("fault_1.0.bb");
    fs_err::write(&file, "SUMMARY = \"No licence, and a tab\"\nA\t= \"b\"\n")?;
    let findings = findings(paths, tools, RELEASES[0], &[file])?;
    results.record("oelint-adv finds a fault", found(&findings));
    Ok(results)
}

fn findings(
    paths: &Paths,
    tools: &Tools,
    release: &str,
    files: &[std::path::PathBuf],
) -> Result<String> {
    let constants = tools::folder(paths).join("oelint.json");
    let output = tools::output(
        tools
            .command("oelint-adv")
            .current_dir(&paths.repo)
            .args(["--mode", "all", "--quiet", "--relpaths", "--hide", "info"])
            .args(["--release", release])
            .args(OFF.iter().flat_map(|rule| ["--suppress", rule]))
            .arg(format!("--constantmods=+{}", constants.display()))
            .args(files),
    )?;
    Ok(String::from_utf8_lossy(&output.stderr).into_owned())
}

fn none(findings: &str) -> Result<()> {
    if !findings.trim().is_empty() {
        bail!("\n{findings}");
    }
    Ok(())
}

fn found(findings: &str) -> Result<()> {
    if !findings.contains("mandatoryvar.LICENSE") {
        bail!("it said: {findings}");
    }
    Ok(())
}
