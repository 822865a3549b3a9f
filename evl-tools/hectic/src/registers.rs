// SPDX-License-Identifier: MIT OR Apache-2.0
//! Floating-point and SIMD registers across a system call.
//!
//! One block of assembly fills all of them, makes the call, and stores what is in them then: no compiler gets in between.

#[cfg(target_arch = "aarch64")]
#[path = "registers/aarch64.rs"]
mod arch;
#[cfg(target_arch = "x86_64")]
#[path = "registers/x86_64.rs"]
mod arch;

pub(crate) use arch::Registers;

/// A system call: its number, and its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Call {
    pub(crate) number: usize,
    pub(crate) args: [usize; 5],
}

/// A register that did not keep what was in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// Which 32-bit word of the registers, from the first one on.
    pub(crate) word: usize,
    pub(crate) wanted: u32,
    pub(crate) found: u32,
}

impl Registers {
    /// Makes a call with a pattern in all registers, which begins with `seed`.
    ///
    /// # Safety
    ///
    /// As of the call.
    pub(crate) unsafe fn call(&mut self, seed: u32, call: &Call) -> (isize, Option<Mismatch>) {
        let mut next = seed;
        for word in self.wanted_words() {
            *word = next;
            next = next.wrapping_add(1);
        }
        // SAFETY: the caller answers for the call; the images are ours, and as large as the registers.
        let result = unsafe { self.exchange(call) };
        (result, self.mismatch(seed))
    }

    fn mismatch(&self, seed: u32) -> Option<Mismatch> {
        self.found_words().enumerate().find_map(|(word, found)| {
            let wanted = seed.wrapping_add(word as u32);
            (found != wanted).then_some(Mismatch {
                word,
                wanted,
                found,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn getppid() -> Call {
        Call {
            number: libc::SYS_getppid as usize,
            args: [0; 5],
        }
    }

    #[test]
    fn linux_keeps_them() {
        let mut registers = Registers::new();
        for seed in [0, 0x1234_5678, u32::MAX - 3] {
            // SAFETY: it takes nothing.
            let (parent, mismatch) = unsafe { registers.call(seed, &getppid()) };
            assert_eq!(parent, std::os::unix::process::parent_id() as isize);
            assert_eq!(mismatch, None);
        }
    }

    #[test]
    fn what_is_wrong_is_found() {
        let mut registers = Registers::new();
        // SAFETY: it takes nothing.
        unsafe { registers.call(7, &getppid()) };
        assert_eq!(registers.mismatch(7), None);
        let wrong = registers.mismatch(8);
        assert_eq!(
            wrong,
            Some(Mismatch {
                word: 0,
                wanted: 8,
                found: 7
            })
        );
    }
}
