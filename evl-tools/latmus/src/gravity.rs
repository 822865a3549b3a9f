// SPDX-License-Identifier: MIT OR Apache-2.0
//! The gravity of the core's clocks, kept from one boot to the next.

use std::fmt;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::{Context, Result, anyhow};
use tempfile::NamedTempFile;

use crate::failure::Status;
use crate::plan::Plan;

/// Where it is kept if nobody names a file: state of the machine, which no image can know.
pub(crate) const KEPT: &str = "/var/lib/evl/gravity";

const CLOCKS: [&str; 2] = ["monotonic", "realtime"];

fn attribute(clock: &str) -> PathBuf {
    Path::new("/sys/devices/virtual/clock")
        .join(clock)
        .join("gravity")
}

/// For each kind of target, in ns. Its text is that of the attribute, `5000i 7000k 9000u`, which is also the file's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Gravity {
    irq: u32,
    kernel: u32,
    user: u32,
}

impl fmt::Display for Gravity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}i {}k {}u", self.irq, self.kernel, self.user)
    }
}

impl FromStr for Gravity {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut words = text.split_whitespace();
        let mut next = |suffix| {
            let number = words.next().and_then(|word| word.strip_suffix(suffix));
            number.and_then(|number| number.parse().ok()).ok_or(())
        };
        let gravity = Self {
            irq: next('i')?,
            kernel: next('k')?,
            user: next('u')?,
        };
        words.next().is_none().then_some(gravity).ok_or(())
    }
}

/// A file to be, beside the one that it takes the place of: what was kept stays until there is something better.
#[derive(Debug)]
pub(crate) struct Store<'a> {
    file: NamedTempFile,
    path: &'a Path,
}

impl<'a> Store<'a> {
    /// Fails before the search, rather than after it, if the file cannot be written.
    pub(crate) fn new(path: &'a Path) -> Result<Self> {
        let folder = path
            .parent()
            .with_context(|| format!("{} is no file", path.display()))?;
        let file = fs::create_dir_all(folder).and_then(|()| NamedTempFile::new_in(folder));
        let file = file.with_context(|| format!("cannot write {}", path.display()))?;
        Ok(Self { file, path })
    }

    /// Keeps what the core has now.
    pub(crate) fn keep(mut self) -> Result<()> {
        let gravity = read(&attribute(CLOCKS[0]))?;
        let written =
            writeln!(self.file, "{gravity}").and_then(|()| self.file.as_file().sync_all());
        let kept = written.and_then(|()| Ok(self.file.persist(self.path)?));
        kept.with_context(|| format!("cannot write {}", self.path.display()))?;
        Ok(())
    }
}

/// Gives all clocks the gravity that was kept.
pub(crate) fn restore(plan: &Plan, path: &Path) -> Result<Status> {
    let gravity = read(path)?;
    for clock in CLOCKS {
        let attribute = attribute(clock);
        fs::write(&attribute, gravity.to_string())
            .with_context(|| format!("cannot write {}", attribute.display()))?;
    }
    if plan.json {
        let Gravity { irq, kernel, user } = gravity;
        let found = serde_json::json!({ "irq_ns": irq, "kernel_ns": kernel, "user_ns": user });
        println!("{}", serde_json::json!({ "gravity": found }));
    } else if !plan.quiet {
        println!("gravity {gravity}, in ns, as {} has it", path.display());
    }
    Ok(Status::Fine)
}

fn read(path: &Path) -> Result<Gravity> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    text.parse().map_err(|()| {
        anyhow!(
            "{} says {:?}, which is no gravity such as \"5000i 7000k 9000u\": \
             `latmus --tune --save` writes a new one",
            path.display(),
            text.trim()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_attributes_text_is_read_and_written() {
        let gravity = Gravity {
            irq: 5000,
            kernel: 0,
            user: u32::MAX,
        };
        assert_eq!("5000i 0k 4294967295u\n".parse(), Ok(gravity));
        assert_eq!(gravity.to_string().parse(), Ok(gravity));
        for text in [
            "",
            "5000",
            "1i 2k",
            "1i 2k 3",
            "1k 2i 3u",
            "1i 2k 3u 4u",
            "-1i 2k 3u",
            "1i 2k 4294967296u",
        ] {
            assert_eq!(text.parse::<Gravity>(), Err(()), "{text}");
        }
    }
}
