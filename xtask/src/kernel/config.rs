// SPDX-License-Identifier: MIT OR Apache-2.0
//! The kernel's configuration: all fragments over `allnoconfig`, and an audit that every line of them took effect.

use std::collections::BTreeMap;
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

impl Setting {
    fn renamed(self, names: &BTreeMap<String, String>) -> Self {
        match names.get(&self.symbol) {
            Some(symbol) => Self {
                line: self.line.replace(&self.symbol, symbol),
                symbol: symbol.clone(),
            },
            None => self,
        }
    }
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

/// All fragments in one text, with the names of a release; where two set a symbol, the later wins.
pub(crate) fn merged(fragments: &[PathBuf], renamed: &BTreeMap<String, String>) -> Result<String> {
    let mut settings: Vec<Setting> = Vec::new();
    for path in fragments {
        for (number, line) in fs::read_to_string(path)?.lines().enumerate() {
            let Some(setting) = setting(line) else {
                if line.trim().is_empty() || line.starts_with('#') {
                    continue;
                }
                bail!(
                    "{}:{}: this is no setting: {line}",
                    path.display(),
                    number + 1
                );
            };
            let setting = setting.renamed(renamed);
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
        if (off && is_declared(tree, &setting.symbol))
            || found.is_some_and(|found| found.line == setting.line)
        {
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

/// The settings in a configuration; what is none is left out.
fn parse(text: &str) -> impl Iterator<Item = Setting> + '_ {
    text.lines().filter_map(setting)
}

/// `CONFIG_X=value` or `# CONFIG_X is not set`; `CONFIG_X=n` is another way to say the latter.
fn setting(line: &str) -> Option<Setting> {
    let line = line.trim();
    let (symbol, value) = match line.strip_prefix("# ") {
        Some(rest) => (rest.strip_suffix(" is not set")?, "n"),
        None => line.split_once('=')?,
    };
    let name = symbol.strip_prefix("CONFIG_")?;
    let valid = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    valid.then(|| Setting {
        symbol: symbol.to_owned(),
        line: match value {
            "n" => format!("# {symbol} is not set"),
            _ => line.to_owned(),
        },
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
            "CONFIG_SMP=y\n# CONFIG_EVL is not set\nCONFIG_HZ=1000\n",
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
        let error = audit_text("# CONFIG_GONE is not set\n", "")
            .unwrap_err()
            .to_string();
        assert!(error.contains("no symbol CONFIG_GONE"), "{error}");
    }

    #[test]
    fn the_later_fragment_wins() {
        let dir = tempfile::tempdir().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&a, "CONFIG_SMP=y\nCONFIG_HZ=1000\n").unwrap();
        fs::write(&b, "# a remark\n# CONFIG_SMP is not set\n").unwrap();
        assert_eq!(
            merged(&[a, b], &BTreeMap::new()).unwrap(),
            "CONFIG_HZ=1000\n# CONFIG_SMP is not set\n"
        );
    }

    #[test]
    fn a_release_has_names_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.cfg");
        fs::write(&file, "CONFIG_OLD=y\nCONFIG_OLDER=m\n").unwrap();
        let names = [("CONFIG_OLD".to_owned(), "CONFIG_NEW".to_owned())];
        assert_eq!(
            merged(&[file], &BTreeMap::from(names)).unwrap(),
            "CONFIG_NEW=y\nCONFIG_OLDER=m\n"
        );
    }

    #[test]
    fn a_line_that_sets_nothing_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a.cfg");
        for line in ["CONFIG_SMP y", "CONFG_SMP=y", "SMP=y", "CONFIG_=y"] {
            fs::write(&file, format!("# fine\n\nCONFIG_HZ=n\n{line}\n")).unwrap();
            let error = merged(std::slice::from_ref(&file), &BTreeMap::new())
                .unwrap_err()
                .to_string();
            assert!(error.contains("a.cfg:4") && error.contains(line), "{error}");
        }
    }
}
