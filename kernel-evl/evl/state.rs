// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! The state of the core, shared by everybody.

use kernel::{
    bindings,
    error::{from_result, to_result},
    prelude::*,
    sync::atomic::{Acquire, Atomic, AtomicType, Full, Release},
};

use crate::{
    element,
    logic::state::{Command, Refusal, State},
};

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

    /// Carries out a command: `work` is what it takes.
    ///
    /// # Errors
    ///
    /// [`ENXIO`] if the core was disabled at boot, [`EBUSY`] if its state is being changed; those of
    /// `work`, after which the state is what it was.
    pub(crate) fn command(&self, command: Command, work: fn() -> Result) -> Result {
        let from = self.get();
        let change = from.on(command).map_err(|refusal| match refusal {
            Refusal::Disabled => ENXIO,
            Refusal::Busy => EBUSY,
        })?;

        if let Some(change) = change {
            // Whoever gets to the passing state owns the change.
            self.0.cmpxchg(from, change.via, Full).map_err(|_| EBUSY)?;
            let done = work();
            let to = if done.is_ok() { change.to } else { from };
            self.0.store(to, Release);
            return done;
        }

        Ok(())
    }
}

/// The present state of the core. In any context.
pub(crate) fn get() -> State {
    CORE_STATE.get()
}

/// How many elements there are.
static USERS: Atomic<i32> = Atomic::new(0);

/// Accounts for an element that is to be created.
///
/// # Errors
///
/// [`ENXIO`] unless the core runs.
pub(crate) fn enter() -> Result {
    // Before the look at the state, as `stop` changes the state before it looks at the count.
    USERS.fetch_add(1, Full);
    if get() != State::Running {
        leave();
        return Err(ENXIO);
    }
    Ok(())
}

/// Accounts for an element that is gone.
pub(crate) fn leave() {
    USERS.fetch_add(-1, Full);
}

/// Takes over the out-of-band stage. In-band, may sleep.
fn start() -> Result {
    // SAFETY: The core is in state `Warmup`, which is ours.
    to_result(unsafe { bindings::evl_start_stage() })
}

/// Returns the out-of-band stage. In-band, may sleep.
fn stop() -> Result {
    element::reap_all();
    if USERS.load(Acquire) != 0 {
        return Err(EBUSY);
    }
    // SAFETY: The core is in state `Teardown`, which is ours: there is no thread, and comes none.
    unsafe { bindings::evl_stop_stage() };
    Ok(())
}

/// The state that the command line asks for. Until [`boot`] the core is stopped, unless disabled.
pub(crate) fn init() -> State {
    let state = wanted().unwrap_or_else(|word| {
        pr_warn!("evl.state={word} is none of running, stopped, disabled; using running\n");
        State::Running
    });
    if state == State::Disabled {
        CORE_STATE.0.store(state, Release);
    }
    state
}

/// The state that the command line asks for.
///
/// # Errors
///
/// The word which names no state.
fn wanted() -> Result<State, &'static CStr> {
    // SAFETY: Kernel parameters are NUL-terminated strings that stay until the parameter is
    // written, and this one is read-only.
    let word = unsafe { CStr::from_char_ptr(bindings::evl_boot_state()) };
    State::from_boot_word(word.to_bytes()).ok_or(word)
}

/// Brings the core into the state that the command line asks for, when the machine has booted and
/// nobody else uses the stage any more. In-band, may sleep.
pub(crate) fn boot() {
    if wanted().unwrap_or(State::Running) != State::Running {
        return;
    }
    if let Err(error) = CORE_STATE.command(Command::Start, start) {
        pr_err!("cannot use the out-of-band stage, the core is stopped: {error:?}\n");
    }
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
    from_result(|| CORE_STATE.command(Command::Start, start).map(|()| 0))
}

/// Makes the core stop, for the `state` attribute.
#[no_mangle]
extern "C" fn evl_stop() -> c_int {
    from_result(|| CORE_STATE.command(Command::Stop, stop).map(|()| 0))
}

const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_boot), Some(evl_boot)];
const _: [bindings::evl_void_fn; 2] = [Some(bindings::evl_reap), Some(evl_reap)];

/// The machine has booted.
#[no_mangle]
extern "C" fn evl_boot() {
    boot();
}

/// Something lost its last reference out-of-band. In-band, may sleep.
#[no_mangle]
extern "C" fn evl_reap() {
    element::reap_all();
}
