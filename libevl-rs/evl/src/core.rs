// SPDX-License-Identifier: MIT OR Apache-2.0
//! The core as a whole.

use std::os::fd::OwnedFd;
use std::path::Path;

use evl_sys::{EVL_CONTROL_DEV, EVL_CTLIOC_GET_COREINFO, evl_core_info};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{Getter, ioctl};

use crate::clock::{Clock, ClockId};
use crate::cpu_list::CpuList;
use crate::error::{Error, Result};
use crate::system::{CoreState, System};

/// The revision of the core's interface that this library needs.
pub const ABI: u32 = 36;

/// What the core says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoreInfo {
    /// The oldest interface revision it serves.
    pub abi_base: u32,
    /// The newest interface revision it serves.
    pub abi_current: u32,
    /// Features of the FPU; the meaning depends on the architecture.
    pub fpu_features: u32,
    /// Size of the memory it shares with applications, in bytes.
    pub shm_size: u64,
}

impl CoreInfo {
    fn check_abi(&self) -> Result<()> {
        if (self.abi_base..=self.abi_current).contains(&ABI) {
            return Ok(());
        }
        Err(Error::Abi {
            needed: ABI,
            base: self.abi_base,
            current: self.abi_current,
        })
    }
}

impl From<evl_core_info> for CoreInfo {
    fn from(raw: evl_core_info) -> Self {
        Self {
            abi_base: raw.abi_base,
            abi_current: raw.abi_current,
            fpu_features: raw.fpu_features,
            shm_size: raw.shm_size,
        }
    }
}

/// An open connection to the core of the running kernel.
#[derive(Debug)]
pub struct Core {
    system: System,
    info: CoreInfo,
    #[cfg_attr(
        feature = "posix",
        expect(
            dead_code,
            reason = "held for the lifetime of the connection, which it is"
        )
    )]
    control: OwnedFd,
}

impl Core {
    /// Connects to the core and checks that it serves the interface revision [`ABI`].
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NoCore`] or [`Error::NoDriver`] if the kernel offers no core, [`Error::Disabled`] if it was told not to
    /// use it, [`Error::NotEvl`] or [`Error::Abi`] if it speaks another language, else [`Error::Permission`] or
    /// [`Error::Io`].
    pub fn open() -> Result<Self> {
        Self::open_in(&System::default())
    }

    /// The same, with the device nodes of `system`.
    ///
    /// # Errors
    ///
    /// As [`Core::open`].
    pub fn open_in(system: &System) -> Result<Self> {
        let path = system.path(control_node());
        let control = open_node(&path)?;
        let info = CoreInfo::from(
            get_core_info(&control).map_err(|errno| Error::from_query(&path, errno))?,
        );
        info.check_abi()?;
        Ok(Self {
            system: system.clone(),
            info,
            control,
        })
    }

    /// The file of the control device.
    #[cfg(not(feature = "posix"))]
    pub(crate) fn control(&self) -> &OwnedFd {
        &self.control
    }

    /// What the core said of itself when the connection was opened.
    ///
    /// **Stage: any.**
    pub fn info(&self) -> &CoreInfo {
        &self.info
    }

    /// State of the core, now.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`System::core_state`].
    pub fn state(&self) -> Result<CoreState> {
        self.system.core_state()
    }

    /// CPUs on which threads may run oob.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`System::oob_cpus`].
    pub fn oob_cpus(&self) -> Result<CpuList> {
        self.system.oob_cpus()
    }

    /// Opens a built-in clock.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::Permission`], [`Error::NoDriver`] or [`Error::Io`] if its device node cannot be opened.
    pub fn clock(&self, id: ClockId) -> Result<Clock> {
        Clock::open_in(&self.system, id)
    }
}

/// Opens a device node whose absence means that the kernel has no core.
fn open_node(path: &Path) -> Result<OwnedFd> {
    match rustix::fs::open(path, OFlags::RDWR | OFlags::CLOEXEC, Mode::empty()) {
        Ok(fd) => Ok(fd),
        Err(Errno::NOENT) => Err(Error::NoCore {
            path: path.to_owned(),
        }),
        Err(errno) => Err(Error::from_open(path, errno)),
    }
}

fn get_core_info(control: &OwnedFd) -> rustix::io::Result<evl_core_info> {
    // SAFETY: this request writes one `evl_core_info` to its argument, and its number, which evl-sys checks, encodes
    // that size. A device which does not know the number fails with ENOTTY and writes nothing.
    unsafe {
        ioctl(
            control,
            Getter::<EVL_CTLIOC_GET_COREINFO, evl_core_info>::new(),
        )
    }
}

fn control_node() -> &'static Path {
    use std::os::unix::ffi::OsStrExt;
    Path::new(std::ffi::OsStr::from_bytes(EVL_CONTROL_DEV.to_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(abi_base: u32, abi_current: u32) -> CoreInfo {
        CoreInfo {
            abi_base,
            abi_current,
            fpu_features: 0,
            shm_size: 1 << 21,
        }
    }

    #[test]
    fn abi_must_lie_in_the_range() {
        for (base, current) in [(36, 36), (30, 36), (36, 40), (1, 99)] {
            assert!(
                info(base, current).check_abi().is_ok(),
                "{base}..={current}"
            );
        }
        for (base, current) in [(37, 40), (19, 35), (0, 0)] {
            let error = info(base, current).check_abi().expect_err("out of range");
            assert!(
                matches!(error, Error::Abi { needed: ABI, base: b, current: c } if (b, c) == (base, current))
            );
        }
    }

    #[test]
    fn missing_node_means_no_core() {
        let root = tempfile::tempdir().expect("tempdir");
        let error = Core::open_in(&System::at(root.path())).expect_err("no node");
        assert!(
            matches!(&error, Error::NoCore { path } if path.ends_with("dev/evl/control")),
            "{error}"
        );
    }

    /// Opening a socket in the file system fails with ENXIO, as does opening a device node without a driver.
    #[test]
    fn a_node_without_a_driver_is_there() {
        let root = tempfile::tempdir().expect("tempdir");
        std::fs::create_dir_all(root.path().join("dev/evl")).expect("create");
        let node = root.path().join("dev/evl/control");
        let _socket = std::os::unix::net::UnixListener::bind(&node).expect("bind");
        let error = Core::open_in(&System::at(root.path())).expect_err("no driver");
        assert!(
            matches!(&error, Error::NoDriver { path } if *path == node),
            "{error}"
        );
    }

    #[test]
    fn a_file_is_not_a_core() {
        let root = tempfile::tempdir().expect("tempdir");
        std::fs::create_dir_all(root.path().join("dev/evl")).expect("create");
        std::fs::write(root.path().join("dev/evl/control"), "").expect("write");
        let error = Core::open_in(&System::at(root.path())).expect_err("regular file");
        assert!(matches!(error, Error::NotEvl { .. }), "{error}");
    }
}
