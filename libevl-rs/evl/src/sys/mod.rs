// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the operating system provides, by the core or by POSIX: the same items with the same meaning.

mod evl;

pub(crate) use evl::*;
