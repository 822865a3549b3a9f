// SPDX-License-Identifier: MIT OR Apache-2.0
//! The accessors of bit-fields set the bits which ABI 36 has for them. `layout.c` checks the same of the C headers.

use evl_sys::{evl_gate_state, evl_monitor_attrs, evl_monitor_binding};

/// Lets `set` change a zeroed structure, and returns its words.
fn words<T, const N: usize>(set: impl FnOnce(&mut T)) -> [u32; N] {
    const { assert!(size_of::<T>() == size_of::<[u32; N]>() && align_of::<T>() == align_of::<u32>()) };
    let mut words = [0; N];
    // SAFETY: the words have the size and alignment of T, and outlive the reference, which is the only one. T is one
    // of the three structures above, of integers only, so zero is a value of it; and each `set` below calls a setter
    // of bit-fields, which writes their bytes and leaves padding as it was: all words stay initialized.
    set(unsafe { &mut *words.as_mut_ptr().cast::<T>() });
    words
}

#[test]
fn monitor_attributes() {
    assert_eq!(
        words(|attrs: &mut evl_monitor_attrs| attrs.set_type(3)),
        [0, 0x3, 0]
    );
    assert_eq!(
        words(|attrs: &mut evl_monitor_attrs| attrs.set_protocol(0xf)),
        [0, 0x3c, 0]
    );
}

#[test]
fn monitor_binding() {
    assert_eq!(
        words(|binding: &mut evl_monitor_binding| binding.set_type(3)),
        [0x3, 0, 0, 0]
    );
    assert_eq!(
        words(|binding: &mut evl_monitor_binding| binding.set_protocol(0xf)),
        [0x3c, 0, 0, 0]
    );
}

#[test]
fn gate_state() {
    assert_eq!(
        words(|gate: &mut evl_gate_state| gate.set_recursive(1)),
        [0, 0, 0x1]
    );
    assert_eq!(
        words(|gate: &mut evl_gate_state| gate.set_nesting(0x7fff_ffff)),
        [0, 0, 0xffff_fffe]
    );
}
