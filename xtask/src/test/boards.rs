// SPDX-License-Identifier: MIT OR Apache-2.0
//! `conf/boards` against what repeats it: the kas files, the fragments, the README's status table.

use anyhow::{Context, Result, bail};
use fs_err as fs;

use super::results::Results;
use crate::board::Board;
use crate::paths::Paths;

pub(crate) fn check(paths: &Paths) -> Result<Results> {
    let readme = fs::read_to_string(paths.repo.join("README.md"))?;
    let mut results = Results::default();
    for board in Board::all(paths)? {
        results.record(&format!("{}: kas", board.name), kas(paths, &board));
        results.record(
            &format!("{}: README", board.name),
            status_row(&readme, &board),
        );
        results.record(&format!("{}: kernel", board.name), kernel(paths, &board));
    }
    Ok(results)
}

fn kas(paths: &Paths, board: &Board) -> Result<()> {
    if board.yocto.machine != board.name {
        bail!(
            "a board's file bears Yocto's name of the machine, which is {}",
            board.yocto.machine
        );
    }
    let file = paths.repo.join(&board.yocto.kas);
    let text = fs::read_to_string(file)?;
    let machine = text
        .lines()
        .find_map(|line| line.strip_prefix("machine:"))
        .map(str::trim);
    if machine != Some(board.name.as_str()) {
        bail!("{} builds for {machine:?}", board.yocto.kas.display());
    }
    Ok(())
}

fn kernel(paths: &Paths, board: &Board) -> Result<()> {
    for name in &board.kernel.fragments {
        crate::kernel::config::fragment(paths, name)?;
    }
    let sources = crate::kernel::sync::tree(paths)?
        .join("arch")
        .join(board.arch.kernel())
        .join("boot/dts");
    for tree in &board.kernel.device_tree {
        if !sources.join(tree.with_extension("dts")).is_file() {
            bail!("Linux has no source for the device tree {}", tree.display());
        }
    }
    Ok(())
}

/// The row `| machine | description | built | booted | measured |`; an empty cell says that it was not done.
fn status_row(readme: &str, board: &Board) -> Result<()> {
    let head = format!("| `{}` |", board.name);
    let count = readme
        .lines()
        .filter(|line| line.starts_with(&head))
        .count();
    if count > 1 {
        bail!("the status table has {count} rows for `{}`", board.name);
    }
    let row = readme
        .lines()
        .find(|line| line.starts_with(&head))
        .with_context(|| format!("the status table has no row for `{}`", board.name))?;
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let status = &board.status;
    let wanted = [
        board.description.as_str(),
        &status.built,
        &status.booted,
        &status.measured,
    ];
    if cells.get(1..) != Some(&wanted) {
        bail!("the row is {cells:?}, conf/boards says {wanted:?}");
    }
    Ok(())
}
