// SPDX-License-Identifier: MIT OR Apache-2.0
//! The latency driver.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::path::Path;

use evl_sys::{
    EVL_LATIOC_MEASURE, EVL_LATIOC_PULSE, EVL_LATIOC_RESET, EVL_LATIOC_RUN, EVL_LATIOC_TUNE,
    latmus_measure_args, latmus_measurement, latmus_measurement_result, latmus_result,
    latmus_setup, latmus_setup_args,
};
use rustix::io;
use rustix::ioctl::{NoArg, Setter, Updater, ioctl};

use super::call::oob_ioctl;
use crate::error::Result;
use crate::system::System;

/// A file of the driver: a measurement.
#[derive(Debug)]
pub(crate) struct Latency(OwnedFd);

impl Latency {
    pub(crate) fn open(system: &System) -> Result<Self> {
        Ok(Self(system.open_device(Path::new("/dev/latmus"))?))
    }

    /// Prepares a search for the gravity.
    pub(crate) fn tune(&self, setup: latmus_setup) -> io::Result<()> {
        // SAFETY: the request reads a `latmus_setup`, which has no addresses.
        unsafe { self.set_up::<EVL_LATIOC_TUNE>(setup) }
    }

    /// Prepares a measurement.
    pub(crate) fn measure(
        &self,
        mut setup: latmus_setup,
        buffer: Option<BorrowedFd<'_>>,
        cells: u32,
    ) -> io::Result<()> {
        let xfd = buffer.map_or(u32::MAX, |fd| fd.as_raw_fd() as u32);
        let measure = latmus_measure_args { xfd, hcells: cells };
        setup.u = latmus_setup_args { measure };
        // SAFETY: as above.
        unsafe { self.set_up::<EVL_LATIOC_MEASURE>(setup) }
    }

    /// # Safety
    ///
    /// The request reads and writes a `latmus_setup`.
    unsafe fn set_up<const REQUEST: u32>(&self, mut setup: latmus_setup) -> io::Result<()> {
        // SAFETY: by the requirements of this function.
        unsafe { ioctl(&self.0, Updater::<REQUEST, _>::new(&mut setup)) }
    }

    /// Runs a search: the gravity in ns.
    pub(crate) fn run_tuning(&self) -> io::Result<u32> {
        let mut gravity = 0_u32;
        let address = std::ptr::from_mut(&mut gravity).expose_provenance();
        // SAFETY: a search writes 4 bytes to that address, a measurement wants more and fails.
        unsafe { self.run(address, size_of::<u32>()) }?;
        Ok(gravity)
    }

    /// Runs a measurement: what was not sent to the buffer, and the histogram.
    pub(crate) fn run_measurement(&self, cells: u32) -> io::Result<(latmus_measurement, Vec<i32>)> {
        let mut last = latmus_measurement::default();
        let mut histogram = vec![0_i32; cells as usize];
        let mut result = latmus_measurement_result {
            last_ptr: std::ptr::from_mut(&mut last).expose_provenance() as u64,
            histogram_ptr: histogram.as_mut_ptr().expose_provenance() as u64,
            len: cells * size_of::<i32>() as u32,
            __pad: 0,
        };
        let address = std::ptr::from_mut(&mut result).expose_provenance();
        // SAFETY: a measurement reads a `latmus_measurement_result` there, and writes to where that says, as far as it
        // says. A search writes 4 bytes.
        unsafe { self.run(address, size_of::<latmus_measurement_result>()) }?;
        Ok((last, histogram))
    }

    /// # Safety
    ///
    /// What a run does with that memory is fine with the caller.
    unsafe fn run(&self, address: usize, len: usize) -> io::Result<()> {
        let mut request = latmus_result {
            data_ptr: address as u64,
            len: len as u32,
            __pad: 0,
        };
        // SAFETY: the request reads a `latmus_result`; the caller answers for what that refers to.
        unsafe { ioctl(&self.0, Updater::<EVL_LATIOC_RUN, _>::new(&mut request)) }
    }

    /// Says when the caller woke up (0: it did not), and waits for the next date, out-of-band.
    pub(crate) fn pulse(&self, woken: u64) -> io::Result<()> {
        // SAFETY: the request reads a `u64`.
        unsafe { oob_ioctl(self.0.as_fd(), Setter::<EVL_LATIOC_PULSE, u64>::new(woken)) }
    }

    /// No gravity.
    pub(crate) fn reset(&self) -> io::Result<()> {
        // SAFETY: the request has no argument.
        unsafe { ioctl(&self.0, NoArg::<EVL_LATIOC_RESET>::new()) }
    }
}
