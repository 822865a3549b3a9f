// SPDX-License-Identifier: MIT OR Apache-2.0
//! Elements: how they are made and opened.

use std::ffi::CString;
use std::os::fd::{FromRawFd, OwnedFd, RawFd};
use std::path::{Path, PathBuf};

use evl_sys::{
    EVL_CLONE_PRIVATE, EVL_CLONE_PUBLIC, EVL_IOC_CLONE, evl_clone_req, evl_element_ids,
    evl_monitor_attrs,
};
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::Updater;

use crate::error::{Error, Result};
use crate::name;
use crate::system::System;

/// A class whose elements programs make.
pub(crate) struct Class {
    /// What its elements are called in messages.
    pub(crate) kind: &'static str,
    /// Its directory in /dev/evl.
    pub(crate) folder: &'static str,
    /// What limits their number.
    pub(crate) option: &'static str,
}

impl Class {
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        Path::new("/dev/evl").join(self.folder).join(name)
    }

    /// Makes an element. For monitors there are attributes.
    pub(crate) fn make(
        &self,
        name: Option<&str>,
        public: bool,
        attrs: Option<&evl_monitor_attrs>,
    ) -> Result<(OwnedFd, evl_element_ids)> {
        name::check(name, public)?;
        let clone = System::default().open_device(&self.path("clone"))?;
        // A valid name has no NUL.
        let c_name = name.map(|name| CString::new(name).unwrap_or_default());
        let mut request = evl_clone_req {
            name_ptr: c_name
                .as_ref()
                .map_or(0, |name| name.as_ptr().expose_provenance() as u64),
            attrs_ptr: attrs.map_or(0, |attrs| {
                std::ptr::from_ref(attrs).expose_provenance() as u64
            }),
            clone_flags: if public {
                EVL_CLONE_PUBLIC
            } else {
                EVL_CLONE_PRIVATE
            },
            ..evl_clone_req::default()
        };
        // SAFETY: the request reads and writes an `evl_clone_req`, and reads a name that ends in NUL and the attributes
        // of a monitor where that says.
        unsafe { rustix::ioctl::ioctl(&clone, Updater::<EVL_IOC_CLONE, _>::new(&mut request)) }
            .map_err(|errno| self.refused(name, errno))?;
        let fd = match name {
            Some(name) if public => self.open(name)?,
            // SAFETY: the core has just made this descriptor for us.
            _ => unsafe { OwnedFd::from_raw_fd(request.efd as RawFd) },
        };
        Ok((fd, request.eids))
    }

    fn refused(&self, name: Option<&str>, errno: Errno) -> Error {
        match errno {
            Errno::BUSY => Error::AlreadyAttached,
            Errno::EXIST => Error::NameInUse {
                class: self.kind,
                name: name.unwrap_or_default().to_owned(),
            },
            Errno::AGAIN => Error::TooMany {
                what: self.kind,
                option: self.option,
            },
            Errno::NXIO => Error::NotRunning,
            _ => Error::from_io("use", &self.path("clone"), errno.into()),
        }
    }

    /// Opens a public element.
    pub(crate) fn open(&self, name: &str) -> Result<OwnedFd> {
        name::check(Some(name), true)?;
        let path = self.path(name);
        let flags = OFlags::RDWR | OFlags::CLOEXEC;
        rustix::fs::open(&path, flags, Mode::empty()).map_err(|errno| match errno {
            Errno::NOENT => Error::NotFound {
                class: self.kind,
                name: name.to_owned(),
            },
            _ => Error::from_open(&path, errno),
        })
    }
}
