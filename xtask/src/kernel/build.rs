// SPDX-License-Identifier: MIT OR Apache-2.0
//! Builds one variant of the kernel; skips everything when no input of it changed.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{iter, thread};

use anyhow::{Context, Result};
use fs_err as fs;
use sha2::{Digest, Sha256};

use super::{config, series, source, sync};
use crate::board::Board;
use crate::host::{self, LIBCLANG_PATH, LLVM_SUFFIX, RUSTC};
use crate::logged;
use crate::paths::Paths;

#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) image: PathBuf,
    /// What the fragments ask for with `=m`.
    pub(crate) modules: Vec<PathBuf>,
    /// For a machine whose device tree QEMU does not make.
    pub(crate) device_tree: Option<PathBuf>,
}

/// The kernel of `board` with `extra` fragments over the board's own.
pub(crate) fn build(paths: &Paths, board: &Board, extra: &[String]) -> Result<Built> {
    let names = board.kernel.fragments.iter().chain(extra);
    let fragments = names
        .map(|name| config::fragment(paths, name))
        .collect::<Result<Vec<_>>>()?;
    let wanted = config::merged(&fragments, &source::release(paths)?.renamed)?;
    let out = paths.kernels().join(variant_name(board, extra));
    let image = out.join(&board.kernel.image);
    let source = board
        .qemu
        .as_ref()
        .and_then(|qemu| qemu.device_tree.as_ref());
    let device_tree = source.map(|file| {
        let folder = out.join("arch").join(board.arch.kernel());
        folder.join("boot/dts").join(file)
    });
    let stamp = out.join("evl-inputs");
    let inputs = inputs(paths, board, &wanted)?;
    let mut files = iter::once(&image).chain(&device_tree);
    if files.all(|file| file.is_file()) && fs::read_to_string(&stamp).is_ok_and(|old| old == inputs)
    {
        let modules = modules(&out, &wanted)?;
        return Ok(Built {
            image,
            modules,
            device_tree,
        });
    }

    let tree = sync::tree(paths)?;
    fs::create_dir_all(&out)?;
    if stamp.exists() {
        fs::remove_file(&stamp)?;
    }
    configure(paths, board, &wanted, &tree, &out)?;
    let target = board
        .kernel
        .image
        .file_name()
        .context("a board's kernel image has a name")?;
    let mut make = make(paths, board, &tree, &out)?;
    make.arg(target).args(source);
    if has_modules(&wanted) {
        make.arg("modules");
    }
    logged::run(
        &mut make,
        &format!("build the kernel of {}", board.name),
        &log(paths, &out, "build"),
        is_object,
    )?;
    fs::write(stamp, inputs)?;
    let modules = modules(&out, &wanted)?;
    Ok(Built {
        image,
        modules,
        device_tree,
    })
}

fn has_modules(wanted: &str) -> bool {
    wanted.lines().any(|line| line.ends_with("=m"))
}

/// The modules that were built: make keeps a list of them.
fn modules(out: &Path, wanted: &str) -> Result<Vec<PathBuf>> {
    if !has_modules(wanted) {
        return Ok(Vec::new());
    }
    let list = fs::read_to_string(out.join("modules.order"))?;
    let object = |line: &str| out.join(line).with_extension("ko");
    Ok(list.lines().map(object).collect())
}

fn configure(paths: &Paths, board: &Board, wanted: &str, tree: &Path, out: &Path) -> Result<()> {
    let all = out.join("fragments.cfg");
    fs::write(&all, wanted)?;
    let mut make = make(paths, board, tree, out)?;
    make.arg(format!("KCONFIG_ALLCONFIG={}", all.display()))
        .arg("allnoconfig");
    logged::run_plain(
        &mut make,
        "configure the kernel",
        &log(paths, out, "config"),
    )?;
    config::audit(wanted, &out.join(".config"), tree)
}

fn make(paths: &Paths, board: &Board, tree: &Path, out: &Path) -> Result<Command> {
    let mut make = Command::new("make");
    make.arg("-C")
        .arg(tree)
        .arg(format!("O={}", out.display()))
        .arg(format!("ARCH={}", board.arch.kernel()))
        .arg(format!("LLVM={LLVM_SUFFIX}"))
        .arg(format!("RUSTC={RUSTC}"))
        .arg(format!("BINDGEN={}", paths.bindgen().display()))
        .arg(format!("-j{}", thread::available_parallelism()?))
        // The same inputs give the same image on every machine.
        .args([
            "KBUILD_BUILD_USER=evl",
            "KBUILD_BUILD_HOST=meta-evl",
            "KBUILD_BUILD_TIMESTAMP=2026-01-01",
        ])
        .env("LIBCLANG_PATH", LIBCLANG_PATH);
    // make(1) run by cargo must not inherit cargo's choice of compiler.
    for variable in [
        "RUSTC",
        "RUSTFLAGS",
        "RUSTUP_TOOLCHAIN",
        "CARGO",
        "MAKEFLAGS",
    ] {
        make.env_remove(variable);
    }
    Ok(make)
}

fn log(paths: &Paths, out: &Path, step: &str) -> PathBuf {
    let variant = out.file_name().unwrap_or_default().to_string_lossy();
    paths.logs().join(format!("kernel-{variant}-{step}.log"))
}

/// A line such as `  CC      kernel/fork.o`.
fn is_object(line: &str) -> bool {
    line.starts_with("  ")
}

/// `qemuarm64`, `qemuarm64+kunit+debug`.
fn variant_name(board: &Board, extra: &[String]) -> String {
    let stem = |name: &String| {
        Path::new(name)
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned()
    };
    [board.name.clone()]
        .into_iter()
        .chain(extra.iter().map(stem))
        .collect::<Vec<_>>()
        .join("+")
}

/// A digest of everything that can change the kernel's image.
fn inputs(paths: &Paths, board: &Board, wanted: &str) -> Result<String> {
    let mut hash = Sha256::new();
    let mut add = |name: &str, content: &[u8]| {
        hash.update((name.len() as u64).to_le_bytes());
        hash.update(name);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    };
    add("release", source::release(paths)?.version.as_bytes());
    add(
        "tools",
        format!(
            "{LLVM_SUFFIX} {} {}",
            host::rustc_version().unwrap_or_default(),
            host::BINDGEN_VERSION
        )
        .as_bytes(),
    );
    add("image", board.kernel.image.to_string_lossy().as_bytes());
    add("config", wanted.as_bytes());
    for patch in series::patches(paths)? {
        add("patch", &fs::read(patch)?);
    }
    for (file, from) in series::own_files(paths)? {
        add(&file.to_string_lossy(), &fs::read(from)?);
    }
    Ok(format!("{:x}\n", hash.finalize()))
}
