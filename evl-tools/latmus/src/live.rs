// SPDX-License-Identifier: MIT OR Apache-2.0
//! How a measurement gets on, on a terminal.

use std::time::Duration;

use console::Term;

use crate::figures::Collector;
use crate::plan::{Plan, Responder};
use crate::text;

/// How often the picture changes.
const PAUSE: Duration = Duration::from_millis(500);

/// A picture that replaces the one before. Nothing without a terminal.
pub(crate) struct Live {
    term: Option<Term>,
    responder: Responder,
    timeout: Option<Duration>,
    lines: usize,
    next: Duration,
}

impl Live {
    pub(crate) fn new(plan: &Plan, responder: Responder) -> Self {
        Self {
            term: plan.live().then(Term::stderr),
            responder,
            timeout: plan.timeout,
            lines: 0,
            next: PAUSE,
        }
    }

    /// Shows the histogram so far.
    pub(crate) fn show(&mut self, all: &Collector, elapsed: Duration) {
        if elapsed < self.next || all.samples() == 0 {
            return self.wait(elapsed);
        }
        let text = self.head(elapsed) + &text::histogram(&[(self.responder, &all.histogram)]);
        self.draw(elapsed, &text);
    }

    /// Shows the time.
    pub(crate) fn wait(&mut self, elapsed: Duration) {
        if elapsed >= self.next {
            let text = self.head(elapsed);
            self.draw(elapsed, &text);
        }
    }

    fn head(&self, elapsed: Duration) -> String {
        let of = self.timeout.map(|all| format!(" of {} s", all.as_secs()));
        format!(
            "{}: {} s{}, Ctrl-C ends it\n",
            self.responder,
            elapsed.as_secs(),
            of.unwrap_or_default()
        )
    }

    fn draw(&mut self, elapsed: Duration, text: &str) {
        self.next = elapsed + PAUSE;
        self.clear();
        if let Some(term) = &self.term {
            // A terminal that is gone needs no picture.
            let _ = term.write_str(text);
            self.lines = text.lines().count();
        }
    }

    /// Takes the picture away.
    pub(crate) fn clear(&mut self) {
        if let Some(term) = &self.term {
            let _ = term.clear_last_lines(self.lines);
            self.lines = 0;
        }
    }
}
