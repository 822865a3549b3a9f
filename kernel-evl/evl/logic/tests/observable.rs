// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Observables against a queue of subscribers.

mod common;

use std::collections::VecDeque;

use evl_logic::{
    error::Error,
    observable::{Dispatch, Notice, Observable, Subscriber},
    table::{Id, SubscriberId},
};
use proptest::prelude::*;

const SUBSCRIBERS: u32 = 5;
const BACKLOG: usize = 3;

#[derive(Clone, Debug)]
enum Op {
    Subscribe(u32, bool),
    Unsubscribe(u32),
    Publish(u64),
    Drain(u32),
}

fn any_op() -> impl Strategy<Value = Op> {
    let id = 0..SUBSCRIBERS;
    prop_oneof![
        2 => (id.clone(), any::<bool>()).prop_map(|(i, c)| Op::Subscribe(i, c)),
        1 => id.clone().prop_map(Op::Unsubscribe),
        6 => (0..2_u64).prop_map(Op::Publish),
        3 => id.prop_map(Op::Drain),
    ]
}

fn id(index: u32) -> SubscriberId {
    SubscriberId::new(index).unwrap()
}

/// A subscriber in the model: index, interested in changes only, value seen last.
type Entry = (u32, bool, Option<u64>);

proptest! {
    #![proptest_config(common::cases(3000))]

    #[test]
    fn notices_go_where_they_should(
        turns in any::<bool>(),
        ops in prop::collection::vec(any_op(), 1..100),
    ) {
        let table: Vec<Subscriber> = (0..SUBSCRIBERS).map(|_| Subscriber::new()).collect();
        let dispatch = if turns { Dispatch::Turns } else { Dispatch::All };
        let mut observable = Observable::new(1, dispatch);
        let mut model: VecDeque<Entry> = VecDeque::new();
        let mut backlogs = vec![Vec::new(); SUBSCRIBERS as usize];
        let mut expected = backlogs.clone();
        let mut serial = 0;
        for op in ops {
            match op {
                Op::Subscribe(i, on_change) => {
                    let is_new = model.iter().all(|entry| entry.0 != i);
                    let found = observable.subscribe(&table[..], id(i), on_change);
                    prop_assert_eq!(found, if is_new { Ok(()) } else { Err(Error::Busy) });
                    if is_new {
                        model.push_back((i, on_change, None));
                    }
                }
                Op::Unsubscribe(i) => {
                    let before = model.len();
                    model.retain(|entry| entry.0 != i);
                    let found = observable.unsubscribe(&table[..], id(i));
                    prop_assert_eq!(found, model.len() != before);
                }
                Op::Publish(value) => {
                    let notice = Notice::of_user(64, value).unwrap();
                    let found = observable.publish(&table[..], notice, |id, serial| {
                        let backlog = &mut backlogs[id.index() as usize];
                        let has_room = backlog.len() < BACKLOG;
                        if has_room {
                            backlog.push((serial, value));
                        }
                        has_room
                    });
                    prop_assert_eq!(found, model_publish(&mut model, &mut expected, turns, (serial, value)));
                    serial += 1;
                }
                Op::Drain(i) => {
                    backlogs[i as usize].clear();
                    expected[i as usize].clear();
                }
            }
            prop_assert_eq!(&backlogs, &expected);
            prop_assert_eq!(observable.len() as usize, model.len());
            prop_assert_eq!(observable.is_empty(), model.is_empty());
        }
    }
}

fn model_publish(
    model: &mut VecDeque<Entry>,
    backlogs: &mut [Vec<(u32, u64)>],
    turns: bool,
    notice: (u32, u64),
) -> u32 {
    let mut reached = 0;
    for at in 0..model.len() {
        let (i, on_change, last) = model[at];
        let knows = on_change && last == Some(notice.1);
        let backlog = &mut backlogs[i as usize];
        if !knows && backlog.len() == BACKLOG {
            continue;
        }
        if !knows {
            backlog.push(notice);
        }
        model[at].2 = Some(notice.1);
        reached += 1;
        if turns {
            let entry = model.remove(at).unwrap();
            model.push_back(entry);
            break;
        }
    }
    reached
}

#[test]
fn tags_of_the_core_are_refused() {
    assert_eq!(Notice::of_user(63, 0), Err(Error::Invalid));
    assert_eq!(Notice::of_user(64, 7), Ok(Notice { tag: 64, value: 7 }));
}

#[test]
fn a_subscription_is_to_one_observable() {
    let table = [Subscriber::new()];
    let mut one = Observable::new(1, Dispatch::All);
    let mut two = Observable::new(2, Dispatch::All);
    assert_eq!(one.subscribe(&table[..], id(0), false), Ok(()));
    assert_eq!(two.subscribe(&table[..], id(0), false), Err(Error::Busy));
    assert!(!two.unsubscribe(&table[..], id(0)));
    assert_eq!(two.subscribe(&table[..], id(4), false), Err(Error::Invalid));
}
