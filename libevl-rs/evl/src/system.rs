// SPDX-License-Identifier: MIT OR Apache-2.0
//! The running system: where the core shows itself in /dev and /sys.

#[cfg(not(feature = "posix"))]
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::{fmt, fs};

#[cfg(not(feature = "posix"))]
use rustix::fs::{Mode, OFlags};

use crate::cpu_list::CpuList;
use crate::error::{Error, Result};

/// Where the file systems of the kernel are found.
#[derive(Clone, Debug)]
pub struct System {
    root: PathBuf,
}

impl Default for System {
    /// The running system.
    fn default() -> Self {
        Self::at("/")
    }
}

impl System {
    /// The system whose `dev`, `proc` and `sys` are directories of `root`. That is `/`, except in tests.
    pub fn at(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where the file that this system calls `path` is: below the root.
    pub fn path(&self, path: impl AsRef<Path>) -> PathBuf {
        let path = path.as_ref();
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    /// Opens a device node for reading and writing.
    #[cfg(not(feature = "posix"))]
    pub(crate) fn open_device(&self, path: &Path) -> Result<OwnedFd> {
        let path = self.path(path);
        rustix::fs::open(&path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty())
            .map_err(|errno| Error::from_open(&path, errno))
    }

    /// State of the core.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NoCore`] if there is no core, [`Error::NoSysfs`] if sysfs is not mounted, [`Error::Unexpected`] if the
    /// state has no name in [`CoreState`], [`Error::Permission`] or [`Error::Io`] if it cannot be read.
    pub fn core_state(&self) -> Result<CoreState> {
        self.control_attribute("state", "a state of the core")
    }

    /// CPUs on which threads may run oob.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NoCore`] if there is no core, [`Error::NoSysfs`] if sysfs is not mounted, [`Error::Unexpected`] if the
    /// kernel did not answer with a list of CPUs, [`Error::Permission`] or [`Error::Io`] if it cannot be read.
    pub fn oob_cpus(&self) -> Result<CpuList> {
        self.control_attribute("cpus", "a list of CPUs")
    }

    /// Starts the core, if it is stopped.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`core_state`](Self::core_state). [`Error::Io`] with `EBUSY` while the core starts or stops, with `ENXIO`
    /// if it was disabled at boot.
    pub fn start_core(&self) -> Result<()> {
        self.command("start")
    }

    /// Stops the core. Nobody may use it: no thread, no timer nor any other element may be there.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// Those of [`core_state`](Self::core_state). [`Error::Io`] with `EBUSY` if somebody uses it, with `ENXIO` if it was
    /// disabled at boot.
    pub fn stop_core(&self) -> Result<()> {
        self.command("stop")
    }

    fn command(&self, word: &str) -> Result<()> {
        let path = self.control_path("state")?;
        fs::write(&path, word).map_err(|source| Error::from_io("write", &path, source))
    }

    fn control_attribute<T: FromStr>(&self, name: &str, wanted: &'static str) -> Result<T> {
        let path = self.control_path(name)?;
        let text =
            fs::read_to_string(&path).map_err(|source| Error::from_io("read", &path, source))?;
        let text = text.trim();
        text.parse().map_err(|_| Error::Unexpected {
            path,
            found: text.to_owned(),
            wanted,
        })
    }

    fn control_path(&self, attribute: &str) -> Result<PathBuf> {
        let directory = self.path("/sys/devices/virtual/evl/control");
        if !self.path("/sys/devices").exists() {
            return Err(Error::NoSysfs { path: directory });
        }
        if !directory.exists() {
            return Err(Error::NoCore { path: directory });
        }
        Ok(directory.join(attribute))
    }
}

/// State of the core.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoreState {
    /// Switched off by the kernel's command line.
    Disabled,
    /// Ready, serving nobody until somebody starts it.
    Stopped,
    /// Starting.
    Warmup,
    /// In service.
    Running,
    /// Stopping.
    Teardown,
}

impl CoreState {
    const ALL: [Self; 5] = [
        Self::Disabled,
        Self::Stopped,
        Self::Warmup,
        Self::Running,
        Self::Teardown,
    ];

    /// Its name in sysfs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disabled => "disabled",
            Self::Stopped => "stopped",
            Self::Warmup => "warmup",
            Self::Running => "running",
            Self::Teardown => "teardown",
        }
    }
}

impl fmt::Display for CoreState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for CoreState {
    /// The text, if it is the name of no state.
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fake(attributes: &[(&str, &str)]) -> (tempfile::TempDir, System) {
        let root = tempfile::tempdir().expect("tempdir");
        let control = root.path().join("sys/devices/virtual/evl/control");
        fs::create_dir_all(&control).expect("create");
        for (name, text) in attributes {
            fs::write(control.join(name), text).expect("write");
        }
        let system = System::at(root.path());
        (root, system)
    }

    #[test]
    fn attributes_are_read() {
        let (_root, system) = fake(&[("state", "running\n"), ("cpus", "1,3\n")]);
        assert_eq!(system.core_state().expect("state"), CoreState::Running);
        assert_eq!(system.oob_cpus().expect("cpus").to_string(), "1,3");
    }

    #[test]
    fn unknown_state_is_quoted() {
        let (_root, system) = fake(&[("state", "confused\n")]);
        let error = system.core_state().expect_err("state");
        assert!(
            matches!(&error, Error::Unexpected { found, .. } if found == "confused"),
            "{error}"
        );
    }

    #[test]
    fn missing_attribute_is_not_a_missing_core() {
        let (_root, system) = fake(&[]);
        assert!(matches!(system.oob_cpus(), Err(Error::Io { .. })));
    }

    #[test]
    fn a_missing_sysfs_is_not_a_missing_core() {
        let root = tempfile::tempdir().expect("tempdir");
        let system = System::at(root.path());
        assert!(matches!(system.oob_cpus(), Err(Error::NoSysfs { .. })));
        fs::create_dir_all(root.path().join("sys/devices")).expect("create");
        assert!(matches!(system.oob_cpus(), Err(Error::NoCore { .. })));
    }
}
