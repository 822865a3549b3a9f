// SPDX-License-Identifier: MIT OR Apache-2.0
//! Long commands: a line of progress on the terminal, everything they print in a log.

use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fs_err as fs;
use indicatif::{ProgressBar, ProgressStyle};

const TAIL_LINES: usize = 25;

/// Runs `command`; `counts` says which of its output lines is one step of progress.
///
/// # Errors
/// A failing command's error carries the log's path and its last lines.
pub(crate) fn run(
    command: &mut Command,
    what: &str,
    log: &Path,
    counts: fn(&str) -> bool,
) -> Result<()> {
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(log)?;
    let started = Instant::now();
    let bar = spinner(what);
    let program = command.get_program().to_string_lossy().into_owned();
    // One pipe for both, so that the log keeps the order in which things were said.
    let (reader, writer) = os_pipe::pipe()?;
    command
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer);
    let mut child = command.spawn().with_context(|| {
        format!("{program} does not start: `cargo xtask setup` installs what is missing")
    })?;
    // The command holds our ends of the pipe: the last line comes only when they are closed.
    command.stdout(Stdio::null()).stderr(Stdio::null());

    let mut lines = BufReader::new(reader);
    let mut line = Vec::new();
    while lines.read_until(b'\n', &mut line)? > 0 {
        file.write_all(&line)?;
        if counts(&String::from_utf8_lossy(&line)) {
            bar.inc(1);
        }
        line.clear();
    }
    let status = child.wait()?;
    bar.finish_and_clear();
    if !status.success() {
        bail!(
            "{what} failed ({status}); its log is {}, which ends:\n{}",
            log.display(),
            tail(log, TAIL_LINES)?
        );
    }
    done(what, started.elapsed());
    Ok(())
}

/// For commands whose output is short and has no steps to count.
pub(crate) fn run_plain(command: &mut Command, what: &str, log: &Path) -> Result<()> {
    run(command, what, log, |_| false)
}

pub(crate) fn spinner(what: &str) -> ProgressBar {
    if !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template("{spinner} {msg} {pos} [{elapsed}]")
        .unwrap_or(ProgressStyle::default_spinner());
    let bar = ProgressBar::new_spinner()
        .with_style(style)
        .with_message(what.to_owned());
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

pub(crate) fn done(what: &str, elapsed: Duration) {
    eprintln!("{:>6.1} s  {what}", elapsed.as_secs_f32());
}

/// The last lines of a log.
pub(crate) fn tail(log: &Path, count: usize) -> Result<String> {
    let text = String::from_utf8_lossy(&fs::read(log)?).into_owned();
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(count)..].join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_log_and_shows_its_end() {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("logs/step.log");
        let mut command = Command::new("sh");
        command.args(["-c", "seq 100; echo the-reason >&2; exit 3"]);
        let message = run_plain(&mut command, "a step", &log)
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("step.log") && message.contains("the-reason"),
            "{message}"
        );
        assert!(
            !message.contains("\n50\n"),
            "only the end belongs in the message: {message}"
        );
    }

    #[test]
    fn a_missing_program_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = run_plain(
            &mut Command::new("no-such-program"),
            "a step",
            &dir.path().join("log"),
        )
        .unwrap_err();
        assert!(error.to_string().contains("no-such-program"), "{error}");
    }
}
