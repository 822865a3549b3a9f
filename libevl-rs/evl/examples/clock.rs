// SPDX-License-Identifier: MIT OR Apache-2.0
//! Sleeping until dates.

// ANCHOR: example
use evl::thread::Builder;
use evl::{Clock, ClockId, Policy};
use std::time::Duration;

fn main() -> evl::Result<()> {
    let clock = Clock::open(ClockId::Monotonic)?;
    let me = Builder::new().policy(Policy::fifo(50)).attach()?;

    // Dates do not drift, whatever the body of the loop takes.
    let period = Duration::from_millis(1);
    let mut date = clock.now();
    let mut worst = Duration::ZERO;
    for _ in 0..100 {
        date += period;
        clock.sleep_until(date)?;
        worst = worst.max(clock.now() - date);
    }
    drop(me); // Detached: printing costs no real time any more.

    println!("100 periods, never later than {worst:?}");
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
