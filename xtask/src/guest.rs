// SPDX-License-Identifier: MIT OR Apache-2.0
//! A command in a freshly booted guest, as a function: `cargo xtask run --exec` in a process of its own.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

/// One kernel of one machine, with files added to the image.
pub(crate) struct Guest<'a> {
    pub(crate) machine: &'a str,
    pub(crate) fragments: Vec<&'a str>,
    pub(crate) overlay: PathBuf,
}

pub(crate) struct Output {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Guest<'_> {
    /// `options` are those of `cargo xtask run`.
    pub(crate) fn run(&self, options: &[&str], command: &str) -> Result<Output> {
        let mut xtask = Command::new(std::env::current_exe()?);
        xtask.args(["run", "--machine", self.machine]);
        for fragment in &self.fragments {
            xtask.args(["--kernel-config", fragment]);
        }
        let output = xtask
            .arg("--overlay")
            .arg(&self.overlay)
            .args(options)
            .args(["--exec", command])
            .output()?;
        Ok(Output {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        })
    }
}

impl Output {
    pub(crate) fn exits(&self, wanted: i32) -> Result<()> {
        if self.status != Some(wanted) {
            bail!(
                "exit status {:?}, wanted {wanted}\n{}\n{}",
                self.status,
                self.stdout,
                self.stderr
            );
        }
        Ok(())
    }

    /// `text` is one of our two streams.
    pub(crate) fn contains(&self, text: &str, wanted: &str) -> Result<()> {
        if !text.contains(wanted) {
            bail!(
                "`{wanted}` is missing in:\n{}\n{}",
                self.stdout,
                self.stderr
            );
        }
        Ok(())
    }
}

/// Words with which the kernel says that something is wrong with it.
pub(crate) fn complaints(log: &str) -> Result<()> {
    const WORDS: [&str; 10] = [
        "WARNING:",
        "BUG:",
        "Oops",
        "rcu: INFO:",
        "blocked for more than",
        "nobody cared",
        "does not hold",
        "self-detected stall",
        "Call Trace:",
        "Call trace:",
    ];
    // What a trace belongs to stands above it.
    const BEFORE: usize = 6;
    const AFTER: usize = 30;

    let lines: Vec<&str> = log.lines().collect();
    let complains = |line: &&str| WORDS.iter().any(|word| line.contains(word));
    if let Some(first) = lines.iter().position(complains) {
        let around = &lines[first.saturating_sub(BEFORE)..lines.len().min(first + AFTER)];
        bail!("the kernel complains:\n{}", around.join("\n"));
    }
    Ok(())
}
