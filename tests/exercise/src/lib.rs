// SPDX-License-Identifier: MIT OR Apache-2.0
//! What `exercise`, the program on the target, reports to `cargo xtask` on the host, as JSON.
//!
//! All times are nanoseconds of the target's clock. Under QEMU's `-icount shift=0` these are instructions.

use serde::{Deserialize, Serialize};

/// The answer of `exercise measure`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Measured {
    pub costs: Vec<Cost>,
    pub delays: Vec<Delays>,
}

/// The answer of `exercise wait`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Waiting {
    pub costs: Vec<Cost>,
    /// From a timer's date to the thread, named by how many threads there are.
    pub crowds: Vec<Delays>,
}

/// What an operation takes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Cost {
    pub name: String,
    /// Time per operation, one figure a batch.
    pub samples: Vec<f64>,
}

/// How late a periodic interrupt came to its handler.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Delays {
    pub name: String,
    pub count: u64,
    /// Periods without an event, because one before was late by more than a period.
    pub missed: u64,
    pub min: u64,
    pub max: u64,
    pub sum: u64,
    /// How often each delay was seen, in ascending order. The last delay the kernel counts, 2047, stands for all that is more.
    pub buckets: Vec<(u64, u64)>,
    /// The stack of the latest one, innermost function first: what it interrupted. Of several CPUs, one after the other.
    pub latest: Vec<String>,
}

impl Delays {
    pub fn mean(&self) -> f64 {
        self.sum as f64 / self.count as f64
    }

    /// The smallest delay that `share` of all events (0 to 1) did not exceed.
    pub fn quantile(&self, share: f64) -> u64 {
        let wanted = (self.count as f64 * share).ceil() as u64;
        let mut seen = 0;
        for (index, (delay, count)) in self.buckets.iter().enumerate() {
            seen += count;
            let last = index + 1 == self.buckets.len();
            if seen >= wanted && !last {
                return *delay;
            }
        }
        self.max
    }
}

/// The answer of `exercise soak`.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Soaked {
    pub cpus: Vec<Ticks>,
    /// Over all CPUs.
    pub running: Delays,
    pub stalled: Delays,
    /// How often each of the disturbances was run to its end.
    pub stalls: u64,
    pub hotplugs: u64,
    pub module_loads: u64,
    /// What the load generator said of itself at the end.
    pub stress: String,
}

/// The periodic interrupt of one CPU.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ticks {
    pub cpu: u32,
    pub count: u64,
    pub missed: u64,
    /// Events before their time.
    pub early: u64,
    /// Time since the last event.
    pub age: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delays(buckets: &[(u64, u64)], max: u64) -> Delays {
        Delays {
            count: buckets.iter().map(|(_, count)| count).sum(),
            max,
            buckets: buckets.to_vec(),
            ..Delays::default()
        }
    }

    #[test]
    fn quantiles_are_delays_that_were_seen() {
        let delays = delays(&[(100, 9_999), (200, 1), (300, 1)], 300);
        assert_eq!(delays.quantile(0.5), 100);
        assert_eq!(delays.quantile(0.9999), 200);
        assert_eq!(delays.quantile(1.0), 300);
    }

    #[test]
    fn beyond_the_last_bucket_there_is_the_maximum() {
        assert_eq!(
            delays(&[(100, 1), (2047, 9)], 10_000_000).quantile(0.9999),
            10_000_000
        );
    }
}
