// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads of the core, by its raw system calls.

use std::fs::File;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicU32, Ordering};

use evl_sys::{
    EVL_CLONE_PUBLIC, EVL_IOC_CLONE, EVL_SYSCALL_OOB_IOCTL, EVL_SYSCALL_OOB_READ,
    EVL_SYSCALL_OOB_WRITE, EVL_T_INBAND, EVL_THRIOC_DETACH_SELF, EVL_THRIOC_GET_STATE,
    EVL_THRIOC_SET_SCHEDPARAM, EVL_THRIOC_SWITCH_INBAND, EVL_THRIOC_SWITCH_OOB, PR_OOB_SYSCALL,
    evl_clone_req, evl_sched_attrs, evl_thread_state,
};

use crate::{ioctl, open};

/// An out-of-band system call: its result, or the error number.
///
/// # Safety
///
/// As for [`ioctl`]: the kernel may write to `args`, where they are addresses.
pub unsafe fn oob_call(nr: u32, fd: i32, args: [usize; 2]) -> Result<usize, i32> {
    // SAFETY: the caller answers for what the arguments refer to.
    let result = unsafe {
        libc::syscall(
            libc::SYS_prctl,
            PR_OOB_SYSCALL as libc::c_long,
            libc::c_long::from(nr),
            libc::c_long::from(fd),
            args[0],
            args[1],
        )
    };
    usize::try_from(result).map_err(|_| io::Error::last_os_error().raw_os_error().unwrap_or(0))
}

/// `oob_ioctl()` with a value that the kernel reads or writes, as large as the request says.
pub fn oob_ioctl<T>(file: &impl AsRawFd, request: u32, value: &mut T) -> Result<usize, i32> {
    assert_eq!((request >> 16) & 0x3fff, size_of::<T>() as u32);
    let address = std::ptr::from_mut(value).expose_provenance();
    // SAFETY: the kernel writes as many bytes as the request says.
    unsafe {
        oob_call(
            EVL_SYSCALL_OOB_IOCTL,
            file.as_raw_fd(),
            [request as usize, address],
        )
    }
}

/// `oob_ioctl()` with a request that has no argument.
pub fn oob_command(file: &impl AsRawFd, request: u32) -> Result<usize, i32> {
    assert_eq!((request >> 16) & 0x3fff, 0);
    // SAFETY: the kernel has no address to write to.
    unsafe {
        oob_call(
            EVL_SYSCALL_OOB_IOCTL,
            file.as_raw_fd(),
            [request as usize, 0],
        )
    }
}

/// `oob_write()` of a buffer.
pub fn oob_write(file: &impl AsRawFd, buffer: &[u8]) -> Result<usize, i32> {
    let address = buffer.as_ptr().expose_provenance();
    // SAFETY: the kernel reads only.
    unsafe {
        oob_call(
            EVL_SYSCALL_OOB_WRITE,
            file.as_raw_fd(),
            [address, buffer.len()],
        )
    }
}

/// `oob_read()` into a buffer.
pub fn oob_read(file: &impl AsRawFd, buffer: &mut [u8]) -> Result<usize, i32> {
    let address = buffer.as_mut_ptr().expose_provenance();
    // SAFETY: the kernel writes `buffer.len()` bytes at most.
    unsafe {
        oob_call(
            EVL_SYSCALL_OOB_READ,
            file.as_raw_fd(),
            [address, buffer.len()],
        )
    }
}

/// The request that attaches the caller under a name, which must live as long as the request.
pub fn clone_request(name: &[u8], flags: u32) -> evl_clone_req {
    evl_clone_req {
        name_ptr: name.as_ptr().expose_provenance() as u64,
        clone_flags: flags,
        ..evl_clone_req::default()
    }
}

/// Issues a clone request for a thread.
pub fn clone(request: &mut evl_clone_req) -> Result<(), i32> {
    clone_of("thread", request)
}

/// Issues a clone request for an element of a class.
pub fn clone_of(class: &str, request: &mut evl_clone_req) -> Result<(), i32> {
    let device = open(&format!("/dev/evl/{class}/clone"));
    let address = std::ptr::from_mut(request).expose_provenance();
    // SAFETY: the kernel writes a request's answer into the request.
    unsafe { ioctl(&device, EVL_IOC_CLONE, address) }.map(drop)
}

/// The calling thread, attached. It detaches when this is dropped.
#[derive(Debug)]
pub struct Attached {
    fd: OwnedFd,
    /// What the core calls it.
    pub name: String,
    /// As the answer to the clone request has it.
    pub eids: evl_sys::evl_element_ids,
    /// A thread can detach only itself.
    only_here: PhantomData<*const ()>,
}

impl Attached {
    /// Attaches the caller as a private thread, in SCHED_WEAK.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("test.{}.{count}", std::process::id());
        let terminated = format!("{name}\0");
        let mut request = clone_request(terminated.as_bytes(), 0);
        clone(&mut request).unwrap_or_else(|error| panic!("cannot attach: error {error}"));
        // SAFETY: the core made this descriptor for us.
        let fd = unsafe { OwnedFd::from_raw_fd(request.efd as i32) };
        Self {
            fd,
            name,
            eids: request.eids,
            only_here: PhantomData,
        }
    }

    /// The same with locked memory, SCHED_FIFO and a priority.
    pub fn fifo(priority: i32) -> Self {
        // SAFETY: no memory changes.
        let status = unsafe { libc::mlockall(libc::MCL_CURRENT | libc::MCL_FUTURE) };
        assert_eq!(status, 0);
        let thread = Self::new();
        assert_eq!(thread.set_params(libc::SCHED_FIFO, priority), Ok(0));
        thread
    }

    /// Another file of the same thread.
    pub fn file(&self) -> File {
        self.fd.try_clone().unwrap().into()
    }

    /// Sets policy and priority, by an ordinary ioctl.
    pub fn set_params(&self, policy: i32, priority: i32) -> Result<i32, i32> {
        set_params(&self.file(), policy, priority)
    }

    /// Goes out-of-band.
    pub fn switch_oob(&self) -> Result<usize, i32> {
        oob_command(&self.fd, EVL_THRIOC_SWITCH_OOB)
    }

    /// Goes in-band.
    pub fn switch_inband(&self) {
        assert_eq!(self.command(EVL_THRIOC_SWITCH_INBAND), Ok(0));
    }

    /// An ordinary ioctl without argument.
    pub fn command(&self, request: u32) -> Result<i32, i32> {
        // SAFETY: the request has no argument.
        let result = unsafe { libc::ioctl(self.fd.as_raw_fd(), request.into()) };
        if result < 0 {
            return Err(io::Error::last_os_error().raw_os_error().unwrap_or(0));
        }
        Ok(result)
    }

    /// What the core says of the thread, asked for without leaving the stage it is on.
    ///
    /// In-band the question itself takes the thread out-of-band.
    pub fn oob_state(&self) -> evl_thread_state {
        let mut state = no_state();
        assert_eq!(oob_ioctl(&self.fd, EVL_THRIOC_GET_STATE, &mut state), Ok(0));
        state
    }

    /// What the core says of the thread, asked for in-band.
    pub fn inband_state(&self) -> evl_thread_state {
        state(&self.file()).unwrap()
    }

    /// Whether the thread is in-band, by the memory that it shares with the core.
    pub fn is_inband(&self, window: &Window) -> bool {
        window.word(self.eids.state_offset) & EVL_T_INBAND != 0
    }
}

impl Default for Attached {
    fn default() -> Self {
        Self::new()
    }
}

impl AsRawFd for Attached {
    fn as_raw_fd(&self) -> i32 {
        self.fd.as_raw_fd()
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // It may have been detached by the test.
        let _ = self.command(EVL_THRIOC_DETACH_SELF);
    }
}

fn no_state() -> evl_thread_state {
    // SAFETY: integers and a union of integers, all of which may be 0.
    unsafe { std::mem::zeroed() }
}

/// What the core says of the thread of a file, asked for by an ordinary ioctl.
pub fn state(file: &File) -> Result<evl_thread_state, i32> {
    let mut state = no_state();
    let address = std::ptr::from_mut(&mut state).expose_provenance();
    // SAFETY: the kernel writes a `struct evl_thread_state`.
    unsafe { ioctl(file, EVL_THRIOC_GET_STATE, address) }?;
    Ok(state)
}

/// Sets policy and priority of the thread of a file.
pub fn set_params(file: &File, policy: i32, priority: i32) -> Result<i32, i32> {
    // SAFETY: integers and a union of integers, all of which may be 0.
    let mut attrs: evl_sched_attrs = unsafe { std::mem::zeroed() };
    attrs.sched_policy = policy;
    attrs.sched_priority = priority;
    let address = std::ptr::from_mut(&mut attrs).expose_provenance();
    // SAFETY: the kernel reads only.
    unsafe { ioctl(file, EVL_THRIOC_SET_SCHEDPARAM, address) }
}

/// The memory that the core shares with everybody.
#[derive(Debug)]
pub struct Window(*const u8, usize);

impl Window {
    /// Maps it.
    pub fn new() -> Self {
        let control = open("/dev/evl/control");
        let mut info = evl_sys::evl_core_info::default();
        let address = std::ptr::from_mut(&mut info).expose_provenance();
        // SAFETY: the kernel writes a `struct evl_core_info`.
        unsafe { ioctl(&control, evl_sys::EVL_CTLIOC_GET_COREINFO, address) }.unwrap();
        let size = usize::try_from(info.shm_size).unwrap();
        assert_ne!(size, 0);
        // SAFETY: a new mapping touches no other memory.
        let base = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                size,
                libc::PROT_READ | libc::PROT_WRITE,
                libc::MAP_SHARED,
                control.as_raw_fd(),
                0,
            )
        };
        assert_ne!(base, libc::MAP_FAILED);
        Self(base.cast(), size)
    }

    /// The word at an offset.
    pub fn word(&self, offset: u32) -> u32 {
        self.atomic(offset).load(Ordering::Relaxed)
    }

    /// The same, to be changed.
    pub fn atomic(&self, offset: u32) -> &'static AtomicU32 {
        assert!(offset as usize + 4 <= self.1);
        // SAFETY: within the mapping, which stays, and which only atomics access.
        unsafe { &*self.0.add(offset as usize).cast::<AtomicU32>() }
    }
}

impl Default for Window {
    fn default() -> Self {
        Self::new()
    }
}

/// The time of CLOCK_MONOTONIC in ns. No system call: the page of the vDSO was read before.
pub fn now() -> u64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: `time` is a valid place for the answer.
    let status = unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &raw mut time) };
    assert_eq!(status, 0);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Sleeps until a date of CLOCK_MONOTONIC, out-of-band.
pub fn sleep_until(clock: &File, date: u64) -> Result<usize, i32> {
    let mut date = evl_sys::__kernel_timespec {
        tv_sec: (date / 1_000_000_000) as i64,
        tv_nsec: (date % 1_000_000_000) as i64,
    };
    oob_ioctl(clock, evl_sys::EVL_CLKIOC_SLEEP, &mut date)
}

/// Whether a request makes its thread a public one.
pub const PUBLIC: u32 = EVL_CLONE_PUBLIC;

/// Runs `body` in a child process; how it ended: with status 101 if it panicked.
pub fn in_child(body: impl FnOnce(), parent: impl FnOnce(i32)) -> i32 {
    // SAFETY: the child calls nothing that locks of other threads could stop: it is the test that
    // allocates little, and ends by `_exit()`.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0);
    if pid == 0 {
        // A panic must not unwind into what the parent was doing.
        let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        // SAFETY: ends the process.
        unsafe { libc::_exit(if done.is_ok() { 0 } else { 101 }) };
    }
    parent(pid);
    let mut status = 0;
    // SAFETY: `status` is a valid place for the answer.
    let ended = unsafe { libc::waitpid(pid, &raw mut status, 0) };
    assert_eq!(ended, pid);
    status
}

/// Kills a child process.
pub fn kill(pid: i32) {
    // SAFETY: our own child, which nobody has waited for.
    let status = unsafe { libc::kill(pid, libc::SIGKILL) };
    assert_eq!(status, 0);
}
