// SPDX-License-Identifier: MIT OR Apache-2.0
//! A table that is drawn again and again, until a key ends it.

use std::io::{IsTerminal, stdout};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use ratatui::crossterm::event::{self, Event, KeyCode, KeyModifiers};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Text};
use ratatui::widgets::Paragraph;
use ratatui::{DefaultTerminal, Frame};

/// Shows what `table` says, anew every so many seconds. The arrow keys scroll, `q`, Esc and Ctrl-C leave.
pub(super) fn run(seconds: f64, table: impl Fn() -> Result<String>) -> Result<()> {
    if !stdout().is_terminal() {
        bail!("--watch draws on a terminal, and the standard output is none");
    }
    // Before the screen is ours: an error at the beginning, as without a core, is for the shell.
    table()?;
    let mut terminal = ratatui::try_init()?;
    let result = watch(&mut terminal, Duration::from_secs_f64(seconds), table);
    ratatui::restore();
    result
}

fn watch(
    terminal: &mut DefaultTerminal,
    interval: Duration,
    table: impl Fn() -> Result<String>,
) -> Result<()> {
    let mut top = 0_u16;
    loop {
        let text = table()?;
        terminal.draw(|frame| draw(frame, &text, top))?;
        let next = Instant::now() + interval;
        while event::poll(next.saturating_duration_since(Instant::now()))? {
            let Event::Key(key) = event::read()? else {
                break;
            };
            match key.code {
                KeyCode::Char('q') | KeyCode::Esc => return Ok(()),
                KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => {
                    return Ok(());
                }
                KeyCode::Up => top = top.saturating_sub(1),
                KeyCode::Down => top = top.saturating_add(1),
                _ => continue,
            }
            break;
        }
    }
}

fn draw(frame: &mut Frame<'_>, text: &str, top: u16) {
    let mut lines = text.lines();
    let title = Line::styled(
        lines.next().unwrap_or_default(),
        Style::new().add_modifier(Modifier::REVERSED),
    );
    let rows = lines.skip(usize::from(top)).map(Line::raw);
    let lines: Vec<_> = std::iter::once(title).chain(rows).collect();
    frame.render_widget(Paragraph::new(Text::from(lines)), frame.area());
}
