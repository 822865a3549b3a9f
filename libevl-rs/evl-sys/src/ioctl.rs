// SPDX-License-Identifier: MIT OR Apache-2.0
//! Numbers of the ioctl requests, which C computes from the structures; bindgen cannot.

use rustix::ioctl::{Opcode, opcode};

use crate::bindings::*;

// Control device.
pub const EVL_CTLIOC_GET_COREINFO: Opcode = opcode::read::<evl_core_info>(EVL_CONTROL_IOCBASE, 0);
pub const EVL_CTLIOC_SCHEDCTL: Opcode =
    opcode::read_write::<evl_sched_ctlreq>(EVL_CONTROL_IOCBASE, 1);
pub const EVL_CTLIOC_GET_CPUSTATE: Opcode = opcode::read::<evl_cpu_state>(EVL_CONTROL_IOCBASE, 2);

// Creation of elements.
pub const EVL_IOC_CLONE: Opcode = opcode::read_write::<evl_clone_req>(EVL_ELEMENT_IOCBASE, 0);

// Threads.
pub const EVL_THRIOC_SIGNAL: Opcode = opcode::write::<u32>(EVL_THREAD_IOCBASE, 0);
pub const EVL_THRIOC_SET_SCHEDPARAM: Opcode =
    opcode::write::<evl_sched_attrs>(EVL_THREAD_IOCBASE, 1);
pub const EVL_THRIOC_GET_SCHEDPARAM: Opcode =
    opcode::read::<evl_sched_attrs>(EVL_THREAD_IOCBASE, 2);
pub const EVL_THRIOC_JOIN: Opcode = opcode::none(EVL_THREAD_IOCBASE, 3);
pub const EVL_THRIOC_GET_STATE: Opcode = opcode::read::<evl_thread_state>(EVL_THREAD_IOCBASE, 4);
pub const EVL_THRIOC_SWITCH_OOB: Opcode = opcode::none(EVL_THREAD_IOCBASE, 5);
pub const EVL_THRIOC_SWITCH_INBAND: Opcode = opcode::none(EVL_THREAD_IOCBASE, 6);
pub const EVL_THRIOC_DETACH_SELF: Opcode = opcode::none(EVL_THREAD_IOCBASE, 7);
pub const EVL_THRIOC_SET_MODE: Opcode = opcode::read_write::<u32>(EVL_THREAD_IOCBASE, 8);
pub const EVL_THRIOC_CLEAR_MODE: Opcode = opcode::read_write::<u32>(EVL_THREAD_IOCBASE, 9);
pub const EVL_THRIOC_UNBLOCK: Opcode = opcode::none(EVL_THREAD_IOCBASE, 10);
pub const EVL_THRIOC_DEMOTE: Opcode = opcode::none(EVL_THREAD_IOCBASE, 11);
pub const EVL_THRIOC_YIELD: Opcode = opcode::none(EVL_THREAD_IOCBASE, 12);

// Monitors.
pub const EVL_MONIOC_ENTER: Opcode = opcode::write::<__kernel_timespec>(EVL_MONITOR_IOCBASE, 0);
pub const EVL_MONIOC_TRYENTER: Opcode = opcode::none(EVL_MONITOR_IOCBASE, 1);
pub const EVL_MONIOC_EXIT: Opcode = opcode::none(EVL_MONITOR_IOCBASE, 2);
pub const EVL_MONIOC_WAIT: Opcode =
    opcode::read_write::<evl_monitor_waitreq>(EVL_MONITOR_IOCBASE, 3);
pub const EVL_MONIOC_UNWAIT: Opcode = opcode::read_write::<i32>(EVL_MONITOR_IOCBASE, 4);
pub const EVL_MONIOC_BIND: Opcode = opcode::read::<evl_monitor_binding>(EVL_MONITOR_IOCBASE, 5);
pub const EVL_MONIOC_SIGNAL: Opcode = opcode::write::<i32>(EVL_MONITOR_IOCBASE, 6);
pub const EVL_MONIOC_BROADCAST: Opcode = opcode::write::<i32>(EVL_MONITOR_IOCBASE, 7);
pub const EVL_MONIOC_WAIT_EXACT: Opcode =
    opcode::read_write::<evl_monitor_waitreq>(EVL_MONITOR_IOCBASE, 8);
pub const EVL_MONIOC_TRYWAIT: Opcode = opcode::read_write::<i32>(EVL_MONITOR_IOCBASE, 9);
pub const EVL_MONIOC_TRYWAIT_EXACT: Opcode = opcode::read_write::<i32>(EVL_MONITOR_IOCBASE, 10);

// Clocks.
pub const EVL_CLKIOC_SLEEP: Opcode = opcode::write::<__kernel_timespec>(EVL_CLOCK_IOCBASE, 0);
pub const EVL_CLKIOC_GET_RES: Opcode = opcode::read::<__kernel_timespec>(EVL_CLOCK_IOCBASE, 1);
pub const EVL_CLKIOC_GET_TIME: Opcode = opcode::read::<__kernel_timespec>(EVL_CLOCK_IOCBASE, 2);
pub const EVL_CLKIOC_SET_TIME: Opcode = opcode::write::<__kernel_timespec>(EVL_CLOCK_IOCBASE, 3);
pub const EVL_CLKIOC_NEW_TIMER: Opcode = opcode::none(EVL_CLOCK_IOCBASE, 5);

// Timers.
pub const EVL_TFDIOC_SET: Opcode = opcode::read_write::<evl_timer_setreq>(EVL_TIMERFD_IOCBASE, 0);
pub const EVL_TFDIOC_GET: Opcode = opcode::read::<__kernel_itimerspec>(EVL_TIMERFD_IOCBASE, 1);

// Poll sets.
pub const EVL_POLIOC_CTL: Opcode = opcode::write::<evl_poll_ctlreq>(EVL_POLL_IOCBASE, 0);
pub const EVL_POLIOC_WAIT: Opcode = opcode::read_write::<evl_poll_waitreq>(EVL_POLL_IOCBASE, 1);

// Observables.
pub const EVL_OBSIOC_SUBSCRIBE: Opcode =
    opcode::write::<evl_subscription>(EVL_OBSERVABLE_IOCBASE, 0);
pub const EVL_OBSIOC_UNSUBSCRIBE: Opcode = opcode::none(EVL_OBSERVABLE_IOCBASE, 1);

// Trace.
pub const EVL_TRCIOC_SNAPSHOT: Opcode = opcode::none(EVL_TRACE_IOCBASE, 0);

// Sockets.
pub const EVL_SOCKIOC_DEACTIVATE: Opcode = opcode::none(EVL_SOCKET_IOCBASE as u8, 3);
pub const EVL_SOCKIOC_SENDMSG: Opcode =
    opcode::write::<evl_socket_msghdr>(EVL_SOCKET_IOCBASE as u8, 4);
pub const EVL_SOCKIOC_RECVMSG: Opcode =
    opcode::read_write::<evl_socket_msghdr>(EVL_SOCKET_IOCBASE as u8, 5);

// Network devices.
pub const EVL_NET_GETDEVFD: Opcode =
    opcode::read_write::<evl_net_devfd>(EVL_NETDEV_IOCBASE as u8, 0);
pub const EVL_NDEVIOC_SETRXEBPF: Opcode = opcode::write::<i32>(EVL_NETDEV_IOCBASE as u8, 0);

// latmus driver.
pub const EVL_LATIOC_TUNE: Opcode = opcode::read_write::<latmus_setup>(EVL_LATMUS_IOCBASE, 0);
pub const EVL_LATIOC_MEASURE: Opcode = opcode::read_write::<latmus_setup>(EVL_LATMUS_IOCBASE, 1);
pub const EVL_LATIOC_RUN: Opcode = opcode::read::<latmus_result>(EVL_LATMUS_IOCBASE, 2);
pub const EVL_LATIOC_PULSE: Opcode = opcode::write::<u64>(EVL_LATMUS_IOCBASE, 3);
pub const EVL_LATIOC_RESET: Opcode = opcode::none(EVL_LATMUS_IOCBASE, 4);

// hectic driver.
pub const EVL_HECIOC_SET_TASKS_COUNT: Opcode = opcode::write::<u32>(EVL_HECTIC_IOCBASE, 0);
pub const EVL_HECIOC_SET_CPU: Opcode = opcode::write::<u32>(EVL_HECTIC_IOCBASE, 1);
pub const EVL_HECIOC_REGISTER_UTASK: Opcode =
    opcode::write::<hectic_task_index>(EVL_HECTIC_IOCBASE, 2);
pub const EVL_HECIOC_CREATE_KTASK: Opcode =
    opcode::read_write::<hectic_task_index>(EVL_HECTIC_IOCBASE, 3);
pub const EVL_HECIOC_PEND: Opcode = opcode::read::<hectic_task_index>(EVL_HECTIC_IOCBASE, 4);
pub const EVL_HECIOC_SWITCH_TO: Opcode = opcode::read::<hectic_switch_req>(EVL_HECTIC_IOCBASE, 5);
pub const EVL_HECIOC_GET_SWITCHES_COUNT: Opcode = opcode::read::<u32>(EVL_HECTIC_IOCBASE, 6);
pub const EVL_HECIOC_GET_LAST_ERROR: Opcode = opcode::read::<hectic_error>(EVL_HECTIC_IOCBASE, 7);
pub const EVL_HECIOC_SET_PAUSE: Opcode = opcode::write::<u32>(EVL_HECTIC_IOCBASE, 8);
pub const EVL_HECIOC_LOCK_STAX: Opcode = opcode::none(EVL_HECTIC_IOCBASE, 9);
pub const EVL_HECIOC_UNLOCK_STAX: Opcode = opcode::none(EVL_HECTIC_IOCBASE, 10);
