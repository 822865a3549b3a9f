// SPDX-License-Identifier: MIT OR Apache-2.0
//! `exercise crowd`: how late a thread wakes up among many, each with a timer of its own.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Result, ensure};
use evl_exercise::Delays;
use rustix::process::{Resource, Rlimit, setrlimit};

use crate::kernels::{Kernel, now};

/// Between two dates of the crowd: nobody meets anybody.
const SPACING: Duration = Duration::from_micros(100);

/// To make a thread.
const SPAWN: Duration = Duration::from_millis(20);

/// The dates at first which are not counted.
const WARMUP: u32 = 2;

const PRIORITY: u8 = 50;

/// Files that a thread has open, at most.
const FILES: u64 = 4;

/// So many threads, which wake up `wakeups` times altogether.
pub(crate) fn run<K: Kernel>(threads: u32, wakeups: u32) -> Result<Delays> {
    let files = Some(u64::from(threads) * FILES + 100);
    let limit = Rlimit {
        current: files,
        maximum: files,
    };
    setrlimit(Resource::Nofile, limit)?;
    let first = now() + SPAWN * (threads + 10);
    let period = SPACING * threads;
    let spawn = |index| {
        let mut date = first + SPACING * index;
        let mut timer = K::timer(date, period)?;
        K::spawn(PRIORITY, move || {
            let mut seen = vec![0; (wakeups / threads).max(1) as usize];
            for _ in 0..WARMUP {
                date += period * K::wait(&mut timer)? as u32;
            }
            let mut missed = 0;
            for delay in &mut seen {
                let dates = K::wait(&mut timer)?;
                missed += dates - 1;
                date += period * (dates - 1) as u32;
                *delay = now().saturating_sub(date).as_nanos() as u64;
                date += period;
            }
            Ok((seen, missed))
        })
    };
    let crowd: Vec<_> = (0..threads).map(spawn).collect::<Result<_>>()?;
    ensure!(now() < first, "the threads took too long to make");
    let mut all = Vec::new();
    let mut missed = 0;
    for thread in crowd {
        let (seen, without) = K::join(thread)?;
        all.extend(seen);
        missed += without;
    }
    Ok(delays(format!("{threads}"), &all, missed))
}

fn delays(name: String, all: &[u64], missed: u64) -> Delays {
    let mut buckets = BTreeMap::new();
    for delay in all {
        *buckets.entry(*delay).or_insert(0) += 1;
    }
    Delays {
        name,
        count: all.len() as u64,
        missed,
        min: all.iter().copied().min().unwrap_or(0),
        max: all.iter().copied().max().unwrap_or(0),
        sum: all.iter().sum(),
        buckets: buckets.into_iter().collect(),
        latest: Vec::new(),
    }
}
