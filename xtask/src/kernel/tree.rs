// SPDX-License-Identifier: MIT OR Apache-2.0
//! The git work tree in which the series is worked on, and the way back from its commits to the repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::{series, source};
use crate::logged;
use crate::paths::Paths;

/// The commit that holds pristine Linux.
const BASE: &str = "linux-base";

/// The commit that adds our own files to it, as they are in the repository.
const FILES: &str = "meta-evl-files";

/// Pristine Linux as a first commit, our own files as a second, then each patch as a commit of its own.
///
/// The tree appears under its name when it is whole, or when a patch does not apply and must be mended by hand.
pub(crate) fn lay_out(paths: &Paths, dir: &Path) -> Result<()> {
    if dir.exists() {
        bail!(
            "{} exists already: remove it, or name another folder",
            dir.display()
        );
    }
    let partial = source::partial(dir)?.with_extension("tree");
    if partial.exists() {
        fs::remove_dir_all(&partial)?;
    }
    source::extract(paths, &partial)?;
    if let Err(error) = commit_all(paths, &partial) {
        fs::remove_dir_all(&partial)?;
        return Err(error);
    }
    let applied = apply_series(paths, &partial);
    fs::rename(&partial, dir)?;
    applied.with_context(|| {
        format!(
            "{} is left in the middle of it: mend the patch there, `git am --continue`, then `cargo xtask kernel refresh`",
            dir.display()
        )
    })?;
    println!(
        "{}: edit, commit (or `git rebase -i {BASE}`), then `cargo xtask kernel refresh`",
        dir.display()
    );
    Ok(())
}

fn commit_all(paths: &Paths, dir: &Path) -> Result<()> {
    let version = source::release(paths)?.version;
    git(dir, &["init", "--quiet", "--initial-branch=evl"])?;
    // A collection in the background would go on in a tree that is moved or removed.
    git(dir, &["config", "gc.auto", "0"])?;
    git(dir, &["config", "maintenance.auto", "false"])?;
    let log = paths.logs().join("kernel-tree.log");
    let mut add = Command::new("git");
    add.arg("-C").arg(dir).args(["add", "--force", "--all"]);
    logged::run_plain(&mut add, "record pristine Linux", &log)?;
    commit(dir, &format!("Linux {version}"))?;
    git(dir, &["tag", BASE])?;

    for (file, from) in series::own_files(paths)? {
        let to = dir.join(&file);
        fs::create_dir_all(to.parent().context("a kernel file has a folder")?)?;
        fs::copy(from, to)?;
    }
    git(dir, &["add", "--force", "--all"])?;
    commit(dir, "Files of meta-evl")?;
    git(dir, &["tag", FILES])?;
    Ok(())
}

/// All patches in one go, so that git knows what is still to come when one does not apply.
fn apply_series(paths: &Paths, dir: &Path) -> Result<()> {
    let mut args = vec!["am".to_owned(), "--quiet".into(), "--keep-non-patch".into()];
    for patch in series::patches(paths)? {
        args.push(fs::canonicalize(patch)?.to_string_lossy().into_owned());
    }
    if args.len() > 3 {
        git(dir, &args.iter().map(String::as_str).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Writes the series and our own files from the tree's commits.
///
/// A file that Linux has goes into the patches, commit by commit; a file that it has not goes to its home in `kernel-evl`.
pub(crate) fn refresh(paths: &Paths, dir: &Path, check: bool) -> Result<()> {
    if git(dir, &["rev-parse", "--verify", "--quiet", BASE]).is_err() {
        bail!(
            "{} is not a tree made by `cargo xtask kernel tree`",
            dir.display()
        );
    }
    let under_way = ["rebase-apply", "rebase-merge"];
    if under_way
        .iter()
        .any(|state| dir.join(".git").join(state).exists())
    {
        bail!(
            "a `git am` or `git rebase` is under way in {}: finish it first",
            dir.display()
        );
    }
    if !git(dir, &["status", "--porcelain"])?.is_empty() {
        bail!(
            "{} has uncommitted changes: commit them, or they would be left out",
            dir.display()
        );
    }
    let wanted = match paths.next {
        Some(_) => next_files(paths, dir)?,
        None => {
            let mut wanted = own_files(paths, dir)?;
            wanted.extend(patch_files(paths, dir, BASE)?);
            wanted
        }
    };
    let changes = compare(paths, &wanted)?;
    if check && !changes.is_empty() {
        bail!(
            "the repository differs from {}:\n{}",
            dir.display(),
            list(&changes)
        );
    }
    if !check {
        write(&wanted, &changes)?;
    }
    println!(
        "{}",
        if changes.is_empty() {
            "nothing to change".to_owned()
        } else {
            list(&changes)
        }
    );
    Ok(())
}

/// Repository file to content.
type Files = BTreeMap<PathBuf, Vec<u8>>;

/// What the commits after `base` do to files: `A` add, `M` modify, `D` delete.
fn diff(dir: &Path, filter: &str, base: &str) -> Result<String> {
    let filter = format!("--diff-filter={filter}");
    let args = ["diff", "--name-only", &filter, "--no-renames", base, "HEAD"];
    git(dir, &args)
}

fn own_files(paths: &Paths, dir: &Path) -> Result<Files> {
    diff(dir, "A", BASE)?
        .lines()
        .map(Path::new)
        .map(|file| Ok((series::home_of(paths, file), fs::read(dir.join(file))?)))
        .collect()
}

/// For a release that the series moves to: its series, and the patches that are not the product's.
fn next_files(paths: &Paths, dir: &Path) -> Result<Files> {
    let added = diff(dir, "A", FILES)?;
    if !added.is_empty() {
        bail!("new files come with the product's release, not with another one:\n{added}");
    }
    let mut files = patch_files(paths, dir, FILES)?;
    let product = series::product_patches(paths);
    files.retain(|file, patch| {
        let same = product.join(file.file_name().unwrap_or_default());
        let patch = String::from_utf8_lossy(patch);
        !fs::read_to_string(same).is_ok_and(|same| series::same_changes(&same, &patch))
    });
    Ok(files)
}

/// The series, and the commits after `base` as patches of files that are in it.
fn patch_files(paths: &Paths, dir: &Path, base: &str) -> Result<Files> {
    let out = tempfile::tempdir()?;
    let changed = diff(dir, "MD", base)?;
    let range = format!("{base}..HEAD");
    let mut files = Files::new();
    let mut names = String::new();
    if !changed.is_empty() {
        let folder = out.path().join("patches");
        let output = format!("--output-directory={}", folder.display());
        let mut args = vec![
            "-c",
            "format.signature=",
            "-c",
            "diff.algorithm=histogram",
            "format-patch",
            "--quiet",
            "--zero-commit",
            "--no-numbered",
            "--no-renames",
            "--abbrev=12",
            &output,
            &range,
            "--",
        ];
        args.extend(changed.lines());
        git(dir, &args)?;
        let mut patches: Vec<_> = fs::read_dir(folder)?.collect::<Result<_, _>>()?;
        patches.sort_by_key(fs::DirEntry::file_name);
        for patch in patches {
            let name = patch.file_name().to_string_lossy().into_owned();
            names += &format!("{name}\n");
            files.insert(
                paths.series().join("patches").join(name),
                fs::read(patch.path())?,
            );
        }
    }
    let series = paths.series().join("series");
    let head: String = fs::read_to_string(&series)?
        .lines()
        .take_while(|line| line.starts_with('#'))
        .map(|l| format!("{l}\n"))
        .collect();
    files.insert(series, (head + &names).into_bytes());
    Ok(files)
}

/// The files to write or to remove.
fn compare(paths: &Paths, wanted: &Files) -> Result<Vec<PathBuf>> {
    let mut present = series::patches(paths)?;
    present.retain(|file| file.starts_with(paths.series()));
    if paths.next.is_none() {
        present.extend(series::own_files(paths)?.into_values());
    }
    let gone = present
        .into_iter()
        .filter(|file| !wanted.contains_key(file));
    let changed = wanted
        .iter()
        .filter(|(file, content)| !fs::read(file).is_ok_and(|now| now == **content));
    Ok(gone.chain(changed.map(|(file, _)| file.clone())).collect())
}

fn write(wanted: &Files, changes: &[PathBuf]) -> Result<()> {
    for file in changes {
        match wanted.get(file) {
            Some(content) => {
                fs::create_dir_all(
                    file.parent()
                        .context("a file of the repository has a folder")?,
                )?;
                fs::write(file, content)?;
            }
            None => fs::remove_file(file)?,
        }
    }
    Ok(())
}

fn list(files: &[PathBuf]) -> String {
    files
        .iter()
        .map(|file| file.display().to_string())
        .collect::<Vec<_>>()
        .join("\n")
}

fn commit(dir: &Path, message: &str) -> Result<String> {
    git(dir, &["commit", "--quiet", "--message", message])
}

fn git(dir: &Path, args: &[&str]) -> Result<String> {
    let output = Command::new("git")
        .arg("-C")
        .arg(dir)
        // A machine without a git identity can lay the tree out; these never reach a patch.
        .args([
            "-c",
            "user.name=meta-evl",
            "-c",
            "user.email=meta-evl@localhost",
        ])
        .args(args)
        .output()
        .context("git does not start")?;
    if !output.status.success() {
        bail!(
            "git {} failed: {}",
            args.first().unwrap_or(&""),
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}
