// SPDX-License-Identifier: MIT OR Apache-2.0
//! Threads of a test, attached to the core, and what the test sees of them.

use std::fs::File;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use evl_sys::{EVL_T_PEND, EVL_THRIOC_UNBLOCK, evl_thread_state};

use crate::ioctl;
use crate::thread::{Attached, state};

/// How many CPUs there are, whatever this thread is bound to.
pub fn cpus() -> usize {
    // SAFETY: asks for a number.
    usize::try_from(unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }).unwrap()
}

/// Binds the caller to a CPU, modulo their number.
pub fn bind(cpu: usize) {
    // SAFETY: an empty set is all zeroes.
    let mut set: libc::cpu_set_t = unsafe { std::mem::zeroed() };
    // SAFETY: `set` is valid, and the number in its range.
    unsafe { libc::CPU_SET(cpu % cpus(), &mut set) };
    // SAFETY: `set` is valid.
    let status = unsafe { libc::sched_setaffinity(0, size_of_val(&set), &raw const set) };
    assert_eq!(status, 0);
}

/// An attached thread.
#[derive(Debug)]
pub struct Worker<T> {
    handle: JoinHandle<T>,
    file: File,
    /// What sysfs calls it.
    name: String,
    /// What owner words call it.
    pub fundle: u32,
    /// What pthreads call it.
    pub pthread: libc::pthread_t,
}

/// Starts a thread of SCHED_FIFO on a CPU, and waits until it is attached.
pub fn worker<T: Send + 'static>(
    priority: i32,
    cpu: usize,
    body: impl FnOnce(&Attached) -> T + Send + 'static,
) -> Worker<T> {
    let (send, receive) = mpsc::channel();
    let handle = thread::spawn(move || {
        bind(cpu);
        let me = Attached::fifo(priority);
        // SAFETY: asks for a number.
        let pthread = unsafe { libc::pthread_self() };
        send.send((me.file(), me.name.clone(), me.eids.fundle, pthread))
            .unwrap();
        body(&me)
    });
    let (file, name, fundle, pthread) = receive.recv().unwrap();
    Worker {
        handle,
        file,
        name,
        fundle,
        pthread,
    }
}

impl<T> Worker<T> {
    /// What the core says of it.
    pub fn state(&self) -> evl_thread_state {
        state(&self.file).unwrap()
    }

    /// Its own priority, and the present one, as sysfs has them.
    pub fn priorities(&self) -> [i32; 2] {
        let path = format!("/sys/devices/virtual/thread/{}/sched", self.name);
        let sched = std::fs::read_to_string(path).unwrap();
        let mut words = sched.split_whitespace().skip(1);
        [(); 2].map(|()| words.next().unwrap().parse().unwrap())
    }

    /// The name of what it waits for, by sysfs.
    pub fn channel(&self) -> String {
        let path = format!("/sys/devices/virtual/thread/{}/wchan", self.name);
        std::fs::read_to_string(path).unwrap().trim_end().to_owned()
    }

    /// Whether it waits. Who has exited does not.
    pub fn waits(&self) -> bool {
        state(&self.file).is_ok_and(|state| state.state & EVL_T_PEND != 0)
    }

    /// Waits until it waits.
    pub fn await_wait(&self) {
        eventually("the thread to wait", || self.waits());
    }

    /// Unblocks it.
    pub fn unblock(&self) {
        // SAFETY: the request has no argument.
        assert_eq!(unsafe { ioctl(&self.file, EVL_THRIOC_UNBLOCK, 0) }, Ok(0));
    }

    /// Sends it a signal of Linux.
    pub fn kill(&self, signal: i32) {
        // SAFETY: the thread is there: nobody has joined it.
        assert_eq!(unsafe { libc::pthread_kill(self.pthread, signal) }, 0);
    }

    /// Its file.
    pub fn file(&self) -> &File {
        &self.file
    }

    /// What its body returned.
    pub fn join(self) -> T {
        self.handle.join().unwrap()
    }
}

/// Waits for a condition that comes true soon.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let start = Instant::now();
    while !condition() {
        assert!(
            start.elapsed() < Duration::from_secs(20),
            "waited for {what}"
        );
        thread::sleep(Duration::from_millis(2));
    }
}

/// Lets a thread of the test go on when the test says so.
#[derive(Debug)]
pub struct Gong(mpsc::Sender<()>);

impl Gong {
    /// The one who says, and what the other waits on, in-band.
    pub fn new() -> (Self, mpsc::Receiver<()>) {
        let (send, receive) = mpsc::channel();
        (Self(send), receive)
    }

    /// Says so.
    pub fn strike(&self) {
        self.0.send(()).unwrap();
    }
}

/// Has a signal interrupt what it comes upon, and do nothing else.
pub fn handle_quietly(signal: i32) {
    extern "C" fn nothing(_: i32) {}
    // SAFETY: a `sigaction` of zeroes has no flags and an empty mask.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = nothing as extern "C" fn(i32) as usize;
    // SAFETY: the handler does nothing.
    let status = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
    assert_eq!(status, 0);
}
