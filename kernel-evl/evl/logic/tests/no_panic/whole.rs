// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The logic as a kernel would compile it, with tables, and every function that runs oob.

#![no_std]
#![allow(dead_code, missing_docs, unreachable_pub)]

#[path = "../../mod.rs"]
mod logic;

use core::{hint::black_box, sync::atomic::AtomicU32};

use logic::{
    agenda::Seat,
    event::Event,
    flags::{Flags, Need},
    gate::{Effects, Env, Gate, Pi},
    observable::{Notice, Observable, Subscriber},
    poll::{File, Graph, PollSet, Ready, Watch, Watches},
    priority::Priority,
    quota::Group,
    ring::{Amount, Ring},
    runqueue::{Params, RunQueue},
    semaphore::Semaphore,
    status::{Block, Release},
    table::{
        GateId, GroupId, Id, PartitionId, PollId, SubscriberId, Table, ThreadId, TimerId, WatchId,
    },
    thread::Thread,
    timer::{Timer, TimerQueue},
    tp::{Partition, Plan},
    waitqueue::WaitQueue,
    word::{self, signal::Signal},
};

macro_rules! tables {
    ($($name:ident: $id:ident => $record:ident,)*) => {
        pub struct System {
            $($name: &'static [$record],)*
            words: &'static [AtomicU32],
        }

        $(impl Table<$id, $record> for System {
            fn get(&self, id: $id) -> Option<&$record> {
                Table::<$id, $record>::get(self.$name, id)
            }
        })*
    };
}

tables! {
    threads: ThreadId => Thread,
    groups: GroupId => Group,
    partitions: PartitionId => Partition,
    gates: GateId => Gate,
    timers: TimerId => Timer,
    sets: PollId => PollSet,
    watches: WatchId => Watch,
    subscribers: SubscriberId => Subscriber,
}

impl Env for System {
    type Word = AtomicU32;

    fn word(&self, gate: GateId) -> Option<&AtomicU32> {
        self.words.get(gate.index() as usize)
    }

    fn ceiling(&self, gate: GateId) -> Option<Priority> {
        black_box(Some(Priority::from_level(gate.index())))
    }

    fn handle(&self, thread: ThreadId) -> u32 {
        black_box(thread.index())
    }

    fn thread(&self, handle: u32) -> Option<ThreadId> {
        ThreadId::new(black_box(handle))
    }
}

pub struct Told;

impl Effects for Told {
    fn reprioritized(&mut self, thread: ThreadId, effective: Priority, boosted: bool) {
        black_box((thread, effective, boosted));
    }

    fn wake(&mut self, thread: ThreadId) {
        black_box(thread);
    }
}

#[no_mangle]
pub fn gates(pi: &mut Pi, system: &System, fx: &mut Told, id: GateId, me: ThreadId) {
    let mut chain = pi.chain(system, fx);
    let _ = black_box(chain.enter(id, me));
    let _ = black_box(chain.try_enter(id, me));
    let _ = black_box(chain.resume(id, me, Ok(())));
    let _ = black_box(chain.exit(id, me));
    chain.commit_ceiling(id, me);
    chain.set_base(me, Priority::LOWEST);
    chain.release_all(me);
    black_box(chain.is_waited_for(me));
    black_box(chain.evict(id));
}

#[no_mangle]
pub fn run_queue(
    queue: &mut RunQueue,
    system: &System,
    id: ThreadId,
    plan: Plan<'_>,
    params: Params,
    why: Block,
    cause: Release,
    now: u64,
) {
    let _ = black_box(queue.block(system, id, why));
    let _ = black_box(queue.release(system, id, cause));
    let _ = black_box(queue.yield_current(system));
    let _ = black_box(queue.set_level(system, id, Priority::LOWEST, true));
    let _ = black_box(queue.set_params(system, id, params));
    let _ = black_box(queue.tick(system, Some(plan), now));
    black_box(queue.deadline(system));
    black_box(queue.pick(system, now));
    black_box(queue.expel(system, id));
    let _ = black_box(queue.admit(system, id));
    black_box(queue.tp().start(plan, now));
}

#[no_mangle]
pub fn timers(queue: &mut TimerQueue<&'static mut [Seat]>, system: &System, id: TimerId, date: u64, period: u64) {
    let _ = black_box(queue.start(system, id, date, period));
    black_box(queue.stop(system, id));
    black_box(queue.expire(system, date));
}

#[no_mangle]
pub fn waits(queue: &mut WaitQueue, system: &System, id: ThreadId) {
    black_box(queue.add(system, id));
    queue.requeue(system, id);
    black_box(queue.remove(system, id));
    black_box(queue.pop(system));
}

#[no_mangle]
pub fn events(
    semaphore: &mut Semaphore,
    flags: &mut Flags,
    event: &mut Event,
    system: &System,
    word: &AtomicU32,
    id: ThreadId,
    gate: GateId,
    bits: u32,
) {
    let _ = black_box(semaphore.get(system, word, id));
    let _ = black_box(semaphore.try_get(word));
    let _ = black_box(semaphore.put(system, word));
    black_box(semaphore.cancel(system, word, id));
    black_box(semaphore.flush(system, word));
    let _ = black_box(flags.wait(system, word, id, bits, Need::All));
    flags.post(system, word, bits, |id| _ = black_box(id));
    flags.broadcast(system, word, bits, |id| _ = black_box(id));
    let _ = black_box(event.wait(system, id, gate));
    black_box(event.pick(system, id));
    event.deliver(system, Signal::All, |id| _ = black_box(id));
    black_box(event.cancel(system, id));
    let _ = black_box(word::gate::lock_ceiling(word, word, bits, bits));
    let _ = black_box(word::gate::unlock_ceiling(word, word, bits, bits, false));
    black_box(word::count::get(word));
    black_box(word::count::put(word, false));
}

#[no_mangle]
pub fn polls(
    graph: &mut Graph,
    watches: &mut Watches,
    ready: &mut Ready,
    system: &System,
    set: PollId,
    id: WatchId,
    file: File,
) {
    let _ = black_box(graph.add(system, set, id, file, 1));
    let _ = black_box(graph.modify(system, set, file.number, 1));
    let _ = black_box(graph.remove(system, set, file.number));
    graph.close(system, set);
    black_box(watches.add(system, id));
    watches.signal(system, 1, |id, set| _ = black_box((id, set)));
    black_box(watches.close(system));
    black_box(ready.mark(system, id));
    black_box(ready.pop(system));
    ready.forget(system, id);
}

#[no_mangle]
pub fn data(
    ring: &mut Ring,
    observable: &mut Observable,
    system: &System,
    id: SubscriberId,
    notice: Notice,
    len: u32,
) {
    if let Ok(spans) = black_box(ring.to_write(len)) {
        black_box(ring.wrote(&spans));
    }
    if let Ok(spans) = black_box(ring.to_read(len, Amount::Available)) {
        black_box(ring.took(&spans));
    }
    let _ = black_box(observable.subscribe(system, id, true));
    black_box(observable.publish(system, notice, |id, serial| black_box((id, serial)).1 != 0));
    black_box(observable.unsubscribe(system, id));
}

/// What must be found.
#[cfg(control)]
#[no_mangle]
pub fn control(words: &[u32], at: usize) -> u32 {
    words[at] + 1
}
