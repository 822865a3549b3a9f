// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's side of the measurement: `CONFIG_IRQ_PIPELINE_BENCH`, in debugfs.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use evl_exercise::{Delays, Ticks};

const FOLDER: &str = "/sys/kernel/debug/irq_pipeline_bench";

/// A periodic interrupt on every CPU, as long as this lives.
#[derive(Debug)]
pub(crate) struct Tick(());

impl Tick {
    pub(crate) fn start(period: Duration) -> Result<Self> {
        write("tick", period)?;
        Ok(Self(()))
    }
}

impl Drop for Tick {
    fn drop(&mut self) {
        if let Err(error) = write("tick", Duration::ZERO) {
            eprintln!("{error:#}");
        }
    }
}

/// Disables interrupts for so long, the way Linux does, on the CPU that this happens to run on.
pub(crate) fn stall(time: Duration) -> Result<()> {
    write("stall", time)
}

/// What a pair of `local_irq_save()` and `local_irq_restore()` takes.
///
/// The best of many: the kernel's loops are short, and nothing interrupts most of them.
pub(crate) fn pair() -> Result<f64> {
    const TRIES: usize = 50;
    let mut best = [f64::INFINITY; 2];
    let mut loops = 0.0;
    for _ in 0..TRIES {
        let text = read("pair")?;
        let figures: Vec<f64> = text
            .split_whitespace()
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let [count, pairs, empty] = figures[..] else {
            anyhow::bail!("`pair` says: {text}");
        };
        loops = count;
        best = [best[0].min(pairs), best[1].min(empty)];
    }
    Ok((best[0] - best[1]) / loops)
}

/// What the tick has seen since it was started.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Seen {
    pub(crate) cpus: Vec<Ticks>,
    /// Outside our own stalls, and inside.
    pub(crate) running: Delays,
    pub(crate) stalled: Delays,
}

pub(crate) fn seen() -> Result<Seen> {
    parse(&read("delays")?)
}

/// Lines of a first word, then names and numbers in turn.
fn parse(text: &str) -> Result<Seen> {
    let mut seen = Seen::default();
    for line in text.lines() {
        let (what, rest) = line.split_once(' ').context("a line of one word")?;
        let words: Vec<&str> = rest.split(' ').collect();
        let get = |name: &str| -> Result<u64> {
            let pair = words.chunks(2).find(|pair| pair[0] == name);
            let value = pair
                .and_then(|pair| pair.get(1))
                .with_context(|| format!("no {name} in `{line}`"))?;
            Ok(value.parse()?)
        };
        let delays = match what {
            "ticks" => {
                seen.cpus.push(Ticks {
                    cpu: get("cpu")?.try_into()?,
                    count: get("count")?,
                    missed: get("missed")?,
                    early: get("early")?,
                    age: get("age")?,
                });
                continue;
            }
            "running" => &mut seen.running,
            "stalled" => &mut seen.stalled,
            _ => anyhow::bail!("`delays` says: {line}"),
        };
        if let Some((_, function)) = rest.split_once(" latest ") {
            delays.latest.push(function.to_owned());
        } else if let Ok(delay) = get("delay") {
            add_bucket(delays, delay, get("count")?);
        } else {
            add_cpu(delays, get("count")?, get("sum")?, get("min")?, get("max")?);
        }
    }
    Ok(seen)
}

fn add_cpu(delays: &mut Delays, count: u64, sum: u64, min: u64, max: u64) {
    delays.min = if delays.count == 0 {
        min
    } else {
        delays.min.min(min)
    };
    delays.max = delays.max.max(max);
    delays.count += count;
    delays.sum += sum;
}

fn add_bucket(delays: &mut Delays, delay: u64, count: u64) {
    match delays
        .buckets
        .binary_search_by_key(&delay, |bucket| bucket.0)
    {
        Ok(index) => delays.buckets[index].1 += count,
        Err(index) => delays.buckets.insert(index, (delay, count)),
    }
}

fn read(name: &str) -> Result<String> {
    let file = Path::new(FOLDER).join(name);
    fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
}

fn write(name: &str, time: Duration) -> Result<()> {
    let file = Path::new(FOLDER).join(name);
    fs::write(&file, time.as_nanos().to_string())
        .with_context(|| format!("cannot write {} to {}", time.as_nanos(), file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpus_are_added_up() {
        let text = "\
ticks cpu 0 count 3 missed 0 early 1 age 50
running cpu 0 count 2 sum 30 min 10 max 20
running cpu 0 latest handler+0x10/0x20
running cpu 0 delay 10 count 1
running cpu 0 delay 20 count 1
stalled cpu 0 count 1 sum 40 min 40 max 40
stalled cpu 0 delay 40 count 1
ticks cpu 1 count 1 missed 7 early 0 age 60
running cpu 1 count 1 sum 10 min 5 max 10
running cpu 1 delay 10 count 1
";
        let seen = parse(text).unwrap();
        assert_eq!(seen.cpus.len(), 2);
        assert_eq!((seen.cpus[0].early, seen.cpus[1].missed), (1, 7));
        assert_eq!(
            (seen.running.count, seen.running.min, seen.running.max),
            (3, 5, 20)
        );
        assert_eq!(seen.running.buckets, [(10, 2), (20, 1)]);
        assert_eq!(seen.running.latest, ["handler+0x10/0x20"]);
        assert_eq!(seen.stalled.buckets, [(40, 1)]);
    }

    #[test]
    fn what_the_kernel_does_not_say_is_an_error() {
        for text in ["ticks cpu 0 count x", "walking cpu 0", "word", "ticks cpu"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
