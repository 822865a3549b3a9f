// SPDX-License-Identifier: MIT OR Apache-2.0
//! Conditions of a checklist: `[!]SYMBOL[=VALUE]`.

use serde::Deserialize;

use super::config::Config;

/// `SYMBOL` holds if it is `y` or `m`; `!` negates.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub(crate) struct Expression {
    negated: bool,
    symbol: String,
    value: Option<String>,
}

impl Expression {
    pub(crate) fn holds(&self, config: &Config) -> bool {
        let found = config.value(&self.symbol);
        let equal = match &self.value {
            Some(value) => found == value,
            None => found == "y" || found == "m",
        };
        equal != self.negated
    }
}

impl TryFrom<String> for Expression {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let (negated, rest) = text
            .strip_prefix('!')
            .map_or((false, text.as_str()), |rest| (true, rest));
        let (symbol, value) = rest
            .split_once('=')
            .map_or((rest, None), |(symbol, value)| (symbol, Some(value)));
        check_symbol(symbol)?;
        Ok(Self {
            negated,
            symbol: symbol.to_owned(),
            value: value.map(str::to_owned),
        })
    }
}

/// Refuses what can never be set.
pub(crate) fn check_symbol(symbol: &str) -> Result<(), String> {
    if let Some(rest) = symbol.strip_prefix("CONFIG_") {
        return Err(format!("write {rest} instead of {symbol}"));
    }
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if symbol.is_empty() || !symbol.chars().all(valid) {
        return Err(format!("{symbol:?} is not the name of a kernel option"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::config::tests::config;
    use super::*;

    #[test]
    fn conditions_hold_or_not() {
        let config = config("CONFIG_X86_64=y\nCONFIG_M=m\nCONFIG_HZ=250\n");
        for (text, wanted) in [
            ("X86_64", true),
            ("!X86_64", false),
            ("M", true),
            ("M=y", false),
            ("!M=y", true),
            ("UNSET", false),
            ("!UNSET", true),
            ("UNSET=n", true),
            ("HZ=250", true),
        ] {
            let expression = Expression::try_from(text.to_owned()).expect(text);
            assert_eq!(expression.holds(&config), wanted, "{text}");
        }
    }

    #[test]
    fn nonsense_is_named() {
        for (text, message) in [
            ("", "\"\""),
            ("A B", "A B"),
            ("CONFIG_A", "write A"),
            ("!", "\"\""),
        ] {
            let error = Expression::try_from(text.to_owned()).expect_err(text);
            assert!(error.contains(message), "{error}");
        }
    }
}
