// SPDX-License-Identifier: MIT OR Apache-2.0
//! Names of elements.

/// The longest name, in bytes.
const MAX: usize = 62;

/// Whether an element can have that name.
pub(crate) fn is_valid(name: &str) -> bool {
    (1..=MAX).contains(&name.len()) && !name.contains(['/', '\0'])
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
