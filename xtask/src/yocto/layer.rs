// SPDX-License-Identifier: MIT OR Apache-2.0
//! Rules of yocto-check-layer that need no OE-core, and facts that the layer repeats from elsewhere in the repository.

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;

use super::tools;
use crate::paths::Paths;
use crate::test::results::Results;

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let mut results = Results::default();
    results.record("the layer's README", readme(paths));
    results.record("the layer is a software layer", software_layer(paths));
    results.record("no task uses the network", no_network(paths));
    results.record(
        "linux-evl-stable is conf/kernel.toml's release",
        release(paths),
    );
    results.record("each kernel feature has its fragment", features(paths));
    results.record(
        "bitbake-setup takes the commits that kas takes",
        templates(paths),
    );
    Ok(results)
}

fn readme(paths: &Paths) -> Result<()> {
    let text = fs::read_to_string(paths.repo.join("meta-evl/README.md"))?.to_lowercase();
    for word in ["maintainer", "patch", "@"] {
        if !text.contains(word) {
            bail!("it does not mention `{word}`");
        }
    }
    let security = fs::read_to_string(paths.repo.join("meta-evl/SECURITY.md"))?;
    if security.trim().is_empty() {
        bail!("SECURITY.md is empty");
    }
    Ok(())
}

fn software_layer(paths: &Paths) -> Result<()> {
    for folder in ["conf/machine", "conf/distro"] {
        if paths.repo.join("meta-evl").join(folder).exists() {
            bail!("{folder} makes it another kind of layer");
        }
    }
    Ok(())
}

fn no_network(paths: &Paths) -> Result<()> {
    for file in tools::files(
        &paths.repo.join("meta-evl"),
        &[".bb", ".inc", ".bbclass", ".bbappend"],
    )? {
        let text = fs::read_to_string(&file)?;
        if text.contains("[network]") || text.contains("INSANE_SKIP") {
            bail!(
                "{} switches a check of yocto-check-layer off",
                file.display()
            );
        }
    }
    Ok(())
}

fn release(paths: &Paths) -> Result<()> {
    #[derive(Deserialize)]
    struct Kernel {
        version: String,
        archive: Vec<Archive>,
    }
    #[derive(Deserialize)]
    struct Archive {
        name: String,
        sha256: String,
    }
    let kernel: Kernel = toml::from_str(&fs::read_to_string(paths.repo.join("conf/kernel.toml"))?)?;
    let name = format!("linux-{}.tar.xz", kernel.version);
    let archive = kernel
        .archive
        .iter()
        .find(|archive| archive.name == name)
        .with_context(|| format!("conf/kernel.toml has no {name}"))?;
    let recipe = format!(
        "meta-evl/recipes-kernel/linux/linux-evl-stable_{}.bb",
        kernel.version
    );
    if !fs::read_to_string(paths.repo.join(&recipe))?.contains(&archive.sha256) {
        bail!("{recipe} has another checksum");
    }
    Ok(())
}

fn features(paths: &Paths) -> Result<()> {
    let config = paths.kernel_evl().join("config");
    for file in tools::files(&config, &[".scc"])? {
        let text = fs::read_to_string(&file)?;
        let mut fragments = text
            .split_whitespace()
            .filter(|word| word.ends_with(".cfg"));
        if !fragments.all(|name| config.join(name).is_file()) {
            bail!("{} names a fragment that is not there", file.display());
        }
    }
    Ok(())
}

fn templates(paths: &Paths) -> Result<()> {
    let text = fs::read_to_string(paths.repo.join("conf/templates/evl-wrynose.conf.json"))?;
    let template: serde_json::Value = serde_json::from_str(&text)?;
    let lock = fs::read_to_string(paths.repo.join("kas/release/wrynose.lock.yml"))?;
    let sources = template["sources"]
        .as_object()
        .context("it has no sources")?;
    for (name, source) in sources.iter().filter(|(name, _)| *name != "meta-evl") {
        let commit = source["git-remote"]["rev"].as_str().unwrap_or_default();
        if !lock.contains(&format!("    {name}:\n      commit: {commit}\n")) {
            bail!("{name} is at {commit} in conf/templates/evl-wrynose.conf.json");
        }
    }
    Ok(())
}
