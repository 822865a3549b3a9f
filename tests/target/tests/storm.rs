// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads that lock, wait and time out, while somebody interrupts them, changes their priorities and kills others like them.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use evl_target_tests::monitor::{CEILING, COUNT, GATED, INHERIT, Monitor, NEVER};
use evl_target_tests::thread::{Attached, in_child, kill, now, set_params};
use evl_target_tests::worker::{Worker, bind, handle_quietly, worker};

const US: u64 = 1000;
const THREADS: u32 = 6;

/// Numbers that look random, the same ones each time.
struct Dice(u32);

impl Dice {
    fn throw(&mut self, sides: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 % sides
    }
}

/// What the threads share.
struct Common {
    gates: [Monitor; 3],
    event: Monitor,
    units: Monitor,
    /// By gate: changed by its owner only.
    counts: [AtomicU32; 3],
    stop: AtomicBool,
}

impl Common {
    fn new() -> Self {
        Self {
            gates: [(INHERIT, 0), (CEILING, 50), (INHERIT, 0)]
                .map(|(kind, initial)| Monitor::new(kind, initial)),
            event: Monitor::new(GATED, 0),
            units: Monitor::new(COUNT, 2),
            counts: [0; 3].map(AtomicU32::new),
            stop: AtomicBool::new(false),
        }
    }

    /// Locks a gate, unless its time is up first or it would never get it.
    fn enter(&self, gate: usize, limit: u64) -> bool {
        loop {
            match self.gates[gate].enter(limit) {
                Ok(_) => return true,
                Err(libc::EINTR) => {}
                Err(libc::ETIMEDOUT | libc::EDEADLK) => return false,
                Err(error) => panic!("error {error}"),
            }
        }
    }

    /// Unlocks a gate. A signal on the way from in-band comes before the request.
    fn exit(&self, gate: usize) {
        loop {
            match self.gates[gate].exit() {
                Ok(_) => return,
                Err(libc::EINTR) => {}
                Err(error) => panic!("error {error}"),
            }
        }
    }

    /// Counts with a gate that is owned.
    fn count(&self, gate: usize) {
        let count = self.counts[gate].load(Ordering::Relaxed);
        std::hint::spin_loop();
        self.counts[gate].store(count + 1, Ordering::Relaxed);
    }

    fn nest(&self, dice: &mut Dice, limit: u64) -> [u32; 3] {
        let mut done = [0; 3];
        let [outer, inner] = [dice.throw(3) as usize, dice.throw(3) as usize];
        if !self.enter(outer, limit) {
            return done;
        }
        if outer != inner && self.enter(inner, limit) {
            self.count(inner);
            done[inner] += 1;
            self.exit(inner);
        }
        self.count(outer);
        done[outer] += 1;
        self.exit(outer);
        done
    }

    /// Waits for the event, or signals it, with the first gate.
    fn meet(&self, dice: &mut Dice) -> [u32; 3] {
        assert!(self.enter(0, NEVER));
        if dice.throw(2) == 0 {
            self.event.mark(&self.gates[0], dice.throw(4) == 0);
        } else {
            let limit = now() + u64::from(dice.throw(2000)) * US;
            let (result, _) = self.event.wait_with(&self.gates[0], limit);
            if let Err(error) = result {
                assert!(matches!(error, libc::EINTR | libc::ETIMEDOUT), "{error}");
                while self.event.unwait(&self.gates[0]).is_err() {}
            }
        }
        self.count(0);
        self.exit(0);
        [1, 0, 0]
    }

    fn borrow(&self, limit: u64) -> [u32; 3] {
        match self.units.get(limit) {
            Ok(()) => assert_eq!(self.units.signal(0), Ok(0)),
            Err(error) => assert!(matches!(error, libc::EINTR | libc::ETIMEDOUT), "{error}"),
        }
        [0; 3]
    }

    /// Does all of that until it is told to stop: how often it counted.
    fn work(&self, number: u32) -> [u32; 3] {
        let mut dice = Dice(number + 1);
        let mut done = [0; 3];
        while !self.stop.load(Ordering::Relaxed) {
            let limit = match dice.throw(2) {
                0 => NEVER,
                _ => now() + u64::from(dice.throw(500)) * US,
            };
            let more = match dice.throw(3) {
                0 => self.nest(&mut dice, limit),
                1 => self.meet(&mut dice),
                _ => self.borrow(limit),
            };
            for (sum, more) in done.iter_mut().zip(more) {
                *sum += more;
            }
        }
        done
    }

    fn is_at_rest(&self) -> bool {
        self.gates.iter().all(|gate| gate.word(1) == 0) && self.units.word(1) == 2
    }
}

#[test]
fn interruptions_lose_nothing() {
    handle_quietly(libc::SIGUSR1);
    let common = Arc::new(Common::new());
    let workers: Vec<_> = (0..THREADS)
        .map(|number| {
            let common = Arc::clone(&common);
            worker(10 + number as i32, number as usize, move |_| {
                common.work(number)
            })
        })
        .collect();
    let mut dice = Dice(4711);
    for _ in 0..400 {
        let worker = &workers[dice.throw(THREADS) as usize];
        match dice.throw(3) {
            0 => worker.unblock(),
            1 => worker.kill(libc::SIGUSR1),
            _ => {
                let priority = 10 + dice.throw(60) as i32;
                assert_eq!(set_params(worker.file(), libc::SCHED_FIFO, priority), Ok(0));
            }
        }
        thread::sleep(Duration::from_millis(u64::from(dice.throw(4))));
    }
    common.stop.store(true, Ordering::Relaxed);
    let mut done = [0; 3];
    for worker in workers {
        for (sum, more) in done.iter_mut().zip(worker.join()) {
            *sum += more;
        }
    }
    assert_eq!(
        common
            .counts
            .each_ref()
            .map(|count| count.load(Ordering::Relaxed)),
        done
    );
    assert!(done.iter().all(|count| *count != 0), "{done:?}");
    assert!(common.is_at_rest());
}

/// A request to unblock a thread that waits for a gate must not end a later wait for something else: it would stay in
/// that queue, could wait for nothing any more, and would be given units that it does not know of.
#[test]
fn a_request_ends_no_later_wait_for_something_else() {
    let common = Arc::new(Common::new());
    let workers: Vec<_> = (0..4)
        .map(|number| {
            let common = Arc::clone(&common);
            worker(10, number, move |_| {
                while !common.stop.load(Ordering::Relaxed) {
                    assert!(common.enter(0, NEVER));
                    common.count(0);
                    common.exit(0);
                    common.borrow(now() + 20 * US);
                }
            })
        })
        .collect();
    for _ in 0..40_000 {
        workers.iter().for_each(Worker::unblock);
    }
    common.stop.store(true, Ordering::Relaxed);
    workers.into_iter().for_each(Worker::join);
    assert!(common.is_at_rest());
}

#[test]
fn the_killed_leave_nothing_behind() {
    let common = Common::new();
    for round in 0..20 {
        let status = in_child(
            || {
                let common = &common;
                thread::scope(|scope| {
                    for number in 0..4 {
                        scope.spawn(move || {
                            bind(number as usize);
                            let _me = Attached::fifo(10 + number as i32);
                            common.work(number + round);
                        });
                    }
                });
            },
            |pid| {
                thread::sleep(Duration::from_millis(20 + 7 * u64::from(round)));
                kill(pid);
            },
        );
        assert_eq!(status & 0x7f, libc::SIGKILL);
    }
    // A unit goes with who has it; gates do not.
    let _me = Attached::fifo(10);
    for gate in &common.gates {
        assert_eq!(gate.enter(NEVER), Ok(0));
        assert_eq!(gate.exit(), Ok(0));
    }
    assert!((0..=2).contains(&common.units.word(1)));
}
