// SPDX-License-Identifier: MIT OR Apache-2.0
//! arm64: the registers V0 to V31.

use std::arch::asm;

use super::Call;

/// Thirty-two registers.
#[repr(C, align(16))]
struct Image([u32; 128]);

/// Room for the registers before a call and after it.
pub(crate) struct Registers {
    wanted: Box<Image>,
    found: Box<Image>,
}

impl Registers {
    pub(crate) fn new() -> Self {
        Self {
            wanted: Box::new(Image([0; 128])),
            found: Box::new(Image([0; 128])),
        }
    }

    pub(super) fn wanted_words(&mut self) -> impl Iterator<Item = &mut u32> {
        self.wanted.0.iter_mut()
    }

    pub(super) fn found_words(&self) -> impl Iterator<Item = u32> {
        self.found.0.iter().copied()
    }

    /// # Safety
    ///
    /// As of the call.
    pub(super) unsafe fn exchange(&mut self, call: &Call) -> isize {
        let [a, b, c, d, e] = call.args;
        let mut result = a as isize;
        // SAFETY: the images are as large as thirty-two registers; the caller answers for the call. Linux keeps all
        // registers but x0 across a call.
        unsafe {
            asm!(
                "ldp q0, q1, [x9, #0]",
                "ldp q2, q3, [x9, #32]",
                "ldp q4, q5, [x9, #64]",
                "ldp q6, q7, [x9, #96]",
                "ldp q8, q9, [x9, #128]",
                "ldp q10, q11, [x9, #160]",
                "ldp q12, q13, [x9, #192]",
                "ldp q14, q15, [x9, #224]",
                "ldp q16, q17, [x9, #256]",
                "ldp q18, q19, [x9, #288]",
                "ldp q20, q21, [x9, #320]",
                "ldp q22, q23, [x9, #352]",
                "ldp q24, q25, [x9, #384]",
                "ldp q26, q27, [x9, #416]",
                "ldp q28, q29, [x9, #448]",
                "ldp q30, q31, [x9, #480]",
                "svc #0",
                "stp q0, q1, [x10, #0]",
                "stp q2, q3, [x10, #32]",
                "stp q4, q5, [x10, #64]",
                "stp q6, q7, [x10, #96]",
                "stp q8, q9, [x10, #128]",
                "stp q10, q11, [x10, #160]",
                "stp q12, q13, [x10, #192]",
                "stp q14, q15, [x10, #224]",
                "stp q16, q17, [x10, #256]",
                "stp q18, q19, [x10, #288]",
                "stp q20, q21, [x10, #320]",
                "stp q22, q23, [x10, #352]",
                "stp q24, q25, [x10, #384]",
                "stp q26, q27, [x10, #416]",
                "stp q28, q29, [x10, #448]",
                "stp q30, q31, [x10, #480]",
                inlateout("x0") result,
                in("x1") b, in("x2") c, in("x3") d, in("x4") e,
                in("x8") call.number,
                in("x9") &raw const *self.wanted,
                in("x10") &raw mut *self.found,
                out("v0") _, out("v1") _, out("v2") _, out("v3") _, out("v4") _, out("v5") _, out("v6") _, out("v7") _, out("v8") _, out("v9") _, out("v10") _, out("v11") _, out("v12") _, out("v13") _, out("v14") _, out("v15") _, out("v16") _, out("v17") _, out("v18") _, out("v19") _, out("v20") _, out("v21") _, out("v22") _, out("v23") _, out("v24") _, out("v25") _, out("v26") _, out("v27") _, out("v28") _, out("v29") _, out("v30") _, out("v31") _,
            );
        }
        result
    }
}
