// SPDX-License-Identifier: MIT OR Apache-2.0
//! What a process needs once: the memory that it shares with the core.

use std::path::Path;
use std::ptr::NonNull;
use std::sync::OnceLock;
use std::sync::atomic::AtomicU32;

use rustix::mm::{MapFlags, ProtFlags, mmap};

use super::thread::forget_current;
use crate::core::Core;
use crate::error::{Error, Result};

/// The memory that the core shares with all applications.
pub(crate) struct Shared {
    base: NonNull<u8>,
    size: usize,
}

// SAFETY: it gives out references to atomics only.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

impl Shared {
    fn map() -> Result<Self> {
        let core = Core::open()?;
        let path = Path::new("/dev/evl/control");
        let size = usize::try_from(core.info().shm_size).unwrap_or(0);
        let flags = ProtFlags::READ | ProtFlags::WRITE;
        // SAFETY: a new mapping touches no other memory.
        let base = unsafe {
            mmap(
                std::ptr::null_mut(),
                size,
                flags,
                MapFlags::SHARED,
                core.control(),
                0,
            )
        }
        .map_err(|errno| Error::from_io("map", path, errno.into()))?;
        let base = NonNull::new(base.cast()).ok_or_else(|| Error::Unexpected {
            path: path.to_owned(),
            found: "no memory".to_owned(),
            wanted: "memory to share",
        })?;
        watch_forks();
        Ok(Self { base, size })
    }

    /// The word at an offset.
    ///
    /// # Errors
    ///
    /// [`Error::Unexpected`] if it is not in the memory.
    pub(crate) fn word(&self, offset: usize) -> Result<&'static AtomicU32> {
        let fits = offset % 4 == 0 && offset.checked_add(4).is_some_and(|end| end <= self.size);
        if !fits {
            return Err(Error::Unexpected {
                path: "/dev/evl/control".into(),
                found: format!("a state at {offset:#x} of {:#x} bytes", self.size),
                wanted: "one in the shared memory",
            });
        }
        // SAFETY: it is in the mapping, which is never unmapped, and aligned, as the mapping is. Others access it at
        // the same time: user space through these references, by atomics; the kernel's accesses are no concern of the
        // compiler.
        Ok(unsafe { self.base.add(offset).cast::<AtomicU32>().as_ref() })
    }
}

/// That memory, mapped when it is first asked for. In-band.
pub(crate) fn shared() -> Result<&'static Shared> {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    if let Some(shared) = SHARED.get() {
        return Ok(shared);
    }
    let mapped = Shared::map()?;
    // Another thread may have been quicker: its mapping is the one to use, and a second one does no harm.
    Ok(SHARED.get_or_init(|| mapped))
}

/// A child of fork(2) is not attached, whatever its parent was.
fn watch_forks() {
    extern "C" fn child() {
        forget_current();
    }
    // SAFETY: the function only writes to a variable of the thread. It fails for lack of memory, and only children
    // that do without exec would notice: the core refuses their calls.
    unsafe { libc::pthread_atfork(None, None, Some(child)) };
}
