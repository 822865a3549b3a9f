// SPDX-License-Identifier: MIT OR Apache-2.0
//! Figures and histograms in text, several side by side on one scale.

use hdrhistogram::Histogram;

use crate::figures::Measured;
use crate::plan::Responder;

/// Characters of a full bar.
const BAR: usize = 26;

/// A time in the unit that suits it, 4 digits at most: `0.85 us`, `12.3 us`, `4.20 ms`.
pub(crate) fn time(ns: f64) -> String {
    let (value, unit) = match ns.abs() {
        size if size < 999_500.0 => (ns / 1e3, "us"),
        size if size < 999_500_000.0 => (ns / 1e6, "ms"),
        _ => (ns / 1e9, "s "),
    };
    let decimals = match value.abs() {
        size if size < 9.995 => 2,
        size if size < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.decimals$} {unit}")
}

/// A line for each measurement.
pub(crate) fn figures(measurements: &[Measured]) -> String {
    let mut text = format!(
        "{:<18}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}\n",
        "", "min", "avg", "p50", "p99", "p99.9", "max", "overruns"
    );
    for one in measurements {
        let times = [
            one.min_ns as f64,
            one.mean_ns,
            one.p50_ns as f64,
            one.p99_ns as f64,
            one.p99_9_ns as f64,
            one.max_ns as f64,
        ];
        text += &format!("{:<18}", one.responder);
        for ns in times {
            text += &format!("{:>10}", time(ns));
        }
        text += &format!("{:>10}\n", one.overruns);
    }
    text
}

/// Steps of the scale, in ns: 1, 2 and 5 of each power of ten, from 0.1 us on.
fn steps() -> impl Iterator<Item = u64> {
    let powers = (2..=10).map(|power| 10_u64.pow(power));
    powers.flat_map(|power| [power, 2 * power, 5 * power])
}

/// A row of the histogram: from and up to a time in ns, and how many of each.
type Row = (u64, u64, Vec<u64>);

fn rows(histograms: &[&Histogram<u64>]) -> Vec<Row> {
    let limits: Vec<u64> = std::iter::once(0).chain(steps()).collect();
    let count = |histogram: &&Histogram<u64>, from: u64, to: u64| {
        let cells = histogram.iter_recorded();
        cells
            .filter(|cell| {
                (from..to).contains(&histogram.lowest_equivalent(cell.value_iterated_to()))
            })
            .map(|cell| cell.count_at_value())
            .sum()
    };
    let mut rows: Vec<Row> = limits
        .windows(2)
        .map(|pair| {
            let counts = histograms.iter().map(|one| count(one, pair[0], pair[1]));
            (pair[0], pair[1], counts.collect())
        })
        .collect();
    let empty = |row: &Row| row.2.iter().all(|count| *count == 0);
    while rows.last().is_some_and(empty) {
        rows.pop();
    }
    let first = rows.iter().position(|row| !empty(row)).unwrap_or(0);
    rows.split_off(first)
}

/// How often each time was seen, on a scale that all share.
pub(crate) fn histogram(all: &[(Responder, &Histogram<u64>)]) -> String {
    let histograms: Vec<_> = all.iter().map(|one| one.1).collect();
    let mut text = format!("{:>20}", "response time");
    for (responder, histogram) in all {
        let head = format!("{responder}, {} samples", histogram.len());
        text += &format!("  {head:<width$}", width = BAR + 10);
    }
    text = text.trim_end().to_owned() + "\n";
    for (from, to, counts) in rows(&histograms) {
        let scale = format!("{:>8} - {:>8}", time(from as f64), time(to as f64));
        text += &format!("{scale:>20}");
        let mut line = String::new();
        for (count, (_, histogram)) in counts.iter().zip(all) {
            let bar = bar(*count, histogram.len());
            line += &format!("  {bar:<BAR$}{:>10}", number(*count));
        }
        text += line.trim_end();
        text += "\n";
    }
    text
}

fn number(count: u64) -> String {
    match count {
        0 => String::new(),
        some => some.to_string(),
    }
}

/// A bar of eighths of characters; what is there at all is seen.
fn bar(count: u64, of: u64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    if count == 0 || of == 0 {
        return String::new();
    }
    let eighths = (count as f64 / of as f64 * (BAR * 8) as f64).round() as usize;
    let eighths = eighths.clamp(1, BAR * 8);
    "█".repeat(eighths / 8) + PARTS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(times: &[(u64, u64)]) -> Histogram<u64> {
        let mut histogram = Histogram::new(3).expect("3 digits are fine");
        for (time, count) in times {
            histogram.record_n(*time, *count).expect("it grows");
        }
        histogram
    }

    #[test]
    fn times_have_units() {
        for (ns, text) in [
            (0.0, "0.00 us"),
            (850.0, "0.85 us"),
            (12_345.0, "12.3 us"),
            (-1500.0, "-1.50 us"),
            (420_000.0, "420 us"),
            (999_600.0, "1.00 ms"),
            (4_200_000.0, "4.20 ms"),
            (2e9, "2.00 s "),
        ] {
            assert_eq!(time(ns), text);
        }
    }

    #[test]
    fn both_are_on_one_scale() {
        let (a, b) = (of(&[(1500, 3), (2500, 1)]), of(&[(60_000, 4)]));
        let text = histogram(&[(Responder::User, &a), (Responder::Inband, &b)]);
        let lines: Vec<_> = text.lines().collect();
        // From the first row that any has something in to the last one.
        assert_eq!(lines.len(), 1 + 6, "{text}");
        assert!(
            lines[0].contains("EVL thread, 4 samples")
                && lines[0].contains("Linux thread, 4 samples")
        );
        assert!(
            lines[1].contains("1.00 us -  2.00 us") && lines[1].ends_with('3'),
            "{text}"
        );
        assert!(
            lines[6].contains("50.0 us -   100 us") && lines[6].ends_with('4'),
            "{text}"
        );
        let column = |line: &str, digit| line.chars().position(|c| c == digit);
        assert_eq!(column(lines[2], '█'), column(lines[1], '█'));
    }

    #[test]
    fn one_in_a_million_is_seen() {
        assert_eq!(bar(1, 1_000_000), "▏");
        assert_eq!(bar(0, 1), "");
        assert_eq!(bar(5, 5).chars().count(), BAR);
    }
}
