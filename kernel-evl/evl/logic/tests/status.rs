// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The state machine of threads: every transition from every state, and agreement with the
//! interface.

use evl_logic::{
    error::Error,
    status::{
        info,
        state::{self, *},
        Block, Release, Status, BLOCKED,
    },
};

const BLOCKS: [Block; 8] = [
    Block::Wait { timed: false },
    Block::Wait { timed: true },
    Block::Sleep,
    Block::Period,
    Block::Inband,
    Block::Suspend,
    Block::Freeze,
    Block::Exit,
];

const RELEASES: [Release; 12] = [
    Release::Wakeup,
    Release::Broadcast,
    Release::Signal,
    Release::Timeout,
    Release::Period,
    Release::Break,
    Release::Remove,
    Release::Kick,
    Release::Oob,
    Release::Start,
    Release::Resume,
    Release::Thaw,
];

/// All that can be reached from a dormant thread.
fn reachable() -> Vec<Status> {
    let mut found = vec![Status {
        state: DORMANT,
        info: 0,
    }];
    let mut at = 0;
    while at < found.len() {
        let from = found[at];
        let blocked = BLOCKS.iter().filter_map(|why| from.block(*why).ok());
        let released = RELEASES.iter().filter_map(|cause| from.release(*cause));
        for to in blocked.chain(released).collect::<Vec<_>>() {
            if !found.contains(&to) {
                found.push(to);
            }
        }
        at += 1;
    }
    found
}

#[test]
fn one_wait_at_a_time_and_one_cause() {
    for status in reachable() {
        let waits = status.state & (PEND | DELAY | WAIT);
        assert!(
            [0, PEND, PEND | DELAY, DELAY, WAIT].contains(&waits),
            "{status:x?}"
        );
        assert!(
            (status.info & info::CAUSES).count_ones() <= 1,
            "{status:x?}"
        );
        // A wait that goes on has no cause to have ended.
        assert!(waits == 0 || status.info & info::CAUSES == 0, "{status:x?}");
        // The core's own waits are oob.
        assert!(waits == 0 || status.state & INBAND == 0, "{status:x?}");
    }
}

#[test]
fn whoever_was_kicked_begins_no_wait() {
    for status in reachable() {
        if status.info & info::KICKED == 0 {
            continue;
        }
        // What is left is a wait in a queue, which must be taken out of it.
        assert_eq!(status.state & WAIT, 0, "{status:x?}");
        assert_ne!(status.state & (PEND | DELAY), DELAY, "{status:x?}");
        if status.runnable() {
            for why in [Block::Wait { timed: true }, Block::Sleep, Block::Period] {
                assert_eq!(status.block(why), Err(Error::Interrupted));
            }
            assert!(status.block(Block::Inband).is_ok());
        }
    }
}

#[test]
fn the_end_is_final() {
    for status in reachable() {
        if status.state & ZOMBIE != 0 {
            assert!(!status.runnable());
            assert!(BLOCKS
                .iter()
                .all(|why| status.block(*why) == Err(Error::Gone)));
            assert!(RELEASES
                .iter()
                .all(|cause| status.release(*cause).is_none()));
        } else {
            assert!(status.block(Block::Exit).is_ok());
        }
    }
}

#[test]
fn every_thread_can_be_made_to_run() {
    let ways_out = [
        Release::Start,
        Release::Break,
        Release::Oob,
        Release::Resume,
        Release::Thaw,
    ];
    for status in reachable() {
        let last = ways_out.iter().fold(status, |status, cause| {
            status.release(*cause).unwrap_or(status)
        });
        assert_eq!(last.runnable(), status.state & ZOMBIE == 0, "{status:x?}");
    }
}

#[test]
fn a_wait_ends_by_what_came_first() {
    let waiting = Status::default()
        .block(Block::Wait { timed: true })
        .unwrap();
    let causes = [
        (Release::Wakeup, Ok(())),
        (Release::Broadcast, Ok(())),
        (Release::Signal, Ok(())),
        (Release::Timeout, Err(Error::TimedOut)),
        (Release::Break, Err(Error::Interrupted)),
        (Release::Remove, Err(Error::Removed)),
    ];
    for (cause, result) in causes {
        let ended = waiting.release(cause).unwrap();
        assert!(ended.runnable());
        assert_eq!(ended.wait_result(), result, "{cause:?}");
        for (late, _) in causes {
            let after = ended.release(late).unwrap_or(ended);
            assert_eq!(after.wait_result(), result, "{late:?} after {cause:?}");
        }
    }
}

#[test]
fn a_sleep_ends_well_by_its_timer() {
    let asleep = Status::default().block(Block::Sleep).unwrap();
    assert_eq!(asleep.release(Release::Wakeup), None);
    let awake = asleep.release(Release::Timeout).unwrap();
    assert_eq!(awake, Status::default());
    let broken = asleep.release(Release::Break).unwrap();
    assert_eq!(broken.wait_result(), Err(Error::Interrupted));
}

#[test]
fn a_suspended_waiter_stays_suspended() {
    let waiting = Status::default()
        .block(Block::Wait { timed: false })
        .unwrap();
    let both = waiting.block(Block::Suspend).unwrap();
    let woken = both.release(Release::Wakeup).unwrap();
    assert_eq!(woken.state & BLOCKED, SUSP);
    assert!(woken.release(Release::Resume).unwrap().runnable());
    // A signal must reach it.
    let kicked = both.release(Release::Kick).unwrap();
    let broken = kicked.release(Release::Break).unwrap();
    assert!(broken.runnable());
    assert_eq!(broken.wait_result(), Err(Error::Interrupted));
}

#[test]
fn who_is_frozen_goes_on_in_band_only() {
    let running = Status::default();
    let frozen = running.block(Block::Freeze).unwrap();
    assert_eq!(frozen.state, PTSYNC);
    // Nobody switched away from it yet: what it was about to do, it does.
    let asleep = frozen.block(Block::Sleep).unwrap();
    let awake = asleep.release(Release::Timeout).unwrap();
    assert_eq!(awake.state, PTSYNC);
    assert!(awake.release(Release::Thaw).unwrap().runnable());
    assert_eq!(asleep.block(Block::Sleep), Err(Error::Invalid));
    assert_eq!(frozen.block(Block::Inband).unwrap().state, INBAND);
    // The debugger stops it by a signal, too.
    let kicked = asleep.release(Release::Kick).unwrap();
    assert!(kicked.runnable());
    assert_eq!(kicked.block(Block::Freeze), Err(Error::Interrupted));
    let inband = kicked.block(Block::Inband).unwrap();
    assert_eq!(inband.block(Block::Freeze), Err(Error::Invalid));
}

#[test]
fn bits_are_those_of_the_interface() {
    use evl_sys as uapi;
    for (ours, theirs) in [
        (state::SUSP, uapi::EVL_T_SUSP),
        (state::PEND, uapi::EVL_T_PEND),
        (state::DELAY, uapi::EVL_T_DELAY),
        (state::WAIT, uapi::EVL_T_WAIT),
        (state::READY, uapi::EVL_T_READY),
        (state::DORMANT, uapi::EVL_T_DORMANT),
        (state::ZOMBIE, uapi::EVL_T_ZOMBIE),
        (state::INBAND, uapi::EVL_T_INBAND),
        (state::HALT, uapi::EVL_T_HALT),
        (state::BOOST, uapi::EVL_T_BOOST),
        (state::PTSYNC, uapi::EVL_T_PTSYNC),
        (state::RRB, uapi::EVL_T_RRB),
        (state::WEAK, uapi::EVL_T_WEAK),
        (info::TIMEO, uapi::EVL_T_TIMEO),
        (info::RMID, uapi::EVL_T_RMID),
        (info::BREAK, uapi::EVL_T_BREAK),
        (info::KICKED, uapi::EVL_T_KICKED),
        (info::BCAST, uapi::EVL_T_BCAST),
        (info::SIGNAL, uapi::EVL_T_SIGNAL),
        (evl_logic::word::gate::CLAIMED, uapi::EVL_GATE_CLAIMED),
        (evl_logic::word::gate::CEILING, uapi::EVL_GATE_CEILING),
        (evl_logic::word::gate::OWNER, uapi::EVL_GATE_OWNER_MASK),
        (
            evl_logic::word::signal::SIGNALED,
            uapi::EVL_MONITOR_SIGNALED,
        ),
        (
            evl_logic::word::signal::BROADCAST,
            uapi::EVL_MONITOR_BROADCAST,
        ),
        (
            evl_logic::word::signal::TARGETED,
            uapi::EVL_MONITOR_TARGETED,
        ),
    ] {
        assert_eq!(ours, theirs);
    }
}

#[test]
fn policies_are_those_of_the_interface() {
    use evl_logic::priority::{Class, Policy, Priority};
    use evl_sys as uapi;
    for (number, policy) in [
        (1, Policy::Fifo),
        (2, Policy::RoundRobin),
        (uapi::SCHED_WEAK, Policy::Weak),
        (uapi::SCHED_QUOTA, Policy::Quota),
        (uapi::SCHED_TP, Policy::Tp),
    ] {
        let found = Policy::from_number(number);
        assert_eq!(found, Ok(policy));
        let lowest = if policy == Policy::Weak { 0 } else { 1 };
        for priority in -2..=102 {
            let expected = if (lowest..=99).contains(&priority) {
                Priority::new(policy.class(), priority)
            } else {
                Err(Error::Invalid)
            };
            assert_eq!(policy.priority(priority), expected);
        }
    }
    for number in [-1, 0, 3, 5, 6, 42, 46, i32::MAX] {
        assert_eq!(Policy::from_number(number), Err(Error::Invalid));
    }
    // Weighted priorities order by class, then priority, and survive the way through a key.
    let mut last = None;
    for class in [Class::Weak, Class::Quota, Class::Tp, Class::Fifo] {
        for priority in 0..=101 {
            let weighted = Priority::new(class, priority).unwrap();
            assert_eq!((weighted.class(), weighted.in_class()), (class, priority));
            assert_eq!(Priority::from_key(weighted.key()), weighted);
            assert!(last < Some(weighted));
            last = Some(weighted);
        }
    }
}

#[test]
fn error_codes_are_those_of_linux() {
    for (error, errno) in [
        (Error::NotOwner, libc::EPERM),
        (Error::Missing, libc::ENOENT),
        (Error::Exists, libc::EEXIST),
        (Error::Loop, libc::ELOOP),
        (Error::Interrupted, libc::EINTR),
        (Error::Again, libc::EAGAIN),
        (Error::Busy, libc::EBUSY),
        (Error::Invalid, libc::EINVAL),
        (Error::Deadlock, libc::EDEADLK),
        (Error::Removed, libc::EIDRM),
        (Error::Overflow, libc::EOVERFLOW),
        (Error::BadState, libc::EBADFD),
        (Error::TimedOut, libc::ETIMEDOUT),
        (Error::Gone, libc::ESTALE),
    ] {
        assert_eq!(error.errno(), errno);
    }
}
