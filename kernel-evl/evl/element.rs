// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Elements: what files of the core refer to, and how long it lives.
//!
//! The records of elements are never freed, but used again. A record is in use from its
//! [claim](Hold::claim) on until its last reference is dropped and its class has [reaped](reap)
//! it. The last one may be dropped out-of-band; reaping is for in-band.
//!
//! A [reference](Ref) keeps the record, a [hold](Hold) the element: files have holds, and so does
//! the thread which an element stands for; system calls being served have references. An element
//! without holds is deleted: nobody begins to wait for it, and who does so is told.

use core::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use kernel::{
    bindings,
    error::from_err_ptr,
    fs::file::{File, FileDescriptorReservation},
    prelude::*,
    sync::aref::ARef,
};

use crate::{
    errno::estale,
    ffi, monitor,
    stage::{running_oob, with_hard_irqs_off},
    state, thread, timerfd,
};

/// An element: its class and its minor number in it.
#[derive(Clone, Copy, Eq, PartialEq)]
pub(crate) struct Handle(u32);

impl Handle {
    /// The handle of an element.
    pub(crate) const fn new(class: bindings::evl_class_id, minor: u32) -> Self {
        Self((class << bindings::EVL_HANDLE_SHIFT) | (minor & bindings::EVL_HANDLE_MINOR))
    }

    /// What C passes around.
    pub(crate) const fn from_raw(raw: u32) -> Self {
        Self(raw)
    }

    /// What C, and applications as *fundle*, know it by: not 0, and the two topmost bits are 0.
    pub(crate) const fn raw(self) -> u32 {
        self.0
    }

    /// Its class.
    pub(crate) const fn class(self) -> bindings::evl_class_id {
        self.0 >> bindings::EVL_HANDLE_SHIFT
    }

    /// Its minor number.
    pub(crate) const fn minor(self) -> u32 {
        self.0 & bindings::EVL_HANDLE_MINOR
    }

    /// The part of its record that counts references; `None` for devices that are always there.
    fn element(self) -> Option<&'static Element> {
        let minor = self.minor();
        match self.class() {
            #[cfg(CONFIG_EVL_HECTIC)]
            bindings::evl_class_id_EVL_CLASS_HECTIC => crate::hectic::element(minor),
            #[cfg(CONFIG_EVL_LATMUS)]
            bindings::evl_class_id_EVL_CLASS_LATMUS => crate::latmus::element(minor),
            bindings::evl_class_id_EVL_CLASS_MONITOR => monitor::element(minor),
            bindings::evl_class_id_EVL_CLASS_THREAD => thread::element(minor),
            bindings::evl_class_id_EVL_CLASS_TIMER => timerfd::element(minor),
            bindings::evl_class_id_EVL_CLASS_XBUF => crate::xbuf::element(minor),
            _ => None,
        }
    }
}

/// A class whose elements have records.
struct Records {
    class: bindings::evl_class_id,
    /// An element is deleted: nobody shall wait for it any more. In-band, may sleep.
    delete: fn(u32),
    /// An element has lost its last reference. In-band, may sleep.
    reap: fn(u32),
}

/// All of them.
static RECORDS: &[Records] = &[
    #[cfg(CONFIG_EVL_HECTIC)]
    Records {
        class: bindings::evl_class_id_EVL_CLASS_HECTIC,
        delete: drop,
        reap: crate::hectic::reap,
    },
    #[cfg(CONFIG_EVL_LATMUS)]
    Records {
        class: bindings::evl_class_id_EVL_CLASS_LATMUS,
        delete: drop,
        reap: crate::latmus::reap,
    },
    Records {
        class: bindings::evl_class_id_EVL_CLASS_XBUF,
        delete: crate::xbuf::delete,
        reap: crate::xbuf::reap,
    },
    Records {
        class: bindings::evl_class_id_EVL_CLASS_MONITOR,
        delete: monitor::delete,
        reap: drop,
    },
    Records {
        class: bindings::evl_class_id_EVL_CLASS_THREAD,
        delete: drop,
        reap: drop,
    },
    Records {
        class: bindings::evl_class_id_EVL_CLASS_TIMER,
        delete: drop,
        reap: timerfd::reap,
    },
];

impl Records {
    fn of(class: bindings::evl_class_id) -> Option<&'static Self> {
        RECORDS.iter().find(|records| records.class == class)
    }
}

/// The record is free to be claimed.
const FREE: u32 = 0;
/// It is in use. Who drops its last reference in-band reaps it.
const USED: u32 = 1;
/// Its last reference was dropped out-of-band. Who makes it `USED` reaps it.
const ORPHANED: u32 = 2;

/// The part of a record that counts references.
pub(crate) struct Element {
    state: AtomicU32,
    refs: AtomicU32,
    holds: AtomicU32,
    /// Whose process has a hold, until somebody opens the element: its number; 0 if nobody's.
    owner: AtomicU32,
    /// When that process began.
    owner_birth: AtomicU64,
}

impl Element {
    /// A record which is not in use.
    pub(crate) const fn new() -> Self {
        Self {
            state: AtomicU32::new(FREE),
            refs: AtomicU32::new(0),
            holds: AtomicU32::new(0),
            owner: AtomicU32::new(0),
            owner_birth: AtomicU64::new(0),
        }
    }

    /// Whether nobody can open it any more. Once it is, it stays so.
    pub(crate) fn is_deleted(&self) -> bool {
        self.holds.load(Ordering::Acquire) == 0
    }

    fn change(&self, from: u32, to: u32) -> bool {
        let order = Ordering::AcqRel;
        self.state
            .compare_exchange(from, to, order, Ordering::Relaxed)
            .is_ok()
    }

    /// Ends the hold of the process which made the element, if it has one.
    fn disown(&self, handle: Handle) {
        if self.owner.swap(0, Ordering::AcqRel) != 0 {
            drop(Hold::adopt(handle));
        }
    }

    /// Whether the process which made the element, and never opened it, is gone.
    fn is_abandoned(&self) -> bool {
        let owner = self.owner.load(Ordering::Acquire);
        owner != 0 && !ffi::evl_process_lives(owner, self.owner_birth.load(Ordering::Relaxed))
    }
}

/// Adds one, unless there is none.
fn one_more(count: &AtomicU32) -> bool {
    let more = |count: u32| count.checked_add(1).filter(|_| count != 0);
    count
        .fetch_update(Ordering::AcqRel, Ordering::Relaxed, more)
        .is_ok()
}

/// A reference to an element: its record stays that of the element.
pub(crate) struct Ref {
    handle: Handle,
    element: Option<&'static Element>,
}

impl Ref {
    /// Takes a reference to an element.
    ///
    /// # Errors
    ///
    /// [`ESTALE`] if it is gone.
    pub(crate) fn get(handle: Handle) -> Result<Self> {
        match handle.element() {
            Some(element) if !one_more(&element.refs) => Err(estale()),
            element => Ok(Self { handle, element }),
        }
    }

    /// The element.
    pub(crate) fn handle(&self) -> Handle {
        self.handle
    }

    /// The element that a descriptor of the caller refers to, with the modes of the file.
    ///
    /// # Errors
    ///
    /// [`EBADF`] if it is not open, or no file of the core; [`ESTALE`].
    pub(crate) fn from_fd(fd: u32) -> Result<(Self, View)> {
        with_hard_irqs_off(|_| {
            let view = View::of(fd)?;
            let found = Self::get(view.handle)?;
            // What C says of the file holds for the time when the reference was taken, if it is
            // still the same.
            if View::of(fd)?.handle != view.handle {
                return Err(EBADF);
            }
            Ok((found, view))
        })
    }
}

impl Drop for Ref {
    fn drop(&mut self) {
        let Some(element) = self.element else { return };
        if element.refs.fetch_sub(1, Ordering::AcqRel) != 1 {
            return;
        }
        if running_oob() {
            element.state.store(ORPHANED, Ordering::Release);
            ffi::evl_defer_reap();
        } else {
            reap(self.handle);
        }
    }
}

/// A reference that keeps the element from being deleted. Dropped in-band.
pub(crate) struct Hold(Ref);

impl Hold {
    /// Claims the first free record out of `records`, whose first one has the minor number 1.
    ///
    /// # Errors
    ///
    /// [`ENXIO`] unless the core runs; [`EAGAIN`] if all records are in use.
    pub(crate) fn claim<T: 'static>(
        class: bindings::evl_class_id,
        records: &'static [T],
        element: fn(&T) -> &Element,
    ) -> Result<Self> {
        state::enter()?;
        let mut free = (1..).zip(records);
        let Some((minor, record)) = free.find(|(_, record)| element(record).change(FREE, USED))
        else {
            state::leave();
            return Err(EAGAIN);
        };
        let element = element(record);
        element.holds.store(1, Ordering::Relaxed);
        element.refs.store(1, Ordering::Release);
        Ok(Self(Ref {
            handle: Handle::new(class, minor),
            element: Some(element),
        }))
    }

    /// Takes a hold of an element.
    ///
    /// # Errors
    ///
    /// [`ESTALE`] if it is deleted.
    pub(crate) fn open(handle: Handle) -> Result<Self> {
        let reference = Ref::get(handle)?;
        let Some(element) = reference.element else {
            return Ok(Self(reference));
        };
        if !one_more(&element.holds) {
            return Err(estale());
        }
        element.disown(handle);
        Ok(Self(reference))
    }

    /// The element.
    pub(crate) fn handle(&self) -> Handle {
        self.0.handle
    }

    /// Leaves the hold to somebody who drops it by [`adopt`](Self::adopt).
    pub(crate) fn keep(self) -> Handle {
        let handle = self.handle();
        core::mem::forget(self);
        handle
    }

    /// Takes over a hold that was [kept](Self::keep).
    pub(crate) fn adopt(handle: Handle) -> Self {
        Self(Ref {
            handle,
            element: handle.element(),
        })
    }

    /// Leaves the hold to the process of the caller, until somebody opens the element. If the
    /// process is gone before, [`reap_all`] ends the hold.
    pub(crate) fn leave_to_process(self) {
        let handle = self.keep();
        let Some(element) = handle.element() else {
            return;
        };
        let owner = ffi::evl_current_process();
        element.owner_birth.store(owner.birth, Ordering::Relaxed);
        element.owner.store(owner.number, Ordering::Release);
        // Its node was there before: somebody may have been quick.
        if element.holds.load(Ordering::Acquire) > 1 {
            element.disown(handle);
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let handle = self.handle();
        let (Some(element), Some(records)) = (self.0.element, Records::of(handle.class())) else {
            return;
        };
        if element.holds.fetch_sub(1, Ordering::AcqRel) == 1 {
            (records.delete)(handle.minor());
        }
    }
}

/// A file as seen from any stage.
pub(crate) struct View {
    /// The element it refers to.
    pub(crate) handle: Handle,
    /// How it was opened.
    pub(crate) mode: bindings::fmode_t,
    /// O_* flags.
    pub(crate) flags: u32,
}

impl View {
    fn of(fd: u32) -> Result<Self> {
        let mut view = bindings::evl_file_view::default();
        // SAFETY: `view` is ours. Interrupts are off: the callers are in `with_hard_irqs_off`.
        if !unsafe { bindings::evl_peek_fd(fd, &mut view) } {
            return Err(EBADF);
        }
        Ok(Self {
            handle: Handle::from_raw(view.handle),
            mode: view.mode,
            flags: view.flags,
        })
    }
}

/// Ends the use of a record whose last reference is gone. In-band, may sleep.
fn reap(handle: Handle) {
    let Some(records) = Records::of(handle.class()) else {
        return;
    };
    (records.reap)(handle.minor());
    ffi::evl_remove_device(handle.class(), handle.minor());
    if let Some(element) = handle.element() {
        element.state.store(FREE, Ordering::Release);
        state::leave();
    }
}

/// Reaps what lost its last reference out-of-band, or was never opened and is forgotten.
/// In-band, may sleep.
pub(crate) fn reap_all() {
    for records in RECORDS {
        for minor in 1.. {
            let handle = Handle::new(records.class, minor);
            let Some(element) = handle.element() else {
                break;
            };
            if element.is_abandoned() {
                element.disown(handle);
            }
            if element.change(ORPHANED, USED) {
                reap(handle);
            }
        }
    }
}

/// A file which is not open yet: dropping it leaves nothing behind.
pub(crate) struct NewFile {
    fd: FileDescriptorReservation,
    file: ARef<File>,
}

impl NewFile {
    /// Makes a file of an element. In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`EMFILE`], [`ENFILE`], [`ENOMEM`].
    pub(crate) fn new(element: Hold, name: &CStr, flags: u32) -> Result<Self> {
        let fd = FileDescriptorReservation::get_unused_fd_flags(bindings::O_CLOEXEC)?;
        let handle = element.handle();
        let flags = bindings::O_RDWR | flags;
        // SAFETY: `name` ends in NUL. The file gets the hold that `element` is.
        let file = unsafe { bindings::evl_new_file(name.as_char_ptr(), handle.raw(), flags) };
        let file = core::ptr::NonNull::new(from_err_ptr(file)?).ok_or(ENOMEM)?;
        element.keep();
        // SAFETY: A new file has one reference, which is ours, and nobody uses its position.
        let file = unsafe { ARef::from_raw(file.cast()) };
        Ok(Self { fd, file })
    }

    /// The number it will have.
    pub(crate) fn fd(&self) -> u32 {
        self.fd.reserved_fd()
    }

    /// Opens it.
    pub(crate) fn install(self) {
        self.fd.fd_install(self.file);
    }
}
