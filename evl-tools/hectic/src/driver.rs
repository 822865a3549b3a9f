// SPDX-License-Identifier: MIT OR Apache-2.0
//! The test in the kernel, `/dev/hectic`. Each file that is open is a test of its own.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::fd::AsRawFd;

use anyhow::{Context, Result};
use evl_sys::{
    EVL_HECIOC_CREATE_KTASK, EVL_HECIOC_GET_LAST_ERROR, EVL_HECIOC_GET_SWITCHES_COUNT,
    EVL_HECIOC_PEND, EVL_HECIOC_REGISTER_UTASK, EVL_HECIOC_SET_CPU, EVL_HECIOC_SET_PAUSE,
    EVL_HECIOC_SET_TASKS_COUNT, EVL_HECIOC_SWITCH_TO, EVL_HECTIC_OOB_WAIT, EVL_SYSCALL_OOB_IOCTL,
    PR_OOB_SYSCALL, hectic_error, hectic_switch_req, hectic_task_index,
};

use crate::registers::{Call, Mismatch, Registers};

const DEVICE: &str = "/dev/hectic";

/// The stage on which a task waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Oob,
    Inband,
}

/// A test.
#[derive(Debug)]
pub(crate) struct Driver(File);

impl Driver {
    /// A test of `tasks` tasks, whose kernel threads run on a CPU.
    pub(crate) fn open(tasks: u32, cpu: u32, pause: u32) -> Result<Self> {
        let opened = File::options().read(true).write(true).open(DEVICE);
        let driver = Self(opened.map_err(classify)?);
        driver.set(EVL_HECIOC_SET_TASKS_COUNT, tasks, "set the number of tasks")?;
        driver.set(EVL_HECIOC_SET_CPU, cpu, "choose a CPU")?;
        driver.set(EVL_HECIOC_SET_PAUSE, pause, "set the pause")?;
        Ok(driver)
    }

    fn set(&self, request: u32, mut value: u32, what: &str) -> Result<()> {
        self.request(request, &raw mut value, what)
    }

    /// The request reads and writes no more than a `T`.
    fn request<T>(&self, request: u32, argument: *mut T, what: &str) -> Result<()> {
        // SAFETY: the callers pass what the request takes, none of which holds an address.
        let done = unsafe { libc::ioctl(self.0.as_raw_fd(), request.into(), argument) };
        if done != 0 {
            let error = io::Error::last_os_error();
            return Err(error).with_context(|| format!("{DEVICE} does not {what}"));
        }
        Ok(())
    }

    /// A task is a thread of this program.
    pub(crate) fn register(&self, index: u32) -> Result<()> {
        let mut task = hectic_task_index { index, flags: 0 };
        self.request(EVL_HECIOC_REGISTER_UTASK, &raw mut task, "register a task")
    }

    /// A task is a new thread of the kernel.
    pub(crate) fn create(&self, index: u32, stage: Stage) -> Result<()> {
        let flags = match stage {
            Stage::Oob => EVL_HECTIC_OOB_WAIT,
            Stage::Inband => 0,
        };
        let mut task = hectic_task_index { index, flags };
        self.request(
            EVL_HECIOC_CREATE_KTASK,
            &raw mut task,
            "create a kernel thread",
        )
    }

    /// How often the turn was passed on.
    pub(crate) fn switches(&self) -> Result<u32> {
        let mut count = 0_u32;
        self.request(EVL_HECIOC_GET_SWITCHES_COUNT, &raw mut count, "count")?;
        Ok(count)
    }

    /// The last switch; or the one after which a thread of the kernel found a register wrong, with what was in it.
    pub(crate) fn last(&self) -> Result<(u32, u32, Option<u32>)> {
        let mut error = hectic_error::default();
        self.request(
            EVL_HECIOC_GET_LAST_ERROR,
            &raw mut error,
            "tell the last switch",
        )?;
        let wrong = (error.fp_val != 0).then_some(error.fp_val);
        Ok((error.last_switch.from, error.last_switch.to, wrong))
    }

    /// Waits for the turn of a task. A signal ends that, too.
    pub(crate) fn pend(
        &self,
        index: u32,
        stage: Stage,
        registers: &mut Registers,
        seed: u32,
    ) -> io::Result<Option<Mismatch>> {
        let mut task = hectic_task_index { index, flags: 0 };
        self.wait(EVL_HECIOC_PEND, &raw mut task, stage, registers, seed)
    }

    /// Passes the turn on, and waits until it comes back. A signal ends that, too.
    pub(crate) fn switch(
        &self,
        from: u32,
        to: u32,
        stage: Stage,
        registers: &mut Registers,
        seed: u32,
    ) -> io::Result<Option<Mismatch>> {
        let mut switch = hectic_switch_req { from, to };
        self.wait(
            EVL_HECIOC_SWITCH_TO,
            &raw mut switch,
            stage,
            registers,
            seed,
        )
    }

    fn wait<T>(
        &self,
        request: u32,
        argument: *mut T,
        stage: Stage,
        registers: &mut Registers,
        seed: u32,
    ) -> io::Result<Option<Mismatch>> {
        let fd = self.0.as_raw_fd() as usize;
        let request = request as usize;
        let argument = argument.expose_provenance();
        let call = match stage {
            Stage::Oob => Call {
                number: libc::SYS_prctl as usize,
                args: [
                    PR_OOB_SYSCALL as usize,
                    EVL_SYSCALL_OOB_IOCTL as usize,
                    fd,
                    request,
                    argument,
                ],
            },
            Stage::Inband => Call {
                number: libc::SYS_ioctl as usize,
                args: [fd, request, argument, 0, 0],
            },
        };
        // SAFETY: the callers pass what the request takes.
        let (result, mismatch) = unsafe { registers.call(seed, &call) };
        if mismatch.is_none() && result < 0 {
            return Err(io::Error::from_raw_os_error(-result as i32));
        }
        Ok(mismatch)
    }
}

/// Says why the device cannot be opened.
fn classify(error: io::Error) -> anyhow::Error {
    match error.kind() {
        ErrorKind::NotFound => match evl::System::default().core_state() {
            Err(missing) => missing.into(),
            Ok(_) => anyhow::anyhow!(
                "this kernel has no context switch test: {DEVICE} does not exist. Boot a kernel with CONFIG_EVL_HECTIC=y"
            ),
        },
        ErrorKind::PermissionDenied => evl::Error::Permission {
            path: DEVICE.into(),
            group: None,
        }
        .into(),
        ErrorKind::WouldBlock => anyhow::anyhow!("too many tests run at a time: end others"),
        _ if error.raw_os_error() == Some(libc::ENXIO) => evl::Error::NotRunning.into(),
        _ => anyhow::Error::new(error).context(format!("cannot open {DEVICE}")),
    }
}
