// SPDX-License-Identifier: MIT OR Apache-2.0
//! Several causes to wake up.

// ANCHOR: example
use evl::Policy;
use evl::sync::Flags;
use evl::thread::Builder;
use std::sync::Arc;

const DATA: u32 = 1 << 0;
const STOP: u32 = 1 << 1;

fn main() -> evl::Result<()> {
    let causes = Arc::new(Flags::new()?);
    let worker = {
        let causes = Arc::clone(&causes);
        let builder = Builder::new().policy(Policy::fifo(40));
        builder.spawn(move || -> evl::Result<u32> {
            let mut served = 0;
            loop {
                let received = causes.wait(DATA | STOP)?;
                served += u32::from(received & DATA != 0);
                if received & STOP != 0 {
                    return Ok(served);
                }
            }
        })?
    };
    causes.post(DATA)?;
    causes.post(STOP)?;
    let served = worker.join().expect("the thread did not panic")?;
    println!("served {served}");
    assert_eq!(served, 1);
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
