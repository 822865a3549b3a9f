// SPDX-License-Identifier: MIT OR Apache-2.0
//! A value under a mutex whose owner inherits priority.

// ANCHOR: example
use evl::Policy;
use evl::sync::Mutex;
use evl::thread::Builder;
use std::sync::Arc;

fn main() -> evl::Result<()> {
    let total = Arc::new(Mutex::new(0)?);
    let mut workers = Vec::new();
    for priority in [10, 20, 30] {
        let total = Arc::clone(&total);
        let builder = Builder::new().policy(Policy::fifo(priority));
        workers.push(builder.spawn(move || -> evl::Result<()> {
            for _ in 0..1000 {
                *total.lock()? += 1; // No system call, as long as nobody else is inside.
            }
            Ok(())
        })?);
    }
    for worker in workers {
        worker.join().expect("the thread did not panic")?;
    }

    let _me = Builder::new().attach()?;
    println!("total: {}", total.lock()?);
    assert_eq!(*total.lock()?, 3000);
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
