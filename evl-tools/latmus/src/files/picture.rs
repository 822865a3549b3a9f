// SPDX-License-Identifier: MIT OR Apache-2.0
//! The histogram as a picture: both axes logarithmic.

use plotters::prelude::*;

use crate::figures::Measured;
use crate::text;

const SIZE: (u32, u32) = (900, 480);

pub(super) fn svg(measurements: &[Measured]) -> Result<String, Box<dyn std::error::Error>> {
    let cells = || measurements.iter().flat_map(|one| &one.histogram);
    // In a logarithmic picture there is no 0.
    let left = cells().map(|cell| cell.0.max(100)).min().unwrap_or(100);
    let right = cells().map(|cell| cell.0).max().unwrap_or(1) * 3 / 2 + 1000;
    let top = cells().map(|cell| cell.1).max().unwrap_or(1) * 2;

    let mut picture = String::new();
    let root = SVGBackend::with_string(&mut picture, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .build_cartesian_2d((left..right).log_scale(), (1..top.max(2)).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("response time")
        .x_label_formatter(&|ns| text::time(*ns as f64).trim_end().to_owned())
        .y_desc("responses")
        .draw()?;
    for (index, one) in measurements.iter().enumerate() {
        let color = Palette99::pick(index).to_rgba();
        let points = one.histogram.iter().map(|cell| (cell.0.max(left), cell.1));
        let name = format!("{}: max {}", one.responder, text::time(one.max_ns as f64));
        chart
            .draw_series(points.map(|point| Circle::new(point, 2, color.filled())))?
            .label(name)
            .legend(move |(x, y)| Circle::new((x + 6, y), 4, color.filled()));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperRight)
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK)
        .draw()?;
    root.present()?;
    drop(chart);
    drop(root);
    Ok(picture)
}
