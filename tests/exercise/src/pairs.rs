// SPDX-License-Identifier: MIT OR Apache-2.0
//! `exercise pairs`: what two real-time threads have to do with each other, on one CPU.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Result;
use evl_exercise::Cost;

use crate::kernels::{Kernel, now};

const BATCHES: usize = 50;
/// Short: most batches see no tick of Linux.
const ROUNDS: u32 = 50;

const PRIORITY: u8 = 50;
const HIGHER: u8 = 60;

pub(crate) fn run<K: Kernel>() -> Result<Vec<Cost>> {
    let (blocked, handed_over) = mutex::<K>()?;
    let cost = |name: &str, samples| Cost {
        name: name.to_owned(),
        samples,
    };
    Ok(vec![
        cost("null system call", null_calls::<K>()?),
        cost("yield to another thread", yields::<K>()?),
        cost("semaphore, there and back", semaphores::<K>()?),
        cost("mutex: wait, owner inherits and goes on", blocked),
        cost("mutex: release, waiter owns it", handed_over),
    ])
}

fn null_calls<K: Kernel>() -> Result<Vec<f64>> {
    K::join(K::spawn(PRIORITY, || batches(K::null_call))?)
}

/// Two threads of one priority. A switch each.
fn yields<K: Kernel>() -> Result<Vec<f64>> {
    let ready = Arc::new(K::semaphore()?);
    let over = Arc::new(AtomicBool::new(false));
    let first = {
        let (ready, over) = (ready.clone(), over.clone());
        K::spawn(PRIORITY, move || {
            K::get(&ready)?;
            let samples = batches(K::yield_now);
            over.store(true, Relaxed);
            samples
        })?
    };
    let second = K::spawn(PRIORITY, move || {
        K::put(&ready)?;
        while !over.load(Relaxed) {
            K::yield_now()?;
        }
        Ok(())
    })?;
    K::join(second)?;
    let round_trips = K::join(first)?;
    Ok(round_trips.iter().map(|time| time / 2.0).collect())
}

fn semaphores<K: Kernel>() -> Result<Vec<f64>> {
    let there = Arc::new(K::semaphore()?);
    let back = Arc::new(K::semaphore()?);
    let echo = {
        let (there, back) = (there.clone(), back.clone());
        K::spawn(PRIORITY, move || {
            for _ in 0..BATCHES as u32 * ROUNDS {
                K::get(&there)?;
                K::put(&back)?;
            }
            Ok(())
        })?
    };
    let caller = K::spawn(PRIORITY, move || {
        batches(|| {
            K::put(&there)?;
            K::get(&back)
        })
    })?;
    K::join(echo)?;
    K::join(caller)
}

/// What a thread of a lower priority and one of a higher have in common.
struct Contended<K: Kernel> {
    mutex: K::Mutex,
    /// The mutex is locked.
    locked: K::Semaphore,
    /// When the higher one began to wait for the mutex, in ns.
    began: AtomicU64,
    /// When the higher one had it, in ns.
    owned: AtomicU64,
}

/// From the higher thread's call to the owner, which inherits its priority; from the owner's release to the higher thread.
fn mutex<K: Kernel>() -> Result<(Vec<f64>, Vec<f64>)> {
    let shared = Arc::new(Contended::<K> {
        mutex: K::mutex()?,
        locked: K::semaphore()?,
        began: AtomicU64::new(0),
        owned: AtomicU64::new(0),
    });
    let higher = shared.clone();
    let higher = K::spawn(HIGHER, move || {
        // One more: the first one shows that it runs.
        for _ in 0..=BATCHES as u32 * ROUNDS {
            K::get(&higher.locked)?;
            higher.began.store(ns(now()), Relaxed);
            K::with(&higher.mutex, || higher.owned.store(ns(now()), Relaxed))?;
        }
        Ok(())
    })?;
    let lower = K::spawn(PRIORITY, move || {
        let mut samples = (vec![0.0; BATCHES], vec![0.0; BATCHES]);
        // On its way it may have to go in-band, which this one would keep it from.
        K::put(&shared.locked)?;
        while shared.owned.load(Relaxed) == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
        for (blocked, handed_over) in samples.0.iter_mut().zip(&mut samples.1) {
            let mut sums = [0, 0];
            for _ in 0..ROUNDS {
                // The higher thread runs inside `put` until it waits for the mutex.
                let (resumed, released) = K::with(&shared.mutex, || {
                    K::put(&shared.locked)?;
                    Ok::<_, anyhow::Error>((ns(now()), ns(now())))
                })??;
                sums[0] += resumed.saturating_sub(shared.began.load(Relaxed));
                sums[1] += shared.owned.load(Relaxed).saturating_sub(released);
            }
            *blocked = sums[0] as f64 / f64::from(ROUNDS);
            *handed_over = sums[1] as f64 / f64::from(ROUNDS);
        }
        Ok(samples)
    })?;
    K::join(higher)?;
    K::join(lower)
}

fn ns(time: Duration) -> u64 {
    time.as_nanos() as u64
}

/// The time of `one`, in each batch. Allocates before, and not in between.
fn batches(one: impl Fn() -> Result<()>) -> Result<Vec<f64>> {
    let mut samples = vec![0.0; BATCHES];
    for sample in &mut samples {
        let start = now();
        for _ in 0..ROUNDS {
            one()?;
        }
        *sample = (now() - start).as_nanos() as f64 / f64::from(ROUNDS);
    }
    Ok(samples)
}
