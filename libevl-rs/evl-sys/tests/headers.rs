// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compiles the headers of the user interface in each language they serve: each alone, and all against `layout.c`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All of them are required: a layout that no compiler looked at is not checked.
const COMPILERS: [&[&str]; 4] = [
    &["cc", "-x", "c", "-std=c11"],
    &["c++", "-x", "c++", "-std=c++11"],
    &["aarch64-linux-gnu-gcc", "-x", "c", "-std=c11"],
    &["aarch64-linux-gnu-g++", "-x", "c++", "-std=c++11"],
];

/// Runs the compiler on `source`. Returns whether it accepted, and its messages.
fn compile(compiler: &[&str], source: &Path) -> (bool, String) {
    let (program, arguments) = compiler.split_first().expect("a program");
    let output = Command::new(program)
        .args(arguments)
        .args([
            "-Wall",
            "-Wextra",
            "-Werror",
            "-O2",
            "-c",
            "-o",
            "/dev/null",
            "-I",
        ])
        .arg(include_dir())
        .arg(source)
        .output()
        .unwrap_or_else(|error| {
            panic!("cannot run {program}: {error}. `cargo xtask setup` installs all compilers")
        });
    (
        output.status.success(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn include_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../kernel-evl/uapi")
}

/// All headers below `dir`.
fn headers(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir)
        .expect("folder of headers")
        .map(|entry| entry.expect("entry").path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                headers(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

fn layout_c() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/layout.c")
}

#[test]
fn headers_have_the_layout_of_abi_36() {
    for compiler in COMPILERS {
        let (accepted, messages) = compile(compiler, &layout_c());
        assert!(accepted, "{compiler:?}:\n{messages}");
    }
}

#[test]
fn each_header_compiles_alone() {
    let headers = headers(&include_dir().join("evl"));
    assert!(!headers.is_empty());
    for header in &headers {
        for compiler in COMPILERS {
            let (accepted, messages) = compile(compiler, &including(header));
            assert!(accepted, "{compiler:?}:\n{messages}");
        }
    }
}

/// A source which includes nothing but `header`.
fn including(header: &Path) -> PathBuf {
    let name = header.file_stem().expect("name").to_str().expect("UTF-8");
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("alone-{name}.c"));
    fs::write(&path, format!("#include \"{}\"\n", header.display())).expect("write");
    path
}

/// The check can fail: one wrong number or bit, and no compiler takes the source.
#[test]
fn a_wrong_number_does_not_compile() {
    for (right, wrong, message) in [
        (
            "IS(EVL_IOC_CLONE, 0xc0286600)",
            "IS(EVL_IOC_CLONE, 0xc0206600)",
            "EVL_IOC_CLONE",
        ),
        (
            "protocol, 0xf, 4, 0x3c",
            "protocol, 0xf, 4, 0x78",
            "bit-field",
        ),
    ] {
        let source = fs::read_to_string(layout_c()).expect("layout.c");
        assert!(source.contains(right), "{right}");
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong.c");
        fs::write(&path, source.replace(right, wrong)).expect("write");
        for compiler in COMPILERS {
            let (accepted, messages) = compile(compiler, &path);
            assert!(!accepted, "{compiler:?}: {wrong}");
            assert!(messages.contains(message), "{compiler:?}:\n{messages}");
        }
    }
}
