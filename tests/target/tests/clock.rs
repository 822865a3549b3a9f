// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/dev/evl/clock/*`.

use evl_sys::{EVL_CLKIOC_GET_RES, EVL_CLKIOC_GET_TIME, EVL_CLKIOC_NEW_TIMER, EVL_CLKIOC_SLEEP};
use evl_target_tests::{Cliff, ioctl, ioctl_with, open};

const CLOCKS: [(&str, libc::clockid_t); 2] = [
    ("/dev/evl/clock/monotonic", libc::CLOCK_MONOTONIC),
    ("/dev/evl/clock/realtime", libc::CLOCK_REALTIME),
];

/// Nanoseconds of the `{s64 sec, s64 nsec}` that a request answers with.
fn read(path: &str, request: u32) -> i128 {
    let mut time = [-1_i64; 2];
    assert_eq!(ioctl_with(&open(path), request, &mut time), Ok(0), "{path}");
    assert!((0..1_000_000_000).contains(&time[1]), "{path}: {time:?}");
    i128::from(time[0]) * 1_000_000_000 + i128::from(time[1])
}

/// The same clock, asked for through Linux.
fn linux(clock: libc::clockid_t) -> i128 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    assert_eq!(unsafe { libc::clock_gettime(clock, &raw mut time) }, 0);
    i128::from(time.tv_sec) * 1_000_000_000 + i128::from(time.tv_nsec)
}

#[test]
fn the_core_and_linux_agree_on_the_time() {
    for (path, clock) in CLOCKS {
        for _ in 0..100 {
            let before = linux(clock);
            let now = read(path, EVL_CLKIOC_GET_TIME);
            let after = linux(clock);
            assert!(
                before <= now && now <= after,
                "{path}: {before} {now} {after}"
            );
        }
    }
}

#[test]
fn the_resolution_is_a_nanosecond() {
    for (path, _) in CLOCKS {
        assert_eq!(read(path, EVL_CLKIOC_GET_RES), 1, "{path}");
    }
}

#[test]
fn bad_buffers_fault() {
    let cliff = Cliff::new().unwrap();
    for (path, _) in CLOCKS {
        let clock = open(path);
        for request in [EVL_CLKIOC_GET_TIME, EVL_CLKIOC_GET_RES] {
            assert_eq!(
                ioctl(&clock, request, cliff.address(15)),
                Err(libc::EFAULT),
                "{path}"
            );
            assert_eq!(ioctl(&clock, request, 0), Err(libc::EFAULT), "{path}");
        }
    }
}

#[test]
fn what_is_not_there_yet_is_refused() {
    for (path, _) in CLOCKS {
        for request in [EVL_CLKIOC_SLEEP, EVL_CLKIOC_NEW_TIMER, 0x8018_4300] {
            assert_eq!(
                ioctl_with(&open(path), request, &mut [0_u8; 64]),
                Err(libc::ENOTTY),
                "{path}: {request:#x}"
            );
        }
    }
}

/// A timer that failed its calibration at boot leaves Linux with a tick of milliseconds, and says so only in the log.
#[test]
fn linux_has_high_resolution_timers() {
    let mut resolution = libc::timespec {
        tv_sec: -1,
        tv_nsec: -1,
    };
    // SAFETY: `resolution` is a valid place for the answer.
    let status = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC, &raw mut resolution) };
    assert_eq!(status, 0);
    assert_eq!((resolution.tv_sec, resolution.tv_nsec), (0, 1));
}
