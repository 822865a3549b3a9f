// SPDX-License-Identifier: MIT OR Apache-2.0
//! Groups of flags.

use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::thread;

use evl_target_tests::monitor::{MASK, Monitor, NEVER};
use evl_target_tests::thread::{Attached, in_child, kill, now, oob_read, oob_write};
use evl_target_tests::worker::{eventually, handle_quietly, worker};

const MS: u64 = 1_000_000;

fn value(flags: &Monitor) -> u32 {
    flags.word(1)
}

fn set_nonblock(flags: &Monitor) {
    // SAFETY: changes a flag of the file.
    let status = unsafe { libc::fcntl(flags.file().as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    assert_eq!(status, 0);
}

/// What poll() tells at once.
fn poll(flags: &Monitor) -> i16 {
    let mut set = libc::pollfd {
        fd: flags.file().as_raw_fd(),
        events: libc::POLLIN | libc::POLLOUT,
        revents: 0,
    };
    // SAFETY: one entry.
    let count = unsafe { libc::poll(&raw mut set, 1, 0) };
    assert!(count >= 0);
    set.revents
}

#[test]
fn any_and_all_are_received_and_cleared() {
    let flags = Monitor::new(MASK, 0x13);
    assert_eq!(value(&flags), 0x13);
    assert_eq!(flags.try_wait(0x21, true), Err(libc::EAGAIN));
    assert_eq!(flags.try_wait(0x21, false), Ok(0x01));
    assert_eq!(value(&flags), 0x12);
    assert_eq!(flags.try_wait(0x01, false), Err(libc::EAGAIN));
    assert_eq!(flags.try_wait(0x12, true), Ok(0x12));
    assert_eq!(value(&flags), 0);
    for all in [false, true] {
        assert_eq!(flags.try_wait(0, all), Err(libc::EINVAL));
    }
    let _me = Attached::fifo(10);
    flags.signal(0x8000_0001).unwrap();
    assert_eq!(flags.wait_any(u32::MAX, NEVER), Ok(0x8000_0001));
    assert_eq!(flags.wait_any(0, NEVER), Err(libc::EINVAL));
    assert_eq!(flags.wait_any(1, now() + MS), Err(libc::ETIMEDOUT));
    flags.signal(1).unwrap();
    assert_eq!(flags.wait_all(3, now() + MS), Err(libc::ETIMEDOUT));
    assert_eq!(value(&flags), 1);
    assert_eq!(flags.wait_any(1, 1), Ok(1));
}

#[test]
fn a_flag_is_received_by_one() {
    let flags = Monitor::new(MASK, 0);
    let workers: Vec<_> = [(20, 0x1, false), (10, 0x3, false), (30, 0x6, true)]
        .into_iter()
        .enumerate()
        .map(|(cpu, (priority, wanted, all))| {
            let flags = flags.share();
            let worker = worker(priority, cpu, move |_| {
                if all {
                    flags.wait_all(wanted, NEVER)
                } else {
                    flags.wait_any(wanted, NEVER)
                }
            });
            worker.await_wait();
            worker
        })
        .collect();
    // The highest wants more than that; the next gets it.
    flags.signal(0x1).unwrap();
    flags.signal(0x2).unwrap();
    flags.signal(0x10).unwrap();
    flags.signal(0x6).unwrap();
    let received: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
    assert_eq!(received, [Ok(0x1), Ok(0x2), Ok(0x6)]);
    assert_eq!(value(&flags), 0x10);
}

#[test]
fn a_broadcast_is_seen_by_all_and_not_kept() {
    let flags = Monitor::new(MASK, 0);
    let workers: Vec<_> = [(0x1, false), (0x3, true), (0x4, false), (0x2, false)]
        .into_iter()
        .enumerate()
        .map(|(cpu, (wanted, all))| {
            let flags = flags.share();
            let worker = worker(10, cpu, move |_| {
                let limit = now() + 3000 * MS;
                if all {
                    flags.wait_all(wanted, limit)
                } else {
                    flags.wait_any(wanted, limit)
                }
            });
            worker.await_wait();
            worker
        })
        .collect();
    flags.broadcast(0x3).unwrap();
    let received: Vec<_> = workers.into_iter().map(|worker| worker.join()).collect();
    assert_eq!(received, [Ok(1), Ok(3), Err(libc::ETIMEDOUT), Ok(2)]);
    assert_eq!(value(&flags), 0);
}

#[test]
fn out_of_band_they_are_read_and_written() {
    let flags = Monitor::new(MASK, 0);
    let me = Attached::fifo(10);
    assert_eq!(me.switch_oob(), Ok(0));
    let isw = me.oob_state().isw;
    assert_eq!(oob_write(flags.file(), &5_u32.to_ne_bytes()), Ok(4));
    let mut buffer = [0; 8];
    assert_eq!(oob_read(flags.file(), &mut buffer), Ok(4));
    assert_eq!(buffer[..4], 5_u32.to_ne_bytes());
    assert_eq!(oob_read(flags.file(), &mut buffer[..3]), Err(libc::EINVAL));
    assert_eq!(oob_write(flags.file(), &buffer[..3]), Err(libc::EINVAL));
    assert_eq!(me.oob_state().isw, isw);
    set_nonblock(&flags);
    assert_eq!(oob_read(flags.file(), &mut buffer), Err(libc::EAGAIN));
}

#[test]
fn in_band_they_are_read_and_written() {
    let flags = Monitor::new(MASK, 0);
    assert_eq!(poll(&flags), libc::POLLOUT);
    let mut file = flags.file();
    assert_eq!(file.write(&9_u32.to_ne_bytes()).unwrap(), 4);
    assert_eq!(poll(&flags), libc::POLLIN);
    let mut buffer = [0; 4];
    assert_eq!(file.read(&mut buffer).unwrap(), 4);
    assert_eq!(u32::from_ne_bytes(buffer), 9);
    assert_eq!(poll(&flags), libc::POLLOUT);
    let short = file.read(&mut buffer[..2]).unwrap_err();
    assert_eq!(short.raw_os_error(), Some(libc::EINVAL));
    set_nonblock(&flags);
    let empty = file.read(&mut buffer).unwrap_err();
    assert_eq!(empty.raw_os_error(), Some(libc::EAGAIN));
}

#[test]
fn flags_cross_the_stages() {
    let [there, back] = [0, 0].map(|initial| Monitor::new(MASK, initial));
    let (oob_there, oob_back) = (there.share(), back.share());
    let worker = worker(10, 1, move |_| {
        for _ in 0..200 {
            let mut buffer = [0; 4];
            assert_eq!(oob_read(oob_there.file(), &mut buffer), Ok(4));
            assert_eq!(oob_write(oob_back.file(), &buffer), Ok(4));
        }
    });
    for round in 1..=200_u32 {
        assert_eq!(there.file().write(&round.to_ne_bytes()).unwrap(), 4);
        if round % 2 == 0 {
            let mut set = libc::pollfd {
                fd: back.file().as_raw_fd(),
                events: libc::POLLIN,
                revents: 0,
            };
            // SAFETY: one entry.
            assert_eq!(unsafe { libc::poll(&raw mut set, 1, 20_000) }, 1);
        }
        let mut buffer = [0; 4];
        assert_eq!(back.file().read(&mut buffer).unwrap(), 4);
        assert_eq!(u32::from_ne_bytes(buffer), round);
    }
    worker.join();
}

#[test]
fn an_in_band_reader_is_interrupted() {
    handle_quietly(libc::SIGUSR1);
    let flags = Monitor::new(MASK, 0);
    let shared = flags.share();
    let (send, receive) = std::sync::mpsc::channel();
    let reader = thread::spawn(move || {
        // SAFETY: asks for a number.
        send.send(unsafe { libc::pthread_self() }).unwrap();
        let mut buffer = [0; 4];
        shared
            .file()
            .read(&mut buffer)
            .map_err(|error| error.raw_os_error())
    });
    let target = receive.recv().unwrap();
    thread::sleep(std::time::Duration::from_millis(100));
    // SAFETY: nobody has joined it.
    assert_eq!(unsafe { libc::pthread_kill(target, libc::SIGUSR1) }, 0);
    assert_eq!(reader.join().unwrap(), Err(Some(libc::EINTR)));
}

#[test]
fn a_wait_can_be_broken() {
    handle_quietly(libc::SIGUSR1);
    for by_signal in [false, true] {
        let flags = Monitor::new(MASK, 0);
        let shared = flags.share();
        let worker = worker(10, 1, move |_| shared.wait_any(1, NEVER));
        worker.await_wait();
        if by_signal {
            worker.kill(libc::SIGUSR1);
        } else {
            worker.unblock();
        }
        assert_eq!(worker.join(), Err(libc::EINTR));
        // It does not wait any more.
        flags.signal(1).unwrap();
        assert_eq!(value(&flags), 1);
    }
}

#[test]
fn the_last_close_ends_waits() {
    let flags = Monitor::new(MASK, 0);
    let alias = flags.alias();
    let worker = worker(10, 1, move |_| alias.wait_any(1, NEVER));
    worker.await_wait();
    drop(flags);
    assert_eq!(worker.join(), Err(libc::EIDRM));
}

#[test]
fn a_waiting_process_can_be_killed() {
    let [flags, ready] = [0, 0].map(|initial| Monitor::new(MASK, initial));
    let status = in_child(
        || {
            let _me = Attached::fifo(10);
            ready.signal(1).unwrap();
            let _ = flags.wait_any(1, NEVER);
        },
        |pid| {
            eventually("the child", || value(&ready) == 1);
            thread::sleep(std::time::Duration::from_millis(50));
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
    flags.signal(1).unwrap();
    assert_eq!(value(&flags), 1);
}
