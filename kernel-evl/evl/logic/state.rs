// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! States of the core, and what leads from one to another.
//!
//! ```text
//!              start                          stop
//!   stopped ----------> warmup --> running ----------> teardown --> stopped
//!
//!   disabled: chosen at boot, left by a reboot only.
//! ```

use core::ffi::CStr;

/// State of the core.
///
/// [`Warmup`](Self::Warmup) and [`Teardown`](Self::Teardown) belong to whoever changes the state:
/// until that one is done, other requests are refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(i32)]
pub enum State {
    /// Disabled on the kernel command line: there is a control device, and nothing else.
    Disabled,
    /// The core's devices are there, but no element can be created.
    Stopped,
    /// On the way from stopped to running.
    Warmup,
    /// The core is at the service of applications.
    Running,
    /// On the way from running to stopped.
    Teardown,
}

/// A request to change the state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Command {
    /// Make the core run.
    Start,
    /// Make it stop.
    Stop,
}

/// A permitted change of state, in two steps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Change {
    /// The state to hold while the change is made.
    pub via: State,
    /// The state to hold once it is made.
    pub to: State,
}

/// Why a request was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refusal {
    /// The core was disabled at boot.
    Disabled,
    /// Somebody else is changing the state.
    Busy,
}

impl State {
    /// The name of the state, as in the `state` attribute of the control device.
    pub const fn name(self) -> &'static CStr {
        match self {
            Self::Disabled => c"disabled",
            Self::Stopped => c"stopped",
            Self::Warmup => c"warmup",
            Self::Running => c"running",
            Self::Teardown => c"teardown",
        }
    }

    /// The state that a word on the kernel command line asks for.
    ///
    /// Passing states cannot be asked for.
    pub fn from_boot_word(word: &[u8]) -> Option<Self> {
        [Self::Disabled, Self::Stopped, Self::Running]
            .into_iter()
            .find(|state| state.name().to_bytes() == word)
    }

    /// What a command leads to from here; `None` if there is nothing to do.
    pub const fn on(self, command: Command) -> Result<Option<Change>, Refusal> {
        match (self, command) {
            (Self::Disabled, _) => Err(Refusal::Disabled),
            (Self::Warmup | Self::Teardown, _) => Err(Refusal::Busy),
            (Self::Running, Command::Start) | (Self::Stopped, Command::Stop) => Ok(None),
            (Self::Stopped, Command::Start) => Ok(Some(Change {
                via: Self::Warmup,
                to: Self::Running,
            })),
            (Self::Running, Command::Stop) => Ok(Some(Change {
                via: Self::Teardown,
                to: Self::Stopped,
            })),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::vec::Vec;

    fn any_command() -> impl Strategy<Value = Command> {
        prop_oneof![Just(Command::Start), Just(Command::Stop)]
    }

    #[test]
    fn boot_words_name_lasting_states_only() {
        for (word, state) in [
            (&b"disabled"[..], Some(State::Disabled)),
            (b"stopped", Some(State::Stopped)),
            (b"running", Some(State::Running)),
            (b"warmup", None),
            (b"teardown", None),
            (b"Running", None),
            (b"running\n", None),
            (b"", None),
        ] {
            assert_eq!(State::from_boot_word(word), state, "{word:?}");
        }
    }

    #[test]
    fn disabled_is_final() {
        for command in [Command::Start, Command::Stop] {
            assert_eq!(State::Disabled.on(command), Err(Refusal::Disabled));
        }
    }

    proptest! {
        // Whatever is asked for, in whatever order: the last command wins, and passing states
        // are seen only between the two steps of a change.
        #[test]
        fn last_command_wins(commands in prop::collection::vec(any_command(), 1..50)) {
            let mut state = State::Stopped;
            let mut seen = Vec::new();
            for &command in &commands {
                if let Some(change) = state.on(command).unwrap() {
                    for other in [Command::Start, Command::Stop] {
                        prop_assert_eq!(change.via.on(other), Err(Refusal::Busy));
                    }
                    state = change.to;
                }
                seen.push(state);
                // A repeated command changes nothing.
                prop_assert_eq!(state.on(command), Ok(None));
            }
            let expected = match commands.last() {
                Some(Command::Start) => State::Running,
                _ => State::Stopped,
            };
            prop_assert_eq!(state, expected);
            prop_assert!(seen.iter().all(|s| matches!(s, State::Running | State::Stopped)));
        }
    }
}
