// SPDX-License-Identifier: MIT OR Apache-2.0
//! Figures against goals, as data and as text.

use anyhow::{Context, Result};
use evl_exercise::{Cost, Delays, Measured};
use serde::Serialize;

/// What an oob interrupt may take to its handler while Linux has interrupts disabled, in instructions.
const STALLED_DELAY_GOAL: u64 = 250;

/// `report.json`.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) subject: String,
    pub(crate) costs: Vec<CostRow>,
    /// With the pipeline, of oob interrupts.
    pub(crate) delays: Vec<DelayRow>,
    /// Without, of a timer of Linux.
    pub(crate) delays_without: Vec<DelayRow>,
}

/// Instructions an operation, and the change against Linux without the pipeline in per cent.
#[derive(Debug, Serialize)]
pub(crate) struct CostRow {
    pub(crate) name: String,
    pub(crate) off: f64,
    pub(crate) on: f64,
    pub(crate) on_change: f64,
    pub(crate) oob: f64,
    pub(crate) oob_change: f64,
    /// At most, in per cent, without and with the oob tick.
    pub(crate) goal: Option<f64>,
    pub(crate) met: Option<bool>,
    pub(crate) samples: [Vec<f64>; 3],
}

/// Instructions from the time an interrupt was programmed for to the handler's look at the clock.
#[derive(Debug, Serialize)]
pub(crate) struct DelayRow {
    pub(crate) name: String,
    pub(crate) count: u64,
    pub(crate) missed: u64,
    pub(crate) min: u64,
    pub(crate) mean: f64,
    pub(crate) p9999: u64,
    pub(crate) max: u64,
    pub(crate) goal: Option<u64>,
    pub(crate) met: Option<bool>,
}

impl Report {
    pub(crate) fn new(
        off: &Measured,
        on: &Measured,
        oob: &Measured,
        subject: String,
    ) -> Result<Self> {
        let of = |measured: &Measured, name: &str| {
            let cost = measured.costs.iter().find(|cost| cost.name == name);
            let samples = cost.map(|cost| cost.samples.clone()).unwrap_or_default();
            (!samples.is_empty())
                .then_some(samples)
                .with_context(|| format!("{name} was not measured in all three"))
        };
        let row = |cost: &Cost| {
            let name = cost.name.as_str();
            let samples = [cost.samples.clone(), of(on, name)?, of(oob, name)?];
            Ok(CostRow::new(name, samples))
        };
        Ok(Self {
            subject,
            costs: off.costs.iter().map(row).collect::<Result<_>>()?,
            delays: oob.delays.iter().map(DelayRow::oob).collect(),
            delays_without: off.delays.iter().map(DelayRow::inband).collect(),
        })
    }
}

impl CostRow {
    fn new(name: &str, samples: [Vec<f64>; 3]) -> Self {
        // Two of them are short: no tick of Linux in the best batch. The others are long, and have their share of ticks.
        let (figure, goal): (fn(&[f64]) -> f64, _) = match name {
            "local_irq_save + restore" => (minimum, None),
            "null system call" => (minimum, Some(3.0)),
            _ => (median, Some(2.0)),
        };
        let [off, on, oob] = [0, 1, 2].map(|index| figure(&samples[index]));
        let change = |with: f64| (with / off - 1.0) * 100.0;
        Self {
            name: name.to_owned(),
            off,
            on,
            on_change: change(on),
            oob,
            oob_change: change(oob),
            goal,
            met: goal.map(|goal| change(on) <= goal && change(oob) <= goal),
            samples,
        }
    }
}

impl DelayRow {
    fn oob(delays: &Delays) -> Self {
        let goal = delays.name.contains("stalls").then_some(STALLED_DELAY_GOAL);
        Self {
            goal,
            met: goal.map(|goal| delays.max <= goal && delays.missed == 0),
            ..Self::inband(delays)
        }
    }

    fn inband(delays: &Delays) -> Self {
        Self {
            name: delays.name.clone(),
            count: delays.count,
            missed: delays.missed,
            min: delays.min,
            mean: delays.mean(),
            p9999: delays.quantile(0.9999),
            max: delays.max,
            goal: None,
            met: None,
        }
    }
}

pub(super) fn minimum(samples: &[f64]) -> f64 {
    samples.iter().copied().fold(f64::INFINITY, f64::min)
}

fn median(samples: &[f64]) -> f64 {
    let mut sorted = samples.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 {
        sorted[middle]
    } else {
        (sorted[middle - 1] + sorted[middle]) / 2.0
    }
}

/// For the terminal and for the book: Markdown.
pub(crate) fn text(report: &Report) -> String {
    let mut costs = vec![
        [
            "instructions",
            "off",
            "on",
            "change",
            "on, oob tick 1 kHz",
            "change",
            "goal",
            "",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    costs.extend(report.costs.iter().map(|row| {
        vec![
            row.name.clone(),
            number(row.off),
            number(row.on),
            format!("{:+.2} %", row.on_change),
            number(row.oob),
            format!("{:+.2} %", row.oob_change),
            row.goal.map(|goal| format!("{goal} %")).unwrap_or_default(),
            verdict(row.met),
        ]
    }));
    let head = format!("{}\n\n", report.subject);
    let oob = delays("oob interrupt to handler, instructions", &report.delays);
    let inband = delays("the same without the pipeline", &report.delays_without);
    head + &table(&costs) + "\n" + &table(&oob) + "\n" + &table(&inband)
}

fn delays(title: &str, rows: &[DelayRow]) -> Vec<Vec<String>> {
    let head = [
        title, "events", "missed", "min", "mean", "p99.99", "max", "goal", "",
    ];
    let mut lines = vec![head.map(str::to_owned).to_vec()];
    lines.extend(rows.iter().map(|row| {
        vec![
            row.name.clone(),
            row.count.to_string(),
            row.missed.to_string(),
            row.min.to_string(),
            format!("{:.0}", row.mean),
            row.p9999.to_string(),
            row.max.to_string(),
            row.goal.map(|goal| goal.to_string()).unwrap_or_default(),
            verdict(row.met),
        ]
    }));
    lines
}

pub(super) fn number(value: f64) -> String {
    if value < 1000.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.0}")
    }
}

pub(super) fn verdict(met: Option<bool>) -> String {
    match met {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "",
    }
    .to_owned()
}

/// The first line is the head.
pub(super) fn table(lines: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = lines.iter().map(|line| line[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let mut text = String::new();
    for (index, line) in lines.iter().enumerate() {
        text += "|";
        for (column, cell) in line.iter().enumerate() {
            let width = width(column);
            text += &match column {
                0 => format!(" {cell:<width$} |"),
                _ => format!(" {cell:>width$} |"),
            };
        }
        text += "\n";
        if index == 0 {
            text += "|";
            for column in 0..line.len() {
                text += &"-".repeat(width(column) + 1);
                text += if column == 0 { "-|" } else { ":|" };
            }
            text += "\n";
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(name: &str, samples: &[f64]) -> Measured {
        Measured {
            costs: vec![Cost {
                name: name.into(),
                samples: samples.to_vec(),
            }],
            ..Measured::default()
        }
    }

    #[test]
    fn a_goal_counts_for_both_configurations_with_the_pipeline() {
        let row =
            |on: f64, oob: f64| CostRow::new("page fault", [vec![100.0], vec![on], vec![oob]]).met;
        assert_eq!(row(101.9, 101.9), Some(true));
        assert_eq!(row(102.1, 100.0), Some(false));
        assert_eq!(row(100.0, 102.1), Some(false));
    }

    #[test]
    fn what_one_configuration_did_not_measure_is_an_error() {
        let one = cost("hackbench", &[1.0]);
        assert!(Report::new(&one, &one, &Measured::default(), String::new()).is_err());
        assert!(Report::new(&one, &one, &cost("hackbench", &[]), String::new()).is_err());
    }

    #[test]
    fn a_late_or_missed_event_misses_the_goal() {
        let row = |max, missed| {
            DelayRow::oob(&Delays {
                name: "10 ms stalls".into(),
                count: 1,
                max,
                missed,
                ..Delays::default()
            })
        };
        assert_eq!(row(250, 0).met, Some(true));
        assert_eq!(row(251, 0).met, Some(false));
        assert_eq!(row(100, 1).met, Some(false));
    }

    #[test]
    fn a_missed_goal_is_said_plainly() {
        let (off, on) = (cost("page fault", &[100.0]), cost("page fault", &[110.0]));
        let report = Report::new(&off, &on, &on, "a machine".into()).unwrap();
        let text = text(&report);
        assert!(
            text.contains("+10.00 %") && text.contains("MISSED"),
            "{text}"
        );
    }

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0, 1.0, 100.0]), 3.0);
        assert_eq!(median(&[1.0, 2.0, 4.0, 100.0]), 3.0);
    }
}
