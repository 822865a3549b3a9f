// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Tests that run at boot, on the machine as it is.
//!
//! The properties of `logic` are tested on the host. Here is what depends on the kernel: numbers
//! and layouts that bindgen produced for this architecture, and the binding of the logic.

use kernel::prelude::*;

#[kunit_tests(evl_abi)]
mod abi {
    use core::mem::{align_of, offset_of, size_of};
    use kernel::{bindings, ioctl};

    #[test]
    fn control_requests_have_documented_numbers() {
        assert_eq!(bindings::EVL_CTLIOC_GET_COREINFO, 0x8018_4300);
        assert_eq!(bindings::EVL_CTLIOC_GET_CPUSTATE, 0x8010_4302);
    }

    #[test]
    fn clock_requests_have_documented_numbers() {
        assert_eq!(bindings::EVL_CLKIOC_GET_RES, 0x8010_6301);
        assert_eq!(bindings::EVL_CLKIOC_GET_TIME, 0x8010_6302);
    }

    #[test]
    fn monitor_requests_have_documented_numbers() {
        for (cmd, number) in [
            (bindings::EVL_MONIOC_ENTER, 0x4010_6d00),
            (bindings::EVL_MONIOC_TRYENTER, 0x6d01),
            (bindings::EVL_MONIOC_EXIT, 0x6d02),
            (bindings::EVL_MONIOC_WAIT, 0xc018_6d03),
            (bindings::EVL_MONIOC_UNWAIT, 0xc004_6d04),
            (bindings::EVL_MONIOC_BIND, 0x8010_6d05),
            (bindings::EVL_MONIOC_SIGNAL, 0x4004_6d06),
            (bindings::EVL_MONIOC_BROADCAST, 0x4004_6d07),
            (bindings::EVL_MONIOC_WAIT_EXACT, 0xc018_6d08),
            (bindings::EVL_MONIOC_TRYWAIT, 0xc004_6d09),
            (bindings::EVL_MONIOC_TRYWAIT_EXACT, 0xc004_6d0a),
            (bindings::EVL_THRIOC_SIGNAL, 0x4004_5400),
        ] {
            assert_eq!(cmd, number);
        }
    }

    #[test]
    fn requests_agree_with_their_arguments() {
        for (cmd, size) in [
            (
                bindings::EVL_CTLIOC_GET_COREINFO,
                size_of::<bindings::evl_core_info>(),
            ),
            (
                bindings::EVL_CTLIOC_GET_CPUSTATE,
                size_of::<bindings::evl_cpu_state>(),
            ),
            (bindings::EVL_CLKIOC_GET_RES, size_of::<[i64; 2]>()),
            (bindings::EVL_CLKIOC_GET_TIME, size_of::<[i64; 2]>()),
        ] {
            assert_eq!(ioctl::_IOC_SIZE(cmd), size);
        }
    }

    #[test]
    fn layouts_are_those_of_abi_36() {
        assert_eq!(bindings::EVL_ABI_BASE, 36);
        assert_eq!(bindings::EVL_ABI_LEVEL, 36);
        assert_eq!(size_of::<bindings::evl_core_info>(), 24);
        assert_eq!(align_of::<bindings::evl_core_info>(), 8);
        assert_eq!(offset_of!(bindings::evl_core_info, fpu_features), 8);
        assert_eq!(offset_of!(bindings::evl_core_info, shm_size), 16);
        assert_eq!(size_of::<bindings::evl_cpu_state>(), 16);
        assert_eq!(offset_of!(bindings::evl_cpu_state, state_ptr), 8);
        assert_eq!(offset_of!(bindings::__kernel_timespec, tv_nsec), 8);
    }
}

#[kunit_tests(evl_class)]
mod class {
    use crate::class::check_mode;
    use kernel::{
        bindings::{FMODE_READ, FMODE_WRITE},
        error::code::*,
        ioctl::{_IO, _IOR, _IOW, _IOWR},
    };

    #[test]
    fn commands_need_the_mode_of_their_direction() {
        for (cmd, needed) in [
            (_IO(0, 0), 0),
            (_IOR::<u32>(0, 0), FMODE_READ),
            (_IOW::<u32>(0, 0), FMODE_WRITE),
            (_IOWR::<u32>(0, 0), FMODE_READ | FMODE_WRITE),
        ] {
            for mode in [0, FMODE_READ, FMODE_WRITE, FMODE_READ | FMODE_WRITE] {
                let expected = if mode & needed == needed {
                    Ok(())
                } else {
                    Err(EBADF)
                };
                assert_eq!(check_mode(mode, cmd), expected);
            }
        }
    }
}

#[kunit_tests(evl_state)]
mod state {
    use crate::logic::state::{Command, State};
    use crate::state::SharedState;
    use kernel::error::code::*;

    #[test]
    fn starts_and_stops() {
        let state = SharedState::new(State::Stopped);

        for _ in 0..2 {
            assert!(state.command(Command::Start, || Ok(())).is_ok());
            assert_eq!(state.get(), State::Running);
        }
        for _ in 0..2 {
            assert!(state.command(Command::Stop, || Ok(())).is_ok());
            assert_eq!(state.get(), State::Stopped);
        }
    }

    #[test]
    fn disabled_stays_disabled() {
        let state = SharedState::new(State::Disabled);

        for command in [Command::Start, Command::Stop] {
            assert_eq!(state.command(command, || Ok(())), Err(ENXIO));
            assert_eq!(state.get(), State::Disabled);
        }
    }

    #[test]
    fn change_under_way_is_not_disturbed() {
        for passing in [State::Warmup, State::Teardown] {
            let state = SharedState::new(passing);

            for command in [Command::Start, Command::Stop] {
                assert_eq!(state.command(command, || Ok(())), Err(EBUSY));
                assert_eq!(state.get(), passing);
            }
        }
    }
}

#[kunit_tests(evl_clock)]
mod clock {
    use crate::{
        clock::{now, ClockId},
        logic::timespec::Timespec,
    };

    #[test]
    fn timespec_splits_at_the_second() {
        assert_eq!(
            Timespec::from_ns(1_999_999_999).to_array(),
            [1, 999_999_999]
        );
        assert_eq!(Timespec::from_ns(-1).to_array(), [-1, 999_999_999]);
        assert_eq!(
            Timespec::from_ns(i64::MIN).to_array(),
            [-9_223_372_037, 145_224_192]
        );
        assert_eq!(
            Timespec::from_ns(i64::MAX).to_array(),
            [9_223_372_036, 854_775_807]
        );
    }

    #[test]
    fn monotonic_never_goes_back() {
        let mut last = now(ClockId::Monotonic);

        for _ in 0..10_000 {
            let then = now(ClockId::Monotonic);
            assert!(then >= last);
            last = then;
        }
    }
}

#[kunit_tests(evl_control)]
mod control {
    use crate::control::{core_info, cpu_state};
    use kernel::{bindings, cpu::CpuId, error::code::*};

    #[test]
    fn core_info_is_consistent() {
        let info = core_info();

        assert!(info.abi_base <= info.abi_current);
        assert_eq!(info.__pad, 0);
    }

    #[test]
    fn this_cpu_is_not_offline() {
        let cpu = CpuId::current().as_u32();

        assert_eq!(
            cpu_state(cpu).map(|state| state & bindings::EVL_CPU_OFFLINE),
            Ok(0)
        );
    }

    #[test]
    fn impossible_cpu_is_refused() {
        assert_eq!(cpu_state(kernel::cpu::nr_cpu_ids()), Err(EINVAL));
        assert_eq!(cpu_state(u32::MAX), Err(EINVAL));
    }
}
