// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a thread may do next.

use evl_sys::{
    EVL_CLKIOC_NEW_TIMER, EVL_CLOCK_IOCBASE, EVL_CLONE_PUBLIC, EVL_CONTROL_IOCBASE, EVL_IOC_CLONE,
    EVL_LATMUS_IOCBASE, EVL_MONITOR_IOCBASE, EVL_SYSCALL_OOB_IOCTL, EVL_SYSCALL_OOB_READ,
    EVL_SYSCALL_OOB_WRITE, EVL_THREAD_IOCBASE, EVL_TIMERFD_IOCBASE, PR_OOB_SYSCALL,
};
use fastrand::Rng;

use super::PRIVILEGE;
use crate::census::Census;
use crate::memory::{Arena, Windows};
use crate::requests::REQUESTS;

/// Descriptors up to this one are tried: nodes, and elements that were made.
const FDS: i32 = 48;

/// Those of the process itself, which are left alone.
const STANDARD: i32 = 3;

/// A thread.
#[derive(Debug)]
pub(super) struct Actor<'a> {
    rng: Rng,
    files: &'a [(String, i32)],
    arena: Arena,
    windows: Windows,
    census: &'a Census,
    privileged: bool,
    /// Descriptors of what it made last: itself, a monitor, a timer.
    thread: i32,
    monitor: i32,
    timer: i32,
}

impl<'a> Actor<'a> {
    pub(super) fn new(
        rng: Rng,
        files: &'a [(String, i32)],
        arena: Arena,
        windows: Windows,
        census: &'a Census,
        privileged: bool,
    ) -> Self {
        Self {
            rng,
            files,
            arena,
            windows,
            census,
            privileged,
            thread: -1,
            monitor: -1,
            timer: -1,
        }
    }

    pub(super) fn act(&mut self) {
        match self.rng.u8(..64) {
            0..28 => self.request(true),
            28..44 => self.request(false),
            44..47 => self.transfer(),
            47 => self.nonsense(),
            48..51 => self.attach(),
            51..54 => self.create(),
            54 => self.close(),
            55 => self.duplicate(),
            56..58 => self.signal(),
            58 => self.migrate(),
            59 => self.fork(),
            60 => self.pause(),
            _ => self.windows.scribble(&mut self.rng),
        }
    }

    fn fd(&mut self) -> i32 {
        if self.rng.bool() {
            return self.rng.i32(STANDARD..FDS);
        }
        self.rng.choice(self.files).map_or(-1, |(_, fd)| *fd)
    }

    /// Mostly something that knows a request.
    fn served_by(&mut self, request: u32) -> i32 {
        let known = match (request >> 8) as u8 {
            EVL_THREAD_IOCBASE => self.thread,
            EVL_MONITOR_IOCBASE => self.monitor,
            EVL_TIMERFD_IOCBASE => self.timer,
            EVL_CLOCK_IOCBASE => self.node("clock/monotonic"),
            EVL_CONTROL_IOCBASE => self.node("control"),
            EVL_LATMUS_IOCBASE => self.node("latmus"),
            _ => -1,
        };
        if known < 0 || self.rng.u8(..4) == 0 {
            return self.fd();
        }
        known
    }

    fn node(&self, name: &str) -> i32 {
        let node = self.files.iter().find(|(known, _)| known == name);
        node.map_or(-1, |(_, fd)| *fd)
    }

    /// Issues a request and counts it.
    fn issue(&mut self, index: usize, fd: i32, argument: usize, oob: bool) -> bool {
        let number = REQUESTS[index].number;
        let done = if oob {
            oob_call(
                EVL_SYSCALL_OOB_IOCTL,
                fd as usize,
                number as usize,
                argument,
            )
        } else {
            // SAFETY: the argument is an address of the arena, or one where this process has nothing.
            unsafe { libc::ioctl(fd, number.into(), argument).into() }
        };
        self.census.count(index, done >= 0);
        done >= 0
    }

    fn named(&mut self, number: u32, fd: i32, argument: usize) -> bool {
        match REQUESTS.iter().position(|request| request.number == number) {
            Some(index) => self.issue(index, fd, argument, false),
            None => false,
        }
    }

    fn request(&mut self, oob: bool) {
        let index = self.rng.usize(..REQUESTS.len());
        let fd = self.served_by(REQUESTS[index].number);
        let argument = self.arena.argument(&mut self.rng);
        self.issue(index, fd, argument, oob);
    }

    fn transfer(&mut self) {
        let (fd, address) = (self.fd(), self.arena.address(&mut self.rng));
        let size = self.rng.usize(..64);
        let address_at = std::ptr::with_exposed_provenance_mut(address);
        match self.rng.u8(..4) {
            0 => {
                oob_call(EVL_SYSCALL_OOB_READ, fd as usize, address, size);
            }
            1 => {
                oob_call(EVL_SYSCALL_OOB_WRITE, fd as usize, address, size);
            }
            // SAFETY: the kernel reads from the arena, or where this process has nothing.
            2 => unsafe {
                libc::write(fd, address_at, size);
            },
            // SAFETY: it writes there. No file of the core keeps its reader for long, and signals interrupt it.
            _ => unsafe {
                libc::read(fd, address_at, size);
            },
        }
    }

    /// A call that the core does not have.
    fn nonsense(&mut self) {
        let mut word = || self.rng.usize(..) >> self.rng.u8(..64);
        let (nr, fd, first, second) = (word(), word(), word(), word());
        // The arguments are no addresses of this process, but for the odd chance in 2^40.
        oob_call(nr as u32 | 4, fd, first, second);
    }

    fn attach(&mut self) {
        let name = self.arena.name(&mut self.rng);
        let flags = if self.rng.u8(..4) == 0 {
            EVL_CLONE_PUBLIC
        } else {
            0
        };
        let name = if self.rng.bool() { name } else { 0 };
        let request = [name as u64, 0, flags.into(), 0, 0];
        let argument = self.arena.put(&mut self.rng, &request);
        let node = self.node("thread/clone");
        if !self.named(EVL_IOC_CLONE, node, argument) {
            return;
        }
        if !self.privileged {
            // SAFETY: nothing is left to do.
            unsafe { libc::_exit(PRIVILEGE) };
        }
        self.thread = self.made(argument);
    }

    /// Makes an element of any class, or a timer.
    fn create(&mut self) {
        if self.rng.bool() {
            let node = self.node("clock/monotonic");
            let argument = self.arena.argument(&mut self.rng);
            if self.named(EVL_CLKIOC_NEW_TIMER, node, argument) {
                self.timer = self.arena.get(argument) as i32;
            }
            return;
        }
        // As a monitor has them: its clock, CLOCK_MONOTONIC mostly; what it is; what it begins with.
        let clock = if self.rng.u8(..8) == 0 {
            0
        } else {
            u64::from(u32::MAX)
        };
        let kind = match self.rng.u8(..4) {
            0 => self.rng.u64(..64),
            _ => self.rng.u64(..2) | self.rng.u64(..3) << 2,
        };
        let attributes = [clock | kind << 32, self.rng.u64(..4)];
        let attributes = self.arena.put(&mut self.rng, &attributes);
        let request = [0, attributes as u64, self.rng.u64(..4), 0, 0];
        let argument = self.arena.put(&mut self.rng, &request);
        let node = if self.rng.bool() {
            self.node("monitor/clone")
        } else {
            self.fd()
        };
        if node != self.node("thread/clone") && self.named(EVL_IOC_CLONE, node, argument) {
            self.monitor = self.made(argument);
        }
    }

    /// The descriptor of what a request made.
    fn made(&self, request: usize) -> i32 {
        self.arena.get(request + 32) as i32
    }

    fn close(&mut self) {
        let first = self.files.iter().map(|(_, fd)| fd + 1).max();
        let first = first.unwrap_or(STANDARD).min(FDS - 1);
        // SAFETY: none of the descriptors that Rust's library has.
        unsafe { libc::close(self.rng.i32(first..FDS)) };
    }

    fn duplicate(&mut self) {
        let fd = self.fd();
        // SAFETY: no memory is involved.
        unsafe { libc::dup(fd) };
    }

    /// Interrupts some thread of this process.
    fn signal(&mut self) {
        // SAFETY: no memory is involved; the signals have handlers.
        unsafe {
            let pid = libc::getpid();
            let thread = pid + self.rng.i32(..8);
            libc::syscall(libc::SYS_tgkill, pid, thread, libc::SIGUSR1);
        }
    }

    fn migrate(&mut self) {
        let mask = self.rng.u64(1..16);
        // SAFETY: the kernel reads `mask`.
        unsafe {
            let pid = libc::getpid() + self.rng.i32(..8);
            libc::sched_setaffinity(pid, size_of::<u64>(), std::ptr::from_ref(&mask).cast());
        }
    }

    /// Has a child that shares all files, and does something, too.
    fn fork(&mut self) {
        // SAFETY: the child calls the kernel only, and takes no lock.
        unsafe {
            let parent = libc::getpid();
            match libc::fork() {
                0 => {
                    // If this process is killed before it kills the child, that may wait for ever, with all files open.
                    libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
                    if libc::getppid() != parent {
                        libc::_exit(0);
                    }
                    for _ in 0..8 {
                        let oob = self.rng.bool();
                        self.request(oob);
                    }
                    libc::_exit(0);
                }
                pid if pid > 0 => {
                    libc::kill(pid, libc::SIGKILL);
                    libc::waitpid(pid, std::ptr::null_mut(), 0);
                }
                _ => {}
            }
        }
    }

    fn pause(&mut self) {
        // SAFETY: no memory is involved.
        unsafe { libc::usleep(self.rng.u32(..2_000)) };
    }
}

/// A system call of the core.
fn oob_call(nr: u32, fd: usize, first: usize, second: usize) -> libc::c_long {
    // SAFETY: what the arguments refer to is the arena, or nothing that this process has.
    unsafe {
        libc::syscall(
            libc::SYS_prctl,
            PR_OOB_SYSCALL as libc::c_long,
            libc::c_long::from(nr),
            fd,
            first,
            second,
        )
    }
}
