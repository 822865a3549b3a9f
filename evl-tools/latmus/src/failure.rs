// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is said when the command cannot do its work.

use std::process::ExitCode;

/// What the command exits with. The text of `--help` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Fine = 0,
    Failed = 1,
    // 2 is a usage error, which clap exits with.
    NoCore = 3,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Says what went wrong on stderr, and on stdout with `json`.
pub(crate) fn report(error: &anyhow::Error, json: bool) -> Status {
    if json {
        println!("{}", serde_json::json!({ "error": format!("{error:#}") }));
    }
    eprintln!("latmus: {error:#}");
    let cause = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<evl::Error>());
    match cause {
        Some(evl::Error::NoCore { .. }) => Status::NoCore,
        _ => Status::Failed,
    }
}
