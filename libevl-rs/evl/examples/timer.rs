// SPDX-License-Identifier: MIT OR Apache-2.0
//! Periods, and those that were missed.

// ANCHOR: example
use evl::thread::Builder;
use evl::{Clock, ClockId, Policy, Timer};
use std::time::Duration;

fn main() -> evl::Result<()> {
    let clock = Clock::open(ClockId::Monotonic)?;
    let timer = Timer::new(&clock)?;
    let me = Builder::new().policy(Policy::fifo(50)).attach()?;

    let period = Duration::from_millis(1);
    timer.start(clock.now() + period, period)?;
    let mut missed = 0;
    for ended in timer.periods().take(100) {
        missed += ended? - 1;
    }
    timer.stop()?;
    drop(me);

    println!("100 periods, {missed} missed");
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
