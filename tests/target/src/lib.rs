// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests in `tests/` share: the ABI as a C program sees it, below any library.
//!
//! Each file of `tests/` becomes a program that the harness runs in the guest, as root.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

/// Opens a device for reading and writing.
pub fn open(path: &str) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Issues a request with any address for an argument, good or bad, and returns the error number on failure.
pub fn ioctl(device: &File, request: u32, argument: usize) -> Result<i32, i32> {
    // SAFETY: the kernel checks the address before it uses it, and the tests pass addresses of memory that they own
    // and look at afterwards only, or addresses that must fault.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), request.into(), argument) };
    if result < 0 {
        return Err(io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    Ok(result)
}

/// A request with an argument of the right type.
pub fn ioctl_with<T>(device: &File, request: u32, argument: &mut T) -> Result<i32, i32> {
    ioctl(device, request, (&raw mut *argument).expose_provenance())
}

/// A page that ends where no memory is: what does not fit before the end of it faults.
#[derive(Debug)]
pub struct Cliff {
    base: *mut c_void,
    size: usize,
}

impl Cliff {
    /// Maps two pages and takes the second away.
    pub fn new() -> io::Result<Self> {
        let size = 4096;
        // SAFETY: a fresh anonymous mapping touches no other memory.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                2 * size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                -1,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the second of the two pages mapped above; nobody has a pointer to it.
        unsafe { libc::munmap(base.byte_add(size), size) };
        Ok(Self { base, size })
    }

    /// An address with `room` bytes of memory behind it.
    pub fn address(&self, room: usize) -> usize {
        assert!(room <= self.size);
        self.base.expose_provenance() + self.size - room
    }
}

impl Drop for Cliff {
    fn drop(&mut self) {
        // SAFETY: the first page of our mapping, which only pointers handed to the kernel led to.
        unsafe { libc::munmap(self.base, self.size) };
    }
}
