// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's configuration: all fragments over `allnoconfig`, and an audit that every line of them took effect.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use fs_err as fs;
use walkdir::WalkDir;

use crate::paths::Paths;

/// One line of a fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Setting {
    symbol: String,
    line: String,
}

/// The file of a fragment: a path, or a name in `kernel-evl/config`.
pub(crate) fn fragment(paths: &Paths, name: &str) -> Result<PathBuf> {
    let ours = paths
        .kernel_evl()
        .join("config")
        .join(format!("{name}.cfg"));
    let candidates = [ours, PathBuf::from(name)];
    match candidates.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!(
            "there is no fragment `{name}`: neither kernel-evl/config/{name}.cfg nor a file of that name exists"
        ),
    }
}

/// All fragments in one text; where two set a symbol, the later wins.
pub(crate) fn merged(fragments: &[PathBuf]) -> Result<String> {
    let mut settings: Vec<Setting> = Vec::new();
    for path in fragments {
        for setting in parse(&fs::read_to_string(path)?) {
            settings.retain(|other| other.symbol != setting.symbol);
            settings.push(setting);
        }
    }
    Ok(settings
        .into_iter()
        .map(|setting| setting.line + "\n")
        .collect())
}

/// Fails unless every line of `wanted` is in the kernel's final configuration.
pub(crate) fn audit(wanted: &str, config: &Path, tree: &Path) -> Result<()> {
    let config = fs::read_to_string(config)?;
    let got: Vec<Setting> = parse(&config).collect();
    let mut complaints = Vec::new();
    for setting in parse(wanted) {
        let found = got.iter().find(|other| other.symbol == setting.symbol);
        let off = setting.line.starts_with('#') && found.is_none();
        if off || found.is_some_and(|found| found.line == setting.line) {
            continue;
        }
        complaints.push(match found {
            _ if !is_declared(tree, &setting.symbol) => {
                format!(
                    "  {}: this kernel has no symbol {}",
                    setting.line, setting.symbol
                )
            }
            Some(found) => format!("  {}: the kernel has `{}`", setting.line, found.line),
            None => format!("  {}: its dependencies are not met", setting.line),
        });
    }
    if !complaints.is_empty() {
        bail!(
            "the fragments ask for what the configuration does not hold:\n{}",
            complaints.join("\n")
        );
    }
    Ok(())
}

fn parse(text: &str) -> impl Iterator<Item = Setting> + '_ {
    text.lines().filter_map(|line| {
        let line = line.trim();
        let symbol = match line.strip_prefix("# ") {
            Some(rest) => rest.strip_suffix(" is not set")?,
            None => line.split_once('=')?.0,
        };
        symbol.starts_with("CONFIG_").then(|| Setting {
            symbol: symbol.to_owned(),
            line: line.to_owned(),
        })
    })
}

fn is_declared(tree: &Path, symbol: &str) -> bool {
    let name = symbol.trim_start_matches("CONFIG_");
    let declares = |line: &str| {
        line.trim_start()
            .strip_prefix("menu")
            .unwrap_or(line.trim_start())
            .strip_prefix("config ")
            .map(str::trim)
            == Some(name)
    };
    WalkDir::new(tree)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("Kconfig"))
        .any(|entry| fs::read_to_string(entry.path()).is_ok_and(|text| text.lines().any(declares)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audit_text(wanted: &str, config: &str) -> Result<()> {
        let tree = tempfile::tempdir()?;
        fs::write(
            tree.path().join("Kconfig"),
            "config SMP\n\tbool\nmenuconfig EVL\nconfig HZ\n",
        )?;
        let file = tree.path().join(".config");
        fs::write(&file, config)?;
        audit(wanted, &file, tree.path())
    }

    #[test]
    fn what_took_effect_passes() {
        let config = "CONFIG_SMP=y\nCONFIG_HZ=1000\n# CONFIG_EVL is not set\n";
        audit_text(
            "CONFIG_SMP=y\n# CONFIG_EVL is not set\n# CONFIG_GONE is not set\nCONFIG_HZ=1000\n",
            config,
        )
        .unwrap();
    }

    #[test]
    fn each_way_of_not_taking_effect_is_told_apart() {
        let error = audit_text(
            "CONFIG_SMP=y\nCONFIG_HZ=250\nCONFIG_TYPO=y\n",
            "CONFIG_HZ=1000\n",
        )
        .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("CONFIG_SMP=y: its dependencies"), "{text}");
        assert!(
            text.contains("CONFIG_HZ=250: the kernel has `CONFIG_HZ=1000`"),
            "{text}"
        );
        assert!(text.contains("no symbol CONFIG_TYPO"), "{text}");
    }

    #[test]
    fn the_later_fragment_wins() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&a, "CONFIG_SMP=y\nCONFIG_HZ=1000\n").unwrap();
        fs::write(&b, "# a remark\n# CONFIG_SMP is not set\n").unwrap();
        assert_eq!(
            merged(&[a, b]).unwrap(),
            "CONFIG_HZ=1000\n# CONFIG_SMP is not set\n"
        );
    }
}
