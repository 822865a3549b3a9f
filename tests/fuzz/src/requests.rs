// SPDX-License-Identifier: MIT OR Apache-2.0
//! What can be asked of the core.

use evl_sys::*;

/// A request of `ioctl()` or `oob_ioctl()`, and whether some call of it has to succeed in a run.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) name: &'static str,
    pub(crate) number: u32,
    pub(crate) must_succeed: bool,
}

macro_rules! requests {
    ($($must_succeed:literal: $($name:ident)*;)*) => {
        &[$($(Request { name: stringify!($name), number: $name, must_succeed: $must_succeed },)*)*]
    };
}

/// All that the core serves, and some that it does not.
pub(crate) const REQUESTS: &[Request] = requests! {
    true: EVL_CTLIOC_GET_COREINFO EVL_IOC_CLONE EVL_CLKIOC_GET_RES EVL_CLKIOC_GET_TIME EVL_CLKIOC_NEW_TIMER
        EVL_THRIOC_GET_SCHEDPARAM EVL_THRIOC_GET_STATE EVL_THRIOC_SWITCH_OOB EVL_THRIOC_SWITCH_INBAND
        EVL_THRIOC_DETACH_SELF EVL_THRIOC_UNBLOCK EVL_THRIOC_DEMOTE EVL_THRIOC_YIELD
        EVL_CLKIOC_SLEEP EVL_TFDIOC_GET
        EVL_MONIOC_BIND EVL_MONIOC_SIGNAL EVL_MONIOC_BROADCAST;
    false: EVL_CTLIOC_GET_CPUSTATE
        EVL_THRIOC_SET_SCHEDPARAM EVL_THRIOC_SET_MODE EVL_THRIOC_CLEAR_MODE
        EVL_TFDIOC_SET
        EVL_MONIOC_ENTER EVL_MONIOC_TRYENTER EVL_MONIOC_TRYWAIT
        EVL_CTLIOC_SCHEDCTL EVL_THRIOC_SIGNAL EVL_THRIOC_JOIN EVL_CLKIOC_SET_TIME
        EVL_MONIOC_EXIT EVL_MONIOC_WAIT EVL_MONIOC_UNWAIT EVL_MONIOC_WAIT_EXACT EVL_MONIOC_TRYWAIT_EXACT
        EVL_POLIOC_CTL EVL_POLIOC_WAIT EVL_OBSIOC_SUBSCRIBE EVL_OBSIOC_UNSUBSCRIBE EVL_TRCIOC_SNAPSHOT
        EVL_LATIOC_TUNE EVL_LATIOC_MEASURE EVL_LATIOC_RUN EVL_LATIOC_PULSE EVL_LATIOC_RESET;
};
