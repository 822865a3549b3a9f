// SPDX-License-Identifier: MIT OR Apache-2.0
//! Writing results to stdout.

use std::io::{ErrorKind, Write, stdout};

use anyhow::{Context, Result};
use serde::Serialize;

/// Prints `text`. A reader which has seen enough, such as head(1), is no error.
pub(crate) fn text(text: &str) -> Result<()> {
    let mut stdout = stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        other => other.context("cannot write to the standard output"),
    }
}

/// Prints `value` as JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<()> {
    text(&format!("{}\n", serde_json::to_string_pretty(value)?))
}
