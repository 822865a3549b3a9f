// SPDX-License-Identifier: MIT OR Apache-2.0
//! What the checks found.

use std::fmt::Write;

use serde::Serialize;

use crate::cli;
use crate::failure::Failure;
use crate::kernel::Kernel;
use crate::table;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Ok,
    /// Costs latency in some cases.
    Warn,
    /// Not fit for real time.
    Fail,
    /// Could not be found out.
    Unknown,
}

impl Status {
    fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Unknown => "unknown",
        }
    }
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// For programs: stable.
    pub(crate) id: String,
    /// For people.
    pub(crate) subject: String,
    /// The file it was read from.
    pub(crate) looked_at: String,
    pub(crate) found: String,
    pub(crate) wanted: String,
    pub(crate) status: Status,
    /// Why it matters.
    pub(crate) reason: String,
    /// What to do; nothing if all is well.
    pub(crate) action: Option<String>,
}

#[derive(Debug, Default, Serialize)]
struct Summary {
    ok: usize,
    warn: usize,
    fail: usize,
    unknown: usize,
}

/// The JSON object. Keys are only added within a schema number.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    schema: u32,
    /// The running kernel; null if a configuration file was checked.
    kernel: Option<Kernel>,
    /// Present only if the running kernel has no core.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<Failure>,
    summary: Summary,
    checks: Vec<Check>,
}

impl Report {
    pub(crate) fn new(kernel: Option<Kernel>, error: Option<Failure>, checks: Vec<Check>) -> Self {
        let mut summary = Summary::default();
        for check in &checks {
            match check.status {
                Status::Ok => summary.ok += 1,
                Status::Warn => summary.warn += 1,
                Status::Fail => summary.fail += 1,
                Status::Unknown => summary.unknown += 1,
            }
        }
        Self {
            schema: 1,
            kernel,
            error,
            summary,
            checks,
        }
    }

    pub(crate) fn status(&self) -> cli::Status {
        if self.error.is_some() {
            cli::Status::NoCore
        } else if self.summary.fail > 0 {
            cli::Status::Failed
        } else {
            cli::Status::Fine
        }
    }

    /// A table of all checks, then what to do.
    pub(crate) fn human(&self) -> String {
        let mut rows = vec![["STATUS", "CHECK", "FOUND", "WANTED"].map(str::to_owned)];
        rows.extend(self.checks.iter().map(|check| {
            [
                check.status.as_str().to_owned(),
                check.subject.clone(),
                check.found.clone(),
                check.wanted.clone(),
            ]
        }));
        let mut text = table::format(&rows);
        for check in &self.checks {
            if let Some(action) = &check.action {
                let (status, subject) = (check.status.as_str(), &check.subject);
                // Writing to a String cannot fail.
                let _ = write!(
                    text,
                    "\n{status}: {subject} ({})\n  {}\n  {action}\n",
                    check.looked_at, check.reason
                );
            }
        }
        let Summary {
            ok,
            warn,
            fail,
            unknown,
        } = self.summary;
        let _ = write!(
            text,
            "\n{ok} ok, {warn} warn, {fail} FAIL, {unknown} unknown\n"
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(status: Status) -> Check {
        Check {
            id: "config.EVL".to_owned(),
            subject: "CONFIG_EVL".to_owned(),
            looked_at: "/proc/config.gz".to_owned(),
            found: "n".to_owned(),
            wanted: "y".to_owned(),
            status,
            reason: "It is the core.".to_owned(),
            action: (status != Status::Ok).then(|| "Enable it.".to_owned()),
        }
    }

    fn kernel() -> Kernel {
        Kernel {
            release: "6.18.15".to_owned(),
            arch: "x86_64".to_owned(),
        }
    }

    #[test]
    fn json_schema_is_stable() {
        let report = Report::new(
            Some(kernel()),
            None,
            vec![check(Status::Ok), check(Status::Fail)],
        );
        let ok = json!({
            "id": "config.EVL", "subject": "CONFIG_EVL", "looked_at": "/proc/config.gz", "found": "n", "wanted": "y",
            "status": "ok", "reason": "It is the core.", "action": null,
        });
        let mut fail = ok.clone();
        fail["status"] = json!("fail");
        fail["action"] = json!("Enable it.");
        let wanted = json!({
            "schema": 1,
            "kernel": { "release": "6.18.15", "arch": "x86_64" },
            "summary": { "ok": 1, "warn": 0, "fail": 1, "unknown": 0 },
            "checks": [ok, fail],
        });
        assert_eq!(serde_json::to_value(report).expect("serializable"), wanted);
    }

    #[test]
    fn missing_core_adds_an_error_and_wins() {
        let error = Failure::from(&evl::Error::NoCore {
            path: "/dev/evl/control".into(),
        });
        let report = Report::new(Some(kernel()), Some(error), vec![check(Status::Fail)]);
        assert_eq!(report.status(), cli::Status::NoCore);
        let json = serde_json::to_value(report).expect("serializable");
        assert_eq!(json["error"]["kind"], "no_core");
    }

    #[test]
    fn only_failures_fail() {
        let status = |checks| Report::new(None, None, checks).status();
        assert_eq!(
            status(vec![
                check(Status::Ok),
                check(Status::Warn),
                check(Status::Unknown)
            ]),
            cli::Status::Fine
        );
        assert_eq!(
            status(vec![check(Status::Ok), check(Status::Fail)]),
            cli::Status::Failed
        );
    }

    #[test]
    fn people_read_what_to_do() {
        let text = Report::new(None, None, vec![check(Status::Ok), check(Status::Fail)]).human();
        assert!(
            text.starts_with("STATUS  CHECK       FOUND  WANTED\nok      CONFIG_EVL  n      y\n"),
            "{text}"
        );
        assert!(
            text.contains("FAIL: CONFIG_EVL (/proc/config.gz)\n  It is the core.\n  Enable it.\n"),
            "{text}"
        );
        assert!(
            text.ends_with("1 ok, 0 warn, 1 FAIL, 0 unknown\n"),
            "{text}"
        );
    }
}
