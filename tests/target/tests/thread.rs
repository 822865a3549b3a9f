// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads: attach, both stages, sleep, and what interrupts them.

use std::fs;
use std::os::fd::AsRawFd;
use std::os::unix::fs::{MetadataExt, chown};
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use evl_sys::{
    EVL_CLKIOC_SLEEP, EVL_SYSCALL_OOB_IOCTL, EVL_SYSCALL_OOB_READ, EVL_T_HMSIG, EVL_T_INBAND,
    EVL_T_USER, EVL_T_WEAK, EVL_T_WOSS, EVL_THRIOC_CLEAR_MODE, EVL_THRIOC_DEMOTE,
    EVL_THRIOC_DETACH_SELF, EVL_THRIOC_JOIN, EVL_THRIOC_SET_MODE, EVL_THRIOC_SWITCH_OOB,
    EVL_THRIOC_UNBLOCK, EVL_THRIOC_YIELD, SCHED_WEAK,
};
use evl_target_tests::sigdebug;
use evl_target_tests::thread::{
    Attached, PUBLIC, Window, clone, clone_request, in_child, kill, now, oob_call, oob_command,
    oob_ioctl, set_params, sleep_until, state,
};
use evl_target_tests::{ioctl, ioctl_with, open};

const MONOTONIC: &str = "/dev/evl/clock/monotonic";
const MS: u64 = 1_000_000;

fn cpus() -> usize {
    thread::available_parallelism().unwrap().get()
}

fn system_call() {
    // SAFETY: asks for a number.
    unsafe { libc::syscall(libc::SYS_getppid) };
}

#[test]
fn a_new_thread_is_weak_and_in_band() {
    let me = Attached::new();
    let window = Window::new();
    let state = me.inband_state();
    assert_eq!(state.eattrs.sched_policy, SCHED_WEAK);
    assert_eq!(state.eattrs.sched_priority, 0);
    assert_eq!(state.state & EVL_T_INBAND, EVL_T_INBAND);
    assert_eq!(state.state & EVL_T_WEAK, EVL_T_WEAK);
    assert_eq!(state.state & EVL_T_USER, EVL_T_USER);
    assert!(me.is_inband(&window));
    assert_eq!(cpus(), 1, "the thread is bound to one CPU");
    let dir = format!("/sys/devices/virtual/thread/{}", me.name);
    // SAFETY: asks for a number.
    let tid = unsafe { libc::syscall(libc::SYS_gettid) };
    assert_eq!(
        fs::read_to_string(format!("{dir}/pid")).unwrap(),
        format!("{tid}\n")
    );
    let sched = fs::read_to_string(format!("{dir}/sched")).unwrap();
    assert_eq!(sched, format!("{} 0 0 weak\n", state.cpu));
    drop(me);
    assert!(!Path::new(&dir).exists());
}

#[test]
fn a_thread_attaches_once_and_detaches() {
    let me = Attached::new();
    assert_eq!(clone(&mut clone_request(b"again\0", 0)), Err(libc::EBUSY));
    let file = me.file();
    assert_eq!(me.command(EVL_THRIOC_DETACH_SELF), Ok(0));
    assert_eq!(state(&file).map(drop), Err(libc::ESTALE));
    assert_eq!(me.switch_oob(), Err(libc::EPERM));
    drop(me);
    let again = Attached::new();
    assert_ne!(again.inband_state().state & EVL_T_INBAND, 0);
}

#[test]
fn names_are_checked() {
    let me = Attached::new();
    let taken = format!("{}\0", me.name);
    thread::scope(|scope| {
        scope.spawn(|| {
            let long = [b'x'; 200];
            for (name, error) in [
                (taken.as_bytes(), libc::EEXIST),
                (b"\0", libc::EINVAL),
                (b"a/b\0", libc::EINVAL),
                (&long[..], libc::ENAMETOOLONG),
            ] {
                for flags in [0, PUBLIC] {
                    assert_eq!(clone(&mut clone_request(name, flags)), Err(error));
                }
            }
            let mut nameless = clone_request(b"\0", PUBLIC);
            nameless.name_ptr = 0;
            assert_eq!(clone(&mut nameless), Err(libc::EINVAL));
            nameless.name_ptr = 8;
            assert_eq!(clone(&mut nameless), Err(libc::EFAULT));
            assert_eq!(
                clone(&mut clone_request(b"x\0", 1 << 31)),
                Err(libc::EINVAL)
            );
        });
    });
}

#[test]
fn a_public_thread_has_a_node() {
    let name = format!("public.{}", std::process::id());
    let node = format!("/dev/evl/thread/{name}");
    let path = node.clone();
    thread::spawn(move || {
        let terminated = format!("{name}\0");
        clone(&mut clone_request(terminated.as_bytes(), PUBLIC)).unwrap();
        let file = open(&path);
        assert_eq!(set_params(&file, libc::SCHED_FIFO, 7), Ok(0));
        assert_eq!(state(&file).unwrap().eattrs.sched_priority, 7);
    })
    .join()
    .unwrap();
    // It exited without detaching.
    for _ in 0..100 {
        if !Path::new(&node).exists() {
            return;
        }
        thread::sleep(Duration::from_millis(10));
    }
    panic!("{node} is still there");
}

#[test]
fn a_node_belongs_to_whom_the_node_belongs_which_made_it() {
    const CLONE: &str = "/dev/evl/thread/clone";
    let before = fs::metadata(CLONE).unwrap();
    chown(CLONE, Some(7), Some(100)).unwrap();
    let owner = thread::spawn(|| {
        let name = format!("owned.{}", std::process::id());
        let terminated = format!("{name}\0");
        clone(&mut clone_request(terminated.as_bytes(), PUBLIC)).unwrap();
        let meta = fs::metadata(format!("/dev/evl/thread/{name}")).unwrap();
        (meta.uid(), meta.gid())
    });
    let owner = owner.join();
    chown(CLONE, Some(before.uid()), Some(before.gid())).unwrap();
    assert_eq!(owner.unwrap(), (7, 100));
}

#[test]
fn goes_oob_and_back() {
    let me = Attached::fifo(10);
    let window = Window::new();
    let before = me.inband_state().isw;
    assert_eq!(me.switch_oob(), Ok(0));
    assert!(!me.is_inband(&window));
    let state = me.oob_state();
    assert_eq!(state.state & EVL_T_INBAND, 0);
    assert_eq!(state.isw, before);
    system_call();
    assert!(me.is_inband(&window));
    assert_eq!(me.inband_state().isw, before + 1);
    for _ in 0..1000 {
        assert_eq!(me.switch_oob(), Ok(0));
        me.switch_inband();
    }
    assert_eq!(me.inband_state().isw, before + 1001);
}

#[test]
fn a_weak_thread_comes_back_in_band() {
    let me = Attached::new();
    let window = Window::new();
    assert_eq!(me.switch_oob(), Ok(0));
    assert!(me.is_inband(&window));
    let clock = open(MONOTONIC);
    let date = now() + 5 * MS;
    assert_eq!(sleep_until(&clock, date), Ok(0));
    assert!(now() >= date);
    assert!(me.is_inband(&window));
}

#[test]
fn sleeps_periodically_without_leaving() {
    let me = Attached::fifo(20);
    let clock = open(MONOTONIC);
    assert_eq!(me.switch_oob(), Ok(0));
    let isw = me.oob_state().isw;
    let mut date = now();
    for _ in 0..500 {
        date += MS;
        assert_eq!(sleep_until(&clock, date), Ok(0));
        assert!(now() >= date);
    }
    let state = me.oob_state();
    assert_eq!(state.isw, isw);
    assert!(state.csw >= 500 && state.sc >= 500);
}

#[test]
fn sleeps_by_the_wall_clock() {
    let me = Attached::fifo(20);
    let clock = open("/dev/evl/clock/realtime");
    let start = now();
    let mut date = evl_sys::__kernel_timespec::default();
    assert_eq!(
        oob_ioctl(&clock, evl_sys::EVL_CLKIOC_GET_TIME, &mut date),
        Ok(0)
    );
    date.tv_nsec += 20_000_000;
    if date.tv_nsec >= 1_000_000_000 {
        date.tv_sec += 1;
        date.tv_nsec -= 1_000_000_000;
    }
    assert_eq!(oob_ioctl(&clock, EVL_CLKIOC_SLEEP, &mut date), Ok(0));
    assert!(now() - start >= 20 * MS);
    drop(me);
}

#[test]
fn two_threads_share_a_cpu() {
    let me = Attached::fifo(20);
    let other = thread::spawn(|| {
        let me = Attached::fifo(30);
        let clock = open(MONOTONIC);
        let mut date = now();
        for _ in 0..100 {
            date += MS;
            assert_eq!(sleep_until(&clock, date), Ok(0));
        }
        me.oob_state().isw
    });
    let clock = open(MONOTONIC);
    let mut date = now();
    for _ in 0..100 {
        date += MS;
        assert_eq!(sleep_until(&clock, date), Ok(0));
        assert_eq!(oob_command(&me, EVL_THRIOC_YIELD), Ok(0));
    }
    assert_eq!(me.oob_state().isw, 0);
    me.switch_inband();
    assert_eq!(other.join().unwrap(), 0);
}

#[test]
fn wrong_arguments_are_refused() {
    let clock = open(MONOTONIC);
    let mut date = evl_sys::__kernel_timespec::default();
    // Not attached.
    assert_eq!(
        oob_ioctl(&clock, EVL_CLKIOC_SLEEP, &mut date),
        Err(libc::EPERM)
    );

    let me = Attached::fifo(10);
    let fd = me.as_raw_fd();
    let call = |nr, fd, args| {
        // SAFETY: no address in `args` is one that the kernel may write to.
        unsafe { oob_call(nr, fd, args) }
    };
    assert_eq!(call(3, fd, [0, 0]), Err(libc::ENOSYS));
    assert_eq!(call(u32::MAX, fd, [0, 0]), Err(libc::ENOSYS));
    for bad in [-1, 1000, i32::MAX] {
        assert_eq!(call(EVL_SYSCALL_OOB_READ, bad, [0, 0]), Err(libc::EBADF));
    }
    // No file of the core.
    let null = fs::File::open("/dev/null").unwrap();
    assert_eq!(
        call(EVL_SYSCALL_OOB_READ, null.as_raw_fd(), [0, 0]),
        Err(libc::EBADF)
    );
    assert_eq!(call(EVL_SYSCALL_OOB_READ, fd, [0, 0]), Err(libc::EINVAL));
    assert_eq!(
        call(EVL_SYSCALL_OOB_IOCTL, fd, [0x1234, 0]),
        Err(libc::ENOTTY)
    );
    let sleep = EVL_CLKIOC_SLEEP as usize;
    for address in [0, 8, usize::MAX - 7] {
        assert_eq!(
            call(EVL_SYSCALL_OOB_IOCTL, clock.as_raw_fd(), [sleep, address]),
            Err(libc::EFAULT)
        );
    }
    for (sec, nsec) in [(-1, 0), (0, -1), (0, 1_000_000_000)] {
        date.tv_sec = sec;
        date.tv_nsec = nsec;
        assert_eq!(
            oob_ioctl(&clock, EVL_CLKIOC_SLEEP, &mut date),
            Err(libc::EINVAL)
        );
    }
    // For the out-of-band stage only, and for in-band only.
    assert_eq!(me.command(EVL_THRIOC_SWITCH_OOB), Err(libc::ENOTTY));
    assert_eq!(oob_command(&me, EVL_THRIOC_JOIN), Err(libc::ENOTTY));
    assert_eq!(me.command(EVL_THRIOC_JOIN), Err(libc::EDEADLK));
    for (policy, priority) in [
        (libc::SCHED_FIFO, 0),
        (libc::SCHED_FIFO, 100),
        (SCHED_WEAK, -1),
        (SCHED_WEAK, 100),
        (libc::SCHED_RR, 10), // quantum 0
        (44, 10),
        (45, 10),
        (0, 0),
    ] {
        assert_eq!(
            me.set_params(policy, priority),
            Err(libc::EINVAL),
            "{policy} {priority}"
        );
    }
}

#[test]
fn modes_follow_their_rules() {
    let me = Attached::new();
    let file = me.file();
    let change = |request, mut modes: u32| {
        let address = (&raw mut modes).expose_provenance();
        // SAFETY: the kernel writes 4 bytes, those of `modes`.
        unsafe { ioctl(&file, request, address) }.map(|_| modes)
    };
    assert_eq!(change(EVL_THRIOC_SET_MODE, EVL_T_WOSS), Ok(0));
    assert_eq!(change(EVL_THRIOC_SET_MODE, 0), Ok(EVL_T_WOSS | EVL_T_HMSIG));
    assert_eq!(
        change(EVL_THRIOC_CLEAR_MODE, EVL_T_WOSS),
        Ok(EVL_T_WOSS | EVL_T_HMSIG)
    );
    assert_eq!(change(EVL_THRIOC_SET_MODE, 0), Ok(0));
    for bad in [EVL_T_INBAND, 1 << 31, evl_sys::EVL_T_HMOBS] {
        assert_eq!(change(EVL_THRIOC_SET_MODE, bad), Err(libc::EINVAL));
    }
}

static SIGNALS: AtomicU32 = AtomicU32::new(0);
extern "C" fn count_signal(_: i32) {
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_signal_ends_a_sleep() {
    sigdebug::handle(
        libc::SIGUSR1,
        count_signal as extern "C" fn(i32) as usize,
        0,
    );
    let (send, receive) = mpsc::channel();
    let sleeper = thread::spawn(move || {
        let me = Attached::fifo(10);
        let clock = open(MONOTONIC);
        // SAFETY: asks for a number.
        send.send(unsafe { libc::pthread_self() }).unwrap();
        let result = sleep_until(&clock, now() + 60_000 * MS);
        (result, me.inband_state().isw)
    });
    let target = receive.recv().unwrap();
    thread::sleep(Duration::from_millis(50));
    // SAFETY: the thread is there: nobody has joined it.
    let status = unsafe { libc::pthread_kill(target, libc::SIGUSR1) };
    assert_eq!(status, 0);
    assert_eq!(sleeper.join().unwrap(), (Err(libc::EINTR), 1));
    assert_eq!(SIGNALS.load(Ordering::Relaxed), 1);
}

#[test]
fn a_thread_is_unblocked_or_demoted() {
    for (request, policy) in [
        (EVL_THRIOC_UNBLOCK, libc::SCHED_FIFO),
        (EVL_THRIOC_DEMOTE, SCHED_WEAK),
    ] {
        let (send, receive) = mpsc::channel();
        let sleeper = thread::spawn(move || {
            let me = Attached::fifo(10);
            let clock = open(MONOTONIC);
            send.send(me.file()).unwrap();
            let result = sleep_until(&clock, now() + 60_000 * MS);
            (result, me.inband_state().eattrs.sched_policy)
        });
        let file = receive.recv().unwrap();
        thread::sleep(Duration::from_millis(50));
        // SAFETY: the request has no argument.
        let status = unsafe { ioctl(&file, request, 0) };
        assert_eq!(status, Ok(0));
        assert_eq!(sleeper.join().unwrap(), (Err(libc::EINTR), policy));
        // SAFETY: the request has no argument.
        let status = unsafe { ioctl(&file, EVL_THRIOC_JOIN, 0) };
        assert_eq!(status, Ok(0));
        // SAFETY: the request has no argument.
        let status = unsafe { ioctl(&file, request, 0) };
        assert_eq!(status, Err(libc::ESTALE));
    }
}

#[test]
fn a_system_call_is_reported() {
    sigdebug::note();
    let me = Attached::fifo(10);
    let mut modes = EVL_T_WOSS.to_ne_bytes();
    assert_eq!(
        ioctl_with(&me.file(), EVL_THRIOC_SET_MODE, &mut modes),
        Ok(0)
    );
    assert_eq!(me.switch_oob(), Ok(0));
    system_call();
    assert_eq!(sigdebug::take(), 0xfccf_0002);
    // Asked for: nothing to report.
    assert_eq!(me.switch_oob(), Ok(0));
    me.switch_inband();
    assert_eq!(sigdebug::take(), 0);
}

#[test]
fn a_sleeping_process_can_be_killed() {
    let status = in_child(
        || {
            let _me = Attached::fifo(10);
            let clock = open(MONOTONIC);
            let _ = sleep_until(&clock, now() + 60_000 * MS);
        },
        |pid| {
            thread::sleep(Duration::from_millis(100));
            kill(pid);
        },
    );
    assert_eq!(status & 0x7f, libc::SIGKILL);
}

#[test]
fn a_fault_sends_the_thread_in_band() {
    let me = Attached::new();
    let window = Window::new();
    assert_eq!(me.set_params(libc::SCHED_FIFO, 10), Ok(0));
    // SAFETY: a fresh anonymous mapping touches no other memory.
    let page = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0,
        )
    };
    assert_ne!(page, libc::MAP_FAILED);
    // SAFETY: drops what is there, if memory is locked.
    unsafe {
        libc::munlock(page, 4096);
        libc::madvise(page, 4096, libc::MADV_DONTNEED);
    }
    assert_eq!(me.switch_oob(), Ok(0));
    assert!(!me.is_inband(&window));
    // SAFETY: our own page.
    unsafe { page.cast::<u8>().write_volatile(1) };
    assert!(me.is_inband(&window));

    // The same in a system call: the kernel comes back by itself.
    // SAFETY: as above.
    unsafe { libc::madvise(page, 4096, libc::MADV_DONTNEED) };
    let clock = open(MONOTONIC);
    assert_eq!(me.switch_oob(), Ok(0));
    // SAFETY: the kernel writes 16 bytes, to our own page.
    let result = unsafe {
        oob_call(
            EVL_SYSCALL_OOB_IOCTL,
            clock.as_raw_fd(),
            [
                evl_sys::EVL_CLKIOC_GET_TIME as usize,
                page.expose_provenance(),
            ],
        )
    };
    assert_eq!(result, Ok(0));
    assert!(!me.is_inband(&window));
}

#[test]
fn a_child_process_is_not_attached() {
    let me = Attached::fifo(10);
    assert_eq!(me.switch_oob(), Ok(0));
    let status = in_child(
        || {
            let failed = me.switch_oob() != Err(libc::EPERM);
            // SAFETY: ends the process.
            unsafe { libc::_exit(failed.into()) };
        },
        |_| (),
    );
    assert_eq!(status, 0);
    assert_eq!(me.switch_oob(), Ok(0));
}

#[test]
fn exec_detaches() {
    let status = in_child(
        || {
            let me = Attached::fifo(10);
            let _ = me.switch_oob();
            let path = c"/bin/true";
            let args = [path.as_ptr(), std::ptr::null()];
            // SAFETY: NUL-terminated strings in a list that ends with a null pointer.
            unsafe { libc::execv(path.as_ptr(), args.as_ptr()) };
            // SAFETY: ends the process.
            unsafe { libc::_exit(99) };
        },
        |_| (),
    );
    assert_eq!(status, 0);
}

#[test]
fn the_core_is_not_stopped_under_its_threads() {
    let path = "/sys/devices/virtual/evl/control/state";
    let me = Attached::new();
    let refused = fs::write(path, "stop").unwrap_err();
    assert_eq!(refused.raw_os_error(), Some(libc::EBUSY));
    assert_eq!(fs::read_to_string(path).unwrap(), "running\n");
    drop(me);
}
