// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The ordered set against a sorted vector, and what its operations cost.

mod common;

use common::Counting;
use evl_logic::{
    table::{Id, TimerId},
    tree::{Node, OrderedSet, Place, Slot},
};
use proptest::prelude::*;

struct Whole;

impl Slot for Whole {
    type Id = TimerId;
    type Record = Node;

    fn node(record: &Node) -> &Node {
        record
    }
}

const RECORDS: u32 = 40;

#[derive(Clone, Debug)]
enum Op {
    Insert(u32, u64, Place),
    Remove(u32),
    Rekey(u32, u64, Place),
    Pop,
}

fn any_op() -> impl Strategy<Value = Op> {
    let id = 0..RECORDS;
    let key = 0..12_u64;
    let place = prop_oneof![Just(Place::Head), Just(Place::Tail)];
    prop_oneof![
        4 => (id.clone(), key.clone(), place.clone()).prop_map(|(i, k, p)| Op::Insert(i, k, p)),
        2 => id.clone().prop_map(Op::Remove),
        2 => (id, key, place).prop_map(|(i, k, p)| Op::Rekey(i, k, p)),
        1 => Just(Op::Pop),
    ]
}

fn id(index: u32) -> TimerId {
    TimerId::new(index).unwrap()
}

/// Inserts behind what is smaller, and before or behind equals.
fn model_insert(model: &mut Vec<(u64, u32)>, key: u64, index: u32, place: Place) {
    let at = model.partition_point(|(other, _)| match place {
        Place::Head => *other < key,
        Place::Tail => *other <= key,
    });
    model.insert(at, (key, index));
}

fn model_remove(model: &mut Vec<(u64, u32)>, index: u32) -> bool {
    let before = model.len();
    model.retain(|(_, other)| *other != index);
    model.len() != before
}

proptest! {
    #![proptest_config(common::cases(2000))]

    #[test]
    fn behaves_like_a_sorted_vector(ops in prop::collection::vec(any_op(), 1..200)) {
        let table = Counting::new((0..RECORDS).map(|_| Node::new()));
        let mut set = OrderedSet::<Whole>::new(7);
        let mut other = OrderedSet::<Whole>::new(8);
        let mut model: Vec<(u64, u32)> = Vec::new();
        for op in ops {
            match op {
                Op::Insert(i, key, place) => {
                    let is_new = model.iter().all(|(_, other)| *other != i);
                    prop_assert_eq!(set.insert(&table, id(i), key, place), is_new);
                    prop_assert!(!other.insert(&table, id(i), key, place));
                    prop_assert!(!other.remove(&table, id(i)));
                    if is_new {
                        model_insert(&mut model, key, i, place);
                    }
                }
                Op::Remove(i) => {
                    prop_assert_eq!(set.remove(&table, id(i)), model_remove(&mut model, i));
                }
                Op::Rekey(i, key, place) => {
                    let known = model_remove(&mut model, i);
                    prop_assert_eq!(set.rekey(&table, id(i), key, place), known);
                    if known {
                        model_insert(&mut model, key, i, place);
                    }
                }
                Op::Pop => {
                    let first = (!model.is_empty()).then(|| model.remove(0).1);
                    prop_assert_eq!(set.pop(&table).map(|id| id.index()), first);
                }
            }
            let found: Vec<u32> = set.iter(&table).map(|id| id.index()).collect();
            let expected: Vec<u32> = model.iter().map(|(_, i)| *i).collect();
            prop_assert_eq!(found, expected);
            for key in 0..12 {
                let first = model.iter().find(|(other, _)| *other == key);
                let found = set.find(&table, key).map(|id| id.index());
                prop_assert_eq!(found, first.map(|(_, i)| *i));
            }
            prop_assert_eq!(set.len() as usize, model.len());
            prop_assert_eq!(set.is_empty(), model.is_empty());
            prop_assert_eq!(set.first().map(|id| id.index()), model.first().map(|(_, i)| *i));
            for i in 0..RECORDS {
                let is_member = model.iter().any(|(_, other)| *other == i);
                prop_assert_eq!(set.contains(&table, id(i)), is_member);
            }
        }
    }
}

/// The order in which keys come.
#[derive(Clone, Copy, Debug)]
enum Keys {
    Ascending,
    Descending,
    Equal,
    Scattered,
}

impl Keys {
    fn of(self, index: u32) -> u64 {
        match self {
            Self::Ascending => u64::from(index),
            Self::Descending => u64::from(u32::MAX - index),
            Self::Equal => 0,
            Self::Scattered => u64::from(index.wrapping_mul(2_654_435_761)),
        }
    }
}

/// The highest number of looks at records that an insertion, a removal took.
fn worst(size: u32, keys: Keys) -> (u64, u64) {
    let table = Counting::new((0..size).map(|_| Node::new()));
    let mut set = OrderedSet::<Whole>::new(7);
    let insert = (0..size).map(|i| {
        let (cost, done) = table.cost(|| set.insert(&table, id(i), keys.of(i), Place::Tail));
        assert!(done);
        cost
    });
    let insert = insert.max().unwrap();
    // From the middle out, and the rest from the front, as timers go.
    let mut remove = 0;
    for i in (size / 2..size).step_by(2) {
        let (cost, done) = table.cost(|| set.remove(&table, id(i)));
        assert!(done);
        remove = remove.max(cost);
    }
    while let (cost, Some(_)) = table.cost(|| set.pop(&table)) {
        remove = remove.max(cost);
    }
    assert!(set.is_empty());
    (insert, remove)
}

#[test]
fn cost_grows_with_the_logarithm() {
    let sizes: &[u32] = if cfg!(miri) {
        &[10, 100]
    } else {
        &[10, 100, 1_000, 10_000]
    };
    for keys in [
        Keys::Ascending,
        Keys::Descending,
        Keys::Equal,
        Keys::Scattered,
    ] {
        for &size in sizes {
            let (insert, remove) = worst(size, keys);
            println!("{size:6} {keys:?}: insert {insert}, remove {remove} looks at worst");
            // The height of an AVL tree, times the looks it takes to balance one node.
            let height = 1.4405 * f64::from(size + 2).log2();
            let bound = (30.0 * height) as u64 + 30;
            assert!(
                insert <= bound && remove <= bound,
                "{size} {keys:?}: {insert}, {remove}"
            );
        }
    }
}
