// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report's pictures.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::prelude::*;

use super::report::Report;
use super::wakeup::{BUSY, Responder, Row};
use crate::bench::plot::{Drawn, SIZE, legend};

const SHOWN: [(Responder, RGBColor); 2] = [(Responder::User, BLUE), (Responder::Cyclictest, RED)];

/// Mean and maximum under each load, of a user thread of either kernel.
pub(crate) fn means(report: &Report, file: &Path) -> Result<()> {
    draw_means(report, file).map_err(|error| anyhow!("{}: {error}", file.display()))
}

/// How often each delay was seen under the main load.
pub(crate) fn delays(report: &Report, file: &Path) -> Result<()> {
    draw_delays(report, file).map_err(|error| anyhow!("{}: {error}", file.display()))
}

fn of(report: &Report, responder: Responder) -> Vec<&Row> {
    let rows = report.wakeups.iter();
    rows.filter(|row| row.responder == responder).collect()
}

fn draw_means(report: &Report, file: &Path) -> Drawn {
    let loads: Vec<&str> = of(report, Responder::User)
        .iter()
        .map(|row| row.load)
        .collect();
    let maxima = report.wakeups.iter().map(|row| row.delays.max);
    let top = maxima.max().unwrap_or(1) as f64 * 1.5;

    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(&report.subject, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..loads.len() as f64, (500.0..top).log_scale())?;
    let name = |x: &f64| {
        let load = (x.fract() == 0.5).then(|| loads.get(*x as usize)).flatten();
        load.map(|load| (*load).to_owned()).unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(loads.len() * 2 + 1)
        .x_label_formatter(&name)
        .y_desc("date to wake-up, instructions: mean (bar), max (dot)")
        .draw()?;
    for (index, (responder, color)) in SHOWN.into_iter().enumerate() {
        let rows = of(report, responder);
        let left = |load: usize| load as f64 + 0.15 + 0.35 * index as f64;
        let bars = rows.iter().enumerate().map(|(load, row)| {
            let corners = [(left(load), 500.0), (left(load) + 0.33, row.delays.mean())];
            Rectangle::new(corners, color.filled())
        });
        chart
            .draw_series(bars)?
            .label(responder.name())
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
        let dots = rows.iter().enumerate().map(|(load, row)| {
            Circle::new(
                (left(load) + 0.165, row.delays.max as f64),
                4,
                color.filled(),
            )
        });
        chart.draw_series(dots)?;
    }
    legend(&mut chart)?;
    Ok(root.present()?)
}

fn draw_delays(report: &Report, file: &Path) -> Drawn {
    let rows: Vec<(&Row, RGBColor)> = SHOWN
        .into_iter()
        .flat_map(|(responder, color)| {
            of(report, responder)
                .into_iter()
                .map(move |row| (row, color))
        })
        .filter(|(row, _)| row.load == BUSY)
        .collect();
    let buckets = || rows.iter().flat_map(|(row, _)| &row.delays.buckets);
    let left = buckets().map(|bucket| bucket.0).min().unwrap_or(0) / 2;
    let right = buckets().map(|bucket| bucket.0).max().unwrap_or(1) + 100;
    let top = buckets().map(|bucket| bucket.1).max().unwrap_or(1) * 2;

    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(format!("{}: {}", report.subject, BUSY), ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(left..right, (1..top).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("date to wake-up, instructions")
        .y_desc("wake-ups")
        .draw()?;
    for (row, color) in rows {
        let points = row.delays.buckets.iter().copied();
        chart
            .draw_series(points.map(|point| Circle::new(point, 2, color.filled())))?
            .label(format!("{} (max {})", row.responder.name(), row.delays.max))
            .legend(move |(x, y)| Circle::new((x + 6, y), 4, color.filled()));
    }
    legend(&mut chart)?;
    Ok(root.present()?)
}

#[cfg(test)]
mod tests {
    use evl_exercise::{Delays, Waiting};

    use super::super::wakeup::LOADS;
    use super::*;

    fn row(load: &'static str, responder: Responder) -> Row {
        let delays = Delays {
            count: 1,
            min: 2000,
            max: 2000,
            sum: 2000,
            buckets: vec![(2000, 1)],
            ..Delays::default()
        };
        Row {
            load,
            responder,
            delays,
        }
    }

    #[test]
    fn each_load_has_its_name() {
        let rows = LOADS
            .iter()
            .flat_map(|load| SHOWN.map(|(responder, _)| row(load.name, responder)));
        let nothing = Waiting::default();
        let report = Report::new(rows.collect(), &nothing, &nothing, "a machine".into()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.svg");
        means(&report, &file).unwrap();
        let drawn = fs_err::read_to_string(&file).unwrap();
        for load in &LOADS {
            assert!(
                drawn.contains(&format!("\n{}\n", load.name)),
                "{}: {drawn}",
                load.name
            );
        }
        delays(&report, &file).unwrap();
        assert!(fs_err::read_to_string(&file).unwrap().contains("2000"));
    }
}
