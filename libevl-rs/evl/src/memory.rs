// SPDX-License-Identifier: MIT OR Apache-2.0
//! Locking the memory of the process.

use rustix::mm::{MlockAllFlags, mlockall};
use rustix::process::{Resource, getrlimit};

use crate::error::{Error, Result};

/// Locks all memory of the process, present and future, so that no page fault can switch an oob thread in-band.
///
/// Call it once, first thing in a program which will run oob; a child made by fork(2) must call it again.
///
/// **Stage: in-band.**
///
/// # Errors
///
/// [`Error::MemoryNotLocked`] if the process lacks CAP_IPC_LOCK and RLIMIT_MEMLOCK is lower than what it uses.
pub fn lock_memory() -> Result<()> {
    mlockall(MlockAllFlags::CURRENT | MlockAllFlags::FUTURE).map_err(|errno| {
        Error::MemoryNotLocked {
            limit: getrlimit(Resource::Memlock).current,
            source: errno.into(),
        }
    })
}
