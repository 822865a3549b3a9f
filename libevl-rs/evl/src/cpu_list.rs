// SPDX-License-Identifier: MIT OR Apache-2.0
//! Lists of CPUs in the format of the kernel.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// More CPUs than any Linux supports; a list which names higher ones is damaged.
const MAX_CPUS: u32 = 8192;

/// A set of CPUs. Its text form is that of the kernel, such as `0-2,5`; it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CpuList(BTreeSet<u32>);

impl CpuList {
    /// Whether no CPU is in the list.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `cpu` is in the list.
    pub fn contains(&self, cpu: u32) -> bool {
        self.0.contains(&cpu)
    }

    /// Whether all CPUs of the list are in `other`, too.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.is_subset(&other.0)
    }

    /// The CPUs, in ascending order.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().copied()
    }
}

impl FromIterator<u32> for CpuList {
    fn from_iter<I: IntoIterator<Item = u32>>(cpus: I) -> Self {
        Self(cpus.into_iter().collect())
    }
}

/// A text is not a list of CPUs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a CPU or a range of CPUs such as 0-2")]
pub struct ParseCpuListError(String);

impl FromStr for CpuList {
    type Err = ParseCpuListError;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        let mut cpus = BTreeSet::new();
        for item in text.trim().split(',').filter(|item| !item.is_empty()) {
            let bad = || ParseCpuListError(item.to_owned());
            let (first, last) = item.split_once('-').unwrap_or((item, item));
            let first: u32 = first.parse().map_err(|_| bad())?;
            let last: u32 = last.parse().map_err(|_| bad())?;
            if first > last || last >= MAX_CPUS {
                return Err(bad());
            }
            cpus.extend(first..=last);
        }
        Ok(Self(cpus))
    }
}

impl fmt::Display for CpuList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut cpus = self.iter().peekable();
        let mut separator = "";
        while let Some(first) = cpus.next() {
            let mut last = first;
            while let Some(next) = cpus.next_if_eq(&(last + 1)) {
                last = next;
            }
            match last - first {
                0 => write!(f, "{separator}{first}")?,
                _ => write!(f, "{separator}{first}-{last}")?,
            }
            separator = ",";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_a_round_trip() {
        for text in ["", "0", "0-3", "1,3,5-7", "0,8191"] {
            assert_eq!(text.parse::<CpuList>().expect(text).to_string(), text);
        }
        assert_eq!(
            " 3,1,2,0\n"
                .parse::<CpuList>()
                .expect("unordered")
                .to_string(),
            "0-3"
        );
    }

    #[test]
    fn nonsense_is_named() {
        for text in ["a", "3-1", "-", "1-", "0-8192", "-1", "1 2", "4294967296"] {
            let error = text.parse::<CpuList>().expect_err(text);
            assert!(error.to_string().contains(text), "{error}");
        }
    }
}
