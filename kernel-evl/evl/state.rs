// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The state of the core, shared by everybody.

use kernel::{
    bindings,
    error::from_result,
    prelude::*,
    sync::atomic::{Acquire, Atomic, AtomicType, Full, Release},
};

use crate::logic::state::{Command, Refusal, State};

// SAFETY: `State` is `repr(i32)`, hence has size and alignment of `i32`, and every `State` is a
// valid `i32`.
unsafe impl AtomicType for State {
    type Repr = i32;
}

/// A state that several tasks may look at and change.
pub(crate) struct SharedState(Atomic<State>);

static CORE_STATE: SharedState = SharedState::new(State::Stopped);

impl SharedState {
    pub(crate) const fn new(state: State) -> Self {
        Self(Atomic::new(state))
    }

    pub(crate) fn get(&self) -> State {
        self.0.load(Acquire)
    }

    /// Carries out a command.
    ///
    /// Nothing depends on the state yet beyond being told it, so that there is no work to do
    /// between the two steps of a change.
    ///
    /// # Errors
    ///
    /// [`ENXIO`] if the core was disabled at boot, [`EBUSY`] if its state is being changed.
    pub(crate) fn command(&self, command: Command) -> Result {
        let from = self.get();
        let change = from.on(command).map_err(|refusal| match refusal {
            Refusal::Disabled => ENXIO,
            Refusal::Busy => EBUSY,
        })?;

        if let Some(change) = change {
            // Whoever gets to the passing state owns the change.
            self.0.cmpxchg(from, change.via, Full).map_err(|_| EBUSY)?;
            self.0.store(change.to, Release);
        }

        Ok(())
    }
}

/// The present state of the core. In any context.
pub(crate) fn get() -> State {
    CORE_STATE.get()
}

/// Gives the core the state that the command line asks for, and returns it.
///
/// Called once, before the core has devices.
pub(crate) fn init() -> State {
    // SAFETY: Kernel parameters are NUL-terminated strings that stay until the parameter is
    // written, and this one is read-only.
    let word = unsafe { CStr::from_char_ptr(bindings::evl_boot_state()) };
    let state = State::from_boot_word(word.to_bytes()).unwrap_or_else(|| {
        pr_warn!("evl.state={word} is none of running, stopped, disabled; using running\n");
        State::Running
    });

    CORE_STATE.0.store(state, Release);
    state
}

// `#[export]` takes no function that is safe to call, hence the comparison by type.
const _: [bindings::evl_state_name_fn; 2] = [Some(bindings::evl_state_name), Some(evl_state_name)];
const _: [bindings::evl_command_fn; 2] = [Some(bindings::evl_start), Some(evl_start)];
const _: [bindings::evl_command_fn; 2] = [Some(bindings::evl_stop), Some(evl_stop)];

/// The name of the present state, for the `state` attribute.
#[no_mangle]
extern "C" fn evl_state_name() -> *const c_char {
    get().name().as_ptr().cast()
}

/// Makes the core run, for the `state` attribute.
#[no_mangle]
extern "C" fn evl_start() -> c_int {
    from_result(|| CORE_STATE.command(Command::Start).map(|()| 0))
}

/// Makes the core stop, for the `state` attribute.
#[no_mangle]
extern "C" fn evl_stop() -> c_int {
    from_result(|| CORE_STATE.command(Command::Stop).map(|()| 0))
}
