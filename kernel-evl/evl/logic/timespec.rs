// SPDX-License-Identifier: GPL-2.0

// Copyright (C) 2026 The meta-evl authors

//! Seconds and nanoseconds.

/// Nanoseconds in a second.
pub const NSEC_PER_SEC: i64 = 1_000_000_000;

/// A date or a span as user space sees it.
///
/// # Invariants
///
/// `nsec` is in the range from 0 to 999,999,999, whatever the sign of `sec`: half a second before
/// the epoch is -1 s plus 500,000,000 ns.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Timespec {
    sec: i64,
    nsec: i64,
}

impl Timespec {
    /// Splits a count of nanoseconds. Every count has a `Timespec`.
    pub const fn from_ns(ns: i64) -> Self {
        // INVARIANT: A euclidean remainder is neither negative nor as large as the divisor.
        Self {
            sec: ns.div_euclid(NSEC_PER_SEC),
            nsec: ns.rem_euclid(NSEC_PER_SEC),
        }
    }

    /// A date since the epoch that an application gives, in ns.
    ///
    /// `None` for a date before the epoch, or a count of nanoseconds which is out of range. A date
    /// beyond the year 2554 is as good as any other that never comes.
    pub const fn date_from_array([sec, nsec]: [i64; 2]) -> Option<u64> {
        if sec < 0 || nsec < 0 || nsec >= NSEC_PER_SEC {
            return None;
        }
        let whole = (sec as u64).saturating_mul(NSEC_PER_SEC as u64);
        Some(whole.saturating_add(nsec as u64))
    }

    /// The members, in the order of `struct __kernel_timespec`.
    pub const fn to_array(self) -> [i64; 2] {
        [self.sec, self.nsec]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn splits_at_the_second() {
        for (ns, expected) in [
            (0, [0, 0]),
            (1, [0, 1]),
            (NSEC_PER_SEC - 1, [0, 999_999_999]),
            (NSEC_PER_SEC, [1, 0]),
            (-1, [-1, 999_999_999]),
            (-NSEC_PER_SEC, [-1, 0]),
            (-NSEC_PER_SEC - 1, [-2, 999_999_999]),
            (i64::MAX, [9_223_372_036, 854_775_807]),
            (i64::MIN, [-9_223_372_037, 145_224_192]),
        ] {
            assert_eq!(Timespec::from_ns(ns).to_array(), expected, "{ns} ns");
        }
    }

    #[test]
    fn dates_are_checked() {
        for (given, expected) in [
            ([0, 0], Some(0)),
            ([1, 999_999_999], Some(1_999_999_999)),
            ([i64::MAX, 0], Some(u64::MAX)),
            ([-1, 0], None),
            ([0, -1], None),
            ([0, NSEC_PER_SEC], None),
        ] {
            assert_eq!(Timespec::date_from_array(given), expected, "{given:?}");
        }
    }

    proptest! {
        #[test]
        fn loses_nothing(ns in any::<i64>()) {
            let [sec, nsec] = Timespec::from_ns(ns).to_array();
            prop_assert!((0..NSEC_PER_SEC).contains(&nsec));
            prop_assert_eq!(i128::from(sec) * 1_000_000_000 + i128::from(nsec), i128::from(ns));
        }

        #[test]
        fn keeps_order(a in any::<i64>(), b in any::<i64>()) {
            let (ta, tb) = (Timespec::from_ns(a), Timespec::from_ns(b));
            prop_assert_eq!(ta.to_array() < tb.to_array(), a < b);
        }
    }
}
