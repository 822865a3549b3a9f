// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can go wrong, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::cpu_list::CpuList;

/// Result of the functions of this crate.
pub type Result<T> = std::result::Result<T, Error>;

/// An error, whose text says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The running kernel has no EVL core.
    #[error(
        "no EVL core in this kernel: {} does not exist. Boot a kernel with CONFIG_EVL=y; \
         if it is one, mount devtmpfs on /dev", path.display()
    )]
    NoCore {
        /// The device node, or the directory in sysfs, which is missing.
        path: PathBuf,
    },

    /// A device node exists, but no driver of the running kernel serves it.
    #[error(
        "{} exists, but this kernel has no driver for it: the node was made by hand, or for another kernel. \
         Boot a kernel with CONFIG_EVL=y, and mount devtmpfs on /dev", path.display()
    )]
    NoDriver {
        /// The device node.
        path: PathBuf,
    },

    /// The core is there, but was built without its latency driver.
    #[error(
        "this kernel has no latency driver: /dev/latmus does not exist. Boot a kernel with CONFIG_EVL_LATMUS=y"
    )]
    NoLatencyDriver,

    /// The core was switched off by the kernel's command line.
    #[error(
        "the EVL core is disabled, so {} does not answer. Remove evl.state=disabled from the kernel's command line \
         and reboot", path.display()
    )]
    Disabled {
        /// The device node.
        path: PathBuf,
    },

    /// The kernel does not show its attributes, so what it would say is unknown.
    #[error("cannot look for {}: no sysfs. Mount sysfs on /sys", path.display())]
    NoSysfs {
        /// What was looked for.
        path: PathBuf,
    },

    /// The core does not serve the interface revision of this library.
    #[error(
        "this library needs EVL ABI {needed}, and the core of this kernel serves {base} to {current}. {}",
        if needed < base { "Build the program with a newer library, or boot an older kernel" }
        else { "Boot a newer kernel, or build the program with an older library" }
    )]
    Abi {
        /// The revision this library needs, [`ABI`](crate::ABI).
        needed: u32,
        /// The oldest revision the core serves.
        base: u32,
        /// The newest revision the core serves.
        current: u32,
    },

    /// A device node exists, but does not answer like one of the EVL core.
    #[error(
        "{} is not an EVL device, or its interface is incompatible. Use a kernel and a library of the same release",
        path.display()
    )]
    NotEvl {
        /// The device node.
        path: PathBuf,
    },

    /// The caller may not use a device node.
    #[error(
        "permission denied for {}{}. Run as a member of that group, or as root with CAP_SYS_NICE",
        path.display(),
        group.map_or(String::new(), |gid| format!(", which belongs to group {gid}"))
    )]
    Permission {
        /// The device node or attribute.
        path: PathBuf,
        /// The group which owns it, if that can be found out.
        group: Option<u32>,
    },

    /// The memory of the process could not be locked, so page faults would break real time.
    #[error(
        "cannot lock the memory of the process{}. Raise the limit (`ulimit -l unlimited`, or LimitMEMLOCK=infinity \
         in a systemd unit), or grant CAP_IPC_LOCK",
        limit.map_or(String::new(), |bytes| format!(": RLIMIT_MEMLOCK is {bytes} bytes"))
    )]
    MemoryNotLocked {
        /// RLIMIT_MEMLOCK of the process in bytes; `None` if unlimited.
        limit: Option<u64>,
        /// The error of mlockall(2).
        source: io::Error,
    },

    /// An answer of the kernel made no sense.
    #[error("{} says {found:?}, and {wanted} was expected. Use a kernel and a library of the same release", path.display())]
    Unexpected {
        /// Where the answer came from.
        path: PathBuf,
        /// The answer.
        found: String,
        /// What a right answer looks like.
        wanted: &'static str,
    },

    /// The core is there, but stopped.
    #[error(
        "the EVL core is stopped. Start it: `echo start > /sys/devices/virtual/evl/control/state`"
    )]
    NotRunning,

    /// An element has that name already. Names are unique in a class.
    #[error(
        "there is a {class} named {name:?} already. Choose another name, or end the program which uses it"
    )]
    NameInUse {
        /// The class of the element.
        class: &'static str,
        /// The name.
        name: String,
    },

    /// No public element has that name.
    #[error("there is no public {class} named {name:?}. Start the program which makes it first")]
    NotFound {
        /// The class of the element.
        class: &'static str,
        /// The name.
        name: String,
    },

    /// There are as many elements of a class as the kernel was built for.
    #[error("there are too many {what} in the system. Close some, or raise {option} of the kernel")]
    TooMany {
        /// What there are too many of.
        what: &'static str,
        /// The option of the kernel's configuration which limits them.
        option: &'static str,
    },

    /// An argument is out of range.
    #[error("{what} is {found}, and has to be {wanted}")]
    OutOfRange {
        /// The argument.
        what: &'static str,
        /// What it is.
        found: String,
        /// What it may be.
        wanted: &'static str,
    },

    /// The calling thread was to be attached twice.
    #[error(
        "this thread is attached to the core already. Use evl::thread::current(), or detach it first"
    )]
    AlreadyAttached,

    /// The calling thread is not attached to the core, and what it asked for is for those only.
    #[error(
        "cannot {action}: this thread is not attached to the core. Make it by evl::thread::Builder::spawn, \
         or call evl::thread::Builder::attach first"
    )]
    NotAttached {
        /// What it asked for.
        action: &'static str,
    },

    /// The calling thread may not run on any CPU that the core uses.
    #[error(
        "this thread may not run on any of the CPUs of the core ({cpus}). Change its affinity, \
         or evl.oobcpus on the kernel's command line"
    )]
    NoOobCpu {
        /// The CPUs of the core.
        cpus: CpuList,
    },

    /// A wait was ended by a signal, by [`Thread::unblock`](crate::thread::Thread::unblock) or
    /// [`Thread::demote`](crate::thread::Thread::demote).
    #[error("the attempt to {action} was interrupted. Try again, unless the program shall end")]
    Interrupted {
        /// What was waited for.
        action: &'static str,
    },

    /// A wait did not end before its time limit.
    #[error("the time limit was reached in the attempt to {action}")]
    TimedOut {
        /// What was waited for.
        action: &'static str,
    },

    /// The caller would have to wait, and asked not to.
    #[error("cannot {action} now without waiting")]
    WouldBlock {
        /// What it asked for.
        action: &'static str,
    },

    /// The caller would wait for itself: it owns the mutex, or waits for somebody who waits for it in the end.
    #[error(
        "cannot {action}: this thread would wait for itself. Lock mutexes in one order, or use a RecursiveMutex"
    )]
    Deadlock {
        /// What it asked for.
        action: &'static str,
    },

    /// The owner of a mutex ended or detached without releasing it, so what it protects may be half changed.
    #[error("the owner of the mutex ended or detached while it held it. Drop guards before that")]
    OwnerDied,

    /// Threads wait for the event with another mutex.
    #[error(
        "the event is waited for with another mutex. Use one mutex for all who wait for an event at a time"
    )]
    WrongMutex,

    /// A semaphore was flushed while the caller waited for it.
    #[error("the semaphore was flushed")]
    Flushed,

    /// The thread or the object is gone.
    #[error("cannot {action}: it is gone. A thread ends for the core when it detaches or exits")]
    Gone {
        /// What was to be done with it.
        action: &'static str,
    },

    /// The core of this kernel does not know a request.
    #[error("cannot {action}: the core of this kernel does not offer that. Boot a newer kernel")]
    Unsupported {
        /// What was asked for.
        action: &'static str,
    },

    /// Any other error of a system call that is not about a path.
    #[error("cannot {action}: {source}")]
    Call {
        /// What was tried.
        action: &'static str,
        /// Why it failed.
        source: io::Error,
    },

    /// Any other error of the operating system.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// With which file.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl Error {
    /// Classifies a failed attempt to open the device node at `path`.
    pub(crate) fn from_open(path: &Path, errno: Errno) -> Self {
        match errno {
            Errno::NODEV | Errno::NXIO => Self::NoDriver {
                path: path.to_owned(),
            },
            _ => Self::from_io("open", path, errno.into()),
        }
    }

    /// Classifies a failed request to the open device node at `path`.
    pub(crate) fn from_query(path: &Path, errno: Errno) -> Self {
        let path = path.to_owned();
        match errno {
            Errno::NXIO => Self::Disabled { path },
            Errno::NOTTY => Self::NotEvl { path },
            _ => Self::from_io("query", &path, errno.into()),
        }
    }

    /// Classifies a failed attempt to `action`, by an attached thread, an element that was made before.
    pub(crate) fn from_call(action: &'static str, errno: Errno) -> Self {
        match errno {
            Errno::PERM => Self::NotAttached { action },
            Errno::INTR => Self::Interrupted { action },
            Errno::TIMEDOUT => Self::TimedOut { action },
            Errno::AGAIN => Self::WouldBlock { action },
            Errno::STALE | Errno::IDRM => Self::Gone { action },
            Errno::DEADLK => Self::Deadlock { action },
            Errno::BADFD => Self::WrongMutex,
            Errno::NOTTY | Errno::OPNOTSUPP => Self::Unsupported { action },
            _ => Self::Call {
                action,
                source: errno.into(),
            },
        }
    }

    /// An element cannot have that name.
    pub(crate) fn bad_name(name: &str) -> Self {
        Self::OutOfRange {
            what: "the name",
            found: format!("{name:?}"),
            wanted: "1 to 62 bytes without a slash or NUL",
        }
    }

    /// Classifies a failed attempt to `action` the file at `path`, as far as the cause does not depend on the action.
    pub(crate) fn from_io(action: &'static str, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match Errno::from_io_error(&source) {
            Some(Errno::ACCESS | Errno::PERM) => Self::Permission {
                group: group_of(&path),
                path,
            },
            _ => Self::Io {
                action,
                path,
                source,
            },
        }
    }
}

fn group_of(path: &Path) -> Option<u32> {
    rustix::fs::stat(path).ok().map(|status| status.st_gid)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: &str = "/nonexistent/evl";

    #[test]
    fn errnos_of_open_become_advice() {
        let classified = |errno| Error::from_open(Path::new(NODE), errno);
        assert!(matches!(
            classified(Errno::ACCESS),
            Error::Permission { group: None, .. }
        ));
        assert!(matches!(classified(Errno::PERM), Error::Permission { .. }));
        assert!(matches!(
            classified(Errno::NFILE),
            Error::Io { action: "open", .. }
        ));
        for errno in [Errno::NODEV, Errno::NXIO] {
            let error = classified(errno);
            assert!(matches!(error, Error::NoDriver { .. }), "{error}");
            let text = error.to_string();
            assert!(text.contains("/nonexistent/evl exists"), "{text}");
        }
    }

    #[test]
    fn errnos_of_requests_become_advice() {
        let classified = |errno| Error::from_query(Path::new(NODE), errno);
        assert!(matches!(classified(Errno::NOTTY), Error::NotEvl { .. }));
        assert!(matches!(classified(Errno::PERM), Error::Permission { .. }));
        assert!(matches!(
            classified(Errno::FAULT),
            Error::Io {
                action: "query",
                ..
            }
        ));
        let error = classified(Errno::NXIO);
        assert!(matches!(error, Error::Disabled { .. }), "{error}");
        let text = error.to_string();
        assert!(text.contains("Remove evl.state=disabled"), "{text}");
    }

    #[test]
    fn permission_names_the_group() {
        let directory = tempfile::tempdir().expect("tempdir");
        let group = rustix::fs::stat(directory.path()).expect("stat").st_gid;
        let error = Error::from_io("open", directory.path(), Errno::ACCESS.into());
        assert!(
            error
                .to_string()
                .contains(&format!("belongs to group {group}")),
            "{error}"
        );
    }

    #[test]
    fn abi_mismatch_names_both_sides_and_the_newer_one() {
        let newer_kernel = Error::Abi {
            needed: 36,
            base: 39,
            current: 40,
        }
        .to_string();
        assert!(
            newer_kernel.contains("needs EVL ABI 36") && newer_kernel.contains("39 to 40"),
            "{newer_kernel}"
        );
        assert!(newer_kernel.contains("newer library"), "{newer_kernel}");
        let older_kernel = Error::Abi {
            needed: 36,
            base: 20,
            current: 32,
        }
        .to_string();
        assert!(
            older_kernel.contains("Boot a newer kernel"),
            "{older_kernel}"
        );
    }
}
