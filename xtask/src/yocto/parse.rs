// SPDX-License-Identifier: MIT OR Apache-2.0
//! Every recipe, parsed by the real bitbake, for every machine and kernel. OE-core is played by `tests/yocto/mock-core`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;

use super::tools::{self, Tools};
use crate::board::{Arch, Board};
use crate::kernel::series;
use crate::paths::Paths;
use crate::test::results::Results;

pub(crate) const KERNELS: [&str; 3] = ["linux-evl", "linux-evl-debug", "linux-evl-stable"];

/// What one parse brought.
#[derive(Debug, Deserialize)]
pub(crate) struct Parse {
    pub(crate) recipes: Vec<String>,
    pub(crate) skipped: BTreeMap<String, String>,
    /// `RECIPE:VARIABLE` to its value.
    pub(crate) variables: BTreeMap<String, String>,
    pub(crate) warnings: Vec<String>,
    pub(crate) errors: Vec<String>,
}

/// A build configuration.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) layer: PathBuf,
    pub(crate) local_conf: String,
    pub(crate) variables: Vec<String>,
}

impl Build {
    /// For a machine, with the switch on.
    pub(crate) fn new(paths: &Paths, machine: &str, arch: Arch) -> Self {
        let (target, overrides) = match arch {
            Arch::X86_64 => ("x86_64", machine.to_owned()),
            Arch::Arm64 => ("aarch64", machine.to_owned()),
        };
        Self {
            layer: paths.repo.join("meta-evl"),
            local_conf: format!(
                "MACHINE = \"{machine}\"\nTARGET_ARCH = \"{target}\"\nMACHINEOVERRIDES = \"{overrides}\"\n\
                 OE_FRAGMENTS += \"evl/evl\"\n"
            ),
            variables: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, line: &str) -> Self {
        self.local_conf.push_str(line);
        self.local_conf.push('\n');
        self
    }

    pub(crate) fn parse(&self, paths: &Paths, tools: &Tools) -> Result<Parse> {
        let folder = tempfile::tempdir()?;
        let conf = folder.path().join("conf");
        fs::create_dir(&conf)?;
        let mocks = tools::folder(paths);
        let layers = [
            &mocks.join("mock-core"),
            &mocks.join("mock-raspberrypi"),
            &self.layer,
        ];
        fs::write(conf.join("bblayers.conf"), bblayers(&layers))?;
        fs::write(conf.join("local.conf"), &self.local_conf)?;
        let text = tools::stdout(
            tools
                .command("python")
                .arg(mocks.join("parse.py"))
                .arg(folder.path())
                .args(&self.variables),
        )?;
        let last = text.lines().last().context("parse.py printed nothing")?;
        Ok(serde_json::from_str(last)?)
    }
}

fn bblayers(layers: &[&PathBuf]) -> String {
    let layers: Vec<String> = layers
        .iter()
        .map(|layer| layer.display().to_string())
        .collect();
    format!(
        "BBPATH = \"${{TOPDIR}}\"\nBBFILES ?= \"\"\nBBLAYERS = \"{}\"\n",
        layers.join(" ")
    )
}

pub(crate) fn check(paths: &Paths, tools: &Tools) -> Result<Results> {
    let mut results = Results::default();
    let expected = recipes(&paths.repo.join("meta-evl"))?;
    for board in Board::all(paths)? {
        for kernel in KERNELS {
            let build = Build::new(paths, &board.name, board.arch)
                .with(&format!("EVL_KERNEL = \"{kernel}\""));
            let outcome = build
                .parse(paths, tools)
                .and_then(|parse| complete(&parse, &expected, kernel));
            results.record(
                &format!("bitbake parses for {} with {kernel}", board.name),
                outcome,
            );
        }
    }
    results.record(
        "sources and arguments reach the recipes",
        values(paths, tools),
    );
    results.record("the layer is inert without its switch", inert(paths, tools));
    Ok(results)
}

/// Names of the layer's recipes, from their files.
fn recipes(layer: &Path) -> Result<Vec<String>> {
    let files = tools::files(layer, &[".bb"])?;
    let stem = |file: &PathBuf| {
        file.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
    };
    Ok(files
        .iter()
        .filter_map(stem)
        .map(|stem| stem.split('_').next().unwrap_or(&stem).to_owned())
        .collect())
}

fn quiet(parse: &Parse) -> Result<()> {
    if !parse.errors.is_empty() || !parse.warnings.is_empty() {
        bail!(
            "{}",
            [parse.errors.as_slice(), &parse.warnings]
                .concat()
                .join("\n")
        );
    }
    Ok(())
}

/// Every recipe was parsed, but for the kernels that are not the chosen one.
fn complete(parse: &Parse, expected: &[String], kernel: &str) -> Result<()> {
    quiet(parse)?;
    for recipe in expected {
        let other_kernel = KERNELS.contains(&recipe.as_str()) && recipe != kernel;
        if parse.recipes.contains(recipe) == other_kernel {
            bail!("{recipe}: {:?}", parse.skipped.get(recipe));
        }
    }
    Ok(())
}

fn values(paths: &Paths, tools: &Tools) -> Result<()> {
    let mut build = Build::new(paths, "raspberrypi5", Arch::Arm64).with("EVL_OOB_CPUS = \"2-3\"");
    build.variables = [
        "linux-evl:SRC_URI",
        "evl-tools:SRC_URI",
        "rpi-cmdline:CMDLINE",
    ]
    .map(str::to_owned)
    .to_vec();
    let parse = build.parse(paths, tools)?;
    quiet(&parse)?;
    let has = |name: &str, part: &str| -> Result<()> {
        let value = parse
            .variables
            .get(name)
            .with_context(|| format!("no {name}"))?;
        if !value.contains(part) {
            bail!("{name} has no {part}: {value}");
        }
        Ok(())
    };
    for patch in series::patches(paths)? {
        let name = patch.file_name().unwrap_or_default().to_string_lossy();
        has(
            "linux-evl:SRC_URI",
            &format!("file://dovetail/patches/{name}"),
        )?;
    }
    has("linux-evl:SRC_URI", "file://evl ")?;
    has("evl-tools:SRC_URI", "/clap/")?;
    has("evl-tools:SRC_URI", ";sha256sum=")?;
    if parse.variables["evl-tools:SRC_URI"].contains("/indicatif/") {
        bail!("evl-tools fetches the developer's tool's crates");
    }
    has("rpi-cmdline:CMDLINE", "isolcpus=managed_irq,domain,2-3")
}

/// Another distribution's build: no recipe of ours, nothing changed in others', a hint.
fn inert(paths: &Paths, tools: &Tools) -> Result<()> {
    let mut build = Build::new(paths, "raspberrypi5", Arch::Arm64);
    build.local_conf = build.local_conf.replace("OE_FRAGMENTS", "UNUSED");
    build.variables = vec!["rpi-cmdline:CMDLINE".to_owned()];
    let parse = build.parse(paths, tools)?;
    if parse.recipes != ["rpi-cmdline"]
        || parse.variables["rpi-cmdline:CMDLINE"].trim() != "rootwait"
    {
        bail!("{parse:?}");
    }
    if !parse.errors.is_empty()
        || !parse
            .warnings
            .iter()
            .any(|line| line.contains("enable-fragment evl/evl"))
    {
        bail!("{:?} {:?}", parse.errors, parse.warnings);
    }
    Ok(())
}
