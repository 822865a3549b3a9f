// SPDX-License-Identifier: MIT OR Apache-2.0
//! Raw user interface of the EVL real-time core, at ABI 36: structures, constants and ioctl requests.
//!
//! Names are those of the C headers in `kernel-evl/uapi/evl`, which [`bindings`] is generated from. Nothing here issues
//! a system call; the `evl` crate is the safe interface.
//!
//! Every size, offset and request number is checked at compile time against the numbers of the ABI, so a change of
//! the headers which breaks programs does not build.

#![no_std]

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64"),
    target_pointer_width = "64",
    target_endian = "little"
)))]
compile_error!("the EVL core runs on Linux for x86_64 and arm64 only");

/// Structures and constants, as generated.
#[rustfmt::skip]
#[allow(
missing_debug_implementations, // unions have none
    non_camel_case_types,
    non_snake_case,
    non_upper_case_globals,
rustdoc::broken_intra_doc_links, // comments of the C headers
    rustdoc::invalid_html_tags,
unknown_lints, // the next one, to older compilers
    unnecessary_transmutes,
    clippy::all,
    clippy::undocumented_unsafe_blocks
)]
pub mod bindings;
pub mod ctypes;
pub mod ioctl;
mod layout;

pub use bindings::*;
pub use ioctl::*;
