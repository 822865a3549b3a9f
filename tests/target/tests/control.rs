// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/dev/evl/control`.

use evl_sys::{EVL_CPU_OOB, EVL_CTLIOC_GET_COREINFO, EVL_CTLIOC_GET_CPUSTATE, EVL_CTLIOC_SCHEDCTL};
use evl_sys::{evl_core_info, evl_cpu_state};
use evl_target_tests::{Cliff, ioctl, ioctl_with, open};

const CONTROL: &str = "/dev/evl/control";

#[test]
fn core_info_is_of_abi_36() {
    let mut info = evl_core_info::default();
    assert_eq!(
        ioctl_with(&open(CONTROL), EVL_CTLIOC_GET_COREINFO, &mut info),
        Ok(0)
    );
    assert_eq!((info.abi_base, info.abi_current), (36, 36));
}

#[test]
fn core_info_stays_within_its_24_bytes() {
    let mut bytes = [0xa5_u8; 32];
    assert_eq!(
        ioctl_with(&open(CONTROL), EVL_CTLIOC_GET_COREINFO, &mut bytes),
        Ok(0)
    );
    assert_eq!(&bytes[..8], &[36, 0, 0, 0, 36, 0, 0, 0]);
    assert_eq!(&bytes[24..], &[0xa5; 8]);
}

#[test]
fn a_buffer_that_is_too_short_faults() {
    let control = open(CONTROL);
    let cliff = Cliff::new().unwrap();
    assert_eq!(
        ioctl(&control, EVL_CTLIOC_GET_COREINFO, cliff.address(24)),
        Ok(0)
    );
    for room in [0, 1, 23] {
        let result = ioctl(&control, EVL_CTLIOC_GET_COREINFO, cliff.address(room));
        assert_eq!(result, Err(libc::EFAULT), "{room} bytes");
    }
    assert_eq!(
        ioctl(&control, EVL_CTLIOC_GET_COREINFO, 0),
        Err(libc::EFAULT)
    );
    let kernel_memory = usize::MAX - 4095;
    let result = ioctl(&control, EVL_CTLIOC_GET_COREINFO, kernel_memory);
    assert_eq!(result, Err(libc::EFAULT));
}

#[test]
fn unknown_requests_are_refused() {
    let control = open(CONTROL);
    // The right number with another size, another direction, a number of another class, one that is not there yet.
    let wrong_size = EVL_CTLIOC_GET_COREINFO ^ (8 << 16);
    let wrong_direction = EVL_CTLIOC_GET_COREINFO ^ (3 << 30);
    for request in [
        wrong_size,
        wrong_direction,
        0x8010_6301,
        EVL_CTLIOC_SCHEDCTL,
        0,
        u32::MAX,
    ] {
        let mut buffer = [0_u8; 64];
        let result = ioctl_with(&control, request, &mut buffer);
        assert_eq!(result, Err(libc::ENOTTY), "{request:#x}");
        assert_eq!(buffer, [0; 64], "{request:#x} wrote something");
    }
}

#[test]
fn every_oob_cpu_says_so() {
    let control = open(CONTROL);
    let list = std::fs::read_to_string("/sys/devices/virtual/evl/control/cpus").unwrap();
    let cpus: evl::CpuList = list.trim().parse().unwrap();
    let mut seen = 0;
    for cpu in 0..4096_u32 {
        let mut state = 0_u32;
        let mut request = evl_cpu_state {
            cpu,
            state_ptr: (&raw mut state) as u64,
            ..Default::default()
        };
        match ioctl_with(&control, EVL_CTLIOC_GET_CPUSTATE, &mut request) {
            Ok(_) => {
                assert_eq!(
                    state & EVL_CPU_OOB != 0,
                    cpus.contains(cpu),
                    "CPU {cpu} of {list}"
                );
                seen += 1;
            }
            Err(error) => assert_eq!(error, libc::EINVAL, "CPU {cpu}"),
        }
    }
    assert!(seen >= std::thread::available_parallelism().unwrap().get());
}

#[test]
fn a_cpu_state_that_cannot_be_stored_faults() {
    let mut request = evl_cpu_state {
        cpu: 0,
        state_ptr: 8,
        ..Default::default()
    };
    let result = ioctl_with(&open(CONTROL), EVL_CTLIOC_GET_CPUSTATE, &mut request);
    assert_eq!(result, Err(libc::EFAULT));
}
