// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tree that the compiler sees: pristine Linux with the series and our files laid over it.
//!
//! Only files whose content changes are written, so that a changed patch rebuilds no more than it must. The originals of
//! patched files are kept aside; a manifest names every file that is not Linux's own. Each step can be interrupted: the
//! next run starts from the manifest and the originals, never from what is half written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::{series, source};
use crate::paths::Paths;

/// The parts of `build/linux-VERSION`.
#[derive(Debug)]
struct Layout {
    tree: PathBuf,
    originals: PathBuf,
    manifest: PathBuf,
}

/// Brings the tree up to date with the repository and returns its path.
pub(crate) fn tree(paths: &Paths) -> Result<PathBuf> {
    let version = source::release(paths)?.version;
    let root = paths.build.join(format!("linux-{version}"));
    let layout = Layout {
        tree: root.join("src"),
        originals: root.join("originals"),
        manifest: root.join("manifest"),
    };
    if !layout.tree.is_dir() {
        fs::create_dir_all(&root)?;
        source::extract(paths, &layout.tree)?;
    }
    layout.update(paths)?;
    Ok(layout.tree)
}

impl Layout {
    fn update(&self, paths: &Paths) -> Result<()> {
        let patches = series::patches(paths)?;
        let own = series::own_files(paths)?;
        let before = self.read_manifest()?;
        // Our files are as the product's release wants them: another one may patch them.
        let patchable = match paths.next {
            Some(_) => own.clone(),
            None => BTreeMap::new(),
        };
        let patched = self.save_originals(&patches, &patchable, &before)?;
        self.refuse_shadowing(own.keys(), &before)?;
        let stage = self.apply(&patches, &patched, &patchable)?;

        let after: BTreeSet<PathBuf> = patched.iter().chain(own.keys()).cloned().collect();
        self.write_manifest(before.union(&after))?;
        for file in &patched {
            self.put(&stage.path().join(file), file)?;
        }
        for (file, from) in own.iter().filter(|(file, _)| !patched.contains(*file)) {
            self.put(from, file)?;
        }
        for file in before.difference(&after) {
            self.restore(file)?;
        }
        self.write_manifest(after.iter())
    }

    /// Keeps a copy of every file of Linux that a patch changes, before it does. Returns the set of all patched files.
    fn save_originals(
        &self,
        patches: &[PathBuf],
        patchable: &BTreeMap<PathBuf, PathBuf>,
        managed: &BTreeSet<PathBuf>,
    ) -> Result<BTreeSet<PathBuf>> {
        let mut patched = BTreeSet::new();
        for patch in patches {
            patched.extend(series::footprint(&fs::read_to_string(patch)?).files);
        }
        for file in patched.iter().filter(|file| !patchable.contains_key(*file)) {
            let original = self.originals.join(file);
            if original.exists() {
                continue;
            }
            let current = self.tree.join(file);
            if !current.is_file() || managed.contains(file) {
                bail!(
                    "a patch changes {}, which is not a file of Linux: new files go to kernel-evl/dovetail/src",
                    file.display()
                );
            }
            copy(&current, &original)?;
        }
        Ok(patched)
    }

    fn refuse_shadowing<'a>(
        &self,
        own: impl Iterator<Item = &'a PathBuf>,
        managed: &BTreeSet<PathBuf>,
    ) -> Result<()> {
        for file in own {
            if self.originals.join(file).exists()
                || (self.tree.join(file).exists() && !managed.contains(file))
            {
                bail!(
                    "{} is a file of Linux: change it by a patch, not by a file of ours",
                    file.display()
                );
            }
        }
        Ok(())
    }

    /// The patched files, in a folder of their own.
    fn apply(
        &self,
        patches: &[PathBuf],
        patched: &BTreeSet<PathBuf>,
        patchable: &BTreeMap<PathBuf, PathBuf>,
    ) -> Result<tempfile::TempDir> {
        let stage = tempfile::tempdir()?;
        for file in patched {
            let from = patchable.get(file).cloned();
            let from = from.unwrap_or_else(|| self.originals.join(file));
            copy(&from, &stage.path().join(file))?;
        }
        for patch in patches {
            let output = Command::new("patch")
                .args([
                    "--strip=1",
                    "--fuzz=0",
                    "--silent",
                    "--no-backup-if-mismatch",
                    "--directory",
                ])
                .arg(stage.path())
                .arg("--input")
                .arg(patch)
                .output()
                .context("patch(1) does not start: `cargo xtask setup` installs it")?;
            if !output.status.success() {
                bail!(
                    "{} does not apply without fuzz:\n{}`cargo xtask kernel tree` is where the series is worked on",
                    patch.display(),
                    String::from_utf8_lossy(&output.stdout)
                );
            }
        }
        Ok(stage)
    }

    fn put(&self, from: &Path, file: &Path) -> Result<()> {
        let to = self.tree.join(file);
        if fs::read(&to).is_ok_and(|current| fs::read(from).is_ok_and(|wanted| current == wanted)) {
            return Ok(());
        }
        copy(from, &to)
    }

    fn restore(&self, file: &Path) -> Result<()> {
        let (original, current) = (self.originals.join(file), self.tree.join(file));
        if original.exists() {
            copy(&original, &current)?;
        } else if current.exists() {
            fs::remove_file(current)?;
        }
        Ok(())
    }

    fn read_manifest(&self) -> Result<BTreeSet<PathBuf>> {
        if !self.manifest.exists() {
            return Ok(BTreeSet::new());
        }
        Ok(fs::read_to_string(&self.manifest)?
            .lines()
            .map(PathBuf::from)
            .collect())
    }

    fn write_manifest<'a>(&self, files: impl Iterator<Item = &'a PathBuf>) -> Result<()> {
        let text: String = files.map(|file| format!("{}\n", file.display())).collect();
        let partial = self.manifest.with_extension("partial");
        fs::write(&partial, text)?;
        Ok(fs::rename(partial, &self.manifest)?)
    }
}

/// Copies through a temporary name, so that an interrupted copy is never taken for the file.
fn copy(from: &Path, to: &Path) -> Result<()> {
    let folder = to
        .parent()
        .context("a file in the kernel's tree has a folder")?;
    fs::create_dir_all(folder)?;
    let partial = tempfile::Builder::new()
        .prefix(".evl-")
        .tempfile_in(folder)?;
    fs::copy(from, partial.path())?;
    partial
        .persist(to)
        .with_context(|| format!("cannot write {}", to.display()))?;
    Ok(())
}
