// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! All interleavings of applications and the kernel on a gate and on a semaphore.
//!
//! The applications' steps are those of `word`, on words that the model checker watches. The
//! kernel's side is the code as it is, under a lock that the model checker knows; sleeping threads
//! wait for a notification that is not lost if it comes early, as the run queue's lock ensures.

mod common;

use common::{
    gates::{gate, handle, Gates},
    thread,
};
use evl_logic::{
    error::Error,
    gate::{Effects, Entry, Pi},
    priority::Priority,
    semaphore::{Get, Semaphore},
    table::{Id, ThreadId},
    waitqueue::Order,
    word::{self, Word},
};
use loom::{
    cell::UnsafeCell,
    model::Builder,
    sync::{
        atomic::{AtomicU32, Ordering},
        Arc, Mutex, Notify,
    },
    thread as task,
};

struct Watched(AtomicU32);

impl Word for Watched {
    fn load(&self) -> u32 {
        self.0.load(Ordering::Acquire)
    }

    fn store(&self, value: u32) {
        self.0.store(value, Ordering::Release);
    }

    fn exchange_if(&self, from: u32, to: u32) -> Result<u32, u32> {
        self.0
            .compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire)
    }

    fn set(&self, bits: u32) -> u32 {
        self.0.fetch_or(bits, Ordering::AcqRel)
    }

    fn clear(&self, bits: u32) -> u32 {
        self.0.fetch_and(!bits, Ordering::AcqRel)
    }

    fn add(&self, value: u32) -> u32 {
        self.0.fetch_add(value, Ordering::AcqRel)
    }
}

/// Wakes threads.
struct Alarm(Vec<Notify>);

impl Alarm {
    fn new(threads: usize) -> Self {
        Self((0..threads).map(|_| Notify::new()).collect())
    }

    fn ring(&self, id: ThreadId) {
        self.0[id.index() as usize].notify();
    }

    fn sleep(&self, me: usize) {
        self.0[me].wait();
    }
}

impl Effects for &Alarm {
    fn reprioritized(&mut self, _: ThreadId, _: Priority, _: bool) {}

    fn wake(&mut self, thread: ThreadId) {
        self.ring(thread);
    }
}

/// A gate, and what it protects.
struct Guarded {
    env: Gates<Watched>,
    pi: Mutex<Pi>,
    alarm: Alarm,
    inside: UnsafeCell<()>,
}

impl Guarded {
    fn new(priorities: &[i32], ceiling: bool) -> Self {
        let mut env = Gates::new(priorities, vec![Watched(AtomicU32::new(0))]);
        env.ceilings[0] = ceiling.then(|| common::fifo(50));
        Self {
            env,
            pi: Mutex::new(Pi::new()),
            alarm: Alarm::new(priorities.len()),
            inside: UnsafeCell::new(()),
        }
    }

    fn lock(&self, me: usize) {
        if word::gate::lock(&self.env.words[0], handle(me)).is_ok() {
            return;
        }
        let mut entry = {
            let mut pi = self.pi.lock().unwrap();
            pi.chain(&self.env, &mut &self.alarm)
                .enter(gate(0), thread(me))
        };
        while entry.unwrap() == Entry::Wait {
            self.alarm.sleep(me);
            let mut pi = self.pi.lock().unwrap();
            entry = pi
                .chain(&self.env, &mut &self.alarm)
                .resume(gate(0), thread(me), Ok(()));
        }
    }

    /// Waits, but gives up at once when it looks again: the most impatient time limit.
    fn lock_or_give_up(&self, me: usize) -> bool {
        if word::gate::lock(&self.env.words[0], handle(me)).is_ok() {
            return true;
        }
        let entry = {
            let mut pi = self.pi.lock().unwrap();
            pi.chain(&self.env, &mut &self.alarm)
                .enter(gate(0), thread(me))
        };
        if entry.unwrap() == Entry::Owned {
            return true;
        }
        let mut pi = self.pi.lock().unwrap();
        let mut fx = &self.alarm;
        let mut chain = pi.chain(&self.env, &mut fx);
        chain
            .resume(gate(0), thread(me), Err(Error::TimedOut))
            .is_ok()
    }

    /// What the core does when a thread that may have a ceiling to commit is preempted.
    fn preempt(&self, me: usize) {
        let mut pi = self.pi.lock().unwrap();
        pi.chain(&self.env, &mut &self.alarm)
            .commit_ceiling(gate(0), thread(me));
    }

    /// The model checker complains if somebody else is inside.
    fn work(&self) {
        self.inside.with_mut(|_| ());
    }

    fn unlock(&self, me: usize) {
        if word::gate::unlock(&self.env.words[0], handle(me), false).is_ok() {
            return;
        }
        let mut pi = self.pi.lock().unwrap();
        let result = pi
            .chain(&self.env, &mut &self.alarm)
            .exit(gate(0), thread(me));
        assert_eq!(result, Ok(()));
    }

    /// Once everybody is done, the gate is free to applications.
    fn check_free(&self) {
        assert_eq!(self.env.words[0].load(), 0);
    }
}

/// Runs a body per thread, in all interleavings with at most `preemptions` of them.
fn explore(
    priorities: &'static [i32],
    ceiling: bool,
    preemptions: Option<usize>,
    body: fn(&Guarded, usize),
) {
    let mut builder = Builder::new();
    builder.preemption_bound = preemptions;
    builder.check(move || {
        let shared = Arc::new(Guarded::new(priorities, ceiling));
        let tasks: Vec<_> = (1..priorities.len())
            .map(|me| {
                let shared = Arc::clone(&shared);
                task::spawn(move || body(&shared, me))
            })
            .collect();
        body(&shared, 0);
        tasks.into_iter().for_each(|task| task.join().unwrap());
        shared.check_free();
    });
}

fn once(shared: &Guarded, me: usize) {
    shared.lock(me);
    shared.work();
    shared.unlock(me);
}

#[test]
fn two_threads_exclude_each_other_twice() {
    explore(&[1, 1], false, None, |shared, me| {
        once(shared, me);
        once(shared, me);
    });
}

#[test]
fn a_better_thread_steals_and_nobody_is_forgotten() {
    explore(&[1, 2, 3], false, Some(3), once);
}

#[test]
fn a_waiter_that_gives_up_passes_the_wakeup_on() {
    explore(&[1, 2, 2], false, Some(3), |shared, me| {
        if me == 1 {
            if shared.lock_or_give_up(me) {
                shared.work();
                shared.unlock(me);
            }
        } else {
            once(shared, me);
        }
    });
}

#[test]
fn a_ceiling_is_committed_at_any_time() {
    explore(&[1, 2], true, None, |shared, me| {
        shared.preempt(me);
        shared.lock(me);
        shared.preempt(me);
        shared.work();
        shared.unlock(me);
    });
}

/// A semaphore, and what it protects if it has one unit.
struct Counted {
    env: Gates<Watched>,
    semaphore: Mutex<Semaphore>,
    alarm: Alarm,
    inside: UnsafeCell<()>,
}

impl Counted {
    fn new(threads: usize, units: u32) -> Self {
        Self {
            env: Gates::new(&vec![1; threads], vec![Watched(AtomicU32::new(units))]),
            semaphore: Mutex::new(Semaphore::new(1, Order::Fifo)),
            alarm: Alarm::new(threads),
            inside: UnsafeCell::new(()),
        }
    }

    fn value(&self) -> &Watched {
        &self.env.words[0]
    }

    fn get(&self, me: usize) {
        loop {
            match word::count::get(self.value()) {
                Some(Ok(())) => return,
                Some(Err(_)) => break,
                None => task::yield_now(),
            }
        }
        let got = {
            let mut semaphore = self.semaphore.lock().unwrap();
            semaphore.get(&self.env, self.value(), thread(me)).unwrap()
        };
        if got == Get::Wait {
            self.sleep(me);
        }
    }

    /// The model checker also ends sleeps for no reason. Those of the core end when they should.
    fn sleep(&self, me: usize) {
        let mut waits = true;
        while waits {
            self.alarm.sleep(me);
            let mut semaphore = self.semaphore.lock().unwrap();
            waits = semaphore.waiters().contains(&self.env, thread(me));
        }
    }

    fn try_get(&self) -> bool {
        self.semaphore.lock().unwrap().try_get(self.value()).is_ok()
    }

    fn put(&self) {
        loop {
            match word::count::put(self.value(), false) {
                Some(Ok(())) => return,
                Some(Err(_)) => break,
                None => task::yield_now(),
            }
        }
        let mut semaphore = self.semaphore.lock().unwrap();
        let woken = semaphore.put(&self.env, self.value()).unwrap();
        woken.into_iter().for_each(|id| self.alarm.ring(id));
    }
}

#[test]
fn a_semaphore_of_one_unit_excludes() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Counted::new(3, 1));
        let body = |shared: &Counted, me| {
            shared.get(me);
            shared.inside.with_mut(|_| ());
            shared.put();
        };
        let tasks: Vec<_> = [1, 2]
            .map(|me| {
                let shared = Arc::clone(&shared);
                task::spawn(move || body(&shared, me))
            })
            .into();
        body(&shared, 0);
        tasks.into_iter().for_each(|task| task.join().unwrap());
        assert_eq!(shared.value().load(), 1);
    });
}

#[test]
fn units_are_neither_lost_nor_made() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Counted::new(3, 0));
        let others = Arc::clone(&shared);
        let waiter = task::spawn(move || others.get(1));
        let others = Arc::clone(&shared);
        let taker = task::spawn(move || u32::from(others.try_get()));
        shared.put();
        shared.put();
        waiter.join().unwrap();
        let taken = taker.join().unwrap();
        assert_eq!(shared.value().load() + taken, 1);
    });
}
