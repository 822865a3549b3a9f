// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of elements.

use crate::error::{Error, Result};

/// The longest name, in bytes.
const MAX: usize = 62;

/// Whether an element can have that name.
fn is_valid(name: &str) -> bool {
    (1..=MAX).contains(&name.len()) && !name.contains(['/', '\0'])
}

/// Checks the name that an element is to have: a public one needs one.
///
/// # Errors
///
/// [`Error::OutOfRange`].
pub(crate) fn check(name: Option<&str>, public: bool) -> Result<()> {
    match name {
        Some(name) if !is_valid(name) => Err(Error::bad_name(name)),
        None if public => Err(Error::bad_name("")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_a_length_and_no_slash() {
        let longest = "x".repeat(MAX);
        for name in ["a", "motor.1", "\u{e9}", longest.as_str()] {
            assert!(is_valid(name), "{name:?}");
        }
        let longer = "x".repeat(MAX + 1);
        for name in ["", "/a", "a/b", "a\0", longer.as_str()] {
            assert!(!is_valid(name), "{name:?}");
        }
    }
}
