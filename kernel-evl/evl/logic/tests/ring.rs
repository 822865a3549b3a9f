// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Ring buffers against a queue of bytes; a writer and a reader that overlap.

mod common;

use std::collections::VecDeque;

use evl_logic::{
    error::Error,
    ring::{Amount, Ring, Span, Spans, MAX_SIZE},
};
use proptest::prelude::*;

fn parts(spans: &Spans) -> impl Iterator<Item = usize> + use<> {
    let range = |span: Span| span.offset as usize..(span.offset + span.len) as usize;
    range(spans.first).chain(range(spans.second))
}

/// A buffer with copies under way.
struct Run {
    ring: Ring,
    bytes: Vec<u8>,
    model: VecDeque<u8>,
    next: u8,
    writing: Option<(Spans, Vec<u8>)>,
    reading: Option<(Spans, Vec<u8>)>,
}

impl Run {
    fn write(&mut self, len: u32, size: u32, grain: u32) -> Result<(), TestCaseError> {
        let found = self.ring.to_write(len);
        let room = size - self.model.len() as u32;
        if len > size || len % grain != 0 {
            prop_assert_eq!(found, Err(Error::Invalid));
        } else if len > room {
            prop_assert_eq!(found, Err(Error::Again));
        } else {
            let spans = found.unwrap();
            prop_assert_eq!(spans.len(), len);
            let mut data = Vec::new();
            for at in parts(&spans) {
                self.bytes[at] = self.next;
                data.push(self.next);
                self.next = self.next.wrapping_add(1);
            }
            self.writing = Some((spans, data));
        }
        Ok(())
    }

    fn read(&mut self, len: u32, all: bool, size: u32, grain: u32) -> Result<(), TestCaseError> {
        let amount = if all { Amount::All } else { Amount::Available };
        let found = self.ring.to_read(len, amount);
        let fill = self.model.len() as u32;
        let senseless = if all {
            len > size || len % grain != 0
        } else {
            len != 0 && len < grain
        };
        let got = if all {
            len
        } else {
            len.min(fill) / grain * grain
        };
        if senseless {
            prop_assert_eq!(found, Err(Error::Invalid));
        } else if got > fill || fill == 0 {
            prop_assert_eq!(found, Err(Error::Again));
        } else {
            let spans = found.unwrap();
            prop_assert_eq!(spans.len(), got);
            let data = parts(&spans).map(|at| self.bytes[at]).collect();
            self.reading = Some((spans, data));
        }
        Ok(())
    }

    fn end_write(&mut self, fails: bool) -> Result<(), TestCaseError> {
        if let Some((spans, data)) = self.writing.take().filter(|_| !fails) {
            let was_empty = self.model.is_empty();
            prop_assert_eq!(self.ring.wrote(&spans), was_empty && !data.is_empty());
            self.model.extend(data);
        }
        Ok(())
    }

    fn end_read(&mut self, fails: bool) -> Result<(), TestCaseError> {
        if let Some((spans, data)) = self.reading.take().filter(|_| !fails) {
            let was_full = self.ring.room() == 0;
            prop_assert_eq!(self.ring.took(&spans), was_full && !data.is_empty());
            let expected: Vec<u8> = self.model.drain(..data.len()).collect();
            // What was read while it was written over would show here.
            prop_assert_eq!(data, expected);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(common::cases(3000))]

    #[test]
    fn carries_bytes_in_order(
        grain in 1..4_u32,
        grains in 0..9_u32,
        ops in prop::collection::vec((0..4_u8, 0..30_u32, any::<bool>()), 1..100),
    ) {
        let size = grain * grains;
        let mut run = Run {
            ring: Ring::new(size, grain).unwrap(),
            bytes: vec![0; size as usize],
            model: VecDeque::new(),
            next: 0,
            writing: None,
            reading: None,
        };
        for (op, len, flag) in ops {
            match op {
                0 if run.writing.is_none() => run.write(len, size, grain)?,
                1 if run.reading.is_none() => run.read(len, flag, size, grain)?,
                2 => run.end_write(flag && len > 25)?,
                3 => run.end_read(flag && len > 25)?,
                _ => {}
            }
            prop_assert_eq!(run.ring.fill() as usize, run.model.len());
            prop_assert_eq!(run.ring.room() + run.ring.fill(), size);
        }
    }
}

#[test]
fn sizes_are_checked() {
    assert!(Ring::new(MAX_SIZE, 0).is_ok());
    assert!(Ring::new(MAX_SIZE + 1, 1).is_err());
    assert!(Ring::new(10, 3).is_err());
    assert!(Ring::new(0, 8).is_ok());
    assert_eq!(Ring::new(0, 1).unwrap().to_write(1), Err(Error::Invalid));
}
