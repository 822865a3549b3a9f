// SPDX-License-Identifier: MIT OR Apache-2.0
//! What mutexes, events, semaphores and flags have in common.

use super::core::{Core, Limit, core, limit};
use crate::clock::ClockId;
use crate::error::{Error, Result};
use crate::name;
use crate::sync::Options;
use evl_sys::__kernel_timespec;

/// What a monitor is, and its state.
pub(super) enum Kind {
    Gate {
        owner: Option<u64>,
        nesting: u32,
        ceiling: Option<u8>,
        recursive: bool,
    },
    /// Who waits for it waits with this gate.
    Event {
        gate: Option<u64>,
    },
    Semaphore {
        units: i32,
    },
    Flags {
        bits: u32,
    },
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Gate { .. } => "mutex",
            Self::Event { .. } => "event",
            Self::Semaphore { .. } => "semaphore",
            Self::Flags { .. } => "group of flags",
        }
    }
}

/// A monitor.
pub(super) struct Monitor {
    name: String,
    public: bool,
    clock: ClockId,
    handles: u32,
    pub(super) kind: Kind,
}

impl Monitor {
    pub(super) fn is_owned_by(&self, thread: u64) -> bool {
        matches!(self.kind, Kind::Gate { owner: Some(owner), .. } if owner == thread)
    }
}

/// A reference to a monitor, which goes with the last of them.
#[derive(Debug)]
pub(super) struct Handle {
    pub(super) id: u64,
    clock: ClockId,
}

impl Handle {
    /// Makes a monitor.
    pub(super) fn new(options: &Options, kind: Kind) -> Result<Self> {
        name::check(options.name_str(), options.is_public())?;
        let mut locked = core();
        let id = locked.new_id();
        let name = options
            .name_str()
            .map_or_else(|| format!("monitor.{id}"), str::to_owned);
        if locked.monitors.values().any(|monitor| monitor.name == name) {
            return Err(Error::NameInUse {
                class: kind.name(),
                name,
            });
        }
        let clock = options.clock_id();
        let monitor = Monitor {
            name,
            public: options.is_public(),
            clock,
            handles: 1,
            kind,
        };
        locked.monitors.insert(id, monitor);
        Ok(Self { id, clock })
    }

    /// Opens a public monitor, which is to be of a kind.
    pub(super) fn open(wanted: &'static str, name: &str) -> Result<Self> {
        name::check(Some(name), true)?;
        let mut locked = core();
        let mut monitors = locked.monitors.iter_mut();
        let found = monitors.find(|(_, monitor)| monitor.public && monitor.name == name);
        let (id, monitor) = found.ok_or_else(|| Error::NotFound {
            class: wanted,
            name: name.to_owned(),
        })?;
        if monitor.kind.name() != wanted {
            return Err(Error::Unexpected {
                path: name.into(),
                found: monitor.kind.name().to_owned(),
                wanted,
            });
        }
        monitor.handles += 1;
        Ok(Self {
            id: *id,
            clock: monitor.clock,
        })
    }

    /// Its state.
    pub(super) fn kind<'a>(&self, core: &'a mut Core) -> &'a mut Kind {
        match core.monitors.get_mut(&self.id) {
            Some(monitor) => &mut monitor.kind,
            None => unreachable!("a monitor lives as long as its handles"),
        }
    }

    /// A time limit.
    pub(super) fn limit(&self, date: Option<__kernel_timespec>) -> Limit {
        limit(self.clock, date)
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut locked = core();
        if let Some(monitor) = locked.monitors.get_mut(&self.id) {
            monitor.handles -= 1;
            if monitor.handles == 0 {
                locked.monitors.remove(&self.id);
            }
        }
    }
}
