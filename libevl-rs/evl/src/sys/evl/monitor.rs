// SPDX-License-Identifier: MIT OR Apache-2.0
//! What all monitors have: a file, and words shared with the core.

use std::mem::offset_of;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::AtomicU32;

use evl_sys::{
    __kernel_timespec, EVL_CLOCK_MONOTONIC, EVL_CLOCK_REALTIME, EVL_MONIOC_BIND, evl_element_ids,
    evl_event_state, evl_gate_state, evl_monitor_attrs, evl_monitor_binding, evl_monitor_state,
    evl_monitor_waitreq,
};
use rustix::io;
use rustix::ioctl::{Getter, Opcode, Updater};

use super::call::oob_ioctl;
use super::element::Class;
use super::process::shared;
use crate::clock::ClockId;
use crate::error::{Error, Result};
use crate::sync::Options;

/// A kind of monitor: type, protocol, and what it is called.
pub(crate) struct Kind {
    pub(crate) r#type: u32,
    pub(crate) protocol: u32,
    pub(crate) name: &'static str,
}

impl Kind {
    fn class(&self) -> Class {
        Class {
            kind: self.name,
            folder: "monitor",
            option: "CONFIG_EVL_NR_MONITORS",
        }
    }
}

/// A monitor.
#[derive(Debug)]
pub(crate) struct Monitor {
    fd: OwnedFd,
    /// EVL_MONITOR_SIGNALED...
    pub(crate) flags: &'static AtomicU32,
    /// The three words of the union: of a gate owner, ceiling, nesting; of an event value, users of poll, gate.
    pub(crate) words: [&'static AtomicU32; 3],
    /// What pp_pending knows it by.
    pub(crate) handle: u32,
    /// Where its state is.
    pub(crate) offset: u32,
}

impl Monitor {
    /// Makes one.
    pub(crate) fn new(kind: &Kind, options: &Options, initial: u32) -> Result<Self> {
        let clock = match options.clock_id() {
            ClockId::Monotonic => EVL_CLOCK_MONOTONIC,
            ClockId::Realtime => EVL_CLOCK_REALTIME,
        };
        let mut attrs = evl_monitor_attrs {
            clockfd: clock as u32,
            initval: initial,
            ..evl_monitor_attrs::default()
        };
        attrs.set_type(kind.r#type);
        attrs.set_protocol(kind.protocol);
        let name = options.name_str();
        let (fd, eids) = kind.class().make(name, options.is_public(), Some(&attrs))?;
        Self::of(fd, &eids)
    }

    /// Opens a public one, of one of the given kinds, which have one name: which it is.
    pub(crate) fn open(kinds: &[Kind], name: &str) -> Result<(Self, usize)> {
        let Some(first) = kinds.first() else {
            return Err(Error::bad_name(name));
        };
        let fd = first.class().open(name)?;
        // SAFETY: the request writes an `evl_monitor_binding`.
        let binding = unsafe {
            rustix::ioctl::ioctl(&fd, Getter::<EVL_MONIOC_BIND, evl_monitor_binding>::new())
        };
        let path = first.class().path(name);
        let binding = binding.map_err(|errno| Error::from_query(&path, errno))?;
        let is =
            |kind: &Kind| (kind.r#type, kind.protocol) == (binding.type_(), binding.protocol());
        let Some(which) = kinds.iter().position(is) else {
            return Err(Error::Unexpected {
                path,
                found: format!("type {}, protocol {}", binding.type_(), binding.protocol()),
                wanted: first.name,
            });
        };
        Ok((Self::of(fd, &binding.eids)?, which))
    }

    fn of(fd: OwnedFd, eids: &evl_element_ids) -> Result<Self> {
        const UNION: usize = offset_of!(evl_monitor_state, u);
        const {
            assert!(
                offset_of!(evl_gate_state, owner) == 0 && offset_of!(evl_gate_state, ceiling) == 4
            );
            assert!(
                offset_of!(evl_event_state, value) == 0
                    && offset_of!(evl_event_state, pollrefs) == 4
            );
            assert!(offset_of!(evl_event_state, gate_offset) == 8);
        }
        let shared = shared()?;
        let word = |offset| shared.word(eids.state_offset as usize + offset);
        Ok(Self {
            fd,
            flags: word(offset_of!(evl_monitor_state, flags))?,
            words: [word(UNION)?, word(UNION + 4)?, word(UNION + 8)?],
            handle: eids.fundle,
            offset: eids.state_offset,
        })
    }

    /// Waits for an event, out-of-band. What the core answers is in `request`.
    pub(crate) fn wait<const REQUEST: Opcode>(
        &self,
        request: &mut evl_monitor_waitreq,
        limit: Option<__kernel_timespec>,
    ) -> io::Result<()> {
        let limit = never_or(limit);
        request.timeout_ptr = std::ptr::from_ref(&limit).expose_provenance() as u64;
        // SAFETY: the requests which this is called for read and write an `evl_monitor_waitreq`, and read a time where
        // that says.
        unsafe { oob_ioctl(self.as_fd(), Updater::<REQUEST, _>::new(request)) }
    }
}

/// A time limit as the core has it: 0 for none. The dates of 0 and before are long past, as is the first nanosecond.
pub(crate) fn never_or(limit: Option<__kernel_timespec>) -> __kernel_timespec {
    match limit {
        None => __kernel_timespec::default(),
        Some(__kernel_timespec {
            tv_sec: 0,
            tv_nsec: 0,
        }) => __kernel_timespec {
            tv_sec: 0,
            tv_nsec: 1,
        },
        Some(limit) => limit,
    }
}

impl AsFd for Monitor {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}
