// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Poll sets against a list of edges that is searched for circles and long ways.

mod common;

use common::polls::PollTables;
use evl_logic::{
    error::Error,
    poll::{
        events::{POLLERR, POLLIN, POLLNVAL},
        File, Graph, Ready, Watches, MAX_DEPTH,
    },
    table::{Id, PollId, Table, WatchId},
};
use proptest::prelude::*;

const SETS: u32 = 10;

/// Files of these numbers and above are sets.
const FIRST_SET: u32 = 4;

fn set(index: u32) -> PollId {
    PollId::new(index).unwrap()
}

fn watch(index: u32) -> WatchId {
    WatchId::new(index).unwrap()
}

fn file(number: u32) -> File {
    File {
        number,
        set: number.checked_sub(FIRST_SET).and_then(PollId::new),
    }
}

/// Sets, files, and the watches between them.
type Edges = Vec<(u32, u32, u32)>;

/// The number of sets on the longest way down from one; none if it leads in a circle.
fn longest(edges: &Edges, from: u32, budget: u32) -> Option<u32> {
    let budget = budget.checked_sub(1)?;
    let below = edges.iter().filter(|edge| edge.0 == from);
    let mut deepest = 0;
    for number in below.filter_map(|edge| edge.1.checked_sub(FIRST_SET)) {
        deepest = deepest.max(longest(edges, number, budget)?);
    }
    Some(deepest + 1)
}

fn is_sane(edges: &Edges) -> bool {
    (0..SETS).all(|from| longest(edges, from, SETS + 1).is_some_and(|depth| depth <= MAX_DEPTH))
}

#[derive(Clone, Debug)]
enum Op {
    Add(u32, u32),
    Remove(u32, u32),
    Modify(u32, u32),
    Close(u32),
}

fn any_op() -> impl Strategy<Value = Op> {
    let (id, number) = (0..SETS, 0..FIRST_SET + SETS);
    let both = (id.clone(), number);
    prop_oneof![
        10 => both.clone().prop_map(|(i, n)| Op::Add(i, n)),
        4 => both.clone().prop_map(|(i, n)| Op::Remove(i, n)),
        1 => both.prop_map(|(i, n)| Op::Modify(i, n)),
        1 => id.prop_map(Op::Close),
    ]
}

proptest! {
    #![proptest_config(common::cases(2000))]

    // The model searches everything after every step.
    #[cfg_attr(miri, ignore)]
    #[test]
    fn nesting_is_bounded(ops in prop::collection::vec(any_op(), 1..100)) {
        let env = PollTables::new();
        let mut graph = Graph::new();
        let mut edges: Edges = Vec::new();
        for op in ops {
            match op {
                Op::Add(i, n) => {
                    let Some(free) = (0..60).find(|w| edges.iter().all(|edge| edge.2 != *w)) else {
                        continue;
                    };
                    let found = graph.add(&env, set(i), watch(free), file(n), POLLIN);
                    let known = edges.iter().any(|edge| (edge.0, edge.1) == (i, n));
                    edges.push((i, n, free));
                    let expected = if known {
                        Err(Error::Exists)
                    } else if is_sane(&edges) {
                        Ok(())
                    } else {
                        Err(Error::Loop)
                    };
                    if expected.is_err() {
                        edges.pop();
                    }
                    prop_assert_eq!(found, expected);
                }
                Op::Remove(i, n) => {
                    let at = edges.iter().position(|edge| (edge.0, edge.1) == (i, n));
                    let expected = at.map(|at| watch(edges.remove(at).2)).ok_or(Error::Missing);
                    prop_assert_eq!(graph.remove(&env, set(i), n), expected);
                }
                Op::Modify(i, n) => {
                    let edge = edges.iter().find(|edge| (edge.0, edge.1) == (i, n));
                    let expected = edge.map(|edge| watch(edge.2)).ok_or(Error::Missing);
                    prop_assert_eq!(graph.modify(&env, set(i), n, POLLIN), expected);
                }
                Op::Close(i) => {
                    graph.close(&env, set(i));
                    // Its own files are removed, and it is a closed file to others.
                    for edge in edges.extract_if_set(i) {
                        prop_assert_eq!(graph.remove(&env, set(i), edge.1), Ok(watch(edge.2)));
                    }
                    for edge in edges.extract_if_file(i + FIRST_SET) {
                        prop_assert_eq!(graph.remove(&env, set(edge.0), edge.1), Ok(watch(edge.2)));
                    }
                }
            }
            for i in 0..SETS {
                let members: Vec<u32> = env.sets[i as usize]
                    .watches(set(i))
                    .iter(&env)
                    .map(|id| id.index())
                    .collect();
                let mut expected: Vec<(u32, u32)> = edges
                    .iter()
                    .filter(|edge| edge.0 == i)
                    .map(|edge| (edge.1, edge.2))
                    .collect();
                expected.sort_unstable();
                let expected: Vec<u32> = expected.into_iter().map(|(_, w)| w).collect();
                prop_assert_eq!(members, expected);
            }
        }
    }
}

/// Takes edges out.
trait Extract {
    fn extract_if_set(&mut self, set: u32) -> Edges;
    fn extract_if_file(&mut self, file: u32) -> Edges;
}

impl Extract for Edges {
    fn extract_if_set(&mut self, set: u32) -> Edges {
        let (out, rest) = self.drain(..).partition(|edge| edge.0 == set);
        *self = rest;
        out
    }

    fn extract_if_file(&mut self, file: u32) -> Edges {
        let (out, rest) = self.drain(..).partition(|edge| edge.1 == file);
        *self = rest;
        out
    }
}

#[test]
fn events_reach_who_wants_them() {
    let env = PollTables::new();
    let mut graph = Graph::new();
    let mut watches = Watches::new(1);
    let mut ready = Ready::new(1);
    for (w, wanted) in [(0, POLLIN), (1, 0)] {
        let added = graph.add(&env, set(w), watch(w), file(0), wanted);
        assert_eq!(added, Ok(()));
        assert!(watches.add(&env, watch(w)));
    }
    let told = |watches: &Watches, found| {
        let mut told = Vec::new();
        watches.signal(&env, found, |watch, set| {
            told.push((watch.index(), set.index()))
        });
        told
    };
    assert_eq!(told(&watches, POLLIN), [(0, 0)]);
    assert_eq!(told(&watches, POLLERR), [(0, 0), (1, 1)]);

    assert!(ready.mark(&env, watch(0)));
    assert!(!ready.mark(&env, watch(0)));
    assert!(!ready.mark(&env, watch(1)));
    assert_eq!(ready.pop(&env), Some(watch(0)));
    ready.forget(&env, watch(1));
    assert!(ready.is_empty());

    let record = |w| Table::<WatchId, _>::get(&env, watch(w)).unwrap();
    assert_eq!(record(0).present(|| POLLIN | POLLERR), POLLIN | POLLERR);
    assert_eq!(record(1).present(|| POLLIN), 0);
    while let Some((id, _)) = watches.close(&env) {
        assert!(ready.mark(&env, id) || ready.len() > 1);
    }
    assert!(watches.is_empty());
    assert_eq!(record(1).present(|| POLLIN), POLLNVAL);
    assert_eq!(graph.remove(&env, set(1), 0), Ok(watch(1)));
    assert_eq!(graph.remove(&env, set(1), 0), Err(Error::Missing));
}
