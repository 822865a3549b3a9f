// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the tests in `tests/` share: the ABI as a C program sees it, below any library.
//!
//! Each file of `tests/` becomes a program that the harness runs in the guest, as root.

use std::ffi::c_void;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::fd::AsRawFd;

use evl_sys::EVL_CTLIOC_GET_CPUSTATE;

pub mod monitor;
pub mod sigdebug;
pub mod thread;
pub mod worker;

/// Opens a device for reading and writing.
pub fn open(path: &str) -> File {
    OpenOptions::new()
        .read(true)
        .write(true)
        .open(path)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Opens a device for reading only.
pub fn open_to_read(path: &str) -> File {
    File::open(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Opens a device for writing only.
pub fn open_to_write(path: &str) -> File {
    OpenOptions::new()
        .write(true)
        .open(path)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Issues a request with any address for an argument, good or bad, and returns the error number on failure.
///
/// # Safety
///
/// What the kernel may write for this request must be memory that the caller has for it, or no memory of this process
/// at all. That goes for `argument`, and for addresses in what it points to.
pub unsafe fn ioctl(device: &File, request: u32, argument: usize) -> Result<i32, i32> {
    // SAFETY: the caller says that the kernel writes nothing that is in use.
    let result = unsafe { libc::ioctl(device.as_raw_fd(), request.into(), argument) };
    if result < 0 {
        return Err(io::Error::last_os_error().raw_os_error().unwrap_or(0));
    }
    Ok(result)
}

/// A request with a buffer for an argument, which is at least as large as the request says.
///
/// # Panics
///
/// If the request encodes no size or one that is larger than the buffer, or is known to hold an address: such a
/// request is for [`ioctl`].
pub fn ioctl_with(device: &File, request: u32, buffer: &mut [u8]) -> Result<i32, i32> {
    let size = (request >> 16) & 0x3fff;
    assert!(
        (1..=buffer.len()).contains(&(size as usize)),
        "{request:#x} needs {size} bytes"
    );
    assert_ne!(request, EVL_CTLIOC_GET_CPUSTATE, "answers elsewhere");
    // SAFETY: the kernel writes as many bytes as the request says at most, which are in `buffer`.
    unsafe { ioctl(device, request, buffer.as_mut_ptr().expose_provenance()) }
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
        if unsafe { libc::munmap(base.byte_add(size), size) } != 0 {
            return Err(io::Error::last_os_error());
        }
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
