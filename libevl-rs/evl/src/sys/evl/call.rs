// SPDX-License-Identifier: MIT OR Apache-2.0
//! System calls of the core.

use std::os::fd::{AsRawFd, BorrowedFd};

use evl_sys::{EVL_SYSCALL_OOB_IOCTL, EVL_SYSCALL_OOB_READ, EVL_SYSCALL_OOB_WRITE, PR_OOB_SYSCALL};
use rustix::io::{Errno, Result, retry_on_intr};
use rustix::ioctl::{Ioctl, IoctlOutput};

use super::thread::is_inband;

/// An out-of-band system call.
///
/// # Safety
///
/// What `args` refer to is valid for what the call does with it.
unsafe fn oob_call(nr: u32, fd: BorrowedFd<'_>, args: [usize; 2]) -> Result<usize> {
    // SAFETY: the caller answers for what the arguments refer to. The kernel takes all of them as words.
    let result = unsafe {
        libc::syscall(
            libc::SYS_prctl,
            PR_OOB_SYSCALL as libc::c_long,
            libc::c_long::from(nr),
            libc::c_long::from(fd.as_raw_fd()),
            args[0],
            args[1],
        )
    };
    usize::try_from(result).map_err(|_| {
        let errno = std::io::Error::last_os_error();
        Errno::from_io_error(&errno).unwrap_or(Errno::INVAL)
    })
}

/// Reads out-of-band: how many bytes.
pub(crate) fn oob_read(fd: BorrowedFd<'_>, buffer: &mut [u8]) -> Result<usize> {
    let args = [buffer.as_mut_ptr().expose_provenance(), buffer.len()];
    // SAFETY: the kernel writes to the buffer, as far as it goes.
    unsafe { oob_call(EVL_SYSCALL_OOB_READ, fd, args) }
}

/// Writes out-of-band: how many bytes.
pub(crate) fn oob_write(fd: BorrowedFd<'_>, buffer: &[u8]) -> Result<usize> {
    let args = [buffer.as_ptr().expose_provenance(), buffer.len()];
    // SAFETY: the kernel reads the buffer, as far as it goes.
    unsafe { oob_call(EVL_SYSCALL_OOB_WRITE, fd, args) }
}

/// Issues a request out-of-band.
///
/// # Safety
///
/// As for [`rustix::ioctl::ioctl`].
pub(crate) unsafe fn oob_ioctl<I: Ioctl>(fd: BorrowedFd<'_>, mut request: I) -> Result<I::Output> {
    // SAFETY: passed on.
    let result = unsafe { issue(fd, &mut request) }?;
    // SAFETY: the same, for the answer.
    unsafe { I::output_from_ptr(result, request.as_ptr()) }
}

/// Issues a request out-of-band, and again if a signal interrupts it: one whose wait signals do not end, or that does not
/// wait. The latter is interrupted before it began, on the way from in-band.
///
/// # Safety
///
/// As for [`rustix::ioctl::ioctl`].
pub(crate) unsafe fn oob_request<I: Ioctl>(
    fd: BorrowedFd<'_>,
    mut request: I,
) -> Result<I::Output> {
    // SAFETY: passed on.
    let result = retry_on_intr(|| unsafe { issue(fd, &mut request) })?;
    // SAFETY: the same, for the answer.
    unsafe { I::output_from_ptr(result, request.as_ptr()) }
}

/// Issues a request out-of-band: what the kernel returned.
///
/// # Safety
///
/// As for [`rustix::ioctl::ioctl`].
unsafe fn issue<I: Ioctl>(fd: BorrowedFd<'_>, request: &mut I) -> Result<IoctlOutput> {
    let args = [
        request.opcode() as usize,
        request.as_ptr().expose_provenance(),
    ];
    // SAFETY: the caller says that the request is described truthfully.
    let result = unsafe { oob_call(EVL_SYSCALL_OOB_IOCTL, fd, args) }?;
    Ok(result as IoctlOutput)
}

/// Issues a request that does not wait on the stage of the caller.
///
/// # Safety
///
/// As for [`rustix::ioctl::ioctl`].
pub(crate) unsafe fn ioctl<I: Ioctl>(fd: BorrowedFd<'_>, request: I) -> Result<I::Output> {
    // SAFETY: passed on.
    unsafe {
        if is_inband() {
            rustix::ioctl::ioctl(fd, request)
        } else {
            oob_request(fd, request)
        }
    }
}
