// SPDX-License-Identifier: MIT OR Apache-2.0
//! What must be so when all processes are gone.

use std::fs;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

const THREADS: &str = "/sys/devices/virtual/thread";
const STATE: &str = "/sys/devices/virtual/evl/control/state";

/// The core removes elements some time after their last file is closed.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fails if a thread or any other element is left: the core does not stop under those.
pub(crate) fn nothing_is_left() -> Result<()> {
    let end = Instant::now() + PATIENCE;
    while let Err(error) = fs::write(STATE, "stop") {
        if Instant::now() > end {
            let (left, alive) = (threads()?, others()?);
            return Err(error).with_context(|| {
                format!("elements are left, of threads {left:?}; of our processes, {alive:?} live")
            });
        }
        sleep(Duration::from_millis(50));
    }
    let left = threads()?;
    if !left.is_empty() {
        bail!("threads are left in {THREADS}: {left:?}");
    }
    fs::write(STATE, "start").context("the core cannot be started again")
}

/// The other processes of this program, which should have died.
fn others() -> Result<Vec<u32>> {
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc").context("/proc")?.flatten() {
        let Ok(pid) = entry.file_name().to_string_lossy().parse() else {
            continue;
        };
        let name = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        if pid != std::process::id() && name.trim_end() == "evl-fuzz" {
            pids.push(pid);
        }
    }
    Ok(pids)
}

fn threads() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(THREADS).context(THREADS)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name != "clone" {
            names.push(name);
        }
    }
    Ok(names)
}
