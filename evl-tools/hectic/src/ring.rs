// SPDX-License-Identifier: MIT OR Apache-2.0
//! The tasks of one CPU, and their threads.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow, bail};
use evl::Policy;
use rustix::process::Pid;
use rustix::thread::{CpuSet, gettid, sched_setaffinity};

use crate::cli::Cli;
use crate::driver::{Driver, Stage};
use crate::task::{Fault, Kind, Shared};

/// Of threads that go out-of-band, as of those of the kernel: they take turns anyway.
const PRIORITY: u8 = 1;

/// If the turn is not passed on for so long, somebody lost it.
const PATIENCE: Duration = Duration::from_secs(20);

/// A thread of this program, which can be told by a signal.
struct Player {
    tid: Pid,
    join: Box<dyn FnOnce() -> thread::Result<()> + Send>,
    done: Arc<AtomicBool>,
}

/// The tasks of a CPU.
pub(crate) struct Ring {
    shared: Arc<Shared>,
    players: Vec<Player>,
    /// The count that was seen last, all of them, and when it changed.
    seen: u32,
    pub(crate) switches: u64,
    changed: Instant,
}

/// The first task is the one that begins.
fn kinds(cli: &Cli) -> Vec<Kind> {
    let mut kinds = vec![Kind::User(Stage::Inband)];
    for (kind, count) in [
        (Kind::User(Stage::Oob), cli.oob),
        (Kind::User(Stage::Inband), cli.inband),
        (Kind::Both, cli.both),
        (Kind::Kernel(Stage::Oob), cli.oob_kernel),
        (Kind::Kernel(Stage::Inband), cli.inband_kernel),
    ] {
        kinds.extend((0..count).map(|_| kind));
    }
    kinds
}

impl Ring {
    /// Makes the tasks, all of which wait but the first, which begins at once.
    pub(crate) fn start(cli: &Cli, cpu: u32) -> Result<Self> {
        let kinds = kinds(cli);
        if kinds.len() < 2 {
            bail!("there is nobody to switch to: ask for a thread of some kind");
        }
        let driver = Driver::open(kinds.len() as u32, cpu, cli.pause)?;
        for (index, kind) in (0..).zip(&kinds) {
            match kind {
                Kind::Kernel(stage) => driver.create(index, *stage)?,
                Kind::User(_) | Kind::Both => driver.register(index)?,
            }
        }
        let shared = Arc::new(Shared {
            driver,
            cpu,
            kinds,
            over: AtomicBool::new(false),
            fault: None.into(),
        });
        let mut ring = Self {
            shared,
            players: Vec::new(),
            seen: 0,
            switches: 0,
            changed: Instant::now(),
        };
        // The one that begins is the last one, so that nobody is missing. If one fails, the others are ended.
        let kinds: Vec<_> = (0..).zip(ring.shared.kinds.clone()).collect();
        let mut players = kinds
            .into_iter()
            .rev()
            .filter(|(_, kind)| !matches!(kind, Kind::Kernel(_)));
        match players.try_for_each(|(index, kind)| ring.spawn(index, kind)) {
            Ok(()) => Ok(ring),
            Err(error) => {
                ring.end()?;
                Err(error)
            }
        }
    }

    fn spawn(&mut self, index: u32, kind: Kind) -> Result<()> {
        let (ready, readied) = std::sync::mpsc::channel();
        let done = Arc::new(AtomicBool::new(false));
        let (shared, ended) = (self.shared.clone(), done.clone());
        let cpu = shared.cpu;
        let body = move || {
            // It is waited for.
            let _ = ready.send(gettid());
            shared.play(index);
            ended.store(true, Ordering::Release);
        };
        let name = format!("hectic-{cpu}-{index}");
        let join: Box<dyn FnOnce() -> thread::Result<()> + Send> =
            if kind == Kind::User(Stage::Inband) {
                let mut cpus = CpuSet::new();
                cpus.set(cpu as usize);
                let pinned = move || match sched_setaffinity(None, &cpus) {
                    Ok(()) => body(),
                    // Whoever waits for `ready` is told.
                    Err(_) => drop(body),
                };
                let handle = thread::Builder::new().name(name).spawn(pinned);
                let handle = handle.context("cannot make a thread")?;
                Box::new(move || handle.join())
            } else {
                let builder = evl::thread::Builder::new().policy(Policy::fifo(PRIORITY));
                let handle = builder
                    .name(format!("{name}.{}", std::process::id()))
                    .cpu(cpu)
                    .spawn(body)?;
                Box::new(move || handle.join())
            };
        let tid = readied
            .recv()
            .with_context(|| format!("a thread cannot run on CPU {cpu}"))?;
        self.players.push(Player { tid, join, done });
        Ok(())
    }

    /// Looks how the test gets on.
    ///
    /// # Errors
    ///
    /// If the turn is lost.
    pub(crate) fn look(&mut self) -> Result<()> {
        let count = self.shared.driver.switches()?;
        if count != self.seen {
            self.switches += u64::from(count.wrapping_sub(self.seen));
            self.seen = count;
            self.changed = Instant::now();
        } else if self.changed.elapsed() > PATIENCE && !self.is_over() {
            let (from, to, _) = self.shared.driver.last()?;
            let kind = |index: u32| self.shared.kinds.get(index as usize);
            if let (Some(from), Some(to)) = (kind(from), kind(to)) {
                bail!(
                    "CPU {}: {from} passed the turn on to {to}, and nothing has happened for {} s",
                    self.shared.cpu,
                    PATIENCE.as_secs()
                );
            }
        }
        Ok(())
    }

    pub(crate) fn is_over(&self) -> bool {
        self.shared.over.load(Ordering::Acquire)
    }

    pub(crate) fn cpu(&self) -> u32 {
        self.shared.cpu
    }

    pub(crate) fn kinds(&self) -> &[Kind] {
        &self.shared.kinds
    }

    /// Ends all tasks: what a thread found wrong, or why it failed.
    pub(crate) fn end(&mut self) -> Result<Option<Fault>> {
        self.shared.over.store(true, Ordering::Release);
        for player in self.players.drain(..) {
            while !player.done.load(Ordering::Acquire) {
                interrupt(player.tid);
                thread::sleep(Duration::from_millis(5));
            }
            (player.join)().map_err(|_| anyhow!("a thread of hectic panicked"))?;
        }
        if let Some(why) = self
            .shared
            .fault
            .lock()
            .ok()
            .and_then(|mut fault| fault.take())
        {
            return why.map(Some);
        }
        let (_, _, wrong) = self.shared.driver.last()?;
        Ok(wrong.map(|found| Fault {
            cpu: self.shared.cpu,
            task: Kind::Kernel(Stage::Inband).to_string(),
            word: None,
            wanted: None,
            found,
        }))
    }
}

/// Ends the wait of a thread, which it begins anew unless the test is over.
fn interrupt(tid: Pid) {
    // SAFETY: it takes numbers. The thread is ours: nobody joined it yet, or it says that it is done.
    unsafe {
        libc::syscall(
            libc::SYS_tgkill,
            std::process::id(),
            tid.as_raw_nonzero().get(),
            libc::SIGUSR1,
        )
    };
}
