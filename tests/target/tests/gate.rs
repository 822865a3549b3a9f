// SPDX-License-Identifier: MIT OR Apache-2.0
//! Gates: mutexes with priority inheritance or a ceiling.

use std::fs::{self, File};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use evl_sys::{
    EVL_GATE_CEILING, EVL_GATE_CLAIMED, EVL_GATE_OWNER_MASK, EVL_MONIOC_BIND, EVL_MONIOC_ENTER,
    EVL_T_BOOST, EVL_T_DELAY, EVL_T_INBAND, EVL_T_WOLI, EVL_THRIOC_SET_MODE, SCHED_WEAK,
};
use evl_target_tests::monitor::{
    CEILING, COUNT, INHERIT, MASK, MONOTONIC, Monitor, NEVER, REALTIME, date,
};
use evl_target_tests::sigdebug;
use evl_target_tests::thread::{
    Attached, PUBLIC, Window, clone_of, clone_request, in_child, kill, now, oob_ioctl, set_params,
    sleep_until,
};
use evl_target_tests::worker::{Gong, Worker, eventually, handle_quietly, worker};
use evl_target_tests::{ioctl_with, open};

const MS: u64 = 1_000_000;

/// A thread that locks and unlocks: what the one or the other gave it.
type Locker = Worker<Result<usize, i32>>;

fn owner(gate: &Monitor) -> u32 {
    gate.word(1) & EVL_GATE_OWNER_MASK
}

/// A thread that owns a gate, in-band, until it is told to leave it.
fn holder(gate: &Monitor, priority: i32, cpu: usize) -> (Locker, Gong) {
    let shared = gate.share();
    let (gong, told) = Gong::new();
    let worker = worker(priority, cpu, move |_| {
        assert_eq!(shared.enter(NEVER), Ok(0));
        told.recv().unwrap();
        shared.exit()
    });
    eventually("the holder", || owner(gate) == worker.fundle);
    eventually("the holder to go in-band", || {
        worker.state().state & EVL_T_INBAND != 0
    });
    (worker, gong)
}

/// A thread that waits for a gate, and leaves it at once.
fn waiter(gate: &Monitor, priority: i32, cpu: usize, limit: u64) -> Locker {
    let shared = gate.share();
    let worker = worker(priority, cpu, move |_| {
        shared.enter(limit)?;
        shared.exit()
    });
    worker.await_wait();
    worker
}

fn is_boosted<T>(worker: &Worker<T>) -> bool {
    worker.state().state & EVL_T_BOOST != 0
}

#[test]
fn a_gate_is_owned_by_one() {
    let gate = Monitor::new(INHERIT, 0);
    let me = Attached::fifo(10);
    assert_eq!(gate.word(1), 0);
    assert_eq!(gate.exit(), Err(libc::EPERM));
    assert_eq!(gate.enter(NEVER), Ok(0));
    assert_eq!(gate.word(1), me.eids.fundle);
    assert_eq!(gate.enter(NEVER), Err(libc::EDEADLK));
    assert_eq!(gate.enter(now()), Err(libc::EDEADLK));
    assert_eq!(gate.try_enter(), Err(libc::EDEADLK));
    let shared = gate.share();
    let other = worker(20, 1, move |_| (shared.try_enter(), shared.exit()));
    assert_eq!(other.join(), (Err(libc::EBUSY), Err(libc::EPERM)));
    assert_eq!(gate.exit(), Ok(0));
    assert_eq!(gate.word(1), 0);
    assert_eq!(gate.try_enter(), Ok(0));
    assert_eq!(gate.exit(), Ok(0));
}

#[test]
fn both_sides_agree_on_the_word() {
    let gate = Monitor::new(INHERIT, 0);
    let me = Attached::fifo(10);
    let fundle = me.eids.fundle;
    assert_eq!(me.switch_oob(), Ok(0));
    assert!(gate.fast_enter(fundle));
    assert_eq!(gate.enter(NEVER), Err(libc::EDEADLK));
    assert_eq!(gate.word(1), fundle, "the refusal leaves no trace");
    assert_eq!(gate.exit(), Ok(0));
    assert_eq!(gate.enter(NEVER), Ok(0));
    assert!(gate.fast_exit(fundle));

    assert!(gate.fast_enter(fundle));
    let waiting = waiter(&gate, 20, 1, NEVER);
    assert_eq!(gate.word(1), fundle | EVL_GATE_CLAIMED);
    assert!(!gate.fast_exit(fundle));
    assert_eq!(gate.exit(), Ok(0));
    assert_eq!(waiting.join(), Ok(0));
    assert_eq!(gate.word(1), 0);
}

#[test]
fn a_lock_counts_as_one_whether_recursive_or_not() {
    let gate = Monitor::new(INHERIT, 0);
    let _me = Attached::fifo(10);
    for recursive in [0, 1] {
        gate.atomic(3).store(recursive, Ordering::Relaxed);
        assert_eq!(gate.enter(NEVER), Ok(0));
        assert_eq!(gate.word(3), recursive | 2);
        assert_eq!(gate.exit(), Ok(0));
        assert_eq!(gate.try_enter(), Ok(0));
        assert_eq!(gate.word(3), recursive | 2);
        assert_eq!(gate.exit(), Ok(0));
    }
}

#[test]
fn requests_are_checked() {
    for (kind, initial, expected) in [
        (2, 0, Some(libc::EINVAL)),
        (3, 0, Some(libc::EINVAL)),
        (1 | (2 << 2), 0, Some(libc::EINVAL)),
        (3 << 2, 0, Some(libc::EINVAL)),
        (CEILING, 0, Some(libc::EINVAL)),
        (CEILING, 100, Some(libc::EINVAL)),
        (CEILING, 99, None),
        (CEILING, 1, None),
    ] {
        let made = Monitor::create(kind, MONOTONIC, initial).err();
        assert_eq!(made, expected, "{kind} {initial}");
    }
    assert_eq!(Monitor::create(INHERIT, 999, 0).err(), Some(libc::EBADF));
    let null = File::open("/dev/null").unwrap();
    use std::os::fd::AsRawFd;
    let fd = null.as_raw_fd() as u32;
    assert_eq!(Monitor::create(INHERIT, fd, 0).err(), Some(libc::EBADF));
    let control = open("/dev/evl/control");
    let fd = control.as_raw_fd() as u32;
    assert_eq!(Monitor::create(INHERIT, fd, 0).err(), Some(libc::EINVAL));
    let clock = open("/dev/evl/clock/realtime");
    let fd = clock.as_raw_fd() as u32;
    assert!(Monitor::create(INHERIT, fd, 0).is_ok());

    let mut request = clone_request(b"x\0", 0);
    assert_eq!(
        clone_of("monitor", &mut request),
        Err(libc::EINVAL),
        "no attributes"
    );
    request.attrs_ptr = 8;
    assert_eq!(clone_of("monitor", &mut request), Err(libc::EFAULT));

    let _me = Attached::fifo(10);
    let clone = open("/dev/evl/monitor/clone");
    assert_eq!(
        oob_ioctl(&clone, EVL_MONIOC_ENTER, &mut date(1)),
        Err(libc::ENOTTY)
    );
    let gate = Monitor::new(INHERIT, 0);
    let mut bad = date(1);
    for (sec, nsec) in [(-1, 0), (0, -1), (0, 1_000_000_000)] {
        (bad.tv_sec, bad.tv_nsec) = (sec, nsec);
        let refused = oob_ioctl(gate.file(), EVL_MONIOC_ENTER, &mut bad);
        assert_eq!(refused, Err(libc::EINVAL));
    }
    assert_eq!(gate.get(NEVER), Err(libc::EINVAL));
    assert_eq!(gate.signal(1), Err(libc::EINVAL));
    // A gate is for threads of the core, out-of-band.
    let inband = ioctl_with(gate.file(), EVL_MONIOC_ENTER, &mut [0; 16]);
    assert_eq!(inband, Err(libc::ENOTTY));
    let stranger = gate.share();
    let stranger = thread::spawn(move || stranger.enter(NEVER));
    assert_eq!(stranger.join().unwrap(), Err(libc::EPERM));
}

#[test]
fn a_name_belongs_to_an_element_until_its_last_close() {
    let name = format!("gate.{}", std::process::id());
    let terminated = format!("{name}\0");
    let mut attrs = [MONOTONIC, CEILING, 50];
    let mut request = clone_request(terminated.as_bytes(), PUBLIC);
    request.attrs_ptr = attrs.as_mut_ptr().expose_provenance() as u64;
    let path = format!("/dev/evl/monitor/{name}");
    let dir = format!("/sys/devices/virtual/monitor/{name}");
    for _ in 0..2 {
        clone_of("monitor", &mut request).unwrap();
        assert!(fs::exists(&dir).unwrap());
        assert_eq!(clone_of("monitor", &mut request.clone()), Err(libc::EEXIST));
        let [first, second] = [(); 2].map(|()| open(&path));
        drop(first);
        let mut binding = [0; 16];
        assert_eq!(ioctl_with(&second, EVL_MONIOC_BIND, &mut binding), Ok(0));
        let words: Vec<u32> = binding
            .chunks(4)
            .map(|word| u32::from_ne_bytes(word.try_into().unwrap()))
            .collect();
        let eids = request.eids;
        assert_eq!(words, [CEILING, eids.minor, eids.fundle, eids.state_offset]);
        assert_eq!(Monitor::with(second, eids).word(2), 50);
        assert!(!fs::exists(&path).unwrap());
        assert!(!fs::exists(&dir).unwrap());
    }
}

#[test]
fn what_nobody_opened_goes_with_its_process() {
    let name = format!("orphan.{}\0", std::process::id());
    let mut attrs = [MONOTONIC, INHERIT, 0];
    let mut request = clone_request(name.as_bytes(), PUBLIC);
    request.attrs_ptr = attrs.as_mut_ptr().expose_provenance() as u64;
    let status = in_child(
        || clone_of("monitor", &mut request.clone()).unwrap(),
        |_| (),
    );
    assert_eq!(status, 0);
    // The name is free again.
    assert_eq!(clone_of("monitor", &mut request), Ok(()));
    drop(open(&format!(
        "/dev/evl/monitor/{}",
        name.trim_end_matches('\0')
    )));
}

#[test]
fn monitors_do_not_leak() {
    for round in 0..2000 {
        let kind = [INHERIT, CEILING, COUNT, MASK][round % 4];
        Monitor::new(kind, 1);
    }
    let (mut all, mut last) = (Vec::new(), None);
    while last.is_none() {
        match Monitor::create(INHERIT, MONOTONIC, 0) {
            Ok(gate) => all.push(gate),
            Err(error) => last = Some(error),
        }
    }
    // Descriptors, or monitors.
    assert!(
        matches!(last, Some(libc::EAGAIN | libc::EMFILE)),
        "{last:?}"
    );
    all.clear();
    Monitor::new(INHERIT, 0);
}

#[test]
fn a_time_limit_is_kept() {
    for clock in [MONOTONIC, REALTIME] {
        let gate = Monitor::create(INHERIT, clock, 0).unwrap();
        let (holder, gong) = holder(&gate, 10, 0);
        let me = Attached::fifo(20);
        assert_eq!(gate.enter(1), Err(libc::ETIMEDOUT));
        eventually("the boost to end", || !is_boosted(&holder));
        gong.strike();
        assert_eq!(holder.join(), Ok(0));
        // Nothing to wait for: the limit does not matter.
        assert_eq!(gate.enter(1), Ok(0));
        drop(me);
    }
    let gate = Monitor::new(INHERIT, 0);
    let (holder, gong) = holder(&gate, 10, 1);
    let me = Attached::fifo(20);
    for span in [0, 1000, 5 * MS] {
        let limit = now() + span;
        assert_eq!(gate.enter(limit), Err(libc::ETIMEDOUT));
        assert!(now() >= limit);
        assert_eq!(owner(&gate), holder.fundle);
    }
    gong.strike();
    assert_eq!(gate.enter(now() + 10_000 * MS), Ok(0));
    assert_eq!(holder.join(), Ok(0));
    drop(me);
}

#[test]
fn an_owner_has_the_priority_of_its_first_waiter() {
    let gate = Monitor::new(INHERIT, 0);
    let (holder, gong) = holder(&gate, 10, 0);
    assert_eq!(holder.priorities(), [10, 10]);
    let low = waiter(&gate, 5, 1, NEVER);
    assert!(!is_boosted(&holder));
    assert_eq!(
        (low.channel(), holder.channel()),
        (gate.name(), String::new())
    );
    let high = waiter(&gate, 30, 2, NEVER);
    assert!(is_boosted(&holder));
    assert_eq!(holder.priorities(), [10, 30]);
    assert_eq!(holder.state().eattrs.sched_priority, 10);
    let higher = waiter(&gate, 40, 3, now() + 500 * MS);
    assert_eq!(holder.priorities(), [10, 40]);
    // A time limit, an unblocking request, a change of priority: all lower it again.
    assert_eq!(higher.join(), Err(libc::ETIMEDOUT));
    assert_eq!(holder.priorities(), [10, 30]);
    assert_eq!(set_params(high.file(), libc::SCHED_FIFO, 20), Ok(0));
    assert_eq!(holder.priorities(), [10, 20]);
    // Its own changes below the boost.
    assert_eq!(set_params(holder.file(), libc::SCHED_FIFO, 12), Ok(0));
    assert_eq!(holder.priorities(), [12, 20]);
    high.unblock();
    assert_eq!(high.join(), Err(libc::EINTR));
    assert_eq!(holder.priorities(), [12, 12]);
    assert!(!is_boosted(&holder));
    gong.strike();
    assert_eq!((holder.join(), low.join()), (Ok(0), Ok(0)));
}

#[test]
fn a_boost_ends_with_the_gate() {
    let gate = Monitor::new(INHERIT, 0);
    let shared = gate.share();
    let (gong, told) = Gong::new();
    let holder = worker(10, 0, move |me| {
        assert_eq!(shared.enter(NEVER), Ok(0));
        told.recv().unwrap();
        let before = me.oob_state().state & EVL_T_BOOST;
        assert_eq!(shared.exit(), Ok(0));
        (before, me.oob_state().state & EVL_T_BOOST)
    });
    eventually("the holder", || owner(&gate) == holder.fundle);
    let waiting = waiter(&gate, 50, 1, NEVER);
    gong.strike();
    assert_eq!(holder.join(), (EVL_T_BOOST, 0));
    assert_eq!(waiting.join(), Ok(0));
}

/// Threads of the given priorities, of which each owns a gate and waits for that of the one before.
fn chain(priorities: &[i32]) -> (Vec<Monitor>, Vec<Locker>, Gong) {
    let gates: Vec<_> = priorities
        .iter()
        .map(|_| Monitor::new(INHERIT, 0))
        .collect();
    let (first, gong) = holder(&gates[0], priorities[0], 0);
    let mut workers = vec![first];
    for index in 1..priorities.len() {
        let (wanted, own) = (gates[index - 1].share(), gates[index].share());
        let worker = worker(priorities[index], index, move |_| {
            assert_eq!(own.enter(NEVER), Ok(0));
            let waited = wanted.enter(NEVER);
            if waited.is_ok() {
                assert_eq!(wanted.exit(), Ok(0));
            }
            assert_eq!(own.exit(), Ok(0));
            waited
        });
        worker.await_wait();
        workers.push(worker);
    }
    (gates, workers, gong)
}

#[test]
fn a_boost_goes_along_the_chain_and_back() {
    let (gates, workers, gong) = chain(&[10, 11, 12, 13]);
    let present = |workers: &[Worker<_>]| -> Vec<i32> {
        workers
            .iter()
            .map(|worker| worker.priorities()[1])
            .collect()
    };
    assert_eq!(present(&workers), [13, 13, 13, 13]);
    let last = waiter(&gates[3], 60, 1, NEVER);
    assert_eq!(present(&workers), [60, 60, 60, 60]);
    assert_eq!(set_params(last.file(), libc::SCHED_FIFO, 70), Ok(0));
    assert_eq!(present(&workers), [70, 70, 70, 70]);
    last.unblock();
    assert_eq!(last.join(), Err(libc::EINTR));
    assert_eq!(present(&workers), [13, 13, 13, 13]);
    workers[2].unblock();
    // The third gives up; its gate goes to the fourth.
    eventually("the fourth", || gates[2].word(1) == 0);
    assert_eq!(present(&workers[..2]), [11, 11]);
    gong.strike();
    let results: Vec<_> = workers.into_iter().map(Worker::join).collect();
    assert_eq!(results, [Ok(0), Ok(0), Err(libc::EINTR), Ok(0)]);
}

#[test]
fn a_circle_is_refused() {
    for length in [2, 3, 5] {
        let gates: Vec<_> = (0..length).map(|_| Monitor::new(INHERIT, 0)).collect();
        let shared: Vec<_> = gates.iter().map(Monitor::share).collect();
        let (gong, told) = Gong::new();
        // Owns the first gate, and wants the last.
        let closer = worker(10, 0, move |_| {
            assert_eq!(shared[0].enter(NEVER), Ok(0));
            told.recv().unwrap();
            let refused = shared[length - 1].enter(NEVER);
            assert_eq!(shared[0].exit(), Ok(0));
            refused
        });
        eventually("the first", || owner(&gates[0]) == closer.fundle);
        let workers: Vec<_> = (1..length)
            .map(|index| {
                let (wanted, own) = (gates[index - 1].share(), gates[index].share());
                let worker = worker(10 + index as i32, index, move |_| {
                    assert_eq!(own.enter(NEVER), Ok(0));
                    let waited = wanted.enter(NEVER);
                    assert_eq!(wanted.exit(), Ok(0));
                    assert_eq!(own.exit(), Ok(0));
                    waited
                });
                worker.await_wait();
                worker
            })
            .collect();
        gong.strike();
        assert_eq!(closer.join(), Err(libc::EDEADLK));
        for worker in workers {
            assert_eq!(worker.join(), Ok(0));
        }
        for gate in gates {
            assert_eq!(gate.word(1), 0);
        }
    }
}

#[test]
fn a_ceiling_is_in_force_while_the_kernel_knows_the_owner() {
    let gate = Monitor::new(CEILING, 60);
    let (holder, gong) = holder(&gate, 10, 0);
    assert_eq!(gate.word(1), holder.fundle | EVL_GATE_CEILING);
    assert_eq!(holder.priorities(), [10, 60]);
    assert!(is_boosted(&holder));
    // A waiter above the ceiling is inherited from.
    let above = waiter(&gate, 70, 1, NEVER);
    assert_eq!(holder.priorities(), [10, 70]);
    above.unblock();
    assert_eq!(above.join(), Err(libc::EINTR));
    assert_eq!(holder.priorities(), [10, 60]);
    gong.strike();
    assert_eq!(holder.join(), Ok(0));
    assert_eq!(gate.word(1), 0);
}

#[test]
fn a_ceiling_below_its_owner_changes_nothing() {
    let gate = Monitor::new(CEILING, 5);
    let (holder, gong) = holder(&gate, 10, 0);
    assert_eq!(holder.priorities(), [10, 10]);
    assert!(!is_boosted(&holder));
    gong.strike();
    assert_eq!(holder.join(), Ok(0));
}

/// Takes a gate with a ceiling as a library does, without the kernel.
fn lazy_enter(me: &Attached, window: &Window, gate: &Monitor) {
    let pending = window.atomic(me.eids.state_offset + 8);
    assert_eq!(pending.load(Ordering::Relaxed), 0);
    pending.store(gate.eids.fundle, Ordering::Release);
    assert!(gate.fast_enter(me.eids.fundle));
}

fn lazy_exit(me: &Attached, window: &Window, gate: &Monitor) -> bool {
    let done = gate.fast_exit(me.eids.fundle);
    let pending = window.atomic(me.eids.state_offset + 8);
    if !done {
        assert_eq!(gate.exit(), Ok(0));
    }
    pending.store(0, Ordering::Release);
    done
}

#[test]
fn a_ceiling_is_committed_late() {
    let gate = Monitor::new(CEILING, 60);
    let me = Attached::fifo(10);
    let window = Window::new();
    assert_eq!(me.switch_oob(), Ok(0));
    // Short and undisturbed: the kernel never hears of it.
    lazy_enter(&me, &window, &gate);
    assert!(lazy_exit(&me, &window, &gate));
    // The owner enters the core.
    lazy_enter(&me, &window, &gate);
    assert_ne!(me.oob_state().state & EVL_T_BOOST, 0);
    assert_eq!(gate.word(1), me.eids.fundle | EVL_GATE_CEILING);
    assert!(!lazy_exit(&me, &window, &gate));
    assert_eq!(me.oob_state().state & EVL_T_BOOST, 0);
    // It names a gate that it does not own, or no gate at all.
    let pending = window.atomic(me.eids.state_offset + 8);
    for lie in [gate.eids.fundle, me.eids.fundle, 1, u32::MAX] {
        pending.store(lie, Ordering::Release);
        assert_eq!(me.oob_state().state & EVL_T_BOOST, 0);
    }
    pending.store(0, Ordering::Release);
}

#[test]
fn a_ceiling_is_committed_by_preemption() {
    let gate = Monitor::new(CEILING, 60);
    let shared = gate.share();
    let ran = Arc::new(AtomicU32::new(0));
    let seen = Arc::clone(&ran);
    let date = now() + 500 * MS;
    // Same CPU, below the ceiling, above the owner: it must not run until the gate is left.
    let middle = worker(30, 0, move |_| {
        let clock = open("/dev/evl/clock/monotonic");
        assert_eq!(sleep_until(&clock, date), Ok(0));
        ran.store(1, Ordering::Relaxed);
    });
    eventually("the sleep", || middle.state().state & EVL_T_DELAY != 0);
    let owner = worker(10, 0, move |me| {
        let window = Window::new();
        assert!(now() < date);
        assert_eq!(me.switch_oob(), Ok(0));
        lazy_enter(me, &window, &shared);
        while now() < date + 20 * MS {
            std::hint::spin_loop();
        }
        let before = seen.load(Ordering::Relaxed);
        let committed = shared.word(1) & EVL_GATE_CEILING;
        lazy_exit(me, &window, &shared);
        (before, committed, seen.load(Ordering::Relaxed))
    });
    assert_eq!(owner.join(), (0, EVL_GATE_CEILING, 1));
    middle.join();
}

#[test]
fn ceilings_nest_and_may_change() {
    let [outer, inner] = [30, 60].map(|ceiling| Monitor::new(CEILING, ceiling));
    let gates = [outer.share(), inner.share()];
    let (report, priority) = mpsc::channel::<()>();
    let (gong, told): (Gong, Receiver<()>) = Gong::new();
    let nested = worker(10, 0, move |_| {
        let [outer, inner] = gates;
        for step in [&outer, &inner] {
            assert_eq!(step.enter(NEVER), Ok(0));
            report.send(()).unwrap();
            told.recv().unwrap();
        }
        for step in [&inner, &outer] {
            assert_eq!(step.exit(), Ok(0));
            report.send(()).unwrap();
            told.recv().unwrap();
        }
    });
    for expected in [30, 60, 30, 10] {
        priority.recv().unwrap();
        assert_eq!(nested.priorities(), [10, expected]);
        gong.strike();
    }
    nested.join();
    // A change is in force with the next lock; nonsense is forced into the range.
    for (ceiling, expected) in [(40, 40), (0, 10), (5000, 99)] {
        outer.atomic(2).store(ceiling, Ordering::Relaxed);
        let (holder, gong) = holder(&outer, 10, 1);
        assert_eq!(holder.priorities(), [10, expected]);
        outer.atomic(2).store(20, Ordering::Relaxed);
        assert_eq!(holder.priorities(), [10, expected]);
        gong.strike();
        assert_eq!(holder.join(), Ok(0));
    }
}

#[test]
fn a_weak_owner_stays_out_of_band() {
    for kind in [INHERIT, CEILING] {
        let [gate, other] = [kind; 2].map(|kind| Monitor::new(kind, 50));
        let me = Attached::fifo(10);
        assert_eq!(me.set_params(SCHED_WEAK, 0), Ok(0));
        let window = Window::new();
        assert!(me.is_inband(&window));
        assert_eq!(gate.enter(NEVER), Ok(0));
        assert!(!me.is_inband(&window));
        assert_eq!(me.oob_state().state & EVL_T_BOOST != 0, kind == CEILING);
        assert_eq!(other.enter(NEVER), Ok(0));
        assert_eq!(gate.exit(), Ok(0));
        assert!(!me.is_inband(&window));
        assert_eq!(other.exit(), Ok(0));
        assert!(me.is_inband(&window));
        assert_eq!(me.inband_state().state & EVL_T_BOOST, 0);
    }
}

#[test]
fn a_better_thread_steals_a_released_gate() {
    let gate = Monitor::new(INHERIT, 0);
    let me = Attached::fifo(50);
    assert_eq!(gate.enter(NEVER), Ok(0));
    let shared = gate.share();
    let waiting = worker_here(10, move |_| {
        shared.enter(NEVER)?;
        shared.exit()
    });
    waiting.await_wait();
    assert_eq!(me.switch_oob(), Ok(0));
    assert_eq!(gate.exit(), Ok(0));
    // It was woken, and cannot run: this thread has its CPU.
    assert_eq!(gate.word(1), EVL_GATE_CLAIMED);
    assert_eq!(gate.enter(NEVER), Ok(0));
    assert_eq!(owner(&gate), me.eids.fundle);
    assert_eq!(gate.exit(), Ok(0));
    drop(me);
    assert_eq!(waiting.join(), Ok(0));
}

/// A thread on the CPU of the caller, which is bound to it.
fn worker_here<T: Send + 'static>(
    priority: i32,
    body: impl FnOnce(&Attached) -> T + Send + 'static,
) -> Worker<T> {
    // SAFETY: asks for a number.
    let cpu = unsafe { libc::sched_getcpu() };
    worker(priority, usize::try_from(cpu).unwrap(), body)
}

#[test]
fn a_wait_can_be_broken() {
    handle_quietly(libc::SIGUSR1);
    let gate = Monitor::new(INHERIT, 0);
    let (holder, gong) = holder(&gate, 10, 0);
    for by_signal in [false, true] {
        let waiting = waiter(&gate, 20, 1, NEVER);
        assert!(is_boosted(&holder));
        if by_signal {
            waiting.kill(libc::SIGUSR1);
        } else {
            waiting.unblock();
        }
        assert_eq!(waiting.join(), Err(libc::EINTR));
        assert!(!is_boosted(&holder));
    }
    gong.strike();
    assert_eq!(holder.join(), Ok(0));
}

#[test]
fn the_last_close_ends_waits() {
    let gate = Monitor::new(INHERIT, 0);
    let alias = gate.alias();
    let (gong, told) = Gong::new();
    let holder = worker(10, 0, move |_| {
        assert_eq!(alias.enter(NEVER), Ok(0));
        told.recv().unwrap();
        alias.exit()
    });
    eventually("the holder", || owner(&gate) == holder.fundle);
    let waiters = [0, 1, 2].map(|cpu| {
        let alias = gate.alias();
        let worker = worker(20, cpu, move |_| alias.enter(NEVER));
        worker.await_wait();
        worker
    });
    assert!(is_boosted(&holder));
    drop(gate);
    for waiter in waiters {
        assert_eq!(waiter.join(), Err(libc::EIDRM));
    }
    assert!(!is_boosted(&holder));
    gong.strike();
    assert_eq!(holder.join(), Err(libc::EBADF));
}

#[test]
fn an_exiting_thread_releases_its_gates() {
    let gates = [INHERIT, CEILING].map(|kind| Monitor::new(kind, 50));
    for gate in &gates {
        for fast in [false, true] {
            let shared = gate.share();
            let (gong, told) = Gong::new();
            let holder = worker(10, 0, move |me| {
                if fast {
                    assert!(shared.fast_enter(me.eids.fundle));
                } else {
                    assert_eq!(shared.enter(NEVER), Ok(0));
                }
                told.recv().unwrap();
            });
            eventually("the holder", || owner(gate) == holder.fundle);
            let waiting = waiter(gate, 20, 1, NEVER);
            gong.strike();
            holder.join();
            assert_eq!(waiting.join(), Ok(0));
            assert_eq!(gate.word(1), 0);
        }
    }
    // Nobody waits: the next thread may have the same handle.
    for _ in 0..3 {
        let shared = gates[0].share();
        let holder = worker(10, 0, move |me| assert!(shared.fast_enter(me.eids.fundle)));
        holder.join();
        assert_eq!(gates[0].word(1), 0);
    }
}

#[test]
fn a_process_that_is_killed_releases_its_gates() {
    let gate = Monitor::new(INHERIT, 0);
    let mut waiting = None;
    let status = in_child(
        || {
            let _me = Attached::fifo(10);
            assert_eq!(gate.enter(NEVER), Ok(0));
            loop {
                thread::sleep(Duration::from_secs(1));
            }
        },
        |pid| {
            eventually("the child", || gate.word(1) != 0);
            waiting = Some(waiter(&gate, 20, 1, NEVER));
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
    assert_eq!(waiting.unwrap().join(), Ok(0));
}

#[test]
fn a_waiting_process_can_be_killed() {
    let gate = Monitor::new(INHERIT, 0);
    let (holder, gong) = holder(&gate, 10, 0);
    let status = in_child(
        || {
            let _me = Attached::fifo(30);
            let _ = gate.enter(NEVER);
        },
        |pid| {
            eventually("the child", || is_boosted(&holder));
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
    eventually("the boost to end", || !is_boosted(&holder));
    gong.strike();
    assert_eq!(holder.join(), Ok(0));
    assert_eq!(gate.word(1), 0);
}

#[test]
fn misuse_is_reported() {
    sigdebug::note();
    let cause = || sigdebug::take() & 0xff;

    let gate = Monitor::new(INHERIT, 0);
    let semaphore = Monitor::new(COUNT, 0);
    let me = Attached::fifo(10);
    assert_eq!(gate.exit(), Err(libc::EPERM));
    assert_eq!(cause(), 0, "not asked for");
    let mut modes = EVL_T_WOLI.to_ne_bytes();
    assert_eq!(
        ioctl_with(&me.file(), EVL_THRIOC_SET_MODE, &mut modes),
        Ok(0)
    );
    assert_eq!(gate.exit(), Err(libc::EPERM));
    assert_eq!(cause(), 6, "LKIMBALANCE");

    // In-band, while somebody waits.
    assert_eq!(gate.enter(NEVER), Ok(0));
    me.switch_inband();
    assert_eq!(cause(), 0);
    let waiting = waiter(&gate, 5, 1, NEVER);
    assert_eq!(me.switch_oob(), Ok(0));
    me.switch_inband();
    assert_eq!(cause(), 5, "LKDEPEND");
    assert_eq!(gate.exit(), Ok(0));
    assert_eq!(waiting.join(), Ok(0));

    // Waiting for somebody in-band.
    let (holder, gong) = holder(&gate, 10, 1);
    assert_eq!(gate.enter(now() + MS), Err(libc::ETIMEDOUT));
    assert_eq!(cause(), 5, "LKDEPEND");
    gong.strike();
    assert_eq!(holder.join(), Ok(0));

    // Weak, with a gate, and asleep for something else.
    assert_eq!(me.set_params(SCHED_WEAK, 1), Ok(0));
    assert_eq!(gate.enter(NEVER), Ok(0));
    assert_eq!(semaphore.get(now() + MS), Err(libc::ETIMEDOUT));
    assert_eq!(cause(), 7, "LKSLEEP");
    assert_eq!(gate.exit(), Ok(0));
}

#[test]
fn nobody_gets_lost_in_a_crowd() {
    const ROUNDS: u32 = 500;
    for kind in [INHERIT, CEILING] {
        let gates: Arc<Vec<_>> = Arc::new((0..3).map(|_| Monitor::new(kind, 50)).collect());
        let counts: Arc<Vec<_>> = Arc::new((0..3).map(|_| AtomicU32::new(0)).collect());
        let workers: Vec<_> = (0..6_u32)
            .map(|number| {
                let (gates, counts) = (Arc::clone(&gates), Arc::clone(&counts));
                worker(10 + number as i32 % 4, number as usize, move |_| {
                    let mut done = 0;
                    for round in 0..ROUNDS {
                        let first = ((round * 7 + number) % 3) as usize;
                        let limit = if round % 5 == 0 { now() + MS } else { NEVER };
                        match gates[first].enter(limit) {
                            Ok(_) => {}
                            Err(libc::ETIMEDOUT) => continue,
                            Err(error) => panic!("error {error}"),
                        }
                        // A second one, in no particular order: circles are refused.
                        let second = (first + 1 + round as usize % 2) % 3;
                        match gates[second].enter(NEVER) {
                            Ok(_) => assert_eq!(gates[second].exit(), Ok(0)),
                            Err(error) => assert_eq!(error, libc::EDEADLK),
                        }
                        let count = counts[first].load(Ordering::Relaxed);
                        counts[first].store(count + 1, Ordering::Relaxed);
                        done += 1;
                        assert_eq!(gates[first].exit(), Ok(0));
                    }
                    done
                })
            })
            .collect();
        let done: u32 = workers.into_iter().map(Worker::join).sum();
        let counted: u32 = counts
            .iter()
            .map(|count| count.load(Ordering::Relaxed))
            .sum();
        assert_eq!(done, counted);
        assert!(gates.iter().all(|gate| gate.word(1) == 0));
    }
}
