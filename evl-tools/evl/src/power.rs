// SPDX-License-Identifier: MIT OR Apache-2.0
//! `evl start` and `evl stop`.

use anyhow::{Context, Result};
use evl::{Error, System};
use rustix::io::Errno;

use crate::cli::Status;

pub(crate) fn start(system: &System) -> Result<Status> {
    system
        .start_core()
        .map_err(|error| explain(error, "somebody else starts or stops it"))
        .context("cannot start the core")?;
    Ok(Status::Fine)
}

pub(crate) fn stop(system: &System) -> Result<Status> {
    system
        .stop_core()
        .map_err(|error| {
            explain(
                error,
                "somebody uses it: end the programs that `evl ps` lists, and those with timers",
            )
        })
        .context("cannot stop the core")?;
    Ok(Status::Fine)
}

/// Says what the errors of these commands mean.
fn explain(error: Error, busy: &'static str) -> anyhow::Error {
    let Error::Io { source, .. } = &error else {
        return error.into();
    };
    let errno = source.raw_os_error().map(Errno::from_raw_os_error);
    let meaning = match errno {
        Some(Errno::BUSY) => busy,
        Some(Errno::NXIO) => {
            "it was disabled at boot: take evl.state=disabled off the kernel's command line"
        }
        _ => return error.into(),
    };
    anyhow::Error::new(error).context(meaning)
}
