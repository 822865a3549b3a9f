// SPDX-License-Identifier: MIT OR Apache-2.0
//! Trace events of the core, and the `evl trace` command.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::thread;
use std::time::Duration;

const TRACING: &str = "/sys/kernel/tracing";

fn evl(args: &[&str]) -> Output {
    Command::new("evl").args(args).output().expect("evl starts")
}

fn trace(args: &[&str]) -> String {
    let output = evl(&[&["trace"], args].concat());
    assert!(output.status.success(), "{args:?}: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

fn read(file: &str) -> String {
    let path = Path::new(TRACING).join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn instances() -> Vec<String> {
    let entries = fs::read_dir(Path::new(TRACING).join("instances")).expect("tracefs is mounted");
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// The lines of an event.
fn lines<'a>(trace: &'a str, event: &str) -> Vec<&'a str> {
    let mark = format!(" {event}: ");
    trace.lines().filter(|line| line.contains(&mark)).collect()
}

/// The number after `key=`.
fn value(line: &str, key: &str) -> u64 {
    let found = line
        .split(' ')
        .find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    found
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("no {key} in {line:?}"))
}

#[test]
fn the_way_of_a_timer_to_a_thread_is_traced() {
    let trace = trace(&["-e", "evl,irq", "--", "latmus", "-u", "-T", "1", "-q"]);
    for event in [
        "irq_pipeline_entry",
        "irq_pipeline_exit",
        "evl_timer_expire",
        "evl_wakeup_thread",
        "evl_schedule",
        "evl_pick_next",
        "evl_switch_context",
        "evl_switch_tail",
        "evl_begin_wait",
        "evl_finish_wait",
        "evl_oob_sysentry",
        "evl_oob_sysexit",
        "evl_timer_shot",
        "evl_switch_oob",
        "evl_switch_inband",
        "evl_latspot",
    ] {
        assert!(!lines(&trace, event).is_empty(), "no {event}");
    }
    // A thousand periods, or fewer if the host has no time. In order and after their dates.
    let dates: Vec<_> = lines(&trace, "evl_timer_expire")
        .into_iter()
        .filter(|line| line.contains(" latmus="))
        .map(|line| value(line, "date"))
        .collect();
    assert!(dates.len() > 100, "{} periods", dates.len());
    assert!(dates.windows(2).all(|pair| pair[1] > pair[0]), "{dates:?}");
    let first = lines(&trace, "evl_timer_expire")
        .into_iter()
        .find(|line| line.contains(" latmus="))
        .unwrap();
    let stamp = first.split_whitespace().find_map(|word| {
        let (seconds, micros) = word.strip_suffix(':')?.split_once('.')?;
        Some(seconds.parse::<u64>().ok()? * 1_000_000 + micros.parse::<u64>().ok()?)
    });
    let stamp = stamp.unwrap_or_else(|| panic!("no time in {first:?}"));
    let late = (stamp + 1).checked_sub(dates[0] / 1000);
    assert!(late.is_some_and(|us| us < 1_000_000), "{first:?}");
    // Linux knows that these come from where an NMI does.
    let flags = lines(&trace, "evl_oob_sysexit")[0]
        .split_whitespace()
        .nth(2);
    assert!(flags.unwrap().contains(['z', 'Z']), "{flags:?}");
}

#[test]
fn nothing_is_left_behind() {
    let before = (
        read("events/enable"),
        read("tracing_on"),
        read("trace_clock"),
    );
    trace(&["-e", "sched,evl", "-s", "0.1"]);
    trace(&["-e", "sched:sched_switch", "--", "true"]);
    assert_eq!(evl(&["trace", "--", "false"]).status.code(), Some(1));
    assert_eq!(evl(&["trace", "--", "/no/such"]).status.code(), Some(1));
    assert_eq!(evl(&["trace", "-e", "no:such"]).status.code(), Some(1));
    assert_eq!(evl(&["trace", "-c", "4000"]).status.code(), Some(1));
    let after = (
        read("events/enable"),
        read("tracing_on"),
        read("trace_clock"),
    );
    assert_eq!(before, after);
    assert_eq!(ours(), Vec::<String>::new());
}

fn ours() -> Vec<String> {
    let mut all = instances();
    all.retain(|name| name.starts_with("evl-trace-"));
    all
}

/// One whose process was killed stays, until the next trace.
#[test]
fn ctrl_c_ends_a_trace_and_the_next_one_cleans_up() {
    for (signal, left) in [(libc::SIGINT, 0), (libc::SIGKILL, 1)] {
        let mut child = Command::new("evl")
            .args(["trace", "-o", "/tmp/trace.txt"])
            .stderr(Stdio::null())
            .spawn()
            .expect("evl starts");
        let instance = format!("{TRACING}/instances/evl-trace-{}", child.id());
        let on = Path::new(&instance).join("tracing_on");
        while !fs::read_to_string(&on).is_ok_and(|on| on.trim() == "1") {
            assert!(child.try_wait().unwrap().is_none());
            thread::sleep(Duration::from_millis(20));
        }
        // SAFETY: it takes numbers; the child was not waited for.
        unsafe { libc::kill(child.id() as i32, signal) };
        let ended = child.wait().unwrap();
        assert_eq!(ended.success(), left == 0, "{ended}");
        assert_eq!(Path::new(&instance).exists(), left == 1, "{instance}");
    }
    trace(&["-s", "0.01"]);
    assert_eq!(ours(), Vec::<String>::new());
}

#[test]
fn applications_make_marks() {
    let trace = trace(&[
        "-e",
        "evl:evl_trigger",
        "--",
        "sh",
        "-c",
        "echo here I am >/dev/evl/trace",
    ]);
    let marks = lines(&trace, "evl_trigger");
    assert_eq!(marks.len(), 1, "{trace}");
    assert!(marks[0].ends_with(": here I am"), "{marks:?}");
}

#[test]
fn who_may_not_trace_is_told() {
    let output = Command::new("evl")
        .args(["trace", "-s", "0.1"])
        .uid(1000)
        .gid(1000)
        .output()
        .expect("evl starts");
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("root"), "{text}");
}

/// The kernel's code is patched each time, with threads on both stages in it.
#[test]
fn events_are_switched_while_threads_run() {
    let mut hectic = Command::new("hectic")
        .args(["-T", "6", "-q", "-p", "50"])
        .spawn()
        .expect("hectic starts");
    while hectic.try_wait().unwrap().is_none() {
        trace(&[
            "-e",
            "evl,irq,sched,timer",
            "--size",
            "64",
            "-o",
            "/dev/null",
            "-s",
            "0.02",
        ]);
    }
    assert!(hectic.wait().unwrap().success());
    assert_eq!(ours(), Vec::<String>::new());
}
