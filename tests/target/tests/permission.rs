// SPDX-License-Identifier: MIT OR Apache-2.0
//! Who may use the core, and that a refusal changes nothing.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::chown;
use std::sync::{Mutex, MutexGuard, PoisonError};

use evl_sys::EVL_IOC_CLONE;
use evl_target_tests::thread::{clone_request, in_child};
use evl_target_tests::{ioctl, open};

const NOBODY: u32 = 65534;
const TEAM: u32 = 4711;
const CLONE: &str = "/dev/evl/thread/clone";

/// Drops all privileges, except to belong to a group.
fn become_nobody(group: u32) {
    // SAFETY: these change the identity of the process, and no memory.
    let status = unsafe {
        libc::setgroups(0, std::ptr::null()) | libc::setgid(group) | libc::setuid(NOBODY)
    };
    assert_eq!(status, 0, "{}", io::Error::last_os_error());
}

/// Attaches the caller through a file that is open already.
fn attach(device: &File, name: &str) -> Result<i32, i32> {
    let name = format!("{name}\0");
    let mut request = clone_request(name.as_bytes(), 0);
    let address = std::ptr::from_mut(&mut request).expose_provenance();
    // SAFETY: the kernel writes the request's answer into the request.
    unsafe { ioctl(device, EVL_IOC_CLONE, address) }
}

/// The nodes there are, of threads and monitors.
fn nodes() -> Vec<String> {
    let list = |class| fs::read_dir(format!("/sys/devices/virtual/{class}")).unwrap();
    let mut names: Vec<String> = ["thread", "monitor"]
        .into_iter()
        .flat_map(list)
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// The devices are everybody's: one test at a time.
fn turn() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[test]
fn nobody_opens_the_devices() {
    let _turn = turn();
    let paths = [
        "control",
        "thread/clone",
        "monitor/clone",
        "clock/monotonic",
    ];
    let status = in_child(
        || {
            become_nobody(NOBODY);
            for path in paths {
                for write in [false, true] {
                    let path = format!("/dev/evl/{path}");
                    let opened = OpenOptions::new().read(true).write(write).open(path);
                    let code = opened.map(drop).map_err(|error| error.raw_os_error());
                    assert_eq!(code, Err(Some(libc::EACCES)));
                }
            }
        },
        |_| {},
    );
    assert_eq!(status, 0);
}

#[test]
fn who_was_given_the_device_cannot_attach_all_the_same() {
    let _turn = turn();
    let before = nodes();
    let device = open(CLONE);
    let status = in_child(
        || {
            become_nobody(NOBODY);
            assert_eq!(attach(&device, "intruder"), Err(libc::EPERM));
        },
        |_| {},
    );
    assert_eq!(status, 0);
    assert_eq!(nodes(), before);
}

#[test]
fn the_group_of_the_device_attaches() {
    let _turn = turn();
    chown(CLONE, None, Some(TEAM)).unwrap();
    let status = in_child(
        || {
            become_nobody(TEAM);
            let me = attach(&open(CLONE), "member");
            assert_eq!(me, Ok(0));
        },
        |_| {},
    );
    let refused = in_child(
        || {
            become_nobody(TEAM + 1);
            let opened = OpenOptions::new().read(true).write(true).open(CLONE);
            assert!(opened.is_err());
        },
        |_| {},
    );
    chown(CLONE, None, Some(0)).unwrap();
    assert_eq!((status, refused), (0, 0));
}
