// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Creation of elements: `EVL_IOC_CLONE` on `/dev/evl/<class>/clone`.

use core::mem::offset_of;
use kernel::{bindings, prelude::*, str::CString, transmute::FromBytes, uaccess::UserSlice};

use crate::{
    class::{add_device, Request},
    control::{address_of, halves},
    element::{reap_all, Hold, NewFile},
    errno::enametoolong,
    stage::Call,
};

/// The minor number of the device that makes elements.
pub(crate) const CLONE: u32 = 0;

/// The longest name of an element.
const NAME_MAX: usize = 63;

/// Where in `struct evl_clone_req` the answer is.
const ANSWER: usize = offset_of!(bindings::evl_clone_req, eids);

/// The element that an application wants.
pub(crate) struct Wanted {
    name: u64,
    attrs: u64,
    flags: u32,
    answer: usize,
}

impl Wanted {
    /// Reads a request. Elements that nobody uses any more are removed first: their names are free.
    /// In-band, may sleep.
    ///
    /// # Errors
    ///
    /// [`ENOTTY`] if the device makes no elements, [`EINVAL`] for flags that are not in `flags`,
    /// `EVL_CLONE_PUBLIC`, `EVL_CLONE_NONBLOCK`, or the application's own, and for a public element
    /// without name, [`EFAULT`].
    pub(crate) fn read(call: &mut Call, request: &Request, flags: u32) -> Result<Self> {
        static_assert!(size_of::<bindings::evl_clone_req>() == size_of::<[u64; 5]>());

        if request.element.minor() != CLONE {
            return Err(ENOTTY);
        }
        let [name, attrs, wanted, _, _] = call.read::<[u64; 5]>(request.arg)?;
        let [wanted, _] = halves(wanted);
        let known = flags
            | bindings::EVL_CLONE_PUBLIC
            | bindings::EVL_CLONE_NONBLOCK
            | !bindings::EVL_CLONE_MASK;
        let wanted = Self {
            name,
            attrs,
            flags: wanted,
            answer: request.arg.wrapping_add(ANSWER),
        };
        if wanted.flags & !known != 0 || (wanted.is_public() && name == 0) {
            return Err(EINVAL);
        }
        reap_all();
        Ok(wanted)
    }

    fn is_public(&self) -> bool {
        self.flags & bindings::EVL_CLONE_PUBLIC != 0
    }

    /// Whether the request has no attributes.
    pub(crate) fn is_plain(&self) -> bool {
        self.attrs == 0
    }

    /// Reads the attributes of the class.
    ///
    /// # Errors
    ///
    /// [`EINVAL`] if there are none, [`EFAULT`].
    pub(crate) fn attrs<T: FromBytes + Copy + Default>(&self, call: &mut Call) -> Result<T> {
        if self.attrs == 0 {
            return Err(EINVAL);
        }
        call.read(address_of(self.attrs)?)
    }

    /// Adds the device of an element and answers the request: the file to install when nothing can
    /// fail any more, if the element is a private one. In-band, may sleep.
    ///
    /// `offset`: where its window is; `kind`: what the name of its file, and of one without a name,
    /// begins with.
    ///
    /// # Errors
    ///
    /// [`EEXIST`], [`EINVAL`], [`ENAMETOOLONG`] for the name, [`EFAULT`], [`EMFILE`], [`ENFILE`],
    /// [`ENOMEM`].
    pub(crate) fn make(
        &self,
        call: &mut Call,
        element: &Hold,
        offset: u32,
        kind: &CStr,
    ) -> Result<Option<NewFile>> {
        let handle = element.handle();
        let minor = handle.minor();
        let name = match self.name {
            0 => CString::try_from_fmt(fmt!("{}.{minor}", kind.to_str()?))?,
            address => name_at(address)?,
        };
        add_device(handle, &name, self.is_public())?;

        let file = if self.is_public() {
            None
        } else {
            let flags = match self.flags & bindings::EVL_CLONE_NONBLOCK {
                0 => 0,
                _ => bindings::O_NONBLOCK,
            };
            let title = CString::try_from_fmt(fmt!("[evl-{}]", kind.to_str()?))?;
            Some(NewFile::new(Hold::open(handle)?, &title, flags)?)
        };
        let fd = file.as_ref().map_or(0, NewFile::fd);
        call.write(self.answer, &[minor, handle.raw(), offset, fd])?;
        Ok(file)
    }
}

/// The name that an application gives an element.
///
/// # Errors
///
/// [`EINVAL`] if it is empty or has a slash, [`ENAMETOOLONG`], [`EFAULT`].
fn name_at(address: u64) -> Result<CString> {
    let mut buffer = [0; NAME_MAX + 1];
    let address = UserPtr::from_addr(address_of(address)?);
    let name = UserSlice::new(address, buffer.len())
        .reader()
        .strcpy_into_buf(&mut buffer)?;
    match name.to_bytes() {
        [] => Err(EINVAL),
        bytes if bytes.len() >= NAME_MAX => Err(enametoolong()),
        bytes if bytes.contains(&b'/') => Err(EINVAL),
        _ => Ok(CString::try_from(name)?),
    }
}
