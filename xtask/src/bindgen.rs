// SPDX-License-Identifier: MIT OR Apache-2.0
//! Generates `libevl-rs/evl-sys/src/bindings.rs` from the headers in `kernel-evl/uapi/evl`.
//!
//! The result is checked in, so that building the libraries needs neither libclang nor kernel headers. It depends on
//! our headers only: both supported architectures share all layouts, types of Linux are replaced by those of Rust, and
//! the code is formatted by a library of fixed version instead of the `rustfmt` of the day.

use std::path::{Path, PathBuf};
use std::{fs, io};

use ::bindgen::callbacks::{DeriveTrait, ImplementsTrait, IntKind, ParseCallbacks};
use ::bindgen::{Builder, Formatter, RustEdition, RustTarget};
use anyhow::{Context, Result, bail};

const HEADERS: &str = "kernel-evl/uapi";
const OUTPUT: &str = "libevl-rs/evl-sys/src/bindings.rs";

/// Types of <linux/types.h> which `evl_sys::ctypes` defines.
const LINUX_INTEGERS: &str = "__[us](8|16|32|64)";

/// Writes the bindings, or, if `check` is set, only verifies that the file in the tree is what would be written.
pub(crate) fn run(repo: &Path, check: bool) -> Result<()> {
    let wanted = generate(&repo.join(HEADERS))?;
    let path = repo.join(OUTPUT);
    if check {
        return compare(&path, &wanted);
    }
    fs::write(&path, wanted).with_context(|| format!("cannot write {}", path.display()))
}

fn compare(path: &Path, wanted: &str) -> Result<()> {
    let found = match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        other => other.with_context(|| format!("cannot read {}", path.display()))?,
    };
    if found == wanted {
        return Ok(());
    }
    let line = found
        .lines()
        .zip(wanted.lines())
        .take_while(|(a, b)| a == b)
        .count()
        + 1;
    bail!(
        "{OUTPUT} does not match the headers in {HEADERS} (first difference at line {line}): \
         run `cargo xtask bindgen` and commit the result"
    );
}

fn generate(include_dir: &Path) -> Result<String> {
    let include_path = include_dir
        .to_str()
        .context("the path of the repository is not valid UTF-8")?;
    let bindings = Builder::default()
        .header_contents("evl-abi.h", &umbrella(include_dir)?)
        .clang_arg(format!("-I{include_path}"))
        .clang_arg("-fparse-all-comments")
        .allowlist_file(".*/evl/.*\\.h")
        .allowlist_type("__kernel_itimerspec")
        .blocklist_type(LINUX_INTEGERS)
        .raw_line("// SPDX-License-Identifier: MIT OR Apache-2.0")
        .raw_line("// Generated from kernel-evl/uapi/evl by `cargo xtask bindgen`. Do not edit.")
        .raw_line("use crate::ctypes::*;")
        .use_core()
        .generate_cstr(true)
        .derive_default(true)
        .derive_eq(true)
        .prepend_enum_name(false)
        .wrap_unsafe_ops(true)
        .parse_callbacks(Box::new(Callbacks))
        .rust_target(RustTarget::stable(85, 0).map_err(|error| anyhow::anyhow!("{error}"))?)
        .rust_edition(RustEdition::Edition2024)
        .formatter(Formatter::Prettyplease)
        .disable_header_comment()
        .generate()
        .with_context(|| format!("cannot parse the headers in {include_path}"))?;
    Ok(bindings.to_string())
}

/// A header which includes all others, in a fixed order.
fn umbrella(include_dir: &Path) -> Result<String> {
    let mut headers = Vec::new();
    collect_headers(&include_dir.join("evl"), &mut headers)?;
    headers.sort();
    let mut text = String::new();
    for header in &headers {
        let name = header.strip_prefix(include_dir)?;
        text.push_str(&format!("#include <{}>\n", name.display()));
    }
    Ok(text)
}

fn collect_headers(dir: &Path, headers: &mut Vec<PathBuf>) -> Result<()> {
    let context = || format!("cannot list {}", dir.display());
    for entry in fs::read_dir(dir).with_context(context)? {
        let path = entry.with_context(context)?.path();
        if path.is_dir() {
            collect_headers(&path, headers)?;
        } else if path.extension().is_some_and(|extension| extension == "h") {
            headers.push(path);
        }
    }
    Ok(())
}

#[derive(Debug)]
struct Callbacks;

impl ParseCallbacks for Callbacks {
    /// Macros whose C users compare them with an `int`; bindgen would pick a type by value.
    fn int_macro(&self, name: &str, _value: i64) -> Option<IntKind> {
        ["EVL_CLOCK_", "EVL_TP_IDLE", "SCHED_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            .then_some(IntKind::I32)
    }

    /// `LINUX_INTEGERS` implement everything; not knowing that, bindgen would not even make them members of a union.
    fn blocklisted_type_implements_trait(
        &self,
        _name: &str,
        _trait: DeriveTrait,
    ) -> Option<ImplementsTrait> {
        Some(ImplementsTrait::Yes)
    }
}
