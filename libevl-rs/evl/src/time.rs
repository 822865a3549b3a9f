// SPDX-License-Identifier: MIT OR Apache-2.0
//! Dates and times as the kernel has them.

use std::time::Duration;

use evl_sys::__kernel_timespec;

use crate::error::{Error, Result};

/// A time of the kernel, if it is one.
pub(crate) fn duration(time: &__kernel_timespec) -> Option<Duration> {
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanoseconds = u32::try_from(time.tv_nsec)
        .ok()
        .filter(|&ns| ns < 1_000_000_000)?;
    Some(Duration::new(seconds, nanoseconds))
}

/// The last date that the core counts to, in seconds: it counts nanoseconds by 63 bits.
const LAST: u64 = i64::MAX as u64 / 1_000_000_000 - 1;

/// A time for the kernel.
///
/// # Errors
///
/// [`Error::OutOfRange`] if it is later than the kernel counts, in 292 years.
pub(crate) fn timespec(what: &'static str, time: Duration) -> Result<__kernel_timespec> {
    if time.as_secs() > LAST {
        return Err(Error::OutOfRange {
            what,
            found: format!("{time:?}"),
            wanted: "less than 292 years",
        });
    }
    Ok(__kernel_timespec {
        tv_sec: time.as_secs() as i64,
        tv_nsec: time.subsec_nanos().into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_proper_times_are_times() {
        let time = |tv_sec, tv_nsec| duration(&__kernel_timespec { tv_sec, tv_nsec });
        assert_eq!(time(1, 500_000_000), Some(Duration::from_millis(1500)));
        assert_eq!(
            time(i64::MAX, 999_999_999),
            Some(Duration::new(i64::MAX as u64, 999_999_999))
        );
        for (seconds, nanoseconds) in [(-1, 0), (0, -1), (0, 1_000_000_000), (0, 1 << 40)] {
            assert_eq!(time(seconds, nanoseconds), None);
        }
    }

    #[test]
    fn times_for_the_kernel_fit() {
        let time = timespec("x", Duration::new(3, 7)).expect("small");
        assert_eq!((time.tv_sec, time.tv_nsec), (3, 7));
        assert!(timespec("x", Duration::from_secs(LAST)).is_ok());
        let error = timespec("the date", Duration::MAX).expect_err("large");
        assert!(error.to_string().starts_with("the date is "), "{error}");
    }
}
