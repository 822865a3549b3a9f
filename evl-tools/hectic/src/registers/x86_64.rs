// SPDX-License-Identifier: MIT OR Apache-2.0
//! x86_64: XMM registers, and the upper halves that AVX adds.

use std::arch::{asm, is_x86_feature_detected};

use super::Call;

/// Words of the registers of SSE in an image of FXSAVE, after the part of the x87.
const SSE: std::ops::Range<usize> = 40..104;

/// What FXSAVE stores. Of the rest of it only the control words are not 0.
#[repr(C, align(16))]
struct Image([u32; 128]);

/// The sixteen registers of AVX as a whole.
#[repr(C, align(32))]
struct Wide([u32; 128]);

/// Room for the registers before a call and after it.
pub(crate) struct Registers {
    avx: bool,
    wanted: Box<(Image, Wide)>,
    found: Box<(Image, Wide)>,
}

impl Registers {
    pub(crate) fn new() -> Self {
        let mut image = Image([0; 128]);
        // The control words of the x87 and of SSE, as a program begins with them.
        image.0[0] = 0x37f;
        image.0[6] = 0x1f80;
        Self {
            avx: is_x86_feature_detected!("avx"),
            wanted: Box::new((image, Wide([0; 128]))),
            found: Box::new((Image([0; 128]), Wide([0; 128]))),
        }
    }

    pub(super) fn wanted_words(&mut self) -> impl Iterator<Item = &mut u32> {
        let (image, wide) = &mut *self.wanted;
        let used = if self.avx {
            &mut wide.0[..]
        } else {
            &mut image.0[SSE]
        };
        used.iter_mut()
    }

    pub(super) fn found_words(&self) -> impl Iterator<Item = u32> {
        let (image, wide) = &*self.found;
        let used = if self.avx { &wide.0[..] } else { &image.0[SSE] };
        used.iter().copied()
    }

    /// # Safety
    ///
    /// As of the call.
    pub(super) unsafe fn exchange(&mut self, call: &Call) -> isize {
        if self.avx {
            // SAFETY: the CPU has AVX; else as the caller says.
            unsafe { self.exchange_wide(call) }
        } else {
            // SAFETY: as the caller says.
            unsafe { self.exchange_narrow(call) }
        }
    }

    unsafe fn exchange_narrow(&mut self, call: &Call) -> isize {
        let [a, b, c, d, e] = call.args;
        let mut result = call.number as isize;
        // SAFETY: the images are as large as FXSAVE's and aligned for it; the caller answers for the call.
        unsafe {
            asm!(
                "fxrstor64 [r12]",
                "syscall",
                "fxsave64 [r13]",
                inlateout("rax") result,
                in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
                in("r12") &raw const self.wanted.0,
                in("r13") &raw mut self.found.0,
                clobber_abi("sysv64"),
            );
        }
        result
    }

    /// # Safety
    ///
    /// The CPU has AVX.
    unsafe fn exchange_wide(&mut self, call: &Call) -> isize {
        let [a, b, c, d, e] = call.args;
        let mut result = call.number as isize;
        // SAFETY: the images are as large as sixteen registers; the caller answers for the call.
        unsafe {
            asm!(
                "vmovdqu ymm0, [r12 + 0]",
                "vmovdqu ymm1, [r12 + 32]",
                "vmovdqu ymm2, [r12 + 64]",
                "vmovdqu ymm3, [r12 + 96]",
                "vmovdqu ymm4, [r12 + 128]",
                "vmovdqu ymm5, [r12 + 160]",
                "vmovdqu ymm6, [r12 + 192]",
                "vmovdqu ymm7, [r12 + 224]",
                "vmovdqu ymm8, [r12 + 256]",
                "vmovdqu ymm9, [r12 + 288]",
                "vmovdqu ymm10, [r12 + 320]",
                "vmovdqu ymm11, [r12 + 352]",
                "vmovdqu ymm12, [r12 + 384]",
                "vmovdqu ymm13, [r12 + 416]",
                "vmovdqu ymm14, [r12 + 448]",
                "vmovdqu ymm15, [r12 + 480]",
                "syscall",
                "vmovdqu [r13 + 0], ymm0",
                "vmovdqu [r13 + 32], ymm1",
                "vmovdqu [r13 + 64], ymm2",
                "vmovdqu [r13 + 96], ymm3",
                "vmovdqu [r13 + 128], ymm4",
                "vmovdqu [r13 + 160], ymm5",
                "vmovdqu [r13 + 192], ymm6",
                "vmovdqu [r13 + 224], ymm7",
                "vmovdqu [r13 + 256], ymm8",
                "vmovdqu [r13 + 288], ymm9",
                "vmovdqu [r13 + 320], ymm10",
                "vmovdqu [r13 + 352], ymm11",
                "vmovdqu [r13 + 384], ymm12",
                "vmovdqu [r13 + 416], ymm13",
                "vmovdqu [r13 + 448], ymm14",
                "vmovdqu [r13 + 480], ymm15",
                "vzeroupper",
                inlateout("rax") result,
                in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
                in("r12") &raw const self.wanted.1,
                in("r13") &raw mut self.found.1,
                clobber_abi("sysv64"),
            );
        }
        result
    }
}
