// SPDX-License-Identifier: MIT OR Apache-2.0
//! CPUs that go offline and come back.

use std::fs;
use std::io;
use std::time::Duration;

use evl_target_tests::open;
use evl_target_tests::thread::{now, sleep_until};
use evl_target_tests::worker::{Gong, bind, cpus, eventually, worker};

const MS: u64 = 1_000_000;
const EBUSY: Option<i32> = Some(libc::EBUSY);

/// Has the CPU go, or come.
fn set_online(cpu: usize, online: bool) -> io::Result<()> {
    let path = format!("/sys/devices/system/cpu/cpu{cpu}/online");
    fs::write(path, if online { "1" } else { "0" })
}

#[test]
fn a_cpu_stays_while_a_thread_is_out_of_band_there() {
    let cpu = cpus() - 1;
    if cpu == 0 {
        return;
    }
    bind(0);
    let (gong, told) = Gong::new();
    let sleeper = worker(10, cpu, move |me| {
        let clock = open("/dev/evl/clock/monotonic");
        assert_eq!(sleep_until(&clock, now() + 200 * MS), Ok(0));
        me.switch_inband();
        told.recv().unwrap();
        // Linux moved it in the meantime.
        assert_eq!(sleep_until(&clock, now() + MS), Ok(0));
    });
    eventually("the sleep", || {
        sleeper.state().state & evl_sys::EVL_T_DELAY != 0
    });
    let refused = set_online(cpu, false).unwrap_err();
    assert_eq!(refused.raw_os_error(), EBUSY);
    eventually("it to wake", || {
        sleeper.state().state & evl_sys::EVL_T_INBAND != 0
    });
    set_online(cpu, false).unwrap();
    gong.strike();
    sleeper.join();
    set_online(cpu, true).unwrap();
}

#[test]
fn a_cpu_that_came_back_is_as_before() {
    let cpu = cpus() - 1;
    if cpu == 0 {
        return;
    }
    bind(0);
    for _ in 0..3 {
        set_online(cpu, false).unwrap();
        set_online(cpu, true).unwrap();
        let periodic = worker(10, cpu, move |me| {
            let clock = open("/dev/evl/clock/monotonic");
            assert_eq!(me.switch_oob(), Ok(0));
            let before = me.oob_state().isw;
            let mut date = now();
            for _ in 0..20 {
                date += MS;
                assert_eq!(sleep_until(&clock, date), Ok(0));
                assert!(now() >= date);
            }
            assert_eq!(me.oob_state().isw, before);
        });
        periodic.join();
        std::thread::sleep(Duration::from_millis(10));
    }
}
