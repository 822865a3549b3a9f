// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/dev/evl/clock/*`.

use evl_sys::{EVL_CLKIOC_GET_RES, EVL_CLKIOC_GET_TIME, EVL_CLKIOC_NEW_TIMER, EVL_CLKIOC_SLEEP};
use evl_target_tests::{Cliff, ioctl, ioctl_with, open, open_to_read, open_to_write};

const CLOCKS: [(&str, libc::clockid_t); 2] = [
    ("/dev/evl/clock/monotonic", libc::CLOCK_MONOTONIC),
    ("/dev/evl/clock/realtime", libc::CLOCK_REALTIME),
];

/// Nanoseconds of the `{s64 sec, s64 nsec}` that a request answers with.
fn read(path: &str, request: u32) -> i128 {
    let mut time = [0xff_u8; 16];
    assert_eq!(ioctl_with(&open(path), request, &mut time), Ok(0), "{path}");
    let [sec, nsec] = [0, 8].map(|at| i64::from_ne_bytes(*time[at..].first_chunk().unwrap()));
    assert!((0..1_000_000_000).contains(&nsec), "{path}: {sec} {nsec}");
    i128::from(sec) * 1_000_000_000 + i128::from(nsec)
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
            for address in [cliff.address(15), 0] {
                // SAFETY: what is at the address is the cliff's, or no memory.
                let result = unsafe { ioctl(&clock, request, address) };
                assert_eq!(result, Err(libc::EFAULT), "{path}");
            }
        }
    }
}

#[test]
fn reading_the_clock_needs_a_file_open_for_reading() {
    for (path, _) in CLOCKS {
        for request in [EVL_CLKIOC_GET_TIME, EVL_CLKIOC_GET_RES] {
            let mut time = [0_u8; 16];
            let result = ioctl_with(&open_to_write(path), request, &mut time);
            assert_eq!(result, Err(libc::EBADF), "{path}");
            assert_eq!(time, [0; 16], "{path}");
            let result = ioctl_with(&open_to_read(path), request, &mut time);
            assert_eq!(result, Ok(0), "{path}");
        }
    }
}

#[test]
fn what_is_not_for_in_band_is_refused() {
    for (path, _) in CLOCKS {
        // Whatever the mode: what is refused has no direction either.
        for clock in [open(path), open_to_read(path), open_to_write(path)] {
            for request in [EVL_CLKIOC_SLEEP, 0x8018_4300] {
                let result = ioctl_with(&clock, request, &mut [0; 64]);
                assert_eq!(result, Err(libc::ENOTTY), "{path}: {request:#x}");
            }
            // SAFETY: no memory is at the address.
            let result = unsafe { ioctl(&clock, EVL_CLKIOC_NEW_TIMER, 0) };
            assert_eq!(result, Err(libc::EFAULT), "{path}");
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
