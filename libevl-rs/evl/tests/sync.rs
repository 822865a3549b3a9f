// SPDX-License-Identifier: MIT OR Apache-2.0
//! Mutexes, events, semaphores and flags: by the core of the target, or by POSIX on the host.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use evl::sync::{Event, Flags, Mutex, Options, Protocol, RecursiveMutex, Semaphore};
use evl::thread::{self, Attached, Builder, JoinHandle, Thread};
use evl::{Clock, ClockId, Error, Policy};

mod common;
use common::{unique, until};

const MS: Duration = Duration::from_millis(1);

fn attach() -> Attached {
    let builder = Builder::new().policy(Policy::fifo(10));
    builder.attach().expect("attach")
}

fn spawn<T: Send + 'static>(
    priority: u8,
    body: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    let builder = Builder::new().policy(Policy::fifo(priority));
    builder.spawn(body).expect("spawn")
}

fn now() -> Duration {
    Clock::open(ClockId::Monotonic).expect("clock").now()
}

/// Waits until a thread waits for an element.
fn waits(thread: &Thread) {
    let pending = || {
        let state = thread.state().expect("state");
        state.flags.contains(thread::Flags::PEND)
    };
    assert!(until(pending, 1000), "it never waited");
}

#[test]
fn a_free_mutex_takes_no_system_call_of_the_core() {
    let mutex = Mutex::new(1).expect("mutex");
    let ceiling = Mutex::with(&Options::new(), Protocol::Ceiling(20), 2).expect("mutex");
    let me = attach();
    drop(mutex.lock());
    drop(ceiling.lock());
    if cfg!(feature = "posix") {
        return;
    }
    let before = me.state().expect("state").oob_calls;
    for _ in 0..100 {
        *mutex.lock().expect("lock") += 1;
        *ceiling.lock().expect("lock") += 1;
    }
    let after = me.state().expect("state").oob_calls;
    assert_eq!(after - before, 1, "the question itself");
}

#[test]
fn a_mutex_excludes() {
    let shared = Arc::new(Mutex::new((0_u64, 0_u64)).expect("mutex"));
    let workers: Vec<_> = (0..4)
        .map(|n| {
            let shared = Arc::clone(&shared);
            spawn(10 + n % 2, move || {
                for turn in 0..500_u32 {
                    let mut pair = shared.lock().expect("lock");
                    pair.0 += 1;
                    if turn % 64 == 0 {
                        thread::yield_now().expect("yield");
                    }
                    pair.1 += 1;
                    assert_eq!(pair.0, pair.1);
                }
            })
        })
        .collect();
    for worker in workers {
        worker.join().expect("join");
    }
    let pair = Arc::into_inner(shared).expect("the last").into_inner();
    assert_eq!(pair, (2000, 2000));
}

#[test]
fn a_mutex_is_locked_once() {
    let mutex = Mutex::new(()).expect("mutex");
    let error = mutex.lock().map(drop).expect_err("not attached");
    assert!(matches!(error, Error::NotAttached { .. }), "{error}");
    for policy in [Policy::fifo(10), Policy::Weak { priority: 0 }] {
        let _me = Builder::new().policy(policy).attach().expect("attach");
        let guard = mutex.lock().expect("lock");
        let error = mutex.lock().map(drop).expect_err("again");
        assert!(matches!(error, Error::Deadlock { .. }), "{error}");
        let error = mutex.try_lock().map(drop).expect_err("again");
        assert!(matches!(error, Error::Deadlock { .. }), "{error}");
        drop(guard);
        assert!(mutex.try_lock().expect("free").is_some());
    }
}

#[test]
fn weak_threads_are_out_of_band_while_they_own_a_mutex() {
    let mutex = Mutex::new(()).expect("mutex");
    let _me = Builder::new().attach().expect("attach");
    let guard = mutex.lock().expect("lock");
    assert!(!thread::is_inband());
    drop(guard);
    assert!(thread::is_inband());
}

/// A mutex that another thread owns until told otherwise.
fn owned_by_another(mutex: &Arc<Mutex<u32>>) -> (JoinHandle<()>, Arc<Semaphore>) {
    let enough = Arc::new(Semaphore::new(0).expect("semaphore"));
    let owns = Arc::new(Semaphore::new(0).expect("semaphore"));
    let owner = {
        let (mutex, enough, owns) = (mutex.clone(), enough.clone(), owns.clone());
        spawn(5, move || {
            let mut value = mutex.lock().expect("lock");
            owns.put().expect("put");
            enough.get().expect("get");
            *value += 1;
        })
    };
    waits(owner.thread());
    assert_eq!(owns.value(), 1);
    (owner, enough)
}

#[test]
fn who_comes_later_waits_fails_or_gives_up() {
    let mutex = Arc::new(Mutex::new(0).expect("mutex"));
    let (owner, enough) = owned_by_another(&mutex);
    let me = attach();
    assert!(mutex.try_lock().expect("try").is_none());
    let date = now() + 5 * MS;
    let error = mutex.lock_until(date).map(drop).expect_err("late");
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    assert!(now() >= date);
    let error = mutex
        .lock_until(Duration::ZERO)
        .map(drop)
        .expect_err("past");
    assert!(matches!(error, Error::TimedOut { .. }), "{error}");
    enough.put().expect("put");
    assert_eq!(*mutex.lock().expect("lock"), 1);
    drop(me);
    owner.join().expect("join");
}

#[test]
fn two_mutexes_locked_in_two_orders_are_noticed() {
    let a = Arc::new(Mutex::new(()).expect("mutex"));
    let b = Arc::new(Mutex::new(()).expect("mutex"));
    let _me = attach();
    let first = a.lock().expect("lock");
    let owns = Arc::new(Semaphore::new(0).expect("semaphore"));
    let other = {
        let (a, b, owns) = (a.clone(), b.clone(), owns.clone());
        spawn(9, move || {
            let _b = b.lock().expect("lock");
            owns.put().expect("put");
            a.lock().map(drop)
        })
    };
    owns.get().expect("get");
    waits(other.thread());
    let error = b.lock().map(drop).expect_err("deadlock");
    assert!(matches!(error, Error::Deadlock { .. }), "{error}");
    drop(first);
    other.join().expect("join").expect("lock");
}

#[test]
fn a_leaked_guard_never_gives_the_value_twice() {
    let mutex = Arc::new(Mutex::new(()).expect("mutex"));
    let leaks = mutex.clone();
    let leaker = spawn(10, move || std::mem::forget(leaks.lock().expect("lock")));
    leaker.join().expect("join");
    let _me = attach();
    let error = mutex.lock().map(drop).expect_err("owner died");
    assert!(matches!(error, Error::OwnerDied), "{error}");
}

#[test]
fn a_ceiling_has_a_range_and_can_be_changed() {
    let with = |protocol| Mutex::with(&Options::new(), protocol, ());
    for ceiling in [0, 100] {
        let error = with(Protocol::Ceiling(ceiling))
            .map(drop)
            .expect_err("range");
        assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    }
    let mutex = with(Protocol::Ceiling(40)).expect("mutex");
    assert_eq!(mutex.ceiling(), Some(40));
    mutex.set_ceiling(50).expect("set");
    assert_eq!(mutex.ceiling(), Some(50));
    let inherits = with(Protocol::Inheritance).expect("mutex");
    assert_eq!(inherits.ceiling(), None);
    let error = inherits.set_ceiling(50).expect_err("no ceiling");
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
}

#[test]
fn ceilings_nest() {
    let mutex =
        |ceiling| Mutex::with(&Options::new(), Protocol::Ceiling(ceiling), ()).expect("mutex");
    let (low, high) = (mutex(20), mutex(30));
    let _me = attach();
    for _ in 0..3 {
        let outer = low.lock().expect("lock");
        let inner = high.lock().expect("lock");
        thread::yield_now().expect("yield");
        drop(outer);
        drop(inner);
    }
}

#[test]
fn a_recursive_mutex_is_locked_again_by_its_owner() {
    let mutex = Arc::new(RecursiveMutex::new(Cell::new(0)).expect("mutex"));
    let _me = attach();
    let outer = mutex.lock().expect("lock");
    let inner = mutex.lock().expect("again");
    let third = mutex.try_lock().expect("again").expect("mine");
    inner.set(7);
    drop(outer);
    drop(third);
    assert_eq!(inner.get(), 7);
    let other = {
        let mutex = mutex.clone();
        spawn(11, move || mutex.try_lock().expect("try").is_none())
    };
    assert!(other.join().expect("join"), "still locked");
    drop(inner);
    let mutex = Arc::into_inner(mutex).expect("the last");
    assert_eq!(mutex.into_inner().get(), 7);
}

#[test]
fn an_event_is_signaled_under_its_mutex() {
    let pair = Arc::new((Mutex::new(0).expect("mutex"), Event::new().expect("event")));
    let waiter = {
        let pair = pair.clone();
        spawn(20, move || {
            let mut value = pair.0.lock().expect("lock");
            pair.1
                .wait_while(&mut value, |value| *value == 0)
                .expect("wait");
            *value
        })
    };
    waits(waiter.thread());
    let _me = attach();
    let mut value = pair.0.lock().expect("lock");
    *value = 5;
    pair.1.signal(&value).expect("signal");
    drop(value);
    assert_eq!(waiter.join().expect("join"), 5);
    // Nobody waits: this is lost.
    let value = pair.0.lock().expect("lock");
    pair.1.broadcast(&value).expect("broadcast");
}

/// Threads that wait for an event, and count themselves when they were woken up.
fn waiters(
    number: u8,
    mutex: &Arc<Mutex<u32>>,
    event: &Arc<Event>,
) -> Vec<JoinHandle<evl::Result<()>>> {
    let one = |n| {
        let (mutex, event) = (mutex.clone(), event.clone());
        let waiter = spawn(20 + n, move || {
            let mut count = mutex.lock()?;
            event.wait(&mut count)?;
            *count += 1;
            Ok(())
        });
        waits(waiter.thread());
        waiter
    };
    (0..number).map(one).collect()
}

#[test]
fn a_broadcast_wakes_all_and_a_signal_one() {
    let mutex = Arc::new(Mutex::new(0).expect("mutex"));
    let event = Arc::new(Event::new().expect("event"));
    let waiters = waiters(4, &mutex, &event);
    let _me = attach();
    event.signal(&mutex.lock().expect("lock")).expect("signal");
    let woken = || *mutex.lock().expect("lock");
    assert!(until(|| woken() == 1, 1000));
    assert!(!until(|| woken() != 1, 5), "one signal woke several");
    event
        .broadcast(&mutex.lock().expect("lock"))
        .expect("broadcast");
    assert!(until(|| woken() == 4, 1000));
    for waiter in waiters {
        waiter.join().expect("join").expect("woken");
    }
}

#[test]
fn a_thread_can_be_signaled_by_name() {
    let mutex = Arc::new(Mutex::new(0).expect("mutex"));
    let event = Arc::new(Event::new().expect("event"));
    let mut waiters = waiters(3, &mutex, &event);
    let _me = attach();
    let picked = waiters.remove(0);
    let guard = mutex.lock().expect("lock");
    event
        .signal_thread(&guard, picked.thread())
        .expect("signal");
    drop(guard);
    picked.join().expect("join").expect("woken");
    assert_eq!(*mutex.lock().expect("lock"), 1);
    event
        .broadcast(&mutex.lock().expect("lock"))
        .expect("broadcast");
    for waiter in waiters {
        waiter.join().expect("join").expect("woken");
    }
}

#[test]
fn a_wait_for_an_event_ends_with_the_mutex_locked() {
    let mutex = Arc::new(Mutex::new(0).expect("mutex"));
    let event = Arc::new(Event::new().expect("event"));
    let me = attach();
    let mut guard = mutex.lock().expect("lock");
    let late = event.wait_until(&mut guard, now() + 2 * MS);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    *guard += 1;
    let past = event.wait_until(&mut guard, Duration::ZERO);
    assert!(matches!(past, Err(Error::TimedOut { .. })), "{past:?}");
    let again = mutex.lock().map(drop);
    assert!(matches!(again, Err(Error::Deadlock { .. })), "{again:?}");
    drop(guard);
    drop(me);

    let waiter = waiters(1, &mutex, &event).remove(0);
    waiter.thread().unblock().expect("unblock");
    let broken = waiter.join().expect("join");
    assert!(
        matches!(broken, Err(Error::Interrupted { .. })),
        "{broken:?}"
    );
    let _me = attach();
    assert_eq!(*mutex.try_lock().expect("try").expect("free"), 1);
}

#[test]
fn an_event_is_for_one_mutex_at_a_time() {
    let mutex = Arc::new(Mutex::new(0).expect("mutex"));
    let event = Arc::new(Event::new().expect("event"));
    let waiter = waiters(1, &mutex, &event).remove(0);
    let _me = attach();
    let other = Mutex::new(()).expect("mutex");
    let mut guard = other.lock().expect("lock");
    for outcome in [
        event.signal(&guard),
        event.broadcast(&guard),
        event.wait(&mut guard),
    ] {
        assert!(matches!(outcome, Err(Error::WrongMutex)), "{outcome:?}");
    }
    drop(guard);
    event.signal(&mutex.lock().expect("lock")).expect("signal");
    waiter.join().expect("join").expect("woken");
    // Unbound now.
    let mut guard = other.lock().expect("lock");
    let late = event.wait_until(&mut guard, now() + MS);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
}

#[test]
fn units_are_conserved() {
    let semaphore = Arc::new(Semaphore::new(0).expect("semaphore"));
    let received = Arc::new(AtomicU32::new(0));
    let takers: Vec<_> = (0..3)
        .map(|n| {
            let (semaphore, received) = (semaphore.clone(), received.clone());
            spawn(20 + n, move || {
                for _ in 0..100 {
                    semaphore.get().expect("get");
                    received.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    // Not attached.
    for _ in 0..300 {
        semaphore.put().expect("put");
    }
    for taker in takers {
        taker.join().expect("join");
    }
    assert_eq!(received.load(Ordering::Relaxed), 300);
    assert_eq!(semaphore.value(), 0);
}

#[test]
fn a_semaphore_has_units_or_not() {
    let error = Semaphore::new(1 << 31).map(drop).expect_err("range");
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    let full = Semaphore::new(i32::MAX as u32).expect("semaphore");
    let error = full.put().expect_err("full");
    assert!(matches!(error, Error::OutOfRange { .. }), "{error}");
    let semaphore = Semaphore::new(1).expect("semaphore");
    for outcome in [semaphore.get(), semaphore.try_get().map(drop)] {
        assert!(
            matches!(outcome, Err(Error::NotAttached { .. })),
            "{outcome:?}"
        );
    }
    let _me = attach();
    assert!(semaphore.try_get().expect("try"));
    assert!(!semaphore.try_get().expect("try"));
    let date = now() + 3 * MS;
    let late = semaphore.get_until(date);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    assert!(now() >= date);
    semaphore.put().expect("put");
    semaphore.get_until(Duration::ZERO).expect("there is one");
}

#[test]
fn a_flush_and_a_request_end_the_wait_for_a_unit() {
    let semaphore = Arc::new(Semaphore::new(0).expect("semaphore"));
    let waiter = || {
        let semaphore = semaphore.clone();
        let waiter = spawn(20, move || semaphore.get());
        waits(waiter.thread());
        waiter
    };
    let (first, second) = (waiter(), waiter());
    assert_eq!(semaphore.value(), -2);
    first.thread().unblock().expect("unblock");
    let broken = first.join().expect("join");
    assert!(
        matches!(broken, Err(Error::Interrupted { .. })),
        "{broken:?}"
    );
    assert_eq!(semaphore.value(), -1);
    semaphore.flush().expect("flush");
    let flushed = second.join().expect("join");
    assert!(matches!(flushed, Err(Error::Flushed)), "{flushed:?}");
    assert_eq!(semaphore.value(), 0);
}

#[test]
fn flags_are_received_once() {
    let flags = Flags::with(&Options::new(), 0b0110).expect("flags");
    assert_eq!(flags.value(), 0b0110);
    let error = flags.wait(1).expect_err("not attached");
    assert!(matches!(error, Error::NotAttached { .. }), "{error}");
    let _me = attach();
    for empty in [flags.wait(0).map(drop), flags.post(0), flags.broadcast(0)] {
        assert!(matches!(empty, Err(Error::OutOfRange { .. })), "{empty:?}");
    }
    assert_eq!(flags.wait(0b0011).expect("wait"), 0b0010);
    assert!(!flags.try_wait_all(0b0101).expect("try"));
    flags.post(0b1001).expect("post");
    assert!(flags.try_wait_all(0b0101).expect("try"));
    flags.wait_all(0b1000).expect("wait");
    assert_eq!(flags.try_wait(Flags::ALL).expect("try"), 0);
    let late = flags.wait_until(1, now() + MS);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    let late = flags.wait_all_until(3, now() + MS);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    flags.post(1 << 31).expect("post");
    assert_eq!(flags.wait(Flags::ALL).expect("wait"), 1 << 31);
}

#[test]
fn flags_go_to_one_or_to_all() {
    let flags = Arc::new(Flags::new().expect("flags"));
    let waiters: Vec<_> = [0b001, 0b011, 0b110]
        .map(|bits| {
            let flags = flags.clone();
            let waiter = spawn(20, move || flags.wait(bits));
            waits(waiter.thread());
            waiter
        })
        .into();
    flags.broadcast(0b010).expect("broadcast");
    let mut waiters = waiters.into_iter();
    let first = waiters.next().expect("three");
    for waiter in waiters {
        assert_eq!(waiter.join().expect("join").expect("flags"), 0b010);
    }
    assert_eq!(flags.value(), 0, "none is kept");
    flags.post(0b101).expect("post");
    assert_eq!(first.join().expect("join").expect("flags"), 0b001);
    assert_eq!(flags.value(), 0b100, "what nobody wants is kept");
}

#[test]
fn public_elements_are_opened_by_name_and_kind() {
    let name = |kind: &str| unique(&format!("open.{kind}"));
    let named = |name: &str| Options::new().name(name).public();
    let (mutex, event) = (name("mutex"), name("event"));
    let (semaphore, flags) = (name("semaphore"), name("flags"));
    let error = Semaphore::open(&semaphore).map(drop).expect_err("not yet");
    assert!(matches!(error, Error::NotFound { .. }), "{error}");
    let _made = (
        Mutex::with(&named(&mutex), Protocol::default(), ()).expect("mutex"),
        Event::with(&named(&event)).expect("event"),
        Flags::with(&named(&flags), 1).expect("flags"),
    );
    let made = Semaphore::with(&named(&semaphore), 2).expect("semaphore");
    let error = Event::with(&named(&semaphore))
        .map(drop)
        .expect_err("taken");
    assert!(matches!(error, Error::NameInUse { .. }), "{error}");
    let opened = Semaphore::open(&semaphore).expect("open");
    opened.put().expect("put");
    assert_eq!(made.value(), 3);
    assert_eq!(Flags::open(&flags).expect("open").value(), 1);
    let second = Mutex::open(&mutex, ()).expect("open");
    let event = Event::open(&event).expect("open");
    let _me = attach();
    let mut guard = second.lock().expect("lock");
    let late = event.wait_until(&mut guard, now() + MS);
    assert!(matches!(late, Err(Error::TimedOut { .. })), "{late:?}");
    let error = Flags::open(&mutex).map(drop).expect_err("a mutex");
    assert!(matches!(error, Error::Unexpected { .. }), "{error}");
}

#[test]
fn the_best_waiter_is_first() {
    let semaphore = Arc::new(Semaphore::new(0).expect("semaphore"));
    let better = Arc::new(AtomicBool::new(false));
    let waiter = |priority| {
        let (semaphore, better) = (semaphore.clone(), better.clone());
        let waiter = spawn(priority, move || {
            semaphore.get().expect("get");
            better.swap(true, Ordering::Relaxed)
        });
        waits(waiter.thread());
        waiter
    };
    let (low, high) = (waiter(20), waiter(30));
    semaphore.put().expect("put");
    assert!(!high.join().expect("join"), "the other one was first");
    semaphore.put().expect("put");
    assert!(low.join().expect("join"));
}

/// What only the core does: there are priorities, and signals reach who waits.
#[cfg(not(feature = "posix"))]
mod on_the_core {
    use super::*;
    use std::sync::mpsc::channel;

    fn flags(thread: &Thread) -> thread::Flags {
        thread.state().expect("state").flags
    }

    #[test]
    fn an_owner_inherits_the_priority_of_who_waits() {
        let mutex = Arc::new(Mutex::new(0).expect("mutex"));
        let (owner, enough) = owned_by_another(&mutex);
        assert!(!flags(owner.thread()).contains(thread::Flags::BOOST));
        let waiter = {
            let mutex = mutex.clone();
            spawn(50, move || mutex.lock().map(drop))
        };
        waits(waiter.thread());
        assert!(flags(owner.thread()).contains(thread::Flags::BOOST));
        waiter.thread().set_policy(Policy::fifo(1)).expect("set");
        assert!(!flags(owner.thread()).contains(thread::Flags::BOOST));
        enough.put().expect("put");
        owner.join().expect("join");
        waiter.join().expect("join").expect("lock");
    }

    #[test]
    fn a_ceiling_is_in_force_once_its_owner_calls_the_core() {
        let protocol = Protocol::Ceiling(60);
        let mutex = Mutex::with(&Options::new(), protocol, ()).expect("mutex");
        let me = attach();
        let guard = mutex.lock().expect("lock");
        thread::yield_now().expect("yield");
        assert!(flags(&me).contains(thread::Flags::BOOST));
        drop(guard);
        assert!(!flags(&me).contains(thread::Flags::BOOST));
    }

    extern "C" fn nothing(_: i32) {}

    /// Sends a signal that is handled to a thread, whose system calls are not restarted then.
    fn signal(thread: libc::pthread_t) {
        // SAFETY: a `sigaction` of zeroes has no flags and an empty mask.
        let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
        action.sa_sigaction = nothing as *const () as usize;
        // SAFETY: the handler does nothing; the thread runs.
        unsafe {
            libc::sigaction(libc::SIGUSR1, &raw const action, std::ptr::null_mut());
            assert_eq!(libc::pthread_kill(thread, libc::SIGUSR1), 0);
        }
    }

    fn myself() -> libc::pthread_t {
        // SAFETY: asks for a number.
        unsafe { libc::pthread_self() }
    }

    #[test]
    fn a_signal_does_not_end_the_wait_for_a_mutex() {
        let mutex = Arc::new(Mutex::new(0).expect("mutex"));
        let (owner, enough) = owned_by_another(&mutex);
        let (send, receive) = channel();
        let waiter = {
            let mutex = mutex.clone();
            spawn(20, move || {
                send.send(myself()).expect("send");
                let value = mutex.lock().expect("lock");
                *value
            })
        };
        let target = receive.recv().expect("receive");
        for _ in 0..5 {
            waits(waiter.thread());
            let before = waiter.thread().state().expect("state").inband_switches;
            signal(target);
            let handled = || {
                let now = waiter.thread().state().expect("state").inband_switches;
                now != before
            };
            assert!(until(handled, 1000), "the signal was not handled");
        }
        waits(waiter.thread());
        enough.put().expect("put");
        owner.join().expect("join");
        assert_eq!(waiter.join().expect("join"), 1);
    }

    /// The core unlocks a mutex that somebody waits for. A signal may come while the owner is on the way there from
    /// in-band.
    #[test]
    fn a_signal_does_not_keep_a_mutex_locked() {
        let mutex = Arc::new(Mutex::new(0).expect("mutex"));
        let stop = Arc::new(AtomicBool::new(false));
        let (send, receive) = channel();
        let workers = [20, 21].map(|priority| {
            let (mutex, stop, send) = (mutex.clone(), stop.clone(), send.clone());
            spawn(priority, move || {
                send.send(myself()).expect("send");
                while !stop.load(Ordering::Relaxed) {
                    let mut value = mutex.lock().expect("lock");
                    *value += 1;
                    std::thread::sleep(Duration::from_micros(20));
                }
            })
        });
        let targets = [(); 2].map(|()| receive.recv().expect("receive"));
        for round in 0..2000 {
            signal(targets[round % 2]);
            std::thread::sleep(Duration::from_micros(50));
        }
        stop.store(true, Ordering::Relaxed);
        for worker in workers {
            worker.join().expect("join");
        }
        let _me = attach();
        assert!(*mutex.lock().expect("lock") > 0);
    }

    #[test]
    fn a_signal_ends_the_wait_for_an_event_with_the_mutex_locked() {
        let pair = Arc::new((Mutex::new(0).expect("mutex"), Event::new().expect("event")));
        let (send, receive) = channel();
        let waiter = {
            let pair = pair.clone();
            spawn(20, move || {
                send.send(myself()).expect("send");
                let mut value = pair.0.lock().expect("lock");
                let waited = pair.1.wait(&mut value);
                let again = pair.0.try_lock().map(drop);
                *value += 1;
                (waited, again)
            })
        };
        let target = receive.recv().expect("receive");
        waits(waiter.thread());
        signal(target);
        let (waited, again) = waiter.join().expect("join");
        assert!(
            matches!(waited, Err(Error::Interrupted { .. })),
            "{waited:?}"
        );
        assert!(matches!(again, Err(Error::Deadlock { .. })), "{again:?}");
        let _me = attach();
        assert_eq!(*pair.0.lock().expect("lock"), 1);
    }

    /// The count that would show lost wake-ups, and units or turns lost to signals.
    #[test]
    fn an_event_passes_turns_in_spite_of_signals() {
        const TURNS: u32 = 300;
        let pair = Arc::new((
            Mutex::new(0_u32).expect("mutex"),
            Event::new().expect("event"),
        ));
        let (send, receive) = channel();
        let players: Vec<_> = [0, 1]
            .map(|side| {
                let (pair, send) = (pair.clone(), send.clone());
                spawn(20 + side, move || {
                    send.send(myself()).expect("send");
                    let mut interrupted = 0;
                    let mut turn = pair.0.lock().expect("lock");
                    while *turn < TURNS {
                        if *turn % 2 == u32::from(side) {
                            *turn += 1;
                            pair.1.broadcast(&turn).expect("broadcast");
                        } else {
                            match pair.1.wait(&mut turn) {
                                Ok(()) => {}
                                Err(Error::Interrupted { .. }) => interrupted += 1,
                                Err(error) => panic!("{error}"),
                            }
                        }
                    }
                    interrupted
                })
            })
            .into();
        let targets = [receive.recv().expect("one"), receive.recv().expect("two")];
        while players.iter().any(|player| !player.is_finished()) {
            for (target, player) in targets.iter().zip(&players) {
                // It may end meanwhile, but it is not joined: its id stays.
                if !player.is_finished() {
                    signal(*target);
                }
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        for player in players {
            player.join().expect("join");
        }
        let _me = attach();
        assert_eq!(*pair.0.lock().expect("lock"), TURNS);
    }
}
