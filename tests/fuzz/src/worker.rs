// SPDX-License-Identifier: MIT OR Apache-2.0
//! A process with some threads, all of which do what comes to their mind until the process ends.

mod action;

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use fastrand::Rng;

use self::action::Actor;
use crate::census::Census;
use crate::memory::{Arena, Windows};

/// How long a process may take to die.
const PATIENCE: Duration = Duration::from_secs(30);

/// What a process exits with if an unprivileged request succeeded.
const PRIVILEGE: i32 = 99;

/// Somebody without privileges.
const NOBODY: u32 = 65534;

/// How a process ends.
#[derive(Clone, Copy, Debug)]
enum End {
    Killed,
    Exits,
    Executes,
}

/// Runs a process from its beginning to its end.
pub(crate) fn run(rng: &mut Rng, threads: u8, census: &Census) -> Result<()> {
    let seed = rng.u64(..);
    let lifetime = Duration::from_millis(rng.u64(20..400));
    let end = *rng
        .choice(&[End::Killed, End::Killed, End::Exits, End::Executes])
        .unwrap_or(&End::Killed);
    // SAFETY: this process has one thread, so the child may do whatever it could have done.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => Err(io::Error::last_os_error()).context("fork"),
        0 => live(Rng::with_seed(seed), threads, census, lifetime, end),
        _ => {
            if matches!(end, End::Killed) {
                sleep(lifetime);
                // SAFETY: our child, which nobody has waited for.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
            bury(pid, lifetime + PATIENCE)
        }
    }
}

/// Waits for a child.
fn bury(pid: i32, patience: Duration) -> Result<()> {
    let end = Instant::now() + patience;
    let mut status = 0;
    // SAFETY: the kernel writes to `status`.
    while unsafe { libc::waitpid(pid, &mut status, libc::WNOHANG) } == 0 {
        if Instant::now() > end {
            bail!("process {pid} does not die:\n{}", tasks_of(pid));
        }
        sleep(Duration::from_millis(5));
    }
    if libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == PRIVILEGE {
        bail!("a process without privileges attached a thread");
    }
    Ok(())
}

/// Where the threads of a process are.
fn tasks_of(pid: i32) -> String {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return String::new();
    };
    let mut text = String::new();
    for task in tasks.flatten() {
        for file in ["status", "wchan", "stack"] {
            text += &fs::read_to_string(task.path().join(file)).unwrap_or_default();
            text += "\n";
        }
    }
    text
}

/// The life of the child.
fn live(mut rng: Rng, threads: u8, census: &Census, lifetime: Duration, end: End) -> ! {
    let mut files = open_all(Path::new("/dev/evl"));
    files.extend(open("latmus", Path::new("/dev/latmus")));
    let Ok(arena) = Arena::new() else {
        std::process::exit(0)
    };
    let windows = Windows::new(
        files
            .iter()
            .find_map(|(name, fd)| (name == "control").then_some(*fd))
            .unwrap_or(-1),
    );
    // SAFETY: a handler that does nothing; signals interrupt system calls.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = nothing as extern "C" fn(i32) as usize;
        for signal in [libc::SIGUSR1, libc::SIGXCPU] {
            libc::sigaction(signal, &action, std::ptr::null_mut());
        }
    }
    let privileged = rng.u8(..8) != 0;
    if !privileged {
        // SAFETY: no memory is involved. It cannot fail for root.
        unsafe {
            libc::setgroups(0, std::ptr::null());
            libc::setgid(NOBODY);
            libc::setuid(NOBODY);
        }
    }
    std::thread::scope(|scope| {
        for _ in 0..threads {
            let mut actor = Actor::new(rng.fork(), &files, arena, windows, census, privileged);
            scope.spawn(move || {
                loop {
                    actor.act();
                }
            });
        }
        sleep(lifetime);
        match end {
            End::Killed => sleep(PATIENCE),
            End::Exits => {}
            End::Executes => execute(),
        }
        // Not `exit()`, which would wait for locks of threads that run on.
        // SAFETY: nothing is left to do.
        unsafe { libc::_exit(0) }
    })
}

extern "C" fn nothing(_: i32) {}

/// Executes a program that ends at once.
fn execute() {
    let Ok(program) = CString::new("/proc/self/exe") else {
        return;
    };
    let version = c"--version";
    let arguments = [program.as_ptr(), version.as_ptr(), std::ptr::null()];
    // SAFETY: the strings end in NUL, the list in a null pointer. Its output is not wanted.
    unsafe {
        libc::close(1);
        libc::execv(program.as_ptr(), arguments.as_ptr());
    }
}

/// Opens all device nodes: their names below the folder, and descriptors that stay open.
fn open_all(folder: &Path) -> Vec<(String, i32)> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if let Ok(name) = path.strip_prefix(folder) {
                files.extend(open(&name.to_string_lossy(), &path));
            }
        }
    }
    files.sort();
    files
}

fn open(name: &str, path: &Path) -> Option<(String, i32)> {
    let file = fs::OpenOptions::new().read(true).write(true).open(path);
    Some((name.to_owned(), OwnedFd::from(file.ok()?).into_raw_fd()))
}
