// SPDX-License-Identifier: MIT OR Apache-2.0
//! Figures against goals, as data and as text.

use anyhow::{Context, Result, ensure};
use evl_exercise::{Cost, Delays, Waiting};
use serde::Serialize;

use super::wakeup::{IDLE, Responder, Row};
use crate::bench::report::{minimum, number, table, verdict};

/// `report.json`. All times in instructions.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    pub(crate) subject: String,
    /// From a timer's date to whoever waits for it.
    pub(crate) wakeups: Vec<Row>,
    pub(crate) goals: Vec<Goal>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) crowds: Vec<Crowd>,
}

/// A figure, and what it may be at most.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Goal {
    pub(crate) load: &'static str,
    pub(crate) what: &'static str,
    pub(crate) is: f64,
    pub(crate) limit: f64,
    pub(crate) met: bool,
}

/// What an operation takes.
#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) name: String,
    pub(crate) evl: f64,
    pub(crate) rt: f64,
    pub(crate) ratio: f64,
    pub(crate) samples: [Vec<f64>; 2],
}

/// Wake-ups among so many threads.
#[derive(Debug, Serialize)]
pub(crate) struct Crowd {
    pub(crate) threads: String,
    pub(crate) evl: Delays,
    pub(crate) rt: Delays,
}

impl Report {
    pub(crate) fn new(
        wakeups: Vec<Row>,
        evl: &Waiting,
        rt: &Waiting,
        subject: String,
    ) -> Result<Self> {
        ensure!(
            evl.costs.len() == rt.costs.len() && evl.crowds.len() == rt.crowds.len(),
            "the two kernels measured different things"
        );
        let pairs = evl.costs.iter().zip(&rt.costs);
        let crowds = evl.crowds.iter().zip(&rt.crowds);
        Ok(Self {
            subject,
            goals: goals(&wakeups)?,
            wakeups,
            pairs: pairs.map(Pair::new).collect::<Result<_>>()?,
            crowds: crowds.map(Crowd::new).collect::<Result<_>>()?,
        })
    }
}

/// Those of the thread of an application.
fn goals(wakeups: &[Row]) -> Result<Vec<Goal>> {
    let find = |responder, load| {
        let mut rows = wakeups.iter();
        let row = rows.find(|row| row.responder == responder && row.load == load);
        row.map(|row| &row.delays)
            .with_context(|| format!("{} was not measured: {load}", responder.name()))
    };
    let idle = find(Responder::User, IDLE)?;
    let mut goals = Vec::new();
    for row in wakeups
        .iter()
        .filter(|row| row.responder == Responder::User)
    {
        let (load, evl) = (row.load, &row.delays);
        let rt = find(Responder::Cyclictest, load)?;
        let mut goal = |what, is: f64, limit: f64| {
            goals.push(Goal {
                load,
                what,
                is,
                limit,
                met: is <= limit,
            });
        };
        goal("mean: half of PREEMPT_RT's", evl.mean(), rt.mean() / 2.0);
        if load != IDLE {
            goal(
                "max: 1.5 of its own when idle",
                evl.max as f64,
                idle.max as f64 * 1.5,
            );
            goal(
                "max: a third of PREEMPT_RT's",
                evl.max as f64,
                rt.max as f64 / 3.0,
            );
        }
    }
    Ok(goals)
}

impl Pair {
    fn new((evl, rt): (&Cost, &Cost)) -> Result<Self> {
        ensure!(
            evl.name == rt.name && !evl.samples.is_empty() && !rt.samples.is_empty(),
            "{} was not measured on both kernels",
            evl.name
        );
        let [ours, theirs] = [evl, rt].map(|cost| minimum(&cost.samples));
        Ok(Self {
            name: evl.name.clone(),
            evl: ours,
            rt: theirs,
            ratio: ours / theirs,
            samples: [evl.samples.clone(), rt.samples.clone()],
        })
    }
}

impl Crowd {
    fn new((evl, rt): (&Delays, &Delays)) -> Result<Self> {
        ensure!(
            evl.name == rt.name && evl.count > 0 && rt.count > 0,
            "{} threads were not measured on both kernels",
            evl.name
        );
        Ok(Self {
            threads: evl.name.clone(),
            evl: evl.clone(),
            rt: rt.clone(),
        })
    }
}

/// For the terminal and for the book: Markdown.
pub(crate) fn text(report: &Report) -> String {
    [
        format!("{}\n", report.subject),
        table(&wakeups(&report.wakeups)),
        table(&goal_lines(&report.goals)),
        table(&pairs(&report.pairs)),
        table(&crowds(&report.crowds)),
    ]
    .join("\n")
}

fn line<const N: usize>(words: [&str; N]) -> Vec<String> {
    words.map(str::to_owned).to_vec()
}

fn wakeups(rows: &[Row]) -> Vec<Vec<String>> {
    let head = [
        "date to wake-up, instructions",
        "load",
        "periods",
        "missed",
        "min",
        "mean",
        "p99.99",
        "max",
    ];
    let mut lines = vec![line(head)];
    lines.extend(rows.iter().map(|row| {
        let mut words = vec![row.responder.name().to_owned(), row.load.to_owned()];
        words.extend([row.delays.count, row.delays.missed].map(|number| number.to_string()));
        words.extend(delays(&row.delays));
        words
    }));
    lines
}

/// Minimum, mean, p99.99, maximum.
fn delays(delays: &Delays) -> [String; 4] {
    [
        delays.min.to_string(),
        format!("{:.0}", delays.mean()),
        delays.quantile(0.9999).to_string(),
        delays.max.to_string(),
    ]
}

fn goal_lines(goals: &[Goal]) -> Vec<Vec<String>> {
    let mut lines = vec![line([
        "goal of the user thread",
        "load",
        "is",
        "at most",
        "",
    ])];
    lines.extend(goals.iter().map(|goal| {
        vec![
            goal.what.to_owned(),
            goal.load.to_owned(),
            format!("{:.0}", goal.is),
            format!("{:.0}", goal.limit),
            verdict(Some(goal.met)),
        ]
    }));
    lines
}

fn pairs(pairs: &[Pair]) -> Vec<Vec<String>> {
    let mut lines = vec![line(["instructions", "EVL", "PREEMPT_RT", "ratio"])];
    lines.extend(pairs.iter().map(|pair| {
        vec![
            pair.name.clone(),
            number(pair.evl),
            number(pair.rt),
            format!("{:.2}", pair.ratio),
        ]
    }));
    lines
}

fn crowds(crowds: &[Crowd]) -> Vec<Vec<String>> {
    let head = [
        "threads, each with a timer",
        "wake-ups",
        "EVL: min",
        "mean",
        "p99.99",
        "max",
        "PREEMPT_RT: min",
        "mean",
        "p99.99",
        "max",
    ];
    let mut lines = vec![line(head)];
    lines.extend(crowds.iter().map(|crowd| {
        let mut words = vec![crowd.threads.clone(), crowd.evl.count.to_string()];
        words.extend(delays(&crowd.evl));
        words.extend(delays(&crowd.rt));
        words
    }));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(responder: Responder, load: &'static str, mean: u64, max: u64) -> Row {
        let delays = Delays {
            count: 2,
            sum: 2 * mean,
            max,
            ..Delays::default()
        };
        Row {
            load,
            responder,
            delays,
        }
    }

    fn rows(mean: u64, max: u64) -> Vec<Row> {
        vec![
            row(Responder::User, IDLE, 100, 200),
            row(Responder::User, "fork", mean, max),
            row(Responder::Cyclictest, IDLE, 200, 900),
            row(Responder::Cyclictest, "fork", 240, 900),
        ]
    }

    #[test]
    fn each_goal_can_be_missed() {
        let verdicts = |mean, max| -> Vec<bool> {
            let goals = goals(&rows(mean, max)).unwrap();
            goals.iter().map(|goal| goal.met).collect()
        };
        // The mean when idle; the mean, and the two of the maximum, under load.
        assert_eq!(verdicts(120, 300), [true; 4]);
        assert_eq!(verdicts(121, 300), [true, false, true, true]);
        assert_eq!(verdicts(120, 301), [true, true, false, false]);
    }

    #[test]
    fn a_missed_goal_is_said_plainly() {
        let report = Report::new(
            rows(121, 300),
            &Waiting::default(),
            &Waiting::default(),
            "a machine".into(),
        );
        let text = text(&report.unwrap());
        assert!(text.contains("MISSED") && text.contains("121"), "{text}");
    }

    #[test]
    fn what_one_kernel_did_not_measure_is_an_error() {
        assert!(goals(&rows(1, 1)[..3]).is_err());
        let one = Waiting {
            costs: vec![Cost {
                name: "null system call".into(),
                samples: vec![1.0],
            }],
            ..Waiting::default()
        };
        assert!(Report::new(rows(1, 1), &one, &Waiting::default(), String::new()).is_err());
    }
}
