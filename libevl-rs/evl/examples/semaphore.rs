// SPDX-License-Identifier: MIT OR Apache-2.0
//! Work handed to a thread of the core by one that is not.

// ANCHOR: example
use evl::Policy;
use evl::sync::Semaphore;
use evl::thread::Builder;
use std::sync::Arc;

fn main() -> evl::Result<()> {
    let work = Arc::new(Semaphore::new(0)?);
    let worker = {
        let work = Arc::clone(&work);
        let builder = Builder::new().policy(Policy::fifo(40));
        builder.spawn(move || -> evl::Result<()> {
            for _ in 0..5 {
                work.get()?;
            }
            Ok(())
        })?
    };
    for _ in 0..5 {
        work.put()?; // This thread is not attached.
    }
    worker.join().expect("the thread did not panic")?;
    println!("five units came through, {} are left", work.value());
    assert_eq!(work.value(), 0);
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
