// SPDX-License-Identifier: MIT OR Apache-2.0
//! A kernel's configuration against a checklist.

use super::checklist::{Checklist, Entry};
use super::config::Config;
use super::report::{Check, Status};

/// Checks each entry which applies to `config`.
pub(crate) fn check(checklist: &Checklist, config: &Config) -> Vec<Check> {
    checklist
        .options
        .iter()
        .filter(|entry| applies(entry, config))
        .map(|entry| check_entry(entry, config))
        .collect()
}

fn applies(entry: &Entry, config: &Config) -> bool {
    entry.on.as_ref().is_none_or(|arch| arch == config.arch)
        && entry
            .condition
            .as_ref()
            .is_none_or(|condition| condition.holds(config))
}

fn check_entry(entry: &Entry, config: &Config) -> Check {
    let symbol = &entry.symbol.0;
    let values = entry.want.as_slice();
    let found = config.value(symbol);
    let fine = values.iter().any(|value| value == found);
    let wanted = values.join(" or ");
    let action = || {
        entry
            .action
            .clone()
            .unwrap_or_else(|| format!("Build the kernel with CONFIG_{symbol}={wanted}."))
    };
    Check {
        id: format!("config.{symbol}"),
        subject: format!("CONFIG_{symbol}"),
        looked_at: config.path.display().to_string(),
        found: found.to_owned(),
        status: if fine { Status::Ok } else { entry.level.into() },
        reason: entry.reason.clone(),
        action: (!fine).then(action),
        wanted,
    }
}

/// What to report if the running kernel's configuration is not to be had.
pub(crate) fn no_configuration(release: &str) -> Check {
    Check {
        id: "config".to_owned(),
        subject: "kernel options".to_owned(),
        looked_at: format!(
            "/proc/config.gz, /boot/config-{release}, /lib/modules/{release}/config"
        ),
        found: "no configuration".to_owned(),
        wanted: "readable".to_owned(),
        status: Status::Unknown,
        reason: "Debug options and power management of the kernel cost the most latency."
            .to_owned(),
        action: Some(
            "Build the kernel with CONFIG_IKCONFIG_PROC=y, or name its .config with --config."
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::checklist::tests::checklist;
    use super::super::config::tests::config;
    use super::*;

    /// Evaluates one entry; `None` if it does not apply.
    fn status(entry: &str, text: &str) -> Option<Status> {
        let list = checklist(&format!(
            "[[option]]\nsymbol = \"A\"\nreason = \"r\"\n{entry}\n"
        ));
        check(&list, &config(&format!("CONFIG_ARM64=y\n{text}")))
            .first()
            .map(|check| check.status)
    }

    #[test]
    fn values_are_compared() {
        assert_eq!(status("want = 'y'", "CONFIG_A=y"), Some(Status::Ok));
        assert_eq!(status("want = 'y'", "CONFIG_A=m"), Some(Status::Fail));
        assert_eq!(status("want = 'y'", ""), Some(Status::Fail));
        assert_eq!(status("want = 'n'", ""), Some(Status::Ok));
        assert_eq!(
            status("want = 'n'", "# CONFIG_A is not set"),
            Some(Status::Ok)
        );
        assert_eq!(status("want = ['y', 'm']", "CONFIG_A=m"), Some(Status::Ok));
        assert_eq!(status("want = '250'", "CONFIG_A=1000"), Some(Status::Fail));
        assert_eq!(status("want = 'y'\nlevel = 'warn'", ""), Some(Status::Warn));
    }

    #[test]
    fn conditions_select() {
        assert_eq!(status("want = 'y'\nif = 'B'", ""), None);
        assert_eq!(
            status("want = 'y'\nif = 'B'", "CONFIG_B=y"),
            Some(Status::Fail)
        );
        assert_eq!(status("want = 'y'\nif = '!B'", ""), Some(Status::Fail));
        assert_eq!(status("want = 'y'\non = 'arm64'", ""), Some(Status::Fail));
        assert_eq!(status("want = 'y'\non = 'x86_64'", ""), None);
    }

    #[test]
    fn action_is_given_only_if_needed() {
        let list = checklist("[[option]]\nsymbol = \"A\"\nwant = [\"y\", \"m\"]\nreason = \"r\"\n");
        let action = |text: &str| check(&list, &config(text)).remove(0).action;
        assert_eq!(action("CONFIG_ARM64=y\nCONFIG_A=y"), None);
        let wanted = "Build the kernel with CONFIG_A=y or m.".to_owned();
        assert_eq!(action("CONFIG_ARM64=y"), Some(wanted));
    }
}
