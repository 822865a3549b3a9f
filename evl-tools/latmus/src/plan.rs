// SPDX-License-Identifier: MIT OR Apache-2.0
//! What is to be done, after the command line was checked against the system.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Result, bail};
use evl::latency::{self, Setup};
use serde::Serialize;

use crate::cli::Cli;
use crate::system;

/// Who responds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Responder {
    Irq,
    Kernel,
    User,
    InbandIrq,
    /// A thread of Linux.
    Inband,
}

impl Responder {
    /// As the driver knows it.
    pub(crate) fn driven(self) -> Option<latency::Responder> {
        match self {
            Self::Irq => Some(latency::Responder::Irq),
            Self::Kernel => Some(latency::Responder::Kernel),
            Self::User => Some(latency::Responder::User),
            Self::InbandIrq => Some(latency::Responder::InbandIrq),
            Self::Inband => None,
        }
    }

    /// In a word, for names of files.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Irq => "irq",
            Self::Kernel => "kernel",
            Self::User => "user",
            Self::InbandIrq => "sirq",
            Self::Inband => "inband",
        }
    }

    /// Whether it has a priority.
    pub(crate) fn is_thread(self) -> bool {
        matches!(self, Self::Kernel | Self::User | Self::Inband)
    }
}

impl fmt::Display for Responder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Irq => "oob interrupt",
            Self::Kernel => "oob kernel thread",
            Self::User => "EVL thread",
            Self::InbandIrq => "in-band interrupt",
            Self::Inband => "Linux thread",
        })
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Job {
    Measure,
    Tune,
    Reset,
}

#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) job: Job,
    pub(crate) responders: Vec<Responder>,
    pub(crate) period: Duration,
    pub(crate) timeout: Option<Duration>,
    /// In ns.
    pub(crate) abort_max: Option<i64>,
    pub(crate) priority: u8,
    pub(crate) cpu: u32,
    pub(crate) cells: u32,
    pub(crate) json: bool,
    pub(crate) quiet: bool,
    pub(crate) verbose: bool,
    pub(crate) background: bool,
    pub(crate) lock: bool,
    pub(crate) save: Option<PathBuf>,
    pub(crate) plot: Option<PathBuf>,
    pub(crate) hdr: Option<PathBuf>,
    pub(crate) svg: Option<PathBuf>,
    pub(crate) html: Option<PathBuf>,
}

impl Plan {
    pub(crate) fn new(cli: Cli) -> Result<Self> {
        let job = match (cli.tune, cli.reset) {
            (true, _) => Job::Tune,
            (_, true) => Job::Reset,
            _ => Job::Measure,
        };
        let responders = responders(&cli, job);
        let needs_core = job != Job::Measure || responders.iter().any(|r| r.driven().is_some());
        let cpu = match cli.cpu {
            Some(cpu) => cpu,
            None => system::default_cpu(needs_core)?,
        };
        check_cpu(cpu, needs_core)?;
        Ok(Self {
            job,
            responders,
            period: Duration::from_micros(cli.period.into()),
            timeout: cli.timeout,
            abort_max: cli.abort_max.map(|us| i64::from(us) * 1000),
            priority: cli.priority,
            cpu,
            cells: cli.histogram,
            json: cli.json,
            quiet: cli.quiet,
            verbose: cli.verbose > 0,
            background: cli.background,
            lock: !cli.no_lock,
            save: cli.save,
            plot: cli.plot,
            hdr: cli.hdr,
            svg: cli.svg,
            html: cli.html,
        })
    }

    /// For the driver.
    pub(crate) fn setup(&self, responder: latency::Responder) -> Setup {
        Setup {
            responder,
            period: self.period,
            priority: self.priority,
            cpu: self.cpu,
        }
    }

    /// Whether to show how a measurement gets on.
    pub(crate) fn live(&self) -> bool {
        !self.quiet && !self.background && console::user_attended_stderr()
    }
}

fn responders(cli: &Cli, job: Job) -> Vec<Responder> {
    let asked = [
        (cli.irq, Responder::Irq),
        (cli.kernel, Responder::Kernel),
        (cli.user, Responder::User),
        (cli.sirq, Responder::InbandIrq),
        (cli.inband, Responder::Inband),
    ];
    let chosen: Vec<_> = asked
        .into_iter()
        .filter_map(|(on, responder)| on.then_some(responder))
        .collect();
    match (chosen.is_empty(), job) {
        (false, _) => chosen,
        (true, Job::Tune) => vec![Responder::Irq, Responder::Kernel, Responder::User],
        (true, _) => vec![Responder::User],
    }
}

fn check_cpu(cpu: u32, needs_core: bool) -> Result<()> {
    let cpus = system::cpus(needs_core)?;
    if !cpus.contains(cpu) {
        let whose = if needs_core {
            "of EVL"
        } else {
            "that are online"
        };
        bail!("--cpu {cpu}: it is none of the CPUs {whose}, which are {cpus}");
    }
    Ok(())
}
