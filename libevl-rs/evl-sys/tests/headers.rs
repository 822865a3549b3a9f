// SPDX-License-Identifier: MIT OR Apache-2.0
//! Compiles the headers of the user interface in each language they serve: each alone, and all against `layout.c`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A compiler with its arguments, and whether the host must have it.
struct Compiler {
    command: &'static [&'static str],
    required: bool,
}

const COMPILERS: [Compiler; 4] = [
    Compiler {
        command: &["cc", "-x", "c", "-std=c11"],
        required: true,
    },
    Compiler {
        command: &["c++", "-x", "c++", "-std=c++11"],
        required: true,
    },
    Compiler {
        command: &["aarch64-linux-gnu-gcc", "-x", "c", "-std=c11"],
        required: false,
    },
    Compiler {
        command: &["aarch64-linux-gnu-g++", "-x", "c++", "-std=c++11"],
        required: false,
    },
];

/// Runs the compiler on `source`; `None` if the host lacks it. Returns whether it accepted, and its messages.
fn compile(compiler: &Compiler, source: &Path) -> Option<(bool, String)> {
    let (program, arguments) = compiler.command.split_first().expect("a program");
    let headers = include_dir();
    let mut command = Command::new(program);
    command
        .args(arguments)
        .args(["-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-I"])
        .arg(headers)
        .arg(source);
    match command.output() {
        Ok(output) => Some((
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !compiler.required => None,
        Err(error) => panic!("cannot run {program}: {error}"),
    }
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
    for compiler in &COMPILERS {
        match compile(compiler, &layout_c()) {
            Some((accepted, messages)) => assert!(accepted, "{:?}:\n{messages}", compiler.command),
            None => eprintln!("skipped: no {}", compiler.command[0]),
        }
    }
}

#[test]
fn each_header_compiles_alone() {
    let headers = headers(&include_dir().join("evl"));
    assert!(!headers.is_empty());
    for header in &headers {
        for compiler in COMPILERS.iter().filter(|compiler| compiler.required) {
            let (accepted, messages) = compile(compiler, &including(header)).expect("compiler");
            assert!(accepted, "{:?}:\n{messages}", compiler.command);
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

/// The check of numbers can fail: one wrong number, and no compiler takes the source.
#[test]
fn a_wrong_number_does_not_compile() {
    let source = fs::read_to_string(layout_c()).expect("layout.c");
    let wrong = source.replace(
        "IS(EVL_IOC_CLONE, 0xc0286600)",
        "IS(EVL_IOC_CLONE, 0xc0206600)",
    );
    assert_ne!(source, wrong);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("wrong.c");
    fs::write(&path, wrong).expect("write");
    let (accepted, messages) = compile(&COMPILERS[0], &path).expect("cc");
    assert!(!accepted);
    assert!(messages.contains("EVL_IOC_CLONE"), "{messages}");
}
