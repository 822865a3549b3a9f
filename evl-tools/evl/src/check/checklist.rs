// SPDX-License-Identifier: MIT OR Apache-2.0
//! Kernel options which matter, and the values they should have.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use super::expression::{Expression, check_symbol};
use super::report::Status;

const DEFAULT: &str = include_str!("../../checklist.toml");

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Checklist {
    #[serde(rename = "option")]
    pub(crate) options: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Entry {
    pub(crate) symbol: Symbol,
    pub(crate) want: Values,
    /// Checked only if this holds.
    #[serde(rename = "if")]
    pub(crate) condition: Option<Expression>,
    /// Checked on this architecture only, by the kernel's name.
    pub(crate) on: Option<String>,
    #[serde(default)]
    pub(crate) level: Level,
    pub(crate) reason: String,
    /// What to do; by default, set the option.
    pub(crate) action: Option<String>,
}

/// Name of an option, without `CONFIG_`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Symbol(pub(crate) String);

impl TryFrom<String> for Symbol {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        check_symbol(&text)?;
        Ok(Self(text))
    }
}

/// One good value, or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum Values {
    One(String),
    Any(Vec<String>),
}

impl Values {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Any(values) => values,
        }
    }
}

/// What a wrong value means.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Level {
    #[default]
    Fail,
    Warn,
}

impl From<Level> for Status {
    fn from(level: Level) -> Self {
        match level {
            Level::Fail => Self::Fail,
            Level::Warn => Self::Warn,
        }
    }
}

impl Checklist {
    /// Loads a file, or the built-in list.
    pub(crate) fn load(path: Option<&Path>) -> Result<Self> {
        let Some(path) = path else {
            return Self::parse(DEFAULT).context("the built-in checklist is damaged");
        };
        let text =
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("{} is not a valid checklist", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let checklist: Self = toml::from_str(text)?;
        ensure!(!checklist.options.is_empty(), "it has no [[option]]");
        for entry in &checklist.options {
            ensure!(
                !entry.want.as_slice().is_empty(),
                "{}: `want` names no value",
                entry.symbol.0
            );
        }
        Ok(checklist)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::HashSet;

    use super::*;

    pub(crate) fn checklist(text: &str) -> Checklist {
        Checklist::parse(text).expect("checklist")
    }

    #[test]
    fn built_in_list_is_sound() {
        let checklist = Checklist::load(None).expect("built-in list");
        let mut seen = HashSet::new();
        for entry in &checklist.options {
            assert!(
                seen.insert((&entry.symbol.0, &entry.on)),
                "{} twice",
                entry.symbol.0
            );
            assert!(
                entry.reason.ends_with('.'),
                "{}: {}",
                entry.symbol.0,
                entry.reason
            );
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, message) in [
            ("", "option"),
            ("option = []", "no [[option]]"),
            ("[[option]]\nsymbol = \"A\"\nwant = \"y\"\n", "reason"),
            (
                "[[option]]\nsymbol = \"CONFIG_A\"\nwant = \"y\"\nreason = \"r\"\n",
                "write A",
            ),
            (
                "[[option]]\nsymbol = \"A\"\nwant = []\nreason = \"r\"\n",
                "A: `want` names no value",
            ),
            (
                "[[option]]\nsymbol = \"A\"\nwant = \"y\"\nreason = \"r\"\nonly = \"arm64\"\n",
                "only",
            ),
            (
                "[[option]]\nsymbol = \"A\"\nwant = \"y\"\nreason = \"r\"\nlevel = \"bad\"\n",
                "bad",
            ),
        ] {
            let error = format!("{:#}", Checklist::parse(text).expect_err(text));
            assert!(error.contains(message), "{message}: {error}");
        }
    }
}
