// SPDX-License-Identifier: MIT OR Apache-2.0
//! A control loop of 1 kHz, watched by a thread of Linux.

// ANCHOR: example
use evl::thread::Builder;
use evl::{Clock, ClockId, Policy, Timer, health, thread};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Stands for the hardware: a motor that follows its input slowly.
#[derive(Default)]
struct Motor {
    speed: f32,
}

impl Motor {
    fn step(&mut self, input: f32) -> f32 {
        self.speed += (input - self.speed) * 0.01;
        self.speed
    }
}

/// What the loop tells the rest of the program: words that need no lock.
#[derive(Default)]
struct Report {
    speed: AtomicU32,
    missed: AtomicU32,
}

fn control(report: &Report, periods: usize) -> evl::Result<u32> {
    // What calls Linux is done first.
    thread::switch_inband()?;
    let clock = Clock::open(ClockId::Monotonic)?;
    let timer = Timer::new(&clock)?;
    let (mut motor, mut speed, mut integral) = (Motor::default(), 0.0, 0.0);

    let period = Duration::from_millis(1);
    timer.start(clock.now() + period, period)?;
    let me = thread::current()?;
    thread::switch_oob()?;
    let before = me.state()?.inband_switches;
    for ended in timer.periods().take(periods) {
        let missed = ended? - 1;
        let error = 100.0 - speed;
        integral += error * 0.01;
        speed = motor.step(2.0 * error + integral);
        report.speed.store(speed.to_bits(), Ordering::Relaxed);
        report.missed.fetch_add(missed as u32, Ordering::Relaxed);
    }
    let after = me.state()?.inband_switches;
    // Closing the timer calls Linux, too.
    thread::switch_inband()?;
    Ok(after - before)
}

fn main() -> evl::Result<()> {
    health::install(health::print)?;
    let report = Arc::new(Report::default());
    let control_loop = {
        let report = Arc::clone(&report);
        let builder = Builder::new()
            .policy(Policy::fifo(80))
            .modes(thread::Modes::WOSS); // Says so if Linux is called in the loop.
        builder.spawn(move || control(&report, 500))?
    };
    // This is Linux: it may print, allocate, serve the web.
    while !control_loop.is_finished() {
        std::thread::sleep(Duration::from_millis(100));
        let speed = f32::from_bits(report.speed.load(Ordering::Relaxed));
        println!(
            "speed {speed:.1}, {} missed",
            report.missed.load(Ordering::Relaxed)
        );
    }
    let switches = control_loop.join().expect("the loop did not panic")?;
    println!("the loop went in-band {switches} times");
    assert_eq!(switches, 0);
    Ok(())
}
// ANCHOR_END: example

#[test]
fn runs() {
    main().expect("the example ends well");
}
