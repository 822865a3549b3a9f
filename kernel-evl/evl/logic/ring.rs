// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Ring buffers of bytes: where to copy to and from.
//!
//! Used by cross buffers and proxies. The bytes are elsewhere, and are copied without the lock:
//! to or from an application, which may take a fault. What is copied becomes visible to the other
//! side afterwards, or never if the copy failed. There is one writer and one reader at a time; several are
//! to be put in a row by a lock of their side. They may copy at the same time: neither moves what
//! the other was given.

use super::error::Error;

/// The largest ring, in bytes: more than messages between stages need, less than what a device
/// with little memory has.
pub const MAX_SIZE: u32 = 1 << 24;

/// Consecutive bytes of the buffer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Span {
    /// Where they start.
    pub offset: u32,
    /// How many they are.
    pub len: u32,
}

/// Bytes of the ring in order: the second part, if any, starts at the start of the buffer.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Spans {
    /// The first part.
    pub first: Span,
    /// The rest.
    pub second: Span,
}

impl Spans {
    /// How many bytes they are.
    pub const fn len(&self) -> u32 {
        self.first.len.saturating_add(self.second.len)
    }

    /// Whether they are none.
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// How much a reader insists on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Amount {
    /// All that it asks for.
    All,
    /// What is there.
    Available,
}

/// The state of a ring. All methods are called under its lock, and are O(1).
///
/// # Invariants
///
/// `start` is less than `size`, or both are 0; `fill` is not larger than `size`. All of them are
/// multiples of `grain`.
#[derive(Debug)]
pub struct Ring {
    size: u32,
    grain: u32,
    start: u32,
    fill: u32,
}

impl Ring {
    /// A ring of no bytes.
    pub const EMPTY: Self = Self {
        size: 0,
        grain: 1,
        start: 0,
        fill: 0,
    };

    /// An empty ring of `size` bytes, for data that is written and read in multiples of `grain`;
    /// 0 stands for 1. A ring of no bytes refuses all but empty requests.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if `size` exceeds [`MAX_SIZE`] or is no multiple of `grain`.
    pub const fn new(size: u32, grain: u32) -> Result<Self, Error> {
        let grain = if grain == 0 { 1 } else { grain };
        if size > MAX_SIZE || !is_multiple(size, grain) {
            return Err(Error::Invalid);
        }
        Ok(Self {
            size,
            grain,
            start: 0,
            fill: 0,
        })
    }

    /// The number of bytes that can be read.
    pub const fn fill(&self) -> u32 {
        self.fill
    }

    /// The number of bytes that can be written.
    pub const fn room(&self) -> u32 {
        self.size.saturating_sub(self.fill)
    }

    /// Where to write `len` bytes.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there can never be room for so many, or their number is no multiple of
    /// the grain; [`Error::Again`] if there is no room now.
    pub const fn to_write(&self, len: u32) -> Result<Spans, Error> {
        if let Err(error) = self.check(len) {
            return Err(error);
        }
        if len > self.room() {
            return Err(Error::Again);
        }
        Ok(self.spans(self.wrap(self.start, self.fill), len))
    }

    /// Makes bytes visible to the reader: at most those of the last [`to_write`](Self::to_write).
    ///
    /// Returns whether the ring was empty before.
    pub fn wrote(&mut self, spans: &Spans) -> bool {
        let was_empty = self.fill == 0;
        self.fill = self.fill.saturating_add(spans.len()).min(self.size);
        was_empty && self.fill != 0
    }

    /// Where to read `len` bytes, or fewer.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] if there can never be so many, or their number is no multiple of the
    /// grain; [`Error::Again`] if there are not enough, or none at all.
    pub const fn to_read(&self, len: u32, amount: Amount) -> Result<Spans, Error> {
        let len = match amount {
            Amount::All => match self.check(len) {
                Ok(()) => len,
                Err(error) => return Err(error),
            },
            Amount::Available if len != 0 && len < self.grain => return Err(Error::Invalid),
            Amount::Available if len > self.fill => self.fill,
            Amount::Available => whole(len, self.grain),
        };
        if len > self.fill || (len == 0 && self.fill == 0) {
            return Err(Error::Again);
        }
        Ok(self.spans(self.start, len))
    }

    /// Gives the room of bytes back to the writer: those of the last [`to_read`](Self::to_read).
    ///
    /// Returns whether the ring was full before.
    pub fn took(&mut self, spans: &Spans) -> bool {
        let was_full = self.room() == 0;
        let len = spans.len().min(self.fill);
        self.start = self.wrap(self.start, len);
        self.fill = self.fill.saturating_sub(len);
        was_full && len != 0
    }

    const fn check(&self, len: u32) -> Result<(), Error> {
        if len > self.size || !is_multiple(len, self.grain) {
            return Err(Error::Invalid);
        }
        Ok(())
    }

    /// A position some bytes, at most all, after another.
    const fn wrap(&self, from: u32, by: u32) -> u32 {
        let at = from.saturating_add(by);
        if at >= self.size {
            at.saturating_sub(self.size)
        } else {
            at
        }
    }

    const fn spans(&self, from: u32, len: u32) -> Spans {
        let to_end = self.size.saturating_sub(from);
        let first = if len < to_end { len } else { to_end };
        Spans {
            first: Span {
                offset: from,
                len: first,
            },
            second: Span {
                offset: 0,
                len: len.saturating_sub(first),
            },
        }
    }
}

/// The largest multiple of a grain, which is not 0, up to a number.
const fn whole(number: u32, grain: u32) -> u32 {
    match number.checked_rem(grain) {
        Some(rest) => number.saturating_sub(rest),
        None => 0,
    }
}

const fn is_multiple(number: u32, grain: u32) -> bool {
    whole(number, grain) == number
}
