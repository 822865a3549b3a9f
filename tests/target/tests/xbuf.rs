// SPDX-License-Identifier: MIT OR Apache-2.0
//! Cross buffers: bytes between the stages.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use evl_sys::{
    EVL_CLONE_PUBLIC, EVL_IOC_CLONE, EVL_LAT_IRQ, EVL_LATIOC_MEASURE, EVL_LATIOC_RUN,
    EVL_SYSCALL_OOB_WRITE, EVL_THRIOC_UNBLOCK, evl_clone_req, evl_xbuf_attrs, latmus_measure_args,
    latmus_measurement_result, latmus_result, latmus_setup, latmus_setup_args,
};
use evl_target_tests::thread::{Attached, oob_call, oob_read};
use evl_target_tests::{ioctl, open};

const CLONE: &str = "/dev/evl/xbuf/clone";

/// Makes a cross buffer: the answer to the request.
fn create(name: Option<&str>, i_bufsz: u32, o_bufsz: u32) -> Result<evl_clone_req, i32> {
    let attrs = evl_xbuf_attrs { i_bufsz, o_bufsz };
    let terminated = name.map(|name| format!("{name}\0"));
    let mut request = evl_clone_req {
        name_ptr: terminated
            .as_ref()
            .map_or(0, |name| name.as_ptr().expose_provenance() as u64),
        attrs_ptr: std::ptr::from_ref(&attrs).expose_provenance() as u64,
        clone_flags: if name.is_some() { EVL_CLONE_PUBLIC } else { 0 },
        ..evl_clone_req::default()
    };
    let address = std::ptr::from_mut(&mut request).expose_provenance();
    // SAFETY: the kernel writes the answer into the request, and reads what that refers to.
    unsafe { ioctl(&open(CLONE), EVL_IOC_CLONE, address) }?;
    Ok(request)
}

/// A private one.
fn new(i_bufsz: u32, o_bufsz: u32) -> File {
    let request = create(None, i_bufsz, o_bufsz).unwrap();
    // SAFETY: the core made this descriptor for us.
    unsafe { File::from_raw_fd(request.efd as i32) }
}

fn oob_write(file: &File, bytes: &[u8]) -> Result<usize, i32> {
    let address = bytes.as_ptr().expose_provenance();
    // SAFETY: the kernel only reads.
    unsafe {
        oob_call(
            EVL_SYSCALL_OOB_WRITE,
            file.as_raw_fd(),
            [address, bytes.len()],
        )
    }
}

fn set_nonblocking(file: &File, on: bool) {
    let flags = if on { libc::O_NONBLOCK } else { 0 };
    // SAFETY: changes a flag of the file.
    let status = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFL, flags) };
    assert_eq!(status, 0);
}

/// What poll(2) says at once.
fn polled(file: &File) -> i16 {
    let mut entry = libc::pollfd {
        fd: file.as_raw_fd(),
        events: libc::POLLIN | libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one entry.
    assert!(unsafe { libc::poll(&raw mut entry, 1, 0) } >= 0);
    entry.revents
}

fn numbers(count: usize) -> Vec<u8> {
    (0..count).map(|number| (number % 251) as u8).collect()
}

#[test]
fn bytes_go_both_ways_in_order() {
    let mut file = new(1000, 1000);
    let me = Attached::fifo(10);
    let sent = numbers(700);
    // Around the end of the ring, several times.
    for _ in 0..5 {
        assert_eq!(file.write(&sent).unwrap(), 700);
        let mut received = vec![0; 700];
        assert_eq!(oob_read(&file, &mut received), Ok(700));
        assert_eq!(received, sent);
        assert_eq!(oob_write(&file, &sent), Ok(700));
        received.fill(0);
        file.read_exact(&mut received).unwrap();
        assert_eq!(received, sent);
    }
    me.switch_inband();
}

#[test]
fn what_does_not_fit_waits_for_the_other_side() {
    let mut file = new(100, 100);
    let sent = numbers(10_000);
    let (send, receive) = mpsc::channel();
    let other = {
        let (file, sent) = (file.try_clone().unwrap(), sent.clone());
        thread::spawn(move || {
            let _me = Attached::fifo(10);
            let mut received = vec![0; 10_000];
            assert_eq!(oob_read(&file, &mut received), Ok(10_000));
            assert_eq!(received, sent);
            assert_eq!(oob_write(&file, &sent), Ok(10_000));
            send.send(()).unwrap();
        })
    };
    assert_eq!(file.write(&sent).unwrap(), 10_000);
    let mut received = vec![0; 10_000];
    assert_eq!(file.read(&mut received).unwrap(), 10_000);
    assert_eq!(received, sent);
    receive.recv().unwrap();
    other.join().unwrap();
}

#[test]
fn nobody_waits_without_blocking() {
    let mut file = new(100, 100);
    set_nonblocking(&file, true);
    let me = Attached::fifo(10);
    let mut some = [0; 80];
    assert_eq!(
        file.read(&mut some).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(oob_read(&file, &mut some), Err(libc::EAGAIN));
    // Short transfers are for who does not wait.
    for wanted in [80, 20] {
        assert_eq!(file.write(&[1; 80]).unwrap(), wanted);
    }
    assert_eq!(
        file.write(&[1; 80]).unwrap_err().kind(),
        ErrorKind::WouldBlock
    );
    assert_eq!(polled(&file), 0);
    for wanted in [80, 20] {
        assert_eq!(oob_read(&file, &mut some), Ok(wanted));
    }
    assert_eq!(oob_write(&file, &[2; 80]), Ok(80));
    assert_eq!(oob_write(&file, &[2; 80]), Ok(20));
    assert_eq!(oob_write(&file, &[2; 80]), Err(libc::EAGAIN));
    assert_eq!(polled(&file), libc::POLLIN | libc::POLLOUT);
    me.switch_inband();
    assert_eq!(file.read(&mut some).unwrap(), 80);
    assert_eq!(file.read(&mut some).unwrap(), 20);
    assert_eq!(polled(&file), libc::POLLOUT);
    // Nothing is nothing.
    assert_eq!(file.read(&mut []).unwrap(), 0);
    assert_eq!(file.write(&[]).unwrap(), 0);
}

#[test]
fn a_direction_may_be_missing() {
    let mut file = new(0, 10);
    let me = Attached::fifo(10);
    assert_eq!(
        file.write(&[1]).unwrap_err().raw_os_error(),
        Some(libc::EINVAL)
    );
    assert_eq!(oob_read(&file, &mut [0]), Err(libc::EINVAL));
    assert_eq!(oob_write(&file, &[7]), Ok(1));
    let mut one = [0];
    assert_eq!(file.read(&mut one).unwrap(), 1);
    assert_eq!(one, [7]);
    me.switch_inband();
}

#[test]
fn bad_requests_are_refused() {
    assert_eq!(create(None, (1 << 24) + 1, 0).map(drop), Err(libc::EINVAL));
    assert_eq!(create(None, 0, u32::MAX).map(drop), Err(libc::EINVAL));
    let mut request = evl_clone_req::default();
    let address = std::ptr::from_mut(&mut request).expose_provenance();
    // SAFETY: the kernel writes the answer into the request.
    let outcome = unsafe { ioctl(&open(CLONE), EVL_IOC_CLONE, address) };
    assert_eq!(outcome, Err(libc::EINVAL), "no attributes");
    let file = new(10, 10);
    // SAFETY: the kernel writes the answer into the request.
    let outcome = unsafe { ioctl(&file, EVL_IOC_CLONE, address) };
    assert_eq!(outcome, Err(libc::ENOTTY));
    let me = Attached::fifo(10);
    // SAFETY: nothing is at that address.
    let outcome = unsafe { oob_call(EVL_SYSCALL_OOB_WRITE, file.as_raw_fd(), [8, 8]) };
    assert_eq!(outcome, Err(libc::EFAULT));
    me.switch_inband();
}

#[test]
fn a_public_one_has_a_node_and_a_name() {
    let name = format!("test-xbuf.{}", std::process::id());
    create(Some(&name), 10, 10).unwrap();
    let mut file = open(&format!("/dev/evl/xbuf/{name}"));
    assert_eq!(create(Some(&name), 10, 10).map(drop), Err(libc::EEXIST));
    assert_eq!(file.write(&[1]).unwrap(), 1);
    drop(file);
    assert!(!std::path::Path::new(&format!("/dev/evl/xbuf/{name}")).exists());
}

#[test]
fn a_reader_can_be_unblocked() {
    let file = new(10, 10);
    let (send, receive) = mpsc::channel();
    let reader = thread::spawn(move || {
        let me = Attached::fifo(10);
        send.send(me.file()).unwrap();
        oob_read(&file, &mut [0])
    });
    let thread_file = receive.recv().unwrap();
    thread::sleep(Duration::from_millis(100));
    // SAFETY: the request has no argument.
    assert_eq!(unsafe { ioctl(&thread_file, EVL_THRIOC_UNBLOCK, 0) }, Ok(0));
    assert_eq!(reader.join().unwrap(), Err(libc::EINTR));
}

extern "C" fn ignore(_: i32) {}

#[test]
fn each_second_of_a_measurement_comes_through() {
    let mut file = new(0, 240);
    let device = open("/dev/latmus");
    let mut setup = latmus_setup {
        type_: EVL_LAT_IRQ,
        period: 10_000_000,
        u: latmus_setup_args {
            measure: latmus_measure_args {
                xfd: file.as_raw_fd() as u32,
                hcells: 0,
            },
        },
        ..latmus_setup::default()
    };
    let address = std::ptr::from_mut(&mut setup).expose_provenance();
    // SAFETY: the kernel reads a `latmus_setup`.
    let prepared = unsafe { ioctl(&device, EVL_LATIOC_MEASURE, address) };
    assert_eq!(prepared, Ok(0));
    let handler = ignore as extern "C" fn(i32);
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
    // SAFETY: always succeeds.
    let me = unsafe { libc::pthread_self() } as usize;
    let reader = thread::spawn(move || {
        let mut bulk = [0; 24];
        file.read_exact(&mut bulk).unwrap();
        // SAFETY: the thread waits in a system call until then.
        unsafe { libc::pthread_kill(me as libc::pthread_t, libc::SIGUSR1) };
        bulk
    });
    let mut answer = latmus_measurement_result::default();
    let mut result = latmus_result {
        data_ptr: std::ptr::from_mut(&mut answer).expose_provenance() as u64,
        len: size_of::<latmus_measurement_result>() as u32,
        ..latmus_result::default()
    };
    let address = std::ptr::from_mut(&mut result).expose_provenance();
    // SAFETY: the kernel reads both; there is nowhere to write to.
    assert_eq!(unsafe { ioctl(&device, EVL_LATIOC_RUN, address) }, Ok(0));
    let bulk = reader.join().unwrap();
    let word = |at: usize| u32::from_ne_bytes(bulk[at..at + 4].try_into().unwrap());
    let (overruns, samples) = (word(16), word(20));
    assert!((100..110).contains(&(overruns + samples)), "{bulk:?}");
}
