// SPDX-License-Identifier: MIT OR Apache-2.0
//! Arguments of requests: memory that the kernel may read and write, and addresses where there is none.

use std::io;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use fastrand::Rng;

const PAGE: usize = 4096;
const PAGES: usize = 4;

/// Memory of nothing but random numbers, which all threads of a process share. After it comes a page that cannot be
/// written, and one that is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arena(&'static [AtomicU64]);

impl Arena {
    pub(crate) fn new() -> io::Result<Self> {
        let map = |size, protection| {
            // SAFETY: a new mapping touches no other memory.
            let base = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    size,
                    protection,
                    libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
                    -1,
                    0,
                )
            };
            if base == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            Ok(base)
        };
        let base = map((PAGES + 2) * PAGE, libc::PROT_READ | libc::PROT_WRITE)?;
        // SAFETY: both pages are of the mapping above, and nobody refers to them yet.
        unsafe {
            libc::mprotect(base.byte_add(PAGES * PAGE), PAGE, libc::PROT_READ);
            libc::munmap(base.byte_add((PAGES + 1) * PAGE), PAGE);
        }
        // SAFETY: the mapping is that large, zeroed and aligned, and stays; whoever writes to it, kernel or threads,
        // finds atomics or is the kernel.
        Ok(Self(unsafe {
            std::slice::from_raw_parts(base.cast(), PAGES * PAGE / size_of::<u64>())
        }))
    }

    fn base(self) -> usize {
        self.0.as_ptr().expose_provenance()
    }

    /// An address: mostly of the arena, at times of what is bad.
    pub(crate) fn address(self, rng: &mut Rng) -> usize {
        let end = self.base() + PAGES * PAGE;
        match rng.u8(..32) {
            0 => 0,
            1 => rng.usize(..),
            // The kernel's half.
            2 => usize::MAX - rng.usize(..PAGE),
            // Cannot be written to.
            3 => end + rng.usize(..PAGE),
            // Ends where nothing is.
            4 => end + PAGE - rng.usize(..64),
            5 => self.base() + rng.usize(..PAGES * PAGE),
            _ => self.base() + 8 * rng.usize(..self.0.len() - 64),
        }
    }

    /// Where an argument is, filled with what some request makes sense of.
    pub(crate) fn argument(self, rng: &mut Rng) -> usize {
        let mut words: [u64; 8] = std::array::from_fn(|_| self.word(rng));
        let soon = now() + Duration::from_micros(rng.u64(..5_000));
        match rng.u8(..7) {
            // A date.
            0 | 1 => {
                words[0] = soon.as_secs();
                words[1] = soon.subsec_nanos().into();
            }
            // Policy and priority.
            2 => words[0] = rng.u64(..3) | rng.u64(..100) << 32,
            // The address of a date, or of a period and a date; and a descriptor, or nothing.
            3 => {
                let date = [soon.as_secs(), soon.subsec_nanos().into()];
                words[0] = self.put(rng, &[date, date].concat()) as u64;
                words[1] = rng.u64(..2) * rng.u64(..48);
            }
            // A run of latmus: what responds, each so many ns; its priority and CPU; and no cross buffer.
            4 => {
                words[0] = rng.u64(..5);
                words[1] = rng.u64(20_000..2_000_000);
                words[2] = rng.u64(..100) | rng.u64(..3) << 32;
                words[3] = rng.u64(..300) << 32 | u64::from(u32::MAX);
            }
            // A mask.
            5 => words[0] = 1 << rng.u8(..32),
            // A number, and where the answer goes.
            _ => words[0] = rng.u64(..3),
        }
        if rng.u8(..16) == 0 {
            return self.address(rng);
        }
        self.put(rng, &words)
    }

    fn word(self, rng: &mut Rng) -> u64 {
        match rng.u8(..8) {
            0 => rng.u64(..),
            1..5 => self.address(rng) as u64,
            5 | 6 => rng.u64(..64),
            _ => rng.u64(..64) << 32,
        }
    }

    /// Puts a string at an address of the arena: one of a few names.
    pub(crate) fn name(self, rng: &mut Rng) -> usize {
        let first = rng.usize(..self.0.len() - 64);
        let text = match rng.u8(..8) {
            0 => *b"a/b\0\0\0\0\0",
            1 => *b"\0\0\0\0\0\0\0\0",
            2 => *b"clone\0\0\0",
            number => [b'f', b'u', b'z', b'z', b'0' + number, 0, 0, 0],
        };
        self.0[first].store(u64::from_ne_bytes(text), Relaxed);
        self.base() + 8 * first
    }

    /// The 32 bits at an address, which may be those of somebody else by now. 0 outside of the arena.
    pub(crate) fn get(self, address: usize) -> u32 {
        let index = address.wrapping_sub(self.base()) / size_of::<u64>();
        self.0.get(index).map_or(0, |word| word.load(Relaxed)) as u32
    }

    /// Puts words at an address of the arena.
    pub(crate) fn put(self, rng: &mut Rng, words: &[u64]) -> usize {
        let first = rng.usize(..self.0.len() - 64);
        for (to, word) in self.0[first..].iter().zip(words) {
            to.store(*word, Relaxed);
        }
        self.base() + 8 * first
    }
}

/// The time of CLOCK_MONOTONIC.
pub(crate) fn now() -> Duration {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the kernel writes to `time`.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The memory that the core shares with applications, which may write anything there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Windows(&'static [AtomicU32]);

impl Windows {
    /// Maps it. Empty if there is none, as without permission.
    pub(crate) fn new(control: i32) -> Self {
        const SIZE: usize = 256;
        let mut info = evl_sys::evl_core_info::default();
        let address = std::ptr::from_mut(&mut info);
        // SAFETY: the kernel writes to `info`.
        let got = unsafe { libc::ioctl(control, evl_sys::EVL_CTLIOC_GET_COREINFO.into(), address) };
        let size = info.shm_size as usize;
        if got != 0 || size < SIZE {
            return Self(&[]);
        }
        // SAFETY: a new mapping touches no other memory.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                control,
                0,
            )
        };
        if base == libc::MAP_FAILED {
            return Self(&[]);
        }
        // SAFETY: the mapping is that large and stays, and all access to it is atomic.
        Self(unsafe { std::slice::from_raw_parts(base.cast(), size / size_of::<u32>()) })
    }

    pub(crate) fn scribble(self, rng: &mut Rng) {
        if rng.bool() {
            return self.lie(rng);
        }
        if let Some(word) = rng.choice(self.0) {
            word.store(rng.u32(..) >> rng.u8(..32), Relaxed);
        }
    }

    /// Names a thread as the owner of a gate, or a gate as what a thread is about to own.
    fn lie(self, rng: &mut Rng) {
        /// Words of a window.
        const WORDS: usize = 16;
        /// Threads have the first windows, unless the kernel is configured otherwise; monitors follow.
        const THREADS: usize = 256;
        let (window, word, class) = if rng.bool() {
            (THREADS + rng.usize(..32), 1, 6)
        } else {
            (rng.usize(..16), 2, 2)
        };
        let handle = class << 24 | rng.u32(1..32);
        if let Some(word) = self.0.get(window * WORDS + word) {
            word.store(handle | rng.u32(..4) << 30, Relaxed);
        }
    }
}
