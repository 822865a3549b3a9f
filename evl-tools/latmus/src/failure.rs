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
    let text = text(error);
    if json {
        println!("{}", serde_json::json!({ "error": text }));
    }
    eprintln!("latmus: {text}");
    let cause = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<evl::Error>());
    match cause {
        Some(evl::Error::NoCore { .. }) => Status::NoCore,
        _ => Status::Failed,
    }
}

/// An error with its causes, but for those that it names itself.
fn text(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.ends_with(&cause) {
            text = format!("{text}: {cause}");
        }
    }
    text
}
