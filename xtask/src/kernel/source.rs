// SPDX-License-Identifier: MIT OR Apache-2.0
//! The pristine source of Linux: where it comes from, its verification, its extraction.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fs_err as fs;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::logged;
use crate::paths::Paths;

/// `conf/kernel.toml`, or that of the release which the series moves to.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Release {
    pub(crate) version: String,
    archive: Vec<Archive>,
    /// Symbols of our fragments that this release has under another name.
    #[serde(default)]
    pub(crate) renamed: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Archive {
    name: String,
    sha256: String,
    /// A folder on an upstream's server, or
    url: Option<String>,
    /// a folder below each Debian mirror that apt is configured for.
    debian_pool: Option<String>,
    /// Where Linux's archive is in it, if it is a package of Debian.
    member: Option<String>,
}

pub(crate) fn release(paths: &Paths) -> Result<Release> {
    let file = paths.release();
    let text = fs::read_to_string(&file)?;
    toml::from_str(&text).with_context(|| format!("{} is not valid", file.display()))
}

/// The archive in the cache, whichever of the known ones it is.
pub(crate) fn cached_archive(paths: &Paths) -> Option<PathBuf> {
    let release = release(paths).ok()?;
    release
        .archive
        .iter()
        .map(|archive| paths.downloads().join(&archive.name))
        .find(|path| path.is_file())
}

/// Makes sure that a verified archive is in the cache.
pub(crate) fn fetch(paths: &Paths) -> Result<PathBuf> {
    let release = release(paths)?;
    for archive in &release.archive {
        let path = paths.downloads().join(&archive.name);
        if path.is_file() {
            verify(&path, &archive.sha256)?;
            return Ok(path);
        }
    }
    let mut failures = Vec::new();
    for archive in &release.archive {
        let urls = urls(archive);
        if urls.is_empty() {
            failures
                .push("  apt names no mirror of Debian: run `apt-get update` as root".to_owned());
        }
        for url in urls {
            match download(paths, archive, &url) {
                Ok(path) => return Ok(path),
                Err(error) => failures.push(format!("  {url}: {error:#}")),
            }
        }
    }
    bail!(
        "Linux {} can be had from nowhere:\n{}\nput one of its archives into {} by hand to go on without a network",
        release.version,
        failures.join("\n"),
        paths.downloads().display(),
    )
}

/// Extracts the cached archive to `target`, which either holds all of it afterwards or does not exist.
pub(crate) fn extract(paths: &Paths, target: &Path) -> Result<()> {
    let file = fetch(paths)?;
    let package = tempfile::tempdir()?;
    let archive = match member(paths, &file)? {
        Some(member) => {
            unpack_package(paths, &file, package.path())?;
            package.path().join(member)
        }
        None => file,
    };
    let partial = partial(target)?;
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    fs::create_dir_all(&partial)?;
    let mut tar = Command::new("tar");
    tar.args(["--extract", "--verbose", "--strip-components=1", "--file"])
        .arg(&archive)
        .arg("--directory")
        .arg(&partial);
    let result = logged::run(
        &mut tar,
        "extract the kernel's source",
        &paths.logs().join("extract.log"),
        |_| true,
    );
    if result.is_err() {
        fs::remove_dir_all(&partial)?;
    }
    result?;
    fs::rename(&partial, target)?;
    Ok(())
}

/// Where Linux's archive is in a cached file, if that is a package.
fn member(paths: &Paths, file: &Path) -> Result<Option<String>> {
    let name = file.file_name().unwrap_or_default();
    let mut archives = release(paths)?.archive.into_iter();
    let archive = archives.find(|archive| name == archive.name.as_str());
    Ok(archive.and_then(|archive| archive.member))
}

fn unpack_package(paths: &Paths, package: &Path, to: &Path) -> Result<()> {
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("--extract").arg(package).arg(to);
    logged::run_plain(
        &mut unpack,
        "unpack Debian's package of the kernel's source",
        &paths.logs().join("extract.log"),
    )
}

/// A name beside `target` for what is not whole yet. It is ours alone, so what is left there may be removed.
pub(crate) fn partial(target: &Path) -> Result<PathBuf> {
    let name = target
        .file_name()
        .with_context(|| format!("{} names no folder", target.display()))?;
    Ok(target.with_file_name(format!(".{}.partial", name.to_string_lossy())))
}

fn urls(archive: &Archive) -> Vec<String> {
    let folders = match (&archive.url, &archive.debian_pool) {
        (Some(url), _) => vec![url.clone()],
        (None, Some(pool)) => debian_mirrors()
            .into_iter()
            .map(|mirror| format!("{mirror}{pool}"))
            .collect(),
        (None, None) => Vec::new(),
    };
    folders
        .into_iter()
        .map(|folder| format!("{folder}{}", archive.name))
        .collect()
}

/// The archives of Debian that this machine's apt is configured for.
fn debian_mirrors() -> Vec<String> {
    let output = Command::new("apt-get")
        .args([
            "indextargets",
            "--format",
            "$(REPO_URI)",
            "Created-By: Packages",
            "Origin: Debian",
        ])
        .output();
    let mut mirrors: Vec<String> = output
        .map(|output| {
            String::from_utf8_lossy(&output.stdout)
                .lines()
                .map(str::to_owned)
                .collect()
        })
        .unwrap_or_default();
    let mut seen = std::collections::HashSet::new();
    mirrors.retain(|mirror| seen.insert(mirror.clone()));
    mirrors
}

/// Downloads with apt's own fetcher: it is on every Debian and goes through the proxies that apt is set up with.
fn download(paths: &Paths, archive: &Archive, url: &str) -> Result<PathBuf> {
    let target = paths.downloads().join(&archive.name);
    let partial = paths.downloads().join(format!("{}.partial", archive.name));
    fs::create_dir_all(paths.downloads())?;
    let started = Instant::now();
    let mut child = Command::new("/usr/lib/apt/apt-helper")
        .args([
            "-o",
            "Acquire::Retries=1",
            "-o",
            "Acquire::https::Timeout=10",
            "-o",
            "Acquire::http::Timeout=10",
        ])
        .arg("download-file")
        .arg(url)
        .arg(&partial)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("apt-helper does not start: this is not a Debian host")?;
    let bar = logged::spinner(&format!("fetch {} (bytes)", archive.name));
    while child.try_wait()?.is_none() {
        bar.set_position(partial.metadata().map_or(0, |meta| meta.len()));
        std::thread::sleep(Duration::from_millis(100));
    }
    bar.finish_and_clear();
    let output = child.wait_with_output()?;
    if !output.status.success() {
        let _ = fs::remove_file(&partial);
        let reason = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{}",
            reason
                .lines()
                .find(|line| line.starts_with("E:"))
                .unwrap_or("the download failed")
                .trim()
        );
    }
    verify(&partial, &archive.sha256)?;
    fs::rename(&partial, &target)?;
    logged::done(&format!("fetch {}", archive.name), started.elapsed());
    Ok(target)
}

/// Removes the file if it is not what it should be: the next try fetches it anew.
pub(crate) fn verify(path: &Path, wanted: &str) -> Result<()> {
    let found = sha256(path)?;
    if found != wanted {
        fs::remove_file(path)?;
        bail!(
            "{} is corrupted (sha256 {found}, wanted {wanted}); it was removed, run the command again",
            path.display()
        );
    }
    Ok(())
}

pub(crate) fn sha256(path: &Path) -> Result<String> {
    let mut hash = Sha256::new();
    std::io::copy(&mut fs::File::open(path)?, &mut hash)?;
    Ok(format!("{:x}", hash.finalize()))
}
