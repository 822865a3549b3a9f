// SPDX-License-Identifier: MIT OR Apache-2.0
//! Scheduling policies.

use std::time::Duration;

use evl_sys::{
    __kernel_timespec, SCHED_QUOTA, SCHED_TP, SCHED_WEAK, evl_sched_attrs,
    evl_sched_attrs__bindgen_ty_1 as Extra,
};

use crate::error::{Error, Result};
use crate::time::{duration, timespec};

const SCHED_FIFO: i32 = 1;
const SCHED_RR: i32 = 2;

/// How the core schedules a thread while it is out-of-band. A larger priority is served first.
///
/// Classes are served in this order: FIFO and round robin, time partitions, quotas, weak threads, then Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Policy {
    /// SCHED_FIFO: runs until it waits or yields, or a higher one is ready.
    Fifo {
        /// 1 to 99.
        priority: u8,
    },
    /// SCHED_RR: as [`Policy::Fifo`], and its equals run after a quantum.
    RoundRobin {
        /// 1 to 99.
        priority: u8,
        /// How long it may run before its equals do, more than 0.
        quantum: Duration,
    },
    /// SCHED_WEAK: lives in-band. It is out-of-band only inside a call of the core, or with a mutex held.
    Weak {
        /// 0 to 99.
        priority: u8,
    },
    /// SCHED_QUOTA: shares the budget of a group of its CPU.
    Quota {
        /// 1 to 99.
        priority: u8,
        /// The number of the group.
        group: i32,
    },
    /// SCHED_TP: runs in the time windows of a partition of its CPU.
    Partition {
        /// 1 to 99.
        priority: u8,
        /// The number of the partition.
        partition: i32,
    },
}

impl Default for Policy {
    /// SCHED_WEAK with priority 0, which is what a thread has that was just attached.
    fn default() -> Self {
        Self::Weak { priority: 0 }
    }
}

impl Policy {
    /// SCHED_FIFO with a priority of 1 to 99.
    pub const fn fifo(priority: u8) -> Self {
        Self::Fifo { priority }
    }

    /// Its priority.
    pub const fn priority(&self) -> u8 {
        match *self {
            Self::Fifo { priority }
            | Self::RoundRobin { priority, .. }
            | Self::Weak { priority }
            | Self::Quota { priority, .. }
            | Self::Partition { priority, .. } => priority,
        }
    }

    /// Whether threads of this policy live in-band.
    pub(crate) const fn is_weak(&self) -> bool {
        matches!(self, Self::Weak { .. })
    }

    /// What the kernel calls it.
    ///
    /// # Errors
    ///
    /// [`Error::OutOfRange`].
    pub(crate) fn to_attrs(self) -> Result<evl_sched_attrs> {
        let least = u8::from(!self.is_weak());
        let priority = self.priority();
        if !(least..=99).contains(&priority) {
            return Err(Error::OutOfRange {
                what: "the priority",
                found: priority.to_string(),
                wanted: if self.is_weak() { "0 to 99" } else { "1 to 99" },
            });
        }
        // As a whole, so that no bit of the union is left undefined.
        let mut extra = Extra {
            sched_rr_quantum: __kernel_timespec::default(),
        };
        let policy = match self {
            Self::Fifo { .. } => SCHED_FIFO,
            Self::Weak { .. } => SCHED_WEAK,
            Self::RoundRobin { quantum, .. } => {
                if quantum.is_zero() {
                    return Err(Error::OutOfRange {
                        what: "the quantum",
                        found: "0".to_owned(),
                        wanted: "more than 0",
                    });
                }
                extra.sched_rr_quantum = timespec("the quantum", quantum)?;
                SCHED_RR
            }
            Self::Quota { group, .. } => {
                extra.sched_quota_group = group;
                SCHED_QUOTA
            }
            Self::Partition { partition, .. } => {
                extra.sched_tp_partition = partition;
                SCHED_TP
            }
        };
        Ok(evl_sched_attrs {
            sched_policy: policy,
            sched_priority: priority.into(),
            __bindgen_anon_1: extra,
        })
    }

    /// What the kernel says, if it makes sense.
    pub(crate) fn from_attrs(attrs: &evl_sched_attrs) -> Option<Self> {
        let priority = u8::try_from(attrs.sched_priority).ok()?;
        // SAFETY: the members are integers, all bits of which are initialized: the values come from the kernel or
        // `to_attrs`, as a whole.
        let (quantum, number) = unsafe {
            let extra = attrs.__bindgen_anon_1;
            (extra.sched_rr_quantum, extra.sched_quota_group)
        };
        Some(match attrs.sched_policy {
            SCHED_FIFO => Self::Fifo { priority },
            SCHED_RR => Self::RoundRobin {
                priority,
                quantum: duration(&quantum)?,
            },
            SCHED_WEAK => Self::Weak { priority },
            SCHED_QUOTA => Self::Quota {
                priority,
                group: number,
            },
            SCHED_TP => Self::Partition {
                priority,
                partition: number,
            },
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_come_back_as_they_went() {
        for policy in [
            Policy::fifo(1),
            Policy::fifo(99),
            Policy::default(),
            Policy::Weak { priority: 99 },
            Policy::RoundRobin {
                priority: 5,
                quantum: Duration::from_millis(3),
            },
            Policy::Quota {
                priority: 7,
                group: 12,
            },
            Policy::Partition {
                priority: 8,
                partition: 3,
            },
        ] {
            let attrs = policy.to_attrs().expect("in range");
            assert_eq!(Policy::from_attrs(&attrs), Some(policy));
        }
    }

    #[test]
    fn priorities_have_a_range() {
        for (policy, range) in [
            (Policy::fifo(0), "1 to 99"),
            (Policy::fifo(100), "1 to 99"),
            (Policy::Weak { priority: 100 }, "0 to 99"),
            (
                Policy::Quota {
                    priority: 0,
                    group: 1,
                },
                "1 to 99",
            ),
        ] {
            let error = policy.to_attrs().map(drop).expect_err("out of range");
            assert!(error.to_string().ends_with(range), "{error}");
        }
        let endless = Policy::RoundRobin {
            priority: 1,
            quantum: Duration::ZERO,
        };
        assert!(matches!(endless.to_attrs(), Err(Error::OutOfRange { .. })));
    }
}
