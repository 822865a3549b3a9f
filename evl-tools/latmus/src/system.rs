// SPDX-License-Identifier: MIT OR Apache-2.0
//! The system on which is measured.

use std::fs::{self, File};
use std::io::{self, Write};

use anyhow::{Context, Result};
use evl::{CpuList, System};
use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct Description {
    pub(crate) kernel: String,
    pub(crate) machine: String,
    pub(crate) command_line: String,
    pub(crate) clock_source: String,
    /// Gravity of CLOCK_MONOTONIC, as the core shows it; `None` without one.
    pub(crate) gravity: Option<String>,
    /// Whether Linux keeps its threads away from the CPU.
    pub(crate) isolated: bool,
}

impl Description {
    pub(crate) fn new(cpu: u32) -> Self {
        let uname = rustix::system::uname();
        let word = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
        Self {
            kernel: format!("{} {}", word(uname.release()), word(uname.version())),
            machine: word(uname.machine()),
            command_line: read("/proc/cmdline").unwrap_or_default(),
            clock_source: read("/sys/devices/system/clocksource/clocksource0/current_clocksource")
                .unwrap_or_default(),
            gravity: gravity(),
            isolated: isolated().is_some_and(|cpus| cpus.contains(cpu)),
        }
    }
}

fn read(path: &str) -> Option<String> {
    Some(fs::read_to_string(path).ok()?.trim().to_owned())
}

fn isolated() -> Option<CpuList> {
    read("/sys/devices/system/cpu/isolated")?.parse().ok()
}

/// The CPUs to choose from.
pub(crate) fn cpus(needs_core: bool) -> Result<CpuList> {
    if needs_core {
        return Ok(System::default().oob_cpus()?);
    }
    let path = "/sys/devices/system/cpu/online";
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {path}"))?;
    text.trim()
        .parse()
        .ok()
        .with_context(|| format!("{path} says {text:?}, which is no list of CPUs"))
}

/// The first one that is isolated, else the first one.
pub(crate) fn default_cpu(needs_core: bool) -> Result<u32> {
    let cpus = cpus(needs_core)?;
    let isolated = isolated();
    let is_isolated = |cpu: &u32| isolated.as_ref().is_some_and(|list| list.contains(*cpu));
    let found = cpus.iter().find(is_isolated).or_else(|| cpus.iter().next());
    found.context("the core has no CPU: look at evl.oobcpus on the kernel's command line")
}

/// The gravity of CLOCK_MONOTONIC, as the core shows and takes it: `0i 0k 0u`.
pub(crate) fn gravity() -> Option<String> {
    read("/sys/devices/virtual/clock/monotonic/gravity")
}

/// How much earlier than its date a timer for a thread of an application fires, in ns.
pub(crate) fn user_gravity() -> u64 {
    let text = gravity().unwrap_or_default();
    let user = text.split(' ').find_map(|word| word.strip_suffix('u'));
    user.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Gives the calling thread a priority in SCHED_FIFO of Linux.
pub(crate) fn take_fifo(priority: u8) -> io::Result<()> {
    let param = libc::sched_param {
        sched_priority: priority.into(),
    };
    // SAFETY: it reads `param`.
    match unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const param) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// Keeps CPUs out of deep idle states as long as the file is open. Not every kernel has it.
pub(crate) fn keep_awake() -> Option<File> {
    let mut file = File::options()
        .write(true)
        .open("/dev/cpu_dma_latency")
        .ok()?;
    file.write_all(&0_i32.to_ne_bytes()).ok()?;
    Some(file)
}
