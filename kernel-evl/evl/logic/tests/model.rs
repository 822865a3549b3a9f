// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! All interleavings of applications and the kernel on a gate and on a semaphore.
//!
//! The applications' steps are those of the `evl` crate, the file itself, on words that the model
//! checker watches. The
//! kernel's side is the code as it is, under a lock that the model checker knows; sleeping threads
//! wait for a notification that is not lost if it comes early, as the run queue's lock ensures.

// The model checker switches stacks, which miri does not know.
#![cfg(not(miri))]

mod common;
#[path = "../../../../libevl-rs/evl/src/word.rs"]
mod library;

use common::{
    gates::{gate, handle, Gates},
    polls::PollTables,
    thread,
};
use evl_logic::{
    error::Error,
    gate::{Effects, Entry, Pi},
    priority::Priority,
    runqueue::RunQueue,
    semaphore::{Get, Semaphore},
    status::{info, Block, Release},
    table::{Id, ThreadId},
    waitqueue::Order,
    word::Word,
};
use evl_logic::{
    poll::{events::POLLIN, File, Graph, Ready, Watch, Watches},
    table::{PollId, WatchId},
};
use library::Step;
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

impl library::Word for Watched {
    fn load(&self, order: Ordering) -> u32 {
        self.0.load(order)
    }

    fn store(&self, value: u32, order: Ordering) {
        self.0.store(value, order);
    }

    fn replace(&self, from: u32, to: u32, success: Ordering) -> Result<(), u32> {
        let done = self
            .0
            .compare_exchange(from, to, success, Ordering::Relaxed);
        done.map(drop)
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
        if library::lock(&self.env.words[0], handle(me)) == Step::Done {
            return;
        }
        self.lock_by_kernel(me);
    }

    fn lock_by_kernel(&self, me: usize) {
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
        if library::lock(&self.env.words[0], handle(me)) == Step::Done {
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
        if library::unlock(&self.env.words[0], handle(me)) == Step::Done {
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
fn two_threads_exclude_each_other() {
    explore(&[1, 1], false, None, once);
}

#[test]
fn two_threads_exclude_each_other_twice() {
    explore(&[1, 1], false, Some(3), |shared, me| {
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
fn a_try_excludes_and_is_excluded() {
    explore(&[1, 1], false, None, |shared, me| {
        if me == 0 {
            return once(shared, me);
        }
        let got = {
            let mut pi = shared.pi.lock().unwrap();
            pi.chain(&shared.env, &mut &shared.alarm)
                .try_enter(gate(0), thread(me))
        };
        if got.is_ok() {
            shared.work();
            shared.unlock(me);
        }
    });
}

/// Stands for the word pp_pending of a thread: the tests have one gate.
const GATE: u32 = 7;

// The kernel commits a ceiling on the CPU of the owner, which does nothing else meanwhile. Here it
// does so at any time, which is more than has to work.
#[test]
fn a_ceiling_is_committed_at_any_time() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Guarded::new(&[1, 2], true));
        let pending = Arc::new(Watched(AtomicU32::new(0)));
        let irq = {
            let (shared, pending) = (Arc::clone(&shared), Arc::clone(&pending));
            task::spawn(move || {
                if pending.load() == GATE {
                    shared.preempt(0);
                }
            })
        };
        let other = {
            let shared = Arc::clone(&shared);
            task::spawn(move || once(&shared, 1))
        };
        let word = &shared.env.words[0];
        if library::lock_ceiling(word, &*pending, handle(0), GATE) != Step::Done {
            shared.lock_by_kernel(0);
        }
        shared.work();
        if library::unlock_ceiling(word, &*pending, handle(0), GATE) != Step::Done {
            shared.unlock(0);
        }
        assert_eq!(pending.load(), 0);
        irq.join().unwrap();
        other.join().unwrap();
        shared.check_free();
        assert_eq!(shared.env.threads[0].effective(), common::fifo(1));
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
        if library::get(self.value()) == Step::Done {
            return;
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
        if library::put(self.value(), &Watched(AtomicU32::new(0))) == Step::Done {
            return;
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

/// A thread that waits for a unit, on a CPU of its own.
struct Waiting {
    env: common::System,
    value: Watched,
    semaphore: Mutex<Semaphore>,
    // Stacks of the model checker are as small as those of a kernel.
    queue: Mutex<Box<RunQueue>>,
}

impl Waiting {
    fn new() -> Self {
        let env = common::System::new(&[1]);
        let mut queue = Box::new(RunQueue::new(0, 0));
        assert!(queue.release(&env, thread(0), Release::Start).is_some());
        assert_eq!(queue.pick(&env, 0).next, Some(thread(0)));
        Self {
            env,
            value: Watched(AtomicU32::new(0)),
            semaphore: Mutex::new(Semaphore::new(1, Order::Fifo)),
            queue: Mutex::new(queue),
        }
    }

    fn release(&self, cause: Release) -> bool {
        let mut queue = self.queue.lock().unwrap();
        queue.release(&self.env, thread(0), cause).is_some()
    }

    /// Returns what was refused or given at once; else the thread waits.
    fn get(&self) -> Option<Result<(), Error>> {
        let mut semaphore = self.semaphore.lock().unwrap();
        let got = semaphore.get(&self.env, &self.value, thread(0));
        if got == Ok(Get::Got) {
            return Some(Ok(()));
        }
        let mut queue = self.queue.lock().unwrap();
        let blocked = queue.block(&self.env, thread(0), Block::Wait { timed: true });
        let refused = blocked.err()?;
        assert!(semaphore.cancel(&self.env, &self.value, thread(0)));
        Some(Err(refused))
    }

    fn put(&self) {
        let mut semaphore = self.semaphore.lock().unwrap();
        let woken = semaphore.put(&self.env, &self.value).unwrap();
        if woken.is_some() {
            assert!(self.release(Release::Wakeup));
        }
    }

    /// Ends the wait, if it lasts.
    fn cancel(&self, cause: Release) {
        let mut semaphore = self.semaphore.lock().unwrap();
        if semaphore.cancel(&self.env, &self.value, thread(0)) {
            assert!(self.release(cause));
        }
    }

    fn kick(&self) {
        assert!(self.release(Release::Kick));
        if self.env.thread(0).waits_in().is_some() {
            self.cancel(Release::Break);
        }
    }
}

// A unit, a time limit and a signal race for a wait that is just about to begin: it ends, by one of
// them, and the unit is there afterwards unless the wait got it.
#[test]
fn a_wait_ends_once() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Waiting::new());
        let others: [fn(&Waiting); 3] = [
            Waiting::put,
            |shared| shared.cancel(Release::Timeout),
            Waiting::kick,
        ];
        let tasks = others.map(|other| {
            let shared = Arc::clone(&shared);
            task::spawn(move || other(&shared))
        });
        let early = shared.get();
        tasks.into_iter().for_each(|task| task.join().unwrap());
        let status = shared.env.thread(0).status();
        assert!(status.runnable());
        assert_ne!(status.info & info::KICKED, 0);
        let result = early.unwrap_or(status.wait_result());
        assert_eq!(shared.value.load(), u32::from(result.is_err()));
    });
}

// The signal comes before the wait, or ends it: with nothing else to come, the thread runs.
#[test]
fn no_signal_is_slept_over() {
    Builder::new().check(|| {
        let shared = Arc::new(Waiting::new());
        let other = Arc::clone(&shared);
        let task = task::spawn(move || other.kick());
        let early = shared.get();
        task.join().unwrap();
        let status = shared.env.thread(0).status();
        assert!(status.runnable());
        let result = early.unwrap_or(status.wait_result());
        assert_eq!(result, Err(Error::Interrupted));
        assert_eq!(shared.value.load(), 0);
    });
}

/// A file that is ready if a word is not 0, a set that watches it, and a set that watches that.
struct Polled {
    table: Vec<Watch>,
    value: Watched,
    file: Mutex<Watches>,
    inner: Mutex<(Ready, Watches)>,
    outer: Mutex<Ready>,
    alarm: Alarm,
}

impl Polled {
    fn new() -> Self {
        let env = PollTables::new();
        let mut graph = Graph::new();
        let mut file = Watches::new(0);
        let mut nested = Watches::new(1);
        let [inner, outer] = [0, 1].map(|i| PollId::new(i).unwrap());
        let [watch, above] = [0, 1].map(|i| WatchId::new(i).unwrap());
        let number = |number, set| File { number, set };
        graph
            .add(&env, inner, watch, number(3, None), POLLIN)
            .unwrap();
        graph
            .add(&env, outer, above, number(4, Some(inner)), POLLIN)
            .unwrap();
        assert!(file.add(&env, watch) && nested.add(&env, above));
        Self {
            table: env.watches,
            value: Watched(AtomicU32::new(0)),
            file: Mutex::new(file),
            inner: Mutex::new((Ready::new(0), nested)),
            outer: Mutex::new(Ready::new(1)),
            alarm: Alarm::new(1),
        }
    }

    /// What the file does when something can be read.
    fn raise(&self) {
        let file = self.file.lock().unwrap();
        self.value.store(1);
        file.signal(&self.table[..], POLLIN, |watch, _| self.mark(watch));
    }

    fn mark(&self, watch: WatchId) {
        let mut inner = self.inner.lock().unwrap();
        let (ready, watches) = &mut *inner;
        if ready.mark(&self.table[..], watch) {
            watches.signal(&self.table[..], POLLIN, |above, _| {
                if self.outer.lock().unwrap().mark(&self.table[..], above) {
                    self.alarm.ring(thread(0));
                }
            });
        }
    }

    fn look_inner(&self) -> u32 {
        let most = self.inner.lock().unwrap().0.len();
        for _ in 0..most {
            let Some(id) = self.inner.lock().unwrap().0.pop(&self.table[..]) else {
                break;
            };
            let watch = &self.table[id.index() as usize];
            if watch.present(|| self.value.load() * POLLIN) != 0 {
                self.mark(id);
                return POLLIN;
            }
        }
        0
    }

    fn wait(&self) {
        loop {
            let popped = self.outer.lock().unwrap().pop(&self.table[..]);
            match popped {
                Some(id) if self.table[id.index() as usize].present(|| self.look_inner()) != 0 => {
                    return;
                }
                Some(_) => {}
                // Empty, under the lock: the next event rings.
                None => self.alarm.sleep(0),
            }
        }
    }
}

// The file had an event, which somebody consumes; its watch is stale. Then another one comes.
#[test]
fn no_event_is_missed_by_a_set_of_sets() {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(|| {
        let shared = Arc::new(Polled::new());
        let file = Arc::clone(&shared);
        let source = task::spawn(move || {
            file.raise();
            file.value.store(0);
            file.raise();
        });
        shared.wait();
        source.join().unwrap();
    });
}
