// SPDX-License-Identifier: MIT OR Apache-2.0
//! Counting tests, and reading the counts of other runners: Rust's libtest, the kernel's KTAP.

use std::fmt;

use anyhow::{Result, bail};

/// What a step found.
#[derive(Debug, Default)]
pub(crate) struct Results {
    pub(crate) passed: usize,
    /// A line for each test that failed.
    pub(crate) failures: Vec<String>,
    /// A line for each test that this host cannot run, with the reason.
    pub(crate) skipped: Vec<String>,
}

impl fmt::Display for Results {
    /// The closing line that CI systems know.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed", self.passed, self.failures.len())?;
        match self.skipped.len() {
            0 => Ok(()),
            skipped => write!(f, ", {skipped} skipped"),
        }
    }
}

impl Results {
    pub(crate) fn failure(name: &str, reason: &str) -> Self {
        Self {
            failures: vec![format!("{name}: {reason}")],
            ..Self::default()
        }
    }

    /// One test.
    pub(crate) fn one(name: &str, outcome: Result<()>) -> Self {
        let mut results = Self::default();
        results.record(name, outcome);
        results
    }

    /// One test that looks at many things: `complaints` has a line for each that is wrong.
    pub(crate) fn survey(complaints: Vec<String>) -> Self {
        Self {
            passed: usize::from(complaints.is_empty()),
            failures: complaints,
            ..Self::default()
        }
    }

    pub(crate) fn record(&mut self, name: &str, outcome: Result<()>) {
        match outcome {
            Ok(()) => self.passed += 1,
            Err(error) => self.failures.push(format!("{name}: {error:#}")),
        }
    }

    pub(crate) fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        self.skipped.extend(other.skipped);
    }

    /// Reads the output of programs built by `cargo test`.
    pub(crate) fn from_libtest(output: &str) -> Result<Self> {
        let mut results = Self::default();
        let mut summaries = 0;
        for line in output.lines() {
            if let Some(summary) = line.trim_start().strip_prefix("test result: ") {
                results.passed += count_before(summary, " passed");
                summaries += 1;
            } else if let Some(name) = line
                .strip_prefix("test ")
                .and_then(|rest| rest.strip_suffix(" ... FAILED"))
            {
                results.failures.push(name.to_owned());
            }
        }
        if summaries == 0 {
            bail!("no test ran to its end:\n{output}");
        }
        Ok(results)
    }

    /// Reads KTAP in a kernel log: only the innermost results are tests, the lines above them are their sums.
    pub(crate) fn from_ktap(log: &str) -> Result<Self> {
        let mut results = Self::default();
        let mut suites = 0;
        for line in log.lines() {
            let line = line.split_once("] ").map_or(line, |(_, rest)| rest);
            let indent = line.len() - line.trim_start().len();
            let line = line.trim_start();
            suites += usize::from(line.starts_with("KTAP version"));
            if indent < 4 {
                continue;
            }
            if line.starts_with("ok ") && !line.contains("# SKIP") {
                results.passed += 1;
            } else if line.starts_with("not ok ") {
                results.failures.push(line.to_owned());
            }
        }
        if suites == 0 || results.passed + results.failures.len() == 0 {
            bail!("the kernel log holds no KUnit result");
        }
        Ok(results)
    }
}

/// The number before ` passed` in `ok. 12 passed; 0 failed`.
fn count_before(text: &str, word: &str) -> usize {
    let before = text.split(word).next().unwrap_or_default();
    before
        .rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libtest_is_counted_over_several_programs() {
        let output = "test a ... ok\ntest b ... FAILED\ntest result: FAILED. 1 passed; 1 failed; 0 ignored\n\
                      test c ... ok\ntest result: ok. 1 passed; 0 failed; 0 ignored\n";
        let results = Results::from_libtest(output).unwrap();
        assert_eq!(results.to_string(), "2 passed, 1 failed");
        assert_eq!(results.failures, ["b"]);
    }

    #[test]
    fn a_runner_that_died_is_not_a_pass() {
        assert!(Results::from_libtest("running 3 tests\ntest a ... ok\n").is_err());
        assert!(Results::from_ktap("[    0.1] Linux version 6.18\n").is_err());
    }

    #[test]
    fn ktap_counts_cases_not_suites() {
        let log = "\
[    0.2] KTAP version 1
[    0.2] 1..1
[    0.2]     KTAP version 1
[    0.2]     # Subtest: evl_state
[    0.2]     1..3
[    0.2]     ok 1 starts
[    0.2]     not ok 2 stops
[    0.2]     ok 3 later # SKIP not here
[    0.2] # evl_state: pass:1 fail:1 skip:1 total:3
[    0.2] not ok 1 evl_state
";
        let results = Results::from_ktap(log).unwrap();
        assert_eq!(results.to_string(), "1 passed, 1 failed");
    }
}
