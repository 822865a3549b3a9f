// SPDX-License-Identifier: MIT OR Apache-2.0
//! Raw input and output with files that the core knows: its elements, and those of drivers that serve both stages.
//!
//! Not with the feature `posix`, where there are no such files.

use std::os::fd::AsFd;

use rustix::ioctl::Ioctl;

use crate::error::{Error, Result};
use crate::sys;

/// Reads from a file into a buffer, as read(2) does: how many bytes.
///
/// **Stage: oob.**
///
/// # Errors
///
/// [`Error::NotAttached`], [`Error::Interrupted`], [`Error::WouldBlock`] with O_NONBLOCK; [`Error::Call`] with EBADF for
/// a file that the core does not know, or not open for reading, with EINVAL for one that cannot be read.
pub fn oob_read(file: impl AsFd, buffer: &mut [u8]) -> Result<usize> {
    let done = sys::oob_read(file.as_fd(), buffer);
    done.map_err(|errno| Error::from_call("read out-of-band", errno))
}

/// Writes a buffer to a file, as write(2) does: how many bytes.
///
/// **Stage: oob.**
///
/// # Errors
///
/// As for [`oob_read`], for writing.
pub fn oob_write(file: impl AsFd, buffer: &[u8]) -> Result<usize> {
    let done = sys::oob_write(file.as_fd(), buffer);
    done.map_err(|errno| Error::from_call("write out-of-band", errno))
}

/// A request out-of-band to a file of a driver.
///
/// # Safety
///
/// To any file of the core or of a driver that serves it, the request does no more to memory than its implementation of
/// [`Ioctl`] describes. The size in its number, and a letter for it that no other driver uses, see to that.
pub unsafe trait Request: Ioctl {}

/// Issues a request to a file, as ioctl(2) does: its answer.
///
/// **Stage: oob.**
///
/// # Errors
///
/// [`Error::NotAttached`], [`Error::Interrupted`]; [`Error::Unsupported`] for a request that the file does not know;
/// [`Error::Call`] with EBADF for a file that the core does not know, or not open for this.
pub fn oob_ioctl<R: Request>(file: impl AsFd, request: R) -> Result<R::Output> {
    // SAFETY: who implemented the trait has promised that the request is what it says, whatever the file.
    let done = unsafe { sys::oob_ioctl(file.as_fd(), request) };
    done.map_err(|errno| Error::from_call("issue a request out-of-band", errno))
}
