// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's own selftests, where they reach what the pipeline changes: timers, signals, ptrace and breakpoints, system
//! call entry, futexes, restartable sequences. Every one of them has to end the same way with the pipeline as without.
//!
//! One CPU that counts instructions: tests of timers then do not depend on the host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use fs_err as fs;

use crate::board::{Arch, Board};
use crate::guest::{self, Guest};
use crate::kernel::sync;
use crate::logged;
use crate::paths::Paths;
use crate::test::results::Results;

/// In the guest.
const FOLDER: &str = "usr/lib/selftests";

/// Seconds of the guest's time for one program. None of these needs more than 40.
const LIMIT: u64 = 120;

/// Programs of one file that end by themselves in reasonable time, by their folder in tools/testing/selftests.
const COMMON: &[(&str, &[&str])] = &[
    (
        "clone3",
        &["clone3", "clone3_clear_sighand", "clone3_set_tid"],
    ),
    (
        "futex/functional",
        &[
            "futex_priv_hash",
            "futex_requeue",
            "futex_requeue_pi",
            "futex_requeue_pi_mismatched_ops",
            "futex_requeue_pi_signal_restart",
            "futex_wait",
            "futex_wait_private_mapped_file",
            "futex_wait_timeout",
            "futex_wait_uninitialized_heap",
            "futex_wait_wouldblock",
            "futex_waitv",
        ],
    ),
    ("kcmp", &["kcmp_test"]),
    (
        "membarrier",
        &[
            "membarrier_test_multi_thread",
            "membarrier_test_single_thread",
        ],
    ),
    ("mqueue", &["mq_open_tests"]),
    ("pidfd", &["pidfd_poll_test", "pidfd_wait"]),
    (
        "ptrace",
        &[
            "get_set_sud",
            "get_syscall_info",
            "peeksiginfo",
            "set_syscall_info",
            "vmaccess",
        ],
    ),
    ("signal", &["mangle_uc_sigmask", "sas"]),
    (
        "timers",
        &[
            "mqueue-lat",
            "nanosleep",
            "nsleep-lat",
            "posix_timers",
            "set-timer-lat",
            "threadtest",
        ],
    ),
];

/// Without `sysret_ss_attrs`: QEMU 7.2 lets its far return read the stack as the supervisor, which SMAP forbids.
const X86_64: &[(&str, &[&str])] = &[
    ("breakpoints", &["breakpoint_test"]),
    (
        "x86",
        &[
            "corrupt_xstate_header",
            "fsgsbase",
            "ioperm",
            "iopl",
            "ldt_gdt",
            "mov_ss_trap",
            "nx_stack",
            "sigaltstack",
            "sigreturn",
            "sigtrap_loop",
            "single_step_syscall",
            "syscall_arg_fault",
            "syscall_nt",
            "syscall_numbering",
            "test_mremap_vdso",
            "test_vsyscall",
        ],
    ),
];

const ARM64: &[(&str, &[&str])] = &[
    ("arm64/abi", &["hwcap", "ptrace"]),
    ("breakpoints", &["breakpoint_test_arm64"]),
];

/// The cases of arm64/signal, each of which is linked with the harness there.
const ARM64_SIGNAL: &[&str] = &[
    "fake_sigreturn_bad_magic",
    "fake_sigreturn_bad_size",
    "fake_sigreturn_bad_size_for_magic0",
    "fake_sigreturn_duplicated_fpsimd",
    "fake_sigreturn_misaligned_sp",
    "fake_sigreturn_missing_fpsimd",
    "mangle_pstate_invalid_compat_toggle",
    "mangle_pstate_invalid_daif_bits",
    "mangle_pstate_invalid_mode_el1h",
    "mangle_pstate_invalid_mode_el1t",
    "mangle_pstate_invalid_mode_el2h",
    "mangle_pstate_invalid_mode_el2t",
    "mangle_pstate_invalid_mode_el3h",
    "mangle_pstate_invalid_mode_el3t",
];

const ARM64_SIGNAL_HARNESS: &[&str] = &[
    "arm64/signal/test_signals.c",
    "arm64/signal/test_signals_utils.c",
    "arm64/signal/testcases/testcases.c",
    "arm64/signal/signals.S",
    "arm64/signal/sve_helpers.c",
];

/// Headers that some of them share with the kernel's other tools. They contradict those of the futex tests.
const TOOLS: &str = "../../include";

/// One program: its name, its sources, folders of headers of its own; below tools/testing/selftests.
#[derive(Debug)]
struct Program {
    name: String,
    sources: Vec<String>,
    headers: Vec<String>,
}

impl Program {
    fn new(folder: &str, name: &str) -> Self {
        Self {
            name: format!("{}-{name}", folder.replace('/', "-")),
            sources: vec![format!("{folder}/{name}.c")],
            headers: vec![folder.to_owned()],
        }
    }

    fn with(mut self, sources: &[&str], headers: &[&str]) -> Self {
        self.sources
            .extend(sources.iter().map(|&file| file.to_owned()));
        self.headers
            .extend(headers.iter().map(|&folder| folder.to_owned()));
        self
    }
}

fn programs(arch: Arch) -> Vec<Program> {
    let of_one_file = |groups: &[(&str, &[&str])]| -> Vec<Program> {
        let all = groups
            .iter()
            .flat_map(|(folder, names)| names.iter().map(move |name| Program::new(folder, name)));
        all.map(|program| program.with(&[], &["futex/include"]))
            .collect()
    };
    let mut programs = of_one_file(COMMON);
    programs.extend(
        ["basic_percpu_ops_test", "basic_test", "syscall_errors_test"]
            .map(|name| Program::new("rseq", name).with(&["rseq/rseq.c"], &[TOOLS])),
    );
    match arch {
        Arch::X86_64 => {
            programs.extend(of_one_file(X86_64));
        }
        Arch::Arm64 => {
            programs.extend(of_one_file(ARM64));
            programs.push(
                Program::new("arm64/abi", "syscall-abi")
                    .with(&["arm64/abi/syscall-abi-asm.S"], &[TOOLS]),
            );
            programs.extend(ARM64_SIGNAL.iter().map(|name| {
                Program::new("arm64/signal/testcases", name)
                    .with(ARM64_SIGNAL_HARNESS, &["arm64/signal", TOOLS])
            }));
        }
    }
    programs
}

pub(super) fn run(paths: &Paths, board: &Board, extra: &[String]) -> Result<Results> {
    let overlay = tempfile::tempdir()?;
    build(paths, board.arch, &overlay.path().join(FOLDER))?;
    let run = |pipeline: &[&'static str]| {
        let fragments = ["measure"].iter().chain(pipeline).copied();
        let guest = Guest {
            machine: &board.name,
            fragments: fragments.chain(extra.iter().map(String::as_str)).collect(),
            overlay: overlay.path().to_owned(),
        };
        outcomes(&guest)
    };
    let off = run(&[])?;
    let on = run(&["pipeline"])?;
    ensure!(!off.is_empty(), "no selftest came to its end");
    Ok(compare(&off, &on))
}

fn build(paths: &Paths, arch: Arch, to: &Path) -> Result<()> {
    let tree = sync::tree(paths)?;
    let headers = headers(paths, arch, &tree)?;
    let selftests = tree.join("tools/testing/selftests");
    let started = Instant::now();
    fs::create_dir_all(to)?;
    for program in programs(arch) {
        let mut cc = Command::new(arch.linker());
        cc.args(["-static", "-no-pie", "-O2", "-w", "-std=gnu99", "-pthread"])
            .arg("-D_GNU_SOURCE")
            .arg("-isystem")
            .arg(&headers)
            .arg("-I")
            .arg(&selftests)
            .arg("-I")
            .arg(&tree);
        for folder in &program.headers {
            cc.arg("-I").arg(selftests.join(folder));
        }
        cc.arg("-o").arg(to.join(&program.name));
        cc.args(program.sources.iter().map(|source| selftests.join(source)));
        cc.args(["-lrt", "-lm"]);
        let output = cc
            .output()
            .with_context(|| format!("{} does not start", arch.linker()))?;
        ensure!(
            output.status.success(),
            "the selftest {} cannot be built:\n{}",
            program.name,
            String::from_utf8_lossy(&output.stderr)
        );
    }
    logged::done(
        &format!("build the selftests for {arch}"),
        started.elapsed(),
    );
    Ok(())
}

/// The headers of this kernel's system calls.
fn headers(paths: &Paths, arch: Arch, tree: &Path) -> Result<PathBuf> {
    let out = paths.build.join("selftests").join(arch.kernel());
    fs::create_dir_all(&out)?;
    let mut make = Command::new("make");
    make.arg("-C")
        .arg(tree)
        .arg(format!("O={}", out.display()))
        .arg(format!("ARCH={}", arch.kernel()))
        .arg("headers");
    let log = paths.logs().join(format!("headers-{arch}.log"));
    logged::run_plain(
        &mut make,
        &format!("headers of the kernel for {arch}"),
        &log,
    )?;
    Ok(out.join("usr/include"))
}

/// How a program ended, and the results it printed.
#[derive(Debug, Default, Clone, PartialEq)]
struct Outcome {
    status: String,
    passed: usize,
    failed: usize,
}

fn outcomes(guest: &Guest<'_>) -> Result<BTreeMap<String, Outcome>> {
    eprintln!("{} {}: selftests", guest.machine, guest.fragments.join(" "));
    let command = format!(
        "cd /{FOLDER}; for t in *; do echo \"selftest: $t\"; timeout {LIMIT} ./$t 2>&1; echo \"selftest-status: $?\"; done; \
         echo selftest-log:; dmesg"
    );
    let output = guest.run(&["--smp", "1", "--icount", "--timeout", "3000"], &command)?;
    output.exits(0)?;
    let Some((results, log)) = output.stdout.split_once("selftest-log:\n") else {
        bail!(
            "the selftests did not come to their end:\n{}",
            output.stdout
        );
    };
    guest::complaints(log)?;
    Ok(parse(results))
}

fn parse(output: &str) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    let mut name = "";
    let mut outcome = Outcome::default();
    for line in output.lines() {
        let line = line.trim_start();
        if let Some(next) = line.strip_prefix("selftest: ") {
            name = next;
            outcome = Outcome::default();
        } else if let Some((_, status)) = line.split_once("selftest-status: ") {
            outcome.status = status.to_owned();
            outcomes.insert(name.to_owned(), outcome.clone());
        } else if line.starts_with("not ok ") || line.contains("[FAIL") {
            outcome.failed += 1;
        } else if line.starts_with("ok ") || line.contains("[OK") {
            outcome.passed += 1;
        }
    }
    outcomes
}

fn compare(off: &BTreeMap<String, Outcome>, on: &BTreeMap<String, Outcome>) -> Results {
    let mut results = Results::default();
    for (name, off) in off {
        let same = match on.get(name) {
            Some(on) if on == off => Ok(()),
            on => Err(anyhow::anyhow!(
                "without the pipeline {off:?}, with it {on:?}"
            )),
        };
        if same.is_ok() && off.status != "0" {
            println!("  {name}: exit status {} with and without", off.status);
        }
        results.record(&format!("selftest {name}"), same);
    }
    results
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTPUT: &str = "\
selftest: a
ok 1 one
not ok 2 two
selftest-status: 1
selftest: b
[RUN]\tx
[OK]\tx
no newlineselftest-status: 0
";

    #[test]
    fn results_of_both_styles_are_counted() {
        let outcomes = parse(OUTPUT);
        assert_eq!((outcomes["a"].passed, outcomes["a"].failed), (1, 1));
        assert_eq!(
            (outcomes["b"].passed, outcomes["b"].status.as_str()),
            (1, "0")
        );
    }

    #[test]
    fn a_difference_or_a_gap_is_a_failure() {
        let off = parse(OUTPUT);
        assert_eq!(compare(&off, &off).to_string(), "2 passed, 0 failed");
        let on = parse(&OUTPUT.replace("not ok 2", "ok 2"));
        assert_eq!(compare(&off, &on).to_string(), "1 passed, 1 failed");
        let on = parse(OUTPUT.split_once("selftest: b").unwrap().0);
        assert_eq!(compare(&off, &on).to_string(), "1 passed, 1 failed");
    }
}
