// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Gates against a graph of owners and waiters that is walked from end to end after every step.

mod common;

use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

use common::{
    fifo,
    gates::{gate, handle, Gates, Told},
    thread,
};
use evl_logic::{
    error::Error,
    gate::{of_tag, Effects, Entry, Pi},
    priority::Priority,
    table::{Id, ThreadId},
    word,
};
use proptest::prelude::*;

const THREADS: usize = 8;
const GATES: usize = 6;

#[derive(Clone, Debug)]
enum Op {
    /// The application's step first.
    Lock(usize, usize),
    Enter(usize, usize),
    TryEnter(usize, usize),
    Unlock(usize, usize),
    Exit(usize, usize),
    /// A waiter that is awake looks again.
    Resume(usize),
    /// The time limit of a waiter is reached.
    Timeout(usize),
    SetBase(usize, i32),
    Commit(usize, usize),
    Die(usize),
    Evict(usize),
}

fn any_op() -> impl Strategy<Value = Op> {
    let (t, g) = (0..THREADS, 0..GATES);
    let both = (t.clone(), g.clone());
    prop_oneof![
        80 => both.clone().prop_map(|(t, g)| Op::Lock(t, g)),
        20 => both.clone().prop_map(|(t, g)| Op::Enter(t, g)),
        10 => both.clone().prop_map(|(t, g)| Op::TryEnter(t, g)),
        30 => both.clone().prop_map(|(t, g)| Op::Unlock(t, g)),
        10 => both.clone().prop_map(|(t, g)| Op::Exit(t, g)),
        40 => t.clone().prop_map(Op::Resume),
        10 => t.clone().prop_map(Op::Timeout),
        20 => (t.clone(), 1..20).prop_map(|(t, p)| Op::SetBase(t, p)),
        10 => both.prop_map(|(t, g)| Op::Commit(t, g)),
        1 => t.prop_map(Op::Die),
        1 => g.prop_map(Op::Evict),
    ]
}

/// Who owns what and who waits for what.
struct Model {
    owner: [Option<usize>; GATES],
    /// The ceiling is in force.
    committed: [bool; GATES],
    waits: [Option<usize>; THREADS],
    base: [Priority; THREADS],
}

impl Model {
    /// The highest priority of a thread, of who waits for it in the end, and of its ceilings.
    fn effective(&self, t: usize, ceilings: &[Option<Priority>]) -> Priority {
        let mut highest = self.base[t];
        for g in (0..GATES).filter(|g| self.owner[*g] == Some(t)) {
            if self.committed[g] {
                highest = highest.max(ceilings[g].unwrap());
            }
            for waiter in self.waiters(g) {
                highest = highest.max(self.effective(waiter, ceilings));
            }
        }
        highest
    }

    fn waiters(&self, g: usize) -> impl Iterator<Item = usize> + '_ {
        (0..THREADS).filter(move |t| self.waits[*t] == Some(g))
    }

    /// Whether a thread would wait for itself if it waited on a gate.
    fn is_circle(&self, t: usize, g: usize) -> bool {
        let mut at = Some(g);
        while let Some(owner) = at.and_then(|g| self.owner[g]) {
            if owner == t {
                return true;
            }
            at = self.waits[owner];
        }
        false
    }
}

struct Run {
    pi: Pi,
    env: Gates<AtomicU32>,
    told: Told,
    model: Model,
}

impl Run {
    fn new() -> Self {
        let priorities: Vec<i32> = (0..THREADS as i32).map(|t| 1 + t % 5).collect();
        let words = (0..GATES).map(|_| AtomicU32::new(0)).collect();
        let mut env = Gates::new(&priorities, words);
        env.ceilings[4] = Some(fifo(3));
        env.ceilings[5] = Some(fifo(12));
        Self {
            pi: Pi::new(),
            env,
            told: Told::new(THREADS),
            model: Model {
                owner: [None; GATES],
                committed: [false; GATES],
                waits: [None; THREADS],
                base: std::array::from_fn(|t| fifo(priorities[t])),
            },
        }
    }

    fn effective(&self, t: usize) -> Priority {
        self.model.effective(t, &self.env.ceilings)
    }

    /// Whether nobody owns a gate, and no waiter may have it before a thread.
    fn is_for(&self, t: usize, g: usize) -> bool {
        let mine = self.effective(t);
        self.model.owner[g].is_none()
            && self
                .model
                .waiters(g)
                .all(|other| self.effective(other) < mine)
    }

    fn is_running(&self, t: usize) -> bool {
        self.model.waits[t].is_none() && !self.env.gone[t].load(Relaxed)
    }

    fn take(&mut self, t: usize, g: usize, by_kernel: bool) {
        self.model.owner[g] = Some(t);
        self.model.waits[t] = None;
        self.model.committed[g] = by_kernel && self.env.ceilings[g].is_some();
    }

    fn drop_gate(&mut self, g: usize) {
        self.model.owner[g] = None;
        self.model.committed[g] = false;
    }

    fn enter(&mut self, t: usize, g: usize) -> Result<(), TestCaseError> {
        let expected = if self.model.is_circle(t, g) {
            Err(Error::Deadlock)
        } else if self.is_for(t, g) {
            Ok(Entry::Owned)
        } else {
            Ok(Entry::Wait)
        };
        let mut chain = self.pi.chain(&self.env, &mut self.told);
        prop_assert_eq!(chain.enter(gate(g), thread(t)), expected);
        match expected {
            Ok(Entry::Owned) => self.take(t, g, true),
            Ok(Entry::Wait) => {
                self.model.waits[t] = Some(g);
                self.told.awake[t] = false;
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn exit(&mut self, t: usize, g: usize) -> Result<(), TestCaseError> {
        let mut chain = self.pi.chain(&self.env, &mut self.told);
        let found = chain.exit(gate(g), thread(t));
        if self.model.owner[g] == Some(t) {
            prop_assert_eq!(found, Ok(()));
            self.drop_gate(g);
        } else {
            prop_assert_eq!(found, Err(Error::NotOwner));
        }
        Ok(())
    }

    fn resume(&mut self, t: usize, wait: Result<(), Error>) -> Result<(), TestCaseError> {
        let Some(g) = self.model.waits[t] else {
            return Ok(());
        };
        let is_first = self.env.gates[g].waiters(gate(g)).first() == Some(thread(t));
        let expected = match wait {
            _ if self.model.owner[g].is_none() && is_first => Ok(Entry::Owned),
            Ok(()) => Ok(Entry::Wait),
            Err(error) => Err(error),
        };
        let mut chain = self.pi.chain(&self.env, &mut self.told);
        prop_assert_eq!(chain.resume(gate(g), thread(t), wait), expected);
        match expected {
            Ok(Entry::Owned) => self.take(t, g, true),
            Ok(Entry::Wait) => self.told.awake[t] = false,
            Err(_) => self.model.waits[t] = None,
        }
        if expected.is_ok_and(|entry| entry == Entry::Owned) || expected.is_err() {
            self.told.awake[t] = true;
        }
        Ok(())
    }

    fn apply(&mut self, op: &Op) -> Result<(), TestCaseError> {
        match *op {
            Op::Lock(t, g) if self.is_running(t) => {
                match word::gate::lock(&self.env.words[g], handle(t)) {
                    Ok(()) => {
                        prop_assert!(self.is_for(t, g));
                        self.take(t, g, false);
                    }
                    Err(Error::Deadlock) => prop_assert_eq!(self.model.owner[g], Some(t)),
                    Err(_) => self.enter(t, g)?,
                }
            }
            Op::Enter(t, g) if self.is_running(t) => self.enter(t, g)?,
            Op::TryEnter(t, g) if self.is_running(t) => {
                let expected = match self.model.owner[g] {
                    Some(owner) if owner == t => Err(Error::Deadlock),
                    None if self.is_for(t, g) => Ok(()),
                    _ => Err(Error::Busy),
                };
                let mut chain = self.pi.chain(&self.env, &mut self.told);
                prop_assert_eq!(chain.try_enter(gate(g), thread(t)), expected);
                if expected.is_ok() {
                    self.take(t, g, true);
                }
            }
            Op::Unlock(t, g) if self.is_running(t) => {
                match word::gate::unlock(&self.env.words[g], handle(t), false) {
                    Ok(()) => {
                        prop_assert_eq!(self.model.owner[g], Some(t));
                        prop_assert_eq!(self.model.waiters(g).count(), 0);
                        prop_assert!(!self.model.committed[g]);
                        self.drop_gate(g);
                    }
                    Err(Error::Again) => self.exit(t, g)?,
                    Err(_) => prop_assert!(self.model.owner[g] != Some(t)),
                }
            }
            Op::Exit(t, g) if self.is_running(t) => self.exit(t, g)?,
            Op::Resume(t) if self.told.awake[t] => self.resume(t, Ok(()))?,
            Op::Timeout(t) => self.resume(t, Err(Error::TimedOut))?,
            Op::SetBase(t, priority) => {
                self.model.base[t] = fifo(priority);
                let mut chain = self.pi.chain(&self.env, &mut self.told);
                chain.set_base(thread(t), fifo(priority));
            }
            Op::Commit(t, g) if self.is_running(t) => {
                let mut chain = self.pi.chain(&self.env, &mut self.told);
                let is_due = self.model.owner[g] == Some(t) && self.env.ceilings[g].is_some();
                prop_assert_eq!(chain.commit_ceiling(gate(g), thread(t)), is_due);
                if is_due {
                    self.model.committed[g] = true;
                }
            }
            Op::Die(t) if self.is_running(t) => {
                self.pi
                    .chain(&self.env, &mut self.told)
                    .release_all(thread(t));
                self.env.gone[t].store(true, Relaxed);
                for g in 0..GATES {
                    if self.model.owner[g] == Some(t) {
                        self.drop_gate(g);
                    }
                }
            }
            Op::Evict(g) => {
                while let Some(id) = self.pi.chain(&self.env, &mut self.told).evict(gate(g)) {
                    let t = id.index() as usize;
                    prop_assert_eq!(self.model.waits[t], Some(g));
                    self.model.waits[t] = None;
                    self.told.awake[t] = true;
                }
                prop_assert_eq!(self.model.waiters(g).count(), 0);
                self.model.committed[g] = false;
            }
            _ => {}
        }
        for t in 0..THREADS {
            let mut own = (0..GATES).filter(|g| self.model.owner[*g] == Some(t));
            let expected = own.any(|g| self.model.waiters(g).count() > 0);
            let chain = self.pi.chain(&self.env, &mut self.told);
            prop_assert_eq!(chain.is_waited_for(thread(t)), expected);
        }
        self.check()
    }

    fn check(&self) -> Result<(), TestCaseError> {
        for t in 0..THREADS {
            let effective = self.effective(t);
            prop_assert_eq!(self.env.threads[t].effective(), effective, "thread {}", t);
            // Whoever serves it was told so.
            let boosted = effective > self.model.base[t];
            match self.told.levels[t] {
                Some(told) => prop_assert_eq!(told, (effective, boosted), "thread {}", t),
                None => prop_assert!(!boosted),
            }
        }
        for g in 0..GATES {
            let waiters: Vec<ThreadId> =
                self.env.gates[g].waiters(gate(g)).iter(&self.env).collect();
            let mut found: Vec<usize> = waiters.iter().map(|t| t.index() as usize).collect();
            let levels: Vec<Priority> = found.iter().map(|t| self.effective(*t)).collect();
            prop_assert!(
                levels.is_sorted_by(|a, b| a >= b),
                "gate {}: {:?}",
                g,
                levels
            );
            found.sort_unstable();
            prop_assert_eq!(&found, &self.model.waiters(g).collect::<Vec<_>>());
            // A free gate is never waited for asleep.
            if let (None, Some(first)) = (self.model.owner[g], waiters.first()) {
                prop_assert!(self.told.awake[first.index() as usize], "gate {}", g);
            }
            self.check_word(g, !waiters.is_empty())?;
        }
        Ok(())
    }

    fn check_word(&self, g: usize, contended: bool) -> Result<(), TestCaseError> {
        let found = word::Word::load(&self.env.words[g]);
        let owner = found & word::gate::OWNER;
        match self.model.owner[g] {
            Some(t) => prop_assert_eq!(owner, handle(t)),
            // A thread that is gone may have left its handle.
            None => prop_assert!(owner == 0 || self.env.gone[owner as usize - 100].load(Relaxed)),
        }
        // Else an application would take or release what is waited for.
        prop_assert!(!contended || found & word::gate::CLAIMED != 0);
        prop_assert!(!self.model.committed[g] || found & word::gate::CEILING != 0);
        Ok(())
    }

    /// Everybody releases what it owns and takes what it waits for, until nobody waits.
    fn drain(&mut self) -> Result<(), TestCaseError> {
        for _ in 0..THREADS * GATES * 4 {
            for t in 0..THREADS {
                for g in 0..GATES {
                    if self.model.owner[g] == Some(t) {
                        self.apply(&Op::Unlock(t, g))?;
                    }
                }
                self.apply(&Op::Resume(t))?;
            }
            if self.model.waits.iter().all(Option::is_none) {
                return Ok(());
            }
        }
        prop_assert!(false, "somebody waits forever: {:?}", self.model.waits);
        Ok(())
    }
}

proptest! {
    #![proptest_config(common::cases(5000))]

    #[test]
    fn priorities_follow_the_graph(ops in prop::collection::vec(any_op(), 1..120)) {
        let mut run = Run::new();
        for op in &ops {
            run.apply(op)?;
        }
        run.drain()?;
    }
}

/// Threads of the given priorities, thread n owning gate n.
fn owners(priorities: &[i32]) -> Gates<AtomicU32> {
    let words = (0..priorities.len()).map(|_| AtomicU32::new(0)).collect();
    let env = Gates::new(priorities, words);
    for t in 0..priorities.len() {
        assert_eq!(word::gate::lock(&env.words[t], handle(t)), Ok(()));
    }
    env
}

#[test]
fn a_chain_is_boosted_and_lowered_as_one() {
    let env = owners(&[1, 2, 3, 9]);
    let (mut pi, mut told) = (Pi::new(), Told::new(4));
    for t in [1, 2, 3] {
        let entry = pi.chain(&env, &mut told).enter(gate(t - 1), thread(t));
        assert_eq!(entry, Ok(Entry::Wait));
    }
    assert!((0..4).all(|t| env.threads[t].effective() == fifo(9)));
    let circle = pi.chain(&env, &mut told).enter(gate(3), thread(0));
    assert_eq!(circle, Err(Error::Deadlock));
    // The circle that was refused leaves no trace: its gate is released without the kernel.
    assert_eq!(word::gate::unlock(&env.words[3], handle(3), false), Ok(()));
    let late = pi
        .chain(&env, &mut told)
        .resume(gate(2), thread(3), Err(Error::TimedOut));
    assert_eq!(late, Err(Error::TimedOut));
    let levels: Vec<Priority> = env.threads.iter().map(|t| t.effective()).collect();
    assert_eq!(levels, [3, 3, 3, 9].map(fifo));
    let waits: Vec<_> = env.threads.iter().map(|t| t.waits_in()).collect();
    assert_eq!(waits[1].and_then(of_tag), Some(gate(0)));
    assert_eq!(waits[0], None);
    assert_eq!(of_tag(0x7fff_ffff), None);
}

#[test]
fn a_released_gate_is_stolen_by_the_better_only() {
    let env = owners(&[5, 5, 5, 6]);
    let (mut pi, mut told) = (Pi::new(), Told::new(4));
    told.awake[1] = false;
    let entry = pi.chain(&env, &mut told).enter(gate(0), thread(1));
    assert_eq!(entry, Ok(Entry::Wait));
    assert_eq!(pi.chain(&env, &mut told).exit(gate(0), thread(0)), Ok(()));
    assert!(told.awake[1]);
    // Neither the former owner nor an equal, by no way.
    for t in [0, 2] {
        let step = word::gate::lock(&env.words[0], handle(t));
        assert_eq!(step, Err(Error::Again));
        let step = pi.chain(&env, &mut told).try_enter(gate(0), thread(t));
        assert_eq!(step, Err(Error::Busy));
    }
    let entry = pi.chain(&env, &mut told).enter(gate(0), thread(3));
    assert_eq!(entry, Ok(Entry::Owned));
    told.awake[1] = false;
    let entry = pi.chain(&env, &mut told).resume(gate(0), thread(1), Ok(()));
    assert_eq!(entry, Ok(Entry::Wait));
    assert_eq!(pi.chain(&env, &mut told).exit(gate(0), thread(3)), Ok(()));
    assert!(told.awake[1]);
    let entry = pi.chain(&env, &mut told).resume(gate(0), thread(1), Ok(()));
    assert_eq!(entry, Ok(Entry::Owned));
    assert_eq!(word::gate::unlock(&env.words[0], handle(1), false), Ok(()));
}

#[test]
fn a_ceiling_is_in_force_when_committed() {
    let mut env = owners(&[2, 8]);
    env.ceilings[0] = Some(fifo(7));
    env.ceilings[1] = Some(fifo(7));
    let (mut pi, mut told) = (Pi::new(), Told::new(2));
    assert_eq!(env.threads[0].effective(), fifo(2));
    for t in [0, 1] {
        assert!(pi.chain(&env, &mut told).commit_ceiling(gate(t), thread(t)));
    }
    assert_eq!(told.levels[0], Some((fifo(7), true)));
    // A ceiling below the owner changes nothing.
    assert_eq!(told.levels[1], None);
    assert_eq!(
        word::gate::unlock(&env.words[0], handle(0), false),
        Err(Error::Again)
    );
    assert_eq!(pi.chain(&env, &mut told).exit(gate(0), thread(0)), Ok(()));
    assert_eq!(told.levels[0], Some((fifo(2), false)));
    assert_eq!(word::gate::lock(&env.words[0], handle(0)), Ok(()));
}

/// An owner word that is looked at by the kernel whenever it changes hands.
struct Preempted<'a> {
    word: AtomicU32,
    pending: &'a AtomicU32,
}

impl word::Word for Preempted<'_> {
    fn load(&self) -> u32 {
        word::Word::load(&self.word)
    }

    fn store(&self, value: u32) {
        word::Word::store(&self.word, value);
    }

    fn exchange_if(&self, from: u32, to: u32) -> Result<u32, u32> {
        assert_eq!(self.pending.load(Relaxed), 7);
        word::Word::exchange_if(&self.word, from, to)
    }

    fn set(&self, bits: u32) -> u32 {
        word::Word::set(&self.word, bits)
    }

    fn clear(&self, bits: u32) -> u32 {
        word::Word::clear(&self.word, bits)
    }

    fn add(&self, value: u32) -> u32 {
        word::Word::add(&self.word, value)
    }
}

#[test]
fn a_ceiling_is_pending_as_long_as_its_gate_is_owned() {
    let pending = AtomicU32::new(0);
    let word = Preempted {
        word: AtomicU32::new(0),
        pending: &pending,
    };
    assert_eq!(word::gate::lock_ceiling(&word, &pending, 100, 7), Ok(()));
    assert_eq!(pending.load(Relaxed), 7);
    // One can be pending; the gate that is owned is told from others.
    let other = AtomicU32::new(0);
    let nested = word::gate::lock_ceiling(&other, &pending, 100, 8);
    assert_eq!(nested, Err(Error::Again));
    let again = word::gate::lock_ceiling(&word, &pending, 100, 7);
    assert_eq!(again, Err(Error::Deadlock));
    let done = word::gate::unlock_ceiling(&word, &pending, 100, 7, false);
    assert_eq!((done, pending.load(Relaxed)), (Ok(()), 0));
    // Taken by somebody else: nothing stays pending.
    other.store(101, Relaxed);
    let busy = word::gate::lock_ceiling(&other, &pending, 100, 8);
    assert_eq!((busy, pending.load(Relaxed)), (Err(Error::Again), 0));
}

#[test]
fn nesting_is_counted() {
    assert_eq!(word::gate::nest(false, 1), Err(Error::Deadlock));
    assert_eq!(word::gate::nest(true, 1), Ok(2));
    assert_eq!(word::gate::nest(true, 0x7fff_ffff), Err(Error::Again));
}

#[test]
fn cost_of_a_boost_grows_with_the_chain_alone() {
    let lengths: &[usize] = if cfg!(miri) { &[1, 10] } else { &[1, 10, 100] };
    for &length in lengths {
        let priorities: Vec<i32> = (0..=length).map(|_| 1).collect();
        let env = owners(&priorities);
        let (mut pi, mut told) = (Pi::new(), Told::new(length + 1));
        for t in 1..=length {
            let entry = pi.chain(&env, &mut told).enter(gate(t - 1), thread(t));
            assert_eq!(entry, Ok(Entry::Wait));
        }
        assert_eq!(told.changes, 0);
        pi.chain(&env, &mut told).set_base(thread(length), fifo(50));
        assert_eq!(told.changes, length + 1);
        pi.chain(&env, &mut told).set_base(thread(length), fifo(50));
        assert_eq!(told.changes, length + 2);
    }
}

/// Wakes nobody.
struct Deaf;

impl Effects for Deaf {
    fn reprioritized(&mut self, _: ThreadId, _: Priority, _: bool) {}
    fn wake(&mut self, _: ThreadId) {}
}

proptest! {
    #![proptest_config(common::cases(2000))]

    // An application may write anything to its words: nothing panics or loops, and no gate has two
    // owners in the kernel's books.
    #[test]
    fn hostile_words_are_survived(
        steps in prop::collection::vec((any_op(), 0..GATES, any::<u32>()), 1..100)
    ) {
        let mut run = Run::new();
        for (op, g, value) in steps {
            let value = if value % 3 == 0 { handle(value as usize % THREADS) | (value & 0xc000_0000) } else { value };
            word::Word::store(&run.env.words[g], value);
            let (env, told) = (&run.env, &mut Deaf);
            let mut chain = run.pi.chain(env, told);
            match op {
                Op::Lock(t, g) | Op::Enter(t, g) => drop(chain.enter(gate(g), thread(t))),
                Op::TryEnter(t, g) => drop(chain.try_enter(gate(g), thread(t))),
                Op::Unlock(t, g) | Op::Exit(t, g) => drop(chain.exit(gate(g), thread(t))),
                Op::Resume(t) => drop(chain.resume(gate(g), thread(t), Ok(()))),
                Op::Timeout(t) => drop(chain.resume(gate(g), thread(t), Err(Error::TimedOut))),
                Op::SetBase(t, p) => chain.set_base(thread(t), fifo(p)),
                Op::Commit(t, g) => drop(chain.commit_ceiling(gate(g), thread(t))),
                Op::Die(t) => chain.release_all(thread(t)),
                Op::Evict(g) => drop(chain.evict(gate(g))),
            }
        }
    }
}
