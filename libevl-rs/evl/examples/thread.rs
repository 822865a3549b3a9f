// SPDX-License-Identifier: MIT OR Apache-2.0
//! A thread of the core, and what the core says of it.

// ANCHOR: example
use evl::thread::{self, Builder};
use evl::{Clock, ClockId, Policy};
use std::time::Duration;

fn main() -> evl::Result<()> {
    let worker = Builder::new()
        .name(format!("worker.{}", std::process::id()))
        .policy(Policy::fifo(80))
        .spawn(|| -> evl::Result<u32> {
            // Out-of-band since the first line.
            assert!(!thread::is_inband());
            let clock = Clock::open(ClockId::Monotonic)?; // A system call of Linux: in-band ...
            clock.sleep(Duration::from_millis(2))?; // ... and one of the core: back.
            assert!(!thread::is_inband());
            Ok(42)
        })?;
    let answer = worker.join().expect("the thread did not panic")?;
    println!("the thread returned {answer}");
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
