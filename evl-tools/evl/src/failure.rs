// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is said when a command cannot do its work.

use serde::Serialize;

use crate::cli::Status;
use crate::output;

/// The value of the key `error` in JSON output.
#[derive(Debug, Serialize)]
pub(crate) struct Failure {
    /// For programs: stable.
    kind: &'static str,
    /// For people.
    message: String,
}

impl Failure {
    pub(crate) fn message(&self) -> &str {
        &self.message
    }
}

impl From<&anyhow::Error> for Failure {
    fn from(error: &anyhow::Error) -> Self {
        Self {
            kind: cause(error).map_or("other", kind),
            message: format!("{error:#}"),
        }
    }
}

impl From<&evl::Error> for Failure {
    fn from(error: &evl::Error) -> Self {
        Self {
            kind: kind(error),
            message: error.to_string(),
        }
    }
}

fn kind(error: &evl::Error) -> &'static str {
    match error {
        evl::Error::NoCore { .. } => "no_core",
        evl::Error::NoDriver { .. } => "no_driver",
        evl::Error::Disabled { .. } => "disabled",
        evl::Error::NoSysfs { .. } => "no_sysfs",
        evl::Error::Abi { .. } => "abi",
        evl::Error::NotEvl { .. } => "not_evl",
        evl::Error::Permission { .. } => "permission",
        evl::Error::MemoryNotLocked { .. } => "memory_not_locked",
        evl::Error::Unexpected { .. } => "unexpected",
        evl::Error::Io { .. } => "io",
        _ => "other",
    }
}

fn cause(error: &anyhow::Error) -> Option<&evl::Error> {
    error.chain().find_map(|cause| cause.downcast_ref())
}

/// Reports `error` on stderr and, with `json`, on stdout. Returns what to exit with.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> Status {
    #[derive(Serialize)]
    struct Object {
        error: Failure,
    }

    if json {
        // Stdout may be what failed; stderr has the message in any case.
        let _ = output::json(&Object {
            error: error.into(),
        });
    }
    eprintln!("evl: {error:#}");
    match cause(error) {
        Some(evl::Error::NoCore { .. }) => Status::NoCore,
        _ => Status::Failed,
    }
}
