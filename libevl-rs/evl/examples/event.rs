// SPDX-License-Identifier: MIT OR Apache-2.0
//! Waiting for a condition.

// ANCHOR: example
use evl::Policy;
use evl::sync::{Event, Mutex};
use evl::thread::Builder;
use std::sync::Arc;

fn main() -> evl::Result<()> {
    let shared = Arc::new((Mutex::new(Vec::with_capacity(8))?, Event::new()?));
    let consumer = {
        let shared = Arc::clone(&shared);
        let builder = Builder::new().policy(Policy::fifo(30));
        builder.spawn(move || -> evl::Result<u32> {
            let (queue, filled) = &*shared;
            let mut queue = queue.lock()?;
            filled.wait_while(&mut queue, |queue| queue.len() < 3)?;
            Ok(queue.iter().sum())
        })?
    };

    let _me = Builder::new().policy(Policy::fifo(20)).attach()?;
    let (queue, filled) = &*shared;
    for item in [1, 2, 3] {
        let mut queue = queue.lock()?;
        queue.push(item); // It has the capacity: nothing is allocated out-of-band.
        filled.signal(&queue)?; // The guard proves that the mutex is locked.
    }

    let sum = consumer.join().expect("the thread did not panic")?;
    println!("received {sum}");
    assert_eq!(sum, 6);
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
