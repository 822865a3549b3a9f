// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The EVL core.
//!
//! What user space finds is described by the headers in [`include/uapi/evl`](srctree/include/uapi/evl).
//! `logic` has what needs no kernel to be tested; the other modules bind it to Linux and Dovetail.
//! [`stage`] tells what may be called where.

use kernel::{bindings, prelude::*};

mod calls;
mod class;
mod clock;
mod control;
mod counters;
mod cpu;
mod element;
mod errno;
mod events;
mod factory;
mod ffi;
mod gates;
mod heap;
#[cfg(CONFIG_EVL_HECTIC)]
mod hectic;
mod hotplug;
mod kthread;
#[cfg(CONFIG_EVL_KUNIT_TEST)]
mod kunit;
#[cfg(CONFIG_EVL_LATMUS)]
mod latmus;
mod lock;
// The host builds it as a crate of its own, to which these items are public. Not all of them are
// in use here yet.
#[expect(unreachable_pub, dead_code)]
mod logic;
mod monitor;
mod once;
mod ptrace;
mod stage;
mod state;
mod system;
mod thread;
mod thread_ops;
mod timerfd;
mod timers;
mod trace;
mod user;
mod waits;
mod xbuf;

use class::Class;
use logic::state::State;

module! {
    type: EvlCore,
    name: "evl",
    authors: ["The meta-evl authors"],
    description: "EVL real-time core",
    license: "GPL",
}

/// Classes whose elements cannot be created yet.
const RESERVED_CLASSES: [bindings::evl_class_id; 3] = [
    bindings::evl_class_id_EVL_CLASS_OBSERVABLE,
    bindings::evl_class_id_EVL_CLASS_POLL,
    bindings::evl_class_id_EVL_CLASS_PROXY,
];

/// The core. It is built in and never goes, so this lives from boot on.
struct EvlCore {
    // Held for their `Drop`: if the core fails to initialize, its devices go.
    _classes: KVec<Class>,
}

impl EvlCore {
    fn new() -> Result<Self> {
        let mut classes = KVec::with_capacity(RESERVED_CLASSES.len() + 8, GFP_KERNEL)?;

        let state = state::init();
        if state != State::Disabled {
            cpu::init()?;
            heap::init(thread::NR_THREADS.saturating_add(monitor::NR_MONITORS))?;
            thread::init()?;
            system::init()?;
            timerfd::init()?;
            #[cfg(CONFIG_EVL_HECTIC)]
            hectic::init()?;
            #[cfg(CONFIG_EVL_LATMUS)]
            latmus::init()?;
            monitor::init()?;
            xbuf::init()?;
        }
        classes.push(control::register()?, GFP_KERNEL)?;

        if state != State::Disabled {
            classes.push(clock::register()?, GFP_KERNEL)?;
            classes.push(thread_ops::register()?, GFP_KERNEL)?;
            #[cfg(CONFIG_EVL_HECTIC)]
            classes.push(hectic::register()?, GFP_KERNEL)?;
            #[cfg(CONFIG_EVL_LATMUS)]
            classes.push(latmus::register()?, GFP_KERNEL)?;
            classes.push(monitor::register()?, GFP_KERNEL)?;
            classes.push(trace::register()?, GFP_KERNEL)?;
            classes.push(xbuf::register()?, GFP_KERNEL)?;
            for id in RESERVED_CLASSES {
                classes.push(Class::register(id, 0)?, GFP_KERNEL)?;
            }
        }

        pr_info!(
            "ABI {}, {}\n",
            bindings::EVL_ABI_LEVEL,
            state.name().to_str().unwrap_or_default()
        );

        Ok(Self { _classes: classes })
    }
}

impl kernel::Module for EvlCore {
    fn init(_module: &'static ThisModule) -> Result<Self> {
        Self::new().inspect_err(|err| pr_err!("cannot initialize, there is no core: {err:?}\n"))
    }
}
