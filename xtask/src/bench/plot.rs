// SPDX-License-Identifier: MIT OR Apache-2.0
//! The report's pictures.

use std::path::Path;

use anyhow::{Result, anyhow};
use evl_exercise::Delays;
use plotters::prelude::*;

use super::report::Report;

pub(super) const SIZE: (u32, u32) = (900, 480);

/// The change of each cost in per cent, with its goal.
pub(crate) fn costs(report: &Report, file: &Path) -> Result<()> {
    draw_costs(report, file).map_err(|error| anyhow!("{}: {error}", file.display()))
}

/// How often each delay was seen, on a logarithmic scale.
pub(crate) fn delays(subject: &str, delays: &[Delays], file: &Path) -> Result<()> {
    draw_delays(subject, delays, file).map_err(|error| anyhow!("{}: {error}", file.display()))
}

pub(super) type Drawn = Result<(), Box<dyn std::error::Error>>;

fn draw_costs(report: &Report, file: &Path) -> Drawn {
    let rows: Vec<_> = report
        .costs
        .iter()
        .filter(|row| row.goal.is_some())
        .collect();
    let changes = rows.iter().flat_map(|row| [row.on_change, row.oob_change]);
    let goals = rows.iter().filter_map(|row| row.goal);
    let top = changes.clone().chain(goals).fold(1.0, f64::max) * 1.1;
    let bottom = changes.fold(0.0, f64::min) * 1.1;

    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(&report.subject, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(32)
        .y_label_area_size(56)
        .build_cartesian_2d(0.0..rows.len() as f64, bottom..top)?;
    let name = |x: &f64| {
        let index = (*x - 0.5).max(0.0) as usize;
        rows.get(index)
            .map(|row| row.name.clone())
            .unwrap_or_default()
    };
    chart
        .configure_mesh()
        .disable_x_mesh()
        .x_labels(rows.len() * 2)
        .x_label_formatter(&|x| {
            if x.fract() == 0.5 {
                name(x)
            } else {
                String::new()
            }
        })
        .y_desc("change in instructions, %")
        .draw()?;
    for (label, color, left, of) in [
        (
            "pipeline on",
            BLUE,
            0.15,
            (|row| row.on_change) as fn(&super::report::CostRow) -> f64,
        ),
        ("with an oob tick of 1 kHz", CYAN, 0.5, |row| row.oob_change),
    ] {
        let bars = rows.iter().enumerate().map(|(index, row)| {
            let x = index as f64 + left;
            Rectangle::new([(x, 0.0), (x + 0.35, of(row))], color.filled())
        });
        chart
            .draw_series(bars)?
            .label(label)
            .legend(move |(x, y)| Rectangle::new([(x, y - 5), (x + 12, y + 5)], color.filled()));
    }
    let goals = rows.iter().enumerate().map(|(index, row)| {
        let (x, goal) = (index as f64, row.goal.unwrap_or_default());
        PathElement::new([(x + 0.1, goal), (x + 0.9, goal)], RED.stroke_width(2))
    });
    chart
        .draw_series(goals)?
        .label("goal")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 12, y)], RED.stroke_width(2)));
    legend(&mut chart)?;
    Ok(root.present()?)
}

fn draw_delays(subject: &str, delays: &[Delays], file: &Path) -> Drawn {
    let buckets = || delays.iter().flat_map(|delays| &delays.buckets);
    let right = buckets().map(|bucket| bucket.0).max().unwrap_or(1) + 20;
    let top = buckets().map(|bucket| bucket.1).max().unwrap_or(1) * 2;

    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .caption(subject, ("sans-serif", 16))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d(0..right, (1..top).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("oob interrupt to handler, instructions")
        .y_desc("events")
        .draw()?;
    for (index, delays) in delays.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        let points = delays.buckets.iter().copied();
        chart
            .draw_series(points.map(|point| Circle::new(point, 3, color.filled())))?
            .label(format!("{} (max {})", delays.name, delays.max))
            .legend(move |(x, y)| Circle::new((x + 6, y), 4, color.filled()));
    }
    legend(&mut chart)?;
    Ok(root.present()?)
}

pub(super) fn legend<'a, X, Y>(
    chart: &mut ChartContext<'a, SVGBackend<'a>, Cartesian2d<X, Y>>,
) -> Drawn
where
    X: Ranged,
    Y: Ranged,
{
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    Ok(())
}
