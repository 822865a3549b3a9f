// SPDX-License-Identifier: MIT OR Apache-2.0
//! Device nodes, and the attributes of the control device.

use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::Path;

const NODES: [&str; 7] = [
    "/dev/evl/control",
    "/dev/evl/clock/monotonic",
    "/dev/evl/clock/realtime",
    "/dev/evl/monitor/clone",
    "/dev/evl/thread/clone",
    "/dev/evl/trace",
    "/dev/evl/xbuf/clone",
];
const CONTROL: &str = "/sys/devices/virtual/evl/control";

#[test]
fn nodes_are_roots_and_for_its_group_only() {
    for node in NODES {
        let meta = fs::metadata(node).unwrap();
        assert!(meta.file_type().is_char_device(), "{node}");
        assert_eq!(meta.permissions().mode() & 0o7777, 0o660, "{node}");
        assert_eq!((meta.uid(), meta.gid()), (0, 0), "{node}");
    }
}

#[test]
fn every_element_has_its_place_in_sysfs() {
    for path in [
        "evl/control",
        "clock/monotonic",
        "clock/realtime",
        "monitor/clone",
        "thread/clone",
        "trace/trace",
        "xbuf/clone",
    ] {
        assert!(
            Path::new("/sys/devices/virtual").join(path).is_dir(),
            "{path}"
        );
    }
    for class in ["observable", "poll", "proxy"] {
        assert!(Path::new("/sys/class").join(class).is_dir(), "{class}");
        // What cannot be created yet has no node that would pretend it could.
        assert!(!Path::new("/dev/evl").join(class).exists(), "{class}");
    }
}

fn attribute(name: &str) -> String {
    fs::read_to_string(format!("{CONTROL}/{name}")).unwrap()
}

#[test]
fn the_abi_is_36() {
    assert_eq!(attribute("abi"), "36\n");
}

#[test]
fn all_cpus_are_oob_by_default() {
    let present = fs::read_to_string("/sys/devices/system/cpu/present").unwrap();
    assert_eq!(attribute("cpus"), present);
}

/// One test for the whole life of the state: tests run side by side, and there is one core.
#[test]
fn the_core_stops_and_starts() {
    let state = format!("{CONTROL}/state");
    assert_eq!(attribute("state"), "running\n");
    fs::write(&state, "stop\n").unwrap();
    assert_eq!(attribute("state"), "stopped\n");
    fs::write(&state, "start").unwrap();
    assert_eq!(attribute("state"), "running\n");
    for word in ["", "running", "starts", "stop start", "\0"] {
        let error = fs::write(&state, word)
            .err()
            .map(|error| error.raw_os_error());
        // Nothing written is nothing said.
        let wanted = if word.is_empty() {
            None
        } else {
            Some(Some(libc::EINVAL))
        };
        assert_eq!(error, wanted, "{word:?}");
        assert_eq!(attribute("state"), "running\n", "after {word:?}");
    }
    for name in ["abi", "cpus"] {
        assert!(
            fs::OpenOptions::new()
                .write(true)
                .open(format!("{CONTROL}/{name}"))
                .and_then(|mut file| std::io::Write::write_all(&mut file, b"1"))
                .is_err(),
            "{name}"
        );
    }
}
