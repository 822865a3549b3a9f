// SPDX-License-Identifier: MIT OR Apache-2.0
//! Response times, and what is said of them.

use std::time::Duration;

use anyhow::{Context, Result};
use evl::latency;
use hdrhistogram::Histogram;
use serde::Serialize;

use crate::plan::{Plan, Responder};

/// The longest time that is told from longer ones, in ns: a minute.
const LONGEST: u64 = 60_000_000_000;

/// Collects response times, in ns.
#[derive(Debug)]
pub(crate) struct Collector {
    /// Of those that are not negative; the others count as 0.
    pub(crate) histogram: Histogram<u64>,
    sum: i128,
    min: i64,
    max: i64,
    overruns: u64,
}

impl Collector {
    pub(crate) fn new() -> Result<Self> {
        let histogram = Histogram::new_with_bounds(1, LONGEST, 3);
        Ok(Self {
            histogram: histogram.context("cannot make a histogram")?,
            sum: 0,
            min: i64::MAX,
            max: i64::MIN,
            overruns: 0,
        })
    }

    /// A response, and the dates that passed before it came.
    pub(crate) fn add(&mut self, time: i64, overruns: u64) {
        self.histogram.saturating_record(time.max(0).unsigned_abs());
        self.sum += i128::from(time);
        self.min = self.min.min(time);
        self.max = self.max.max(time);
        self.overruns += overruns;
    }

    /// Everything as the driver counts it: in microseconds, but for the sum and the extremes.
    pub(crate) fn driver(measured: &latency::Measured) -> Result<Self> {
        let mut all = Self::new()?;
        for (us, count) in (0..).zip(&measured.histogram) {
            all.histogram
                .saturating_record_n(us * 1000, (*count).into());
        }
        let bulk = &measured.last;
        all.sum = bulk.sum.into();
        (all.min, all.max) = (bulk.min.into(), bulk.max.into());
        all.overruns = bulk.overruns.into();
        Ok(all)
    }

    pub(crate) fn samples(&self) -> u64 {
        self.histogram.len()
    }

    pub(crate) fn max(&self) -> i64 {
        self.max
    }

    /// The figures.
    ///
    /// # Errors
    ///
    /// If there was no response.
    pub(crate) fn finish(
        self,
        plan: &Plan,
        responder: Responder,
        duration: Duration,
    ) -> Result<Measured> {
        if self.samples() == 0 {
            anyhow::bail!(
                "{responder}: there was no response in {:.1} s. Measure for longer, or with a shorter period",
                duration.as_secs_f64()
            );
        }
        let quantile = |share| {
            let value = self.histogram.value_at_quantile(share);
            // A cell of the histogram stands for its highest value.
            i64::try_from(value)
                .unwrap_or(i64::MAX)
                .clamp(self.min, self.max)
        };
        Ok(Measured {
            responder,
            period_ns: plan.period.as_nanos() as u64,
            priority: responder.is_thread().then_some(plan.priority),
            cpu: plan.cpu,
            duration_ms: duration.as_millis() as u64,
            samples: self.samples(),
            overruns: self.overruns,
            min_ns: self.min,
            mean_ns: self.sum as f64 / self.samples() as f64,
            p50_ns: quantile(0.5),
            p99_ns: quantile(0.99),
            p99_9_ns: quantile(0.999),
            p99_99_ns: quantile(0.9999),
            max_ns: self.max,
            aborted: plan.abort_max.is_some_and(|limit| self.max > limit),
            histogram: cells(&self.histogram),
            full: self.histogram,
        })
    }
}

/// The cells that are not empty: the lowest time of each, and how often.
fn cells(histogram: &Histogram<u64>) -> Vec<(u64, u64)> {
    let recorded = histogram.iter_recorded();
    recorded
        .map(|cell| {
            let time = histogram.lowest_equivalent(cell.value_iterated_to());
            (time, cell.count_at_value())
        })
        .collect()
}

/// What was measured. Times are in ns.
#[derive(Debug, Serialize)]
pub(crate) struct Measured {
    pub(crate) responder: Responder,
    pub(crate) period_ns: u64,
    /// Of the responding thread.
    pub(crate) priority: Option<u8>,
    pub(crate) cpu: u32,
    pub(crate) duration_ms: u64,
    pub(crate) samples: u64,
    /// Dates at which the response to an earlier one was still missing.
    pub(crate) overruns: u64,
    pub(crate) min_ns: i64,
    pub(crate) mean_ns: f64,
    pub(crate) p50_ns: i64,
    pub(crate) p99_ns: i64,
    #[serde(rename = "p99.9_ns")]
    pub(crate) p99_9_ns: i64,
    #[serde(rename = "p99.99_ns")]
    pub(crate) p99_99_ns: i64,
    pub(crate) max_ns: i64,
    /// Whether a response took longer than allowed.
    pub(crate) aborted: bool,
    /// The lowest time of each cell, and its count.
    pub(crate) histogram: Vec<(u64, u64)>,
    #[serde(skip)]
    pub(crate) full: Histogram<u64>,
}
