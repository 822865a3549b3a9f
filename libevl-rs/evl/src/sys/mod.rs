// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the operating system provides, by the core or by POSIX: the same items with the same meaning.

#[cfg(not(feature = "posix"))]
mod evl;
#[cfg(feature = "posix")]
mod posix;

#[cfg(not(feature = "posix"))]
pub(crate) use evl::*;
#[cfg(feature = "posix")]
pub(crate) use posix::*;
