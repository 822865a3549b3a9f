// SPDX-License-Identifier: MIT OR Apache-2.0
//! What there is, who waits for what, and how a wait ends.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use evl_sys::__kernel_timespec;
use rustix::io::{self, Errno};

use super::monitor::Monitor;
use super::thread::{Record, my_id};
use crate::clock::ClockId;
use crate::time::duration;

/// The state of all threads and elements.
pub(crate) struct Core {
    last_id: u64,
    pub(super) threads: BTreeMap<u64, Record>,
    pub(super) monitors: BTreeMap<u64, Monitor>,
}

static CORE: Mutex<Core> = Mutex::new(Core {
    last_id: 0,
    threads: BTreeMap::new(),
    monitors: BTreeMap::new(),
});

/// The state, locked.
pub(super) type Locked = MutexGuard<'static, Core>;

/// Locks the state. A panic leaves nothing half done: what is under the lock does not panic.
pub(super) fn core() -> Locked {
    CORE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a thread waits for.
#[derive(Clone, Copy)]
pub(super) struct Wait {
    /// The element: a monitor or a timer; its own id, if it sleeps.
    pub(super) on: u64,
    /// Who came first.
    turn: u64,
    pub(super) timed: bool,
    /// Flags that are wanted, and whether all of them are.
    pub(super) wanted: (u32, bool),
}

/// When a wait ends by itself: by a clock.
pub(super) type Limit = Option<(ClockId, Duration)>;

/// A time limit which the kernel would be given.
pub(super) fn limit(clock: ClockId, date: Option<__kernel_timespec>) -> Limit {
    date.and_then(|date| Some((clock, duration(&date)?)))
}

/// The time of a clock.
pub(super) fn now(clock: ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock.posix());
    Duration::new(
        time.tv_sec.unsigned_abs(),
        time.tv_nsec.unsigned_abs() as u32,
    )
}

/// A call of the core by the current thread, which is out-of-band meanwhile.
///
/// # Errors
///
/// PERM if it is not attached.
pub(super) fn call<R>(body: impl FnOnce(Locked, u64) -> (Locked, io::Result<R>)) -> io::Result<R> {
    let me = my_id().ok_or(Errno::PERM)?;
    let mut locked = core();
    locked.threads.get_mut(&me).ok_or(Errno::PERM)?.enter_call();
    let (mut locked, result) = body(locked, me);
    let owner = locked
        .monitors
        .values()
        .any(|monitor| monitor.is_owned_by(me));
    if let Some(record) = locked.threads.get_mut(&me) {
        record.leave_call(owner);
    }
    result
}

impl Core {
    /// A number that was never given before.
    pub(super) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Who waits for an element, best first.
    pub(super) fn waiters(&self, on: u64) -> Vec<u64> {
        let waits = self.threads.iter().filter_map(|(id, record)| {
            let wait = record.wait.filter(|wait| wait.on == on)?;
            Some((std::cmp::Reverse(record.priority()), wait.turn, *id))
        });
        let mut waiters: Vec<_> = waits.collect();
        waiters.sort_unstable();
        waiters.into_iter().map(|(_, _, id)| id).collect()
    }

    /// Ends the wait of a thread with a result and what it received.
    pub(super) fn wake(&mut self, id: u64, result: io::Result<u32>) {
        if let Some(record) = self.threads.get_mut(&id) {
            if record.wait.take().is_some() {
                record.woken = Some(result);
                record.alarm.notify_all();
            }
        }
    }

    /// Ends the wait of the best of those who wait for an element: who it was.
    pub(super) fn wake_first(&mut self, on: u64) -> Option<u64> {
        let first = self.waiters(on).first().copied()?;
        self.wake(first, Ok(0));
        Some(first)
    }

    /// Ends the waits of all who wait for an element.
    pub(super) fn wake_all(&mut self, on: u64, result: io::Result<u32>) {
        for id in self.waiters(on) {
            self.wake(id, result);
        }
    }
}

/// Makes the current thread wait: what it received.
pub(super) fn block(
    mut locked: Locked,
    me: u64,
    on: u64,
    wanted: (u32, bool),
    limit: Limit,
) -> (Locked, io::Result<u32>) {
    let turn = locked.new_id();
    let Some(record) = locked.threads.get_mut(&me) else {
        return (locked, Err(Errno::PERM));
    };
    record.wait = Some(Wait {
        on,
        turn,
        timed: limit.is_some(),
        wanted,
    });
    let alarm = Arc::clone(&record.alarm);
    loop {
        locked = rest(locked, &alarm, limit);
        let Some(record) = locked.threads.get_mut(&me) else {
            return (locked, Err(Errno::PERM));
        };
        if let Some(result) = record.woken.take() {
            return (locked, result);
        }
        if limit.is_some_and(|(clock, date)| now(clock) >= date) {
            record.wait = None;
            return (locked, Err(Errno::TIMEDOUT));
        }
    }
}

/// Waits once, for not too long: the clock may be set.
fn rest(locked: Locked, alarm: &Condvar, limit: Limit) -> Locked {
    match limit {
        None => alarm.wait(locked).unwrap_or_else(PoisonError::into_inner),
        Some((clock, date)) => {
            let left = date.saturating_sub(now(clock)).min(Duration::from_secs(1));
            let waited = alarm.wait_timeout(locked, left);
            waited.unwrap_or_else(PoisonError::into_inner).0
        }
    }
}
