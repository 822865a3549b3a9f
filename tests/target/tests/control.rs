// SPDX-License-Identifier: MIT OR Apache-2.0
//! `/dev/evl/control`.

use std::fs::File;

use evl_sys::evl_cpu_state;
use evl_sys::{EVL_CPU_OOB, EVL_CTLIOC_GET_COREINFO, EVL_CTLIOC_GET_CPUSTATE, EVL_CTLIOC_SCHEDCTL};
use evl_target_tests::{Cliff, ioctl, ioctl_with, open, open_to_read, open_to_write};

const CONTROL: &str = "/dev/evl/control";

/// A CPU's state, stored at an address.
///
/// # Safety
///
/// There must be a `u32` for the answer, or no memory of this process.
unsafe fn cpu_state(control: &File, cpu: u32, state_ptr: usize) -> Result<i32, i32> {
    let mut request = evl_cpu_state {
        cpu,
        state_ptr: state_ptr as u64,
        ..Default::default()
    };
    let address = (&raw mut request).expose_provenance();
    // SAFETY: the answer goes to `state_ptr`, of which the caller takes care.
    unsafe { ioctl(control, EVL_CTLIOC_GET_CPUSTATE, address) }
}

#[test]
fn core_info_is_of_abi_36_and_24_bytes_long() {
    let mut bytes = [0xa5_u8; 32];
    assert_eq!(
        ioctl_with(&open(CONTROL), EVL_CTLIOC_GET_COREINFO, &mut bytes),
        Ok(0)
    );
    assert_eq!(&bytes[..8], &[36, 0, 0, 0, 36, 0, 0, 0]);
    // No floating-point feature.
    assert_eq!(&bytes[8..16], &[0; 8]);
    let shared = u64::from_ne_bytes(*bytes[16..].first_chunk().unwrap());
    assert!(shared != 0 && shared % 4096 == 0, "{shared}");
    assert_eq!(&bytes[24..], &[0xa5; 8]);
}

#[test]
fn a_buffer_that_is_too_short_faults() {
    let control = open(CONTROL);
    let cliff = Cliff::new().unwrap();
    let kernel_memory = usize::MAX - 4095;
    let [none, one, most] = [0, 1, 23].map(|room| cliff.address(room));
    for address in [none, one, most, 0, kernel_memory] {
        // SAFETY: what is at the address is the cliff's, or no memory of ours.
        let result = unsafe { ioctl(&control, EVL_CTLIOC_GET_COREINFO, address) };
        assert_eq!(result, Err(libc::EFAULT), "{address:#x}");
    }
    // SAFETY: there is room for the answer, before the cliff.
    let result = unsafe { ioctl(&control, EVL_CTLIOC_GET_COREINFO, cliff.address(24)) };
    assert_eq!(result, Ok(0));
}

#[test]
fn unknown_requests_are_refused() {
    // The right number with another size, another direction, a number of another class, one that is not there yet.
    let wrong_size = EVL_CTLIOC_GET_COREINFO ^ (8 << 16);
    let wrong_direction = EVL_CTLIOC_GET_COREINFO ^ (3 << 30);
    // Whatever the mode: a request that nobody knows has no direction either.
    for control in [open(CONTROL), open_to_read(CONTROL), open_to_write(CONTROL)] {
        for request in [
            wrong_size,
            wrong_direction,
            0x8010_6301,
            EVL_CTLIOC_SCHEDCTL,
            u32::MAX,
        ] {
            let mut buffer = [0_u8; 1 << 14];
            let result = ioctl_with(&control, request, &mut buffer);
            assert_eq!(result, Err(libc::ENOTTY), "{request:#x}");
            assert_eq!(buffer, [0; 1 << 14], "{request:#x} wrote something");
        }
        // SAFETY: no memory is at the address.
        assert_eq!(unsafe { ioctl(&control, 0, 0) }, Err(libc::ENOTTY));
    }
}

#[test]
fn what_answers_needs_a_file_open_for_reading() {
    let mut info = [0_u8; 24];
    let mut state = u32::MAX;
    let state_ptr = (&raw mut state).expose_provenance();
    for (control, expected) in [
        (open_to_write(CONTROL), Err(libc::EBADF)),
        (open_to_read(CONTROL), Ok(0)),
    ] {
        let result = ioctl_with(&control, EVL_CTLIOC_GET_COREINFO, &mut info);
        assert_eq!(result, expected);
        // SAFETY: the address is that of `state`.
        let result = unsafe { cpu_state(&control, 0, state_ptr) };
        assert_eq!(result, expected);
        assert_eq!(info == [0; 24], expected.is_err());
        assert_eq!(state == u32::MAX, expected.is_err());
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
        let state_ptr = (&raw mut state).expose_provenance();
        // SAFETY: the address is that of `state`.
        match unsafe { cpu_state(&control, cpu, state_ptr) } {
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
    // SAFETY: no memory is at the address.
    let result = unsafe { cpu_state(&open(CONTROL), 0, 8) };
    assert_eq!(result, Err(libc::EFAULT));
}
