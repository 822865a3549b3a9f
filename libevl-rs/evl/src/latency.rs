// SPDX-License-Identifier: MIT OR Apache-2.0
//! The latency driver, `/dev/latmus`: how long after its date a timer is responded to.
//!
//! It needs a kernel with CONFIG_EVL_LATMUS. `latmus` is the command for it.

use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use evl_sys::{
    EVL_LAT_IRQ, EVL_LAT_KERN, EVL_LAT_SIRQ, EVL_LAT_USER, latmus_measurement, latmus_setup,
};

use crate::error::{Error, Result};
use crate::sys;
use crate::system::{CoreState, System};

/// Who responds to the timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Responder {
    /// The handler of its interrupt.
    Irq,
    /// A thread of the kernel.
    Kernel,
    /// A thread of an application, which calls [`Latency::pulse`] in a loop.
    User,
    /// The handler of an in-band interrupt that the timer's handler sends.
    InbandIrq,
}

/// What to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Who responds.
    pub responder: Responder,
    /// Time between two dates, 10 us to 1 s.
    pub period: Duration,
    /// Of a responding thread, in SCHED_FIFO: 1 to 99.
    pub priority: u8,
    /// Where the timer is; a responding user thread should be there, too.
    pub cpu: u32,
}

impl Setup {
    fn raw(&self) -> latmus_setup {
        latmus_setup {
            type_: match self.responder {
                Responder::Irq => EVL_LAT_IRQ,
                Responder::Kernel => EVL_LAT_KERN,
                Responder::User => EVL_LAT_USER,
                Responder::InbandIrq => EVL_LAT_SIRQ,
            },
            period: u64::try_from(self.period.as_nanos()).unwrap_or(u64::MAX),
            priority: self.priority.into(),
            cpu: self.cpu,
            ..latmus_setup::default()
        }
    }
}

/// Response times, in ns; negative if a response came before its date, as too large a gravity makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bulk {
    /// Of all of them.
    pub sum: i64,
    /// The shortest one; `i32::MAX` if there is none.
    pub min: i32,
    /// The longest one; `i32::MIN` if there is none.
    pub max: i32,
    /// Dates at which the response to an earlier one was still missing.
    pub overruns: u32,
    /// How many.
    pub samples: u32,
}

impl Bulk {
    /// The number of bytes of one in a cross buffer.
    pub const SIZE: usize = size_of::<latmus_measurement>();

    /// One as it comes out of a cross buffer.
    pub fn from_bytes(bytes: &[u8; Self::SIZE]) -> Self {
        let word = |at: usize| {
            let mut word = [0; 4];
            word.copy_from_slice(&bytes[at..at + 4]);
            u32::from_ne_bytes(word)
        };
        let mut sum = [0; 8];
        sum.copy_from_slice(&bytes[..8]);
        Self {
            sum: i64::from_ne_bytes(sum),
            min: word(8) as i32,
            max: word(12) as i32,
            overruns: word(16),
            samples: word(20),
        }
    }
}

impl From<latmus_measurement> for Bulk {
    fn from(raw: latmus_measurement) -> Self {
        Self {
            sum: raw.sum,
            min: raw.min,
            max: raw.max,
            overruns: raw.overruns,
            samples: raw.samples,
        }
    }
}

/// The end of a measurement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Measured {
    /// What did not fill a second, and was not sent to the buffer; everything, if there is no buffer.
    pub last: Bulk,
    /// How many responses took so many microseconds: less than one in the first cell, and all that are longer than the
    /// histogram in the last one.
    pub histogram: Vec<u32>,
}

/// A measurement, or a search for the gravity.
#[derive(Debug)]
pub struct Latency(sys::Latency);

impl Latency {
    /// Opens the driver. Each file is a measurement of its own.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::NoLatencyDriver`], [`Error::NotRunning`], [`Error::Permission`], [`Error::TooMany`], [`Error::Io`].
    pub fn open() -> Result<Self> {
        match sys::Latency::open(&System::default()) {
            Ok(inner) => Ok(Self(inner)),
            Err(error) => Err(classify(error)),
        }
    }

    /// Prepares a measurement. Each second is sent to `buffer`, a cross buffer of this process, as [`Bulk::SIZE`] bytes,
    /// unless there is no room. The histogram has so many cells, up to 10000.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with EINVAL if the period, the priority, the CPU or the number of cells is out of range, or the
    /// buffer is none; with EBUSY while it runs.
    pub fn prepare(&self, setup: &Setup, buffer: Option<BorrowedFd<'_>>, cells: u32) -> Result<()> {
        let done = self.0.measure(setup.raw(), buffer, cells);
        done.map_err(|errno| Error::from_call("set up a measurement", errno))
    }

    /// Runs what was prepared, until a signal comes.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with EINVAL if nothing was prepared; [`Error::WouldBlock`] if there are too many threads.
    pub fn run(&self, cells: u32) -> Result<Measured> {
        let done = self.0.run_measurement(cells);
        let (last, histogram) = done.map_err(|errno| Error::from_call("measure", errno))?;
        // Counts of the kernel, which are not negative.
        let histogram = histogram.iter().map(|count| count.unsigned_abs()).collect();
        Ok(Measured {
            last: last.into(),
            histogram,
        })
    }

    /// Prepares a search for the gravity.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`Latency::prepare`], also for [`Responder::InbandIrq`], which has no gravity of its own.
    pub fn prepare_tuning(&self, setup: &Setup) -> Result<()> {
        let done = self.0.tune(setup.raw());
        done.map_err(|errno| Error::from_call("set up a search for the gravity", errno))
    }

    /// Finds the gravity of the clocks for the kind of responder that was prepared, and sets it: in ns. It takes some
    /// thousand periods. If it fails, the gravity is what it was.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// As [`Latency::run`]; [`Error::Interrupted`] if a signal came.
    pub fn tune(&self) -> Result<u32> {
        let found = self.0.run_tuning();
        found.map_err(|errno| Error::from_call("find the gravity", errno))
    }

    /// Responds as [`Responder::User`]: says when the caller woke up, by CLOCK_MONOTONIC, and waits for the next date. The
    /// first call has nothing to say.
    ///
    /// Dates are whole multiples of the period.
    ///
    /// **Stage: oob.**
    ///
    /// # Errors
    ///
    /// [`Error::Interrupted`] if the run ended meanwhile, a signal came or the thread was unblocked; [`Error::Call`] with
    /// EINVAL if nobody wants such a response (the run ended before), with EBUSY if another thread responds.
    pub fn pulse(&self, woken: Option<Duration>) -> Result<()> {
        let woken = woken.map_or(0, |date| date.as_nanos() as u64);
        let done = self.0.pulse(woken);
        done.map_err(|errno| Error::from_call("respond to the timer", errno))
    }

    /// Sets the gravity of all clocks to nothing.
    ///
    /// **Stage: in-band.**
    ///
    /// # Errors
    ///
    /// [`Error::Call`] if the driver does not know that.
    pub fn reset(&self) -> Result<()> {
        let done = self.0.reset();
        done.map_err(|errno| Error::from_call("reset the gravity", errno))
    }
}

/// Says why the device cannot be opened.
fn classify(error: Error) -> Error {
    let (path, kind) = match &error {
        Error::NoDriver { path } => (path, io::ErrorKind::NotFound),
        Error::Io { path, source, .. } => (path, source.kind()),
        _ => return error,
    };
    let state = System::default().core_state();
    match (kind, state) {
        (io::ErrorKind::NotFound, Err(missing)) => missing,
        (_, Ok(CoreState::Disabled)) => Error::Disabled { path: path.clone() },
        (_, Ok(CoreState::Stopped)) => Error::NotRunning,
        (io::ErrorKind::NotFound, Ok(_)) => Error::NoLatencyDriver,
        (io::ErrorKind::WouldBlock, Ok(_)) => Error::TooMany {
            what: "open measurements",
            option: "EVL_NR_RUNS (kernel/evl/glue.h)",
        },
        _ => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bulks_are_read_as_the_kernel_writes_them() {
        let mut bytes = Vec::new();
        bytes.extend((-5_i64).to_ne_bytes());
        for word in [-7_i32 as u32, 2, 3, 4] {
            bytes.extend(word.to_ne_bytes());
        }
        let bytes: [u8; Bulk::SIZE] = bytes.try_into().expect("24 bytes");
        let wanted = Bulk {
            sum: -5,
            min: -7,
            max: 2,
            overruns: 3,
            samples: 4,
        };
        assert_eq!(Bulk::from_bytes(&bytes), wanted);
    }
}
