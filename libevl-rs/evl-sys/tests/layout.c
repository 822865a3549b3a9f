/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Compile-time check of the user interface headers against the numbers
 * of EVL ABI 36, which are written out here on purpose. Nothing to run:
 * it compiles, as C11 and as C++11, or the ABI is broken. Compile it
 * with -O2, which lets the compiler see what bit-fields do to words.
 */
#include <stddef.h>
#include <string.h>

#include <evl/clock.h>
#include <evl/control.h>
#include <evl/devices/hectic.h>
#include <evl/devices/latmus.h>
#include <evl/factory.h>
#include <evl/monitor.h>
#include <evl/net/device.h>
#include <evl/net/socket.h>
#include <evl/observable.h>
#include <evl/poll.h>
#include <evl/proxy.h>
#include <evl/sched.h>
#include <evl/signal.h>
#include <evl/syscall.h>
#include <evl/thread.h>
#include <evl/timer.h>
#include <evl/trace.h>
#include <evl/types.h>
#include <evl/xbuf.h>

#ifdef __cplusplus
#define CHECK(cond) static_assert(cond, #cond)
#else
#define CHECK(cond) _Static_assert(cond, #cond)
#endif

#define IS(expr, number) CHECK((expr) == (number))
#define SIZE(type, bytes) CHECK(sizeof(type) == (bytes))
#define AT(type, member, bytes) CHECK(offsetof(type, member) == (bytes))

/* The word of a structure in which nothing but that bit-field is set. */
#define BITS(type, member, value, word_at, word)			\
	do {								\
		type s;							\
		__u32 w;						\
		memset(&s, 0, sizeof(s));				\
		s.member = (value);					\
		memcpy(&w, (const char *)&s + (word_at), sizeof(w));	\
		if (w != (word))					\
			bits_are_elsewhere();				\
	} while (0)

/* A call which the optimizer cannot remove is an error. */
#ifdef __cplusplus
extern "C"
#endif
void bits_are_elsewhere(void)
	__attribute__((error("a bit-field is not where ABI 36 has it")));

/* System calls. */
IS(PR_OOB_SYSCALL, 0x4f4f4243);
IS(EVL_SYSCALL_OOB_READ, 0);
IS(EVL_SYSCALL_OOB_WRITE, 1);
IS(EVL_SYSCALL_OOB_IOCTL, 2);
IS(EVL_NR_SYSCALLS, 3);

/* Common types. */
SIZE(fundle_t, 4);
SIZE(union evl_value, 8);
SIZE(struct __kernel_timespec, 16);
SIZE(struct __kernel_itimerspec, 32);

/* Control. */
IS(EVL_ABI_BASE, 36);
IS(EVL_ABI_LEVEL, 36);
SIZE(struct evl_core_info, 24);
AT(struct evl_core_info, abi_base, 0);
AT(struct evl_core_info, abi_current, 4);
AT(struct evl_core_info, fpu_features, 8);
AT(struct evl_core_info, shm_size, 16);
SIZE(struct evl_sched_ctlreq, 24);
AT(struct evl_sched_ctlreq, policy, 0);
AT(struct evl_sched_ctlreq, cpu, 4);
AT(struct evl_sched_ctlreq, param_ptr, 8);
AT(struct evl_sched_ctlreq, info_ptr, 16);
SIZE(struct evl_cpu_state, 16);
AT(struct evl_cpu_state, cpu, 0);
AT(struct evl_cpu_state, state_ptr, 8);
IS(EVL_CPU_OOB, 1);
IS(EVL_CPU_ISOL, 2);
IS(EVL_CPU_OFFLINE, 4);
IS(EVL_CTLIOC_GET_COREINFO, 0x80184300);
IS(EVL_CTLIOC_SCHEDCTL, 0xc0184301);
IS(EVL_CTLIOC_GET_CPUSTATE, 0x80104302);

/* Factory. */
SIZE(struct evl_element_ids, 12);
AT(struct evl_element_ids, minor, 0);
AT(struct evl_element_ids, fundle, 4);
AT(struct evl_element_ids, state_offset, 8);
SIZE(struct evl_clone_req, 40);
AT(struct evl_clone_req, name_ptr, 0);
AT(struct evl_clone_req, attrs_ptr, 8);
AT(struct evl_clone_req, clone_flags, 16);
AT(struct evl_clone_req, eids, 20);
AT(struct evl_clone_req, efd, 32);
IS(EVL_CLONE_PRIVATE, 0);
IS(EVL_CLONE_PUBLIC, 1U << 16);
IS(EVL_CLONE_OBSERVABLE, 1U << 17);
IS(EVL_CLONE_NONBLOCK, 1U << 18);
IS(EVL_CLONE_UNICAST, 1U << 19);
IS(EVL_CLONE_MASTER, 1U << 19);
IS(EVL_CLONE_INPUT, 1U << 20);
IS(EVL_CLONE_OUTPUT, 1U << 21);
IS(EVL_CLONE_COREDEV, 1U << 31);
IS(EVL_IOC_CLONE, 0xc0286600);

/* Scheduling. */
IS(SCHED_WEAK, 43);
IS(SCHED_QUOTA, 44);
IS(SCHED_TP, 45);
SIZE(struct evl_sched_attrs, 24);
AT(struct evl_sched_attrs, sched_policy, 0);
AT(struct evl_sched_attrs, sched_priority, 4);
AT(struct evl_sched_attrs, sched_rr_quantum, 8);
AT(struct evl_sched_attrs, sched_quota_group, 8);
AT(struct evl_sched_attrs, sched_tp_partition, 8);
IS(evl_quota_add, 0);
IS(evl_quota_remove, 1);
IS(evl_quota_force_remove, 2);
IS(evl_quota_set, 3);
IS(evl_quota_get, 4);
SIZE(struct evl_quota_ctlparam, 16);
AT(struct evl_quota_ctlparam, op, 0);
AT(struct evl_quota_ctlparam, u.remove.tgid, 4);
AT(struct evl_quota_ctlparam, u.set.tgid, 4);
AT(struct evl_quota_ctlparam, u.set.quota, 8);
AT(struct evl_quota_ctlparam, u.set.quota_peak, 12);
AT(struct evl_quota_ctlparam, u.get.tgid, 4);
SIZE(struct evl_quota_ctlinfo, 16);
AT(struct evl_quota_ctlinfo, quota_sum, 12);
IS(evl_tp_install, 0);
IS(evl_tp_uninstall, 1);
IS(evl_tp_start, 2);
IS(evl_tp_stop, 3);
IS(evl_tp_get, 4);
IS(EVL_TP_IDLE, -1);
SIZE(struct evl_tp_window, 40);
AT(struct evl_tp_window, offset, 0);
AT(struct evl_tp_window, duration, 16);
AT(struct evl_tp_window, ptid, 32);
SIZE(struct evl_tp_ctlparam, 8);
AT(struct evl_tp_ctlparam, nr_windows, 4);
AT(struct evl_tp_ctlparam, windows, 8);
SIZE(struct evl_tp_ctlinfo, 8);
AT(struct evl_tp_ctlinfo, windows, 8);
SIZE(union evl_sched_ctlparam, 16);
SIZE(union evl_sched_ctlinfo, 16);

/* Threads. */
IS(EVL_T_SUSP, 0x1);
IS(EVL_T_PEND, 0x2);
IS(EVL_T_DELAY, 0x4);
IS(EVL_T_WAIT, 0x8);
IS(EVL_T_READY, 0x10);
IS(EVL_T_DORMANT, 0x20);
IS(EVL_T_ZOMBIE, 0x40);
IS(EVL_T_INBAND, 0x80);
IS(EVL_T_HALT, 0x100);
IS(EVL_T_BOOST, 0x200);
IS(EVL_T_PTSYNC, 0x400);
IS(EVL_T_RRB, 0x800);
IS(EVL_T_ROOT, 0x1000);
IS(EVL_T_WEAK, 0x2000);
IS(EVL_T_USER, 0x4000);
IS(EVL_T_WOSS, 0x8000);
IS(EVL_T_WOLI, 0x10000);
IS(EVL_T_WOSX, 0x20000);
IS(EVL_T_PTRACE, 0x40000);
IS(EVL_T_OBSERV, 0x80000);
IS(EVL_T_HMSIG, 0x100000);
IS(EVL_T_HMOBS, 0x200000);
IS(EVL_T_WOSO, 0x400000);
IS(EVL_T_MODE_MASK, 0x738000);
IS(EVL_T_TIMEO, 0x1);
IS(EVL_T_RMID, 0x2);
IS(EVL_T_BREAK, 0x4);
IS(EVL_T_KICKED, 0x8);
IS(EVL_T_WCHAN, 0x10);
IS(EVL_T_CANCELD, 0x40);
IS(EVL_T_PIALERT, 0x80);
IS(EVL_T_SCHEDP, 0x100);
IS(EVL_T_BCAST, 0x200);
IS(EVL_T_SIGNAL, 0x400);
IS(EVL_T_SXALERT, 0x800);
IS(EVL_T_PTSIG, 0x1000);
IS(EVL_T_PTSTOP, 0x2000);
IS(EVL_T_PTJOIN, 0x4000);
IS(EVL_T_NOMEM, 0x8000);
SIZE(struct evl_user_window, 12);
AT(struct evl_user_window, state, 0);
AT(struct evl_user_window, info, 4);
AT(struct evl_user_window, pp_pending, 8);
SIZE(struct evl_thread_state, 56);
AT(struct evl_thread_state, eattrs, 0);
AT(struct evl_thread_state, cpu, 24);
AT(struct evl_thread_state, state, 28);
AT(struct evl_thread_state, isw, 32);
AT(struct evl_thread_state, csw, 36);
AT(struct evl_thread_state, sc, 40);
AT(struct evl_thread_state, rwa, 44);
AT(struct evl_thread_state, xtime, 48);
IS(EVL_THRIOC_SIGNAL, 0x40045400);
IS(EVL_THRIOC_SET_SCHEDPARAM, 0x40185401);
IS(EVL_THRIOC_GET_SCHEDPARAM, 0x80185402);
IS(EVL_THRIOC_JOIN, 0x5403);
IS(EVL_THRIOC_GET_STATE, 0x80385404);
IS(EVL_THRIOC_SWITCH_OOB, 0x5405);
IS(EVL_THRIOC_SWITCH_INBAND, 0x5406);
IS(EVL_THRIOC_DETACH_SELF, 0x5407);
IS(EVL_THRIOC_SET_MODE, 0xc0045408);
IS(EVL_THRIOC_CLEAR_MODE, 0xc0045409);
IS(EVL_THRIOC_UNBLOCK, 0x540a);
IS(EVL_THRIOC_DEMOTE, 0x540b);
IS(EVL_THRIOC_YIELD, 0x540c);

/* Health monitoring. */
IS(EVL_HMDIAG_SIGDEMOTE, 1);
IS(EVL_HMDIAG_SYSDEMOTE, 2);
IS(EVL_HMDIAG_EXDEMOTE, 3);
IS(EVL_HMDIAG_WATCHDOG, 4);
IS(EVL_HMDIAG_LKDEPEND, 5);
IS(EVL_HMDIAG_LKIMBALANCE, 6);
IS(EVL_HMDIAG_LKSLEEP, 7);
IS(EVL_HMDIAG_STAGEX, 8);
IS(EVL_HMDIAG_OVERRUN, 9);
IS(EVL_SIGDEBUG_MARKER, 0xfccf0000);
IS(EVL_SIGDEBUG_MARKER_MASK, 0xffff0000);
IS(EVL_SIGDEBUG_CAUSE_MASK, 0xff);

/* Monitors. */
IS(EVL_MONITOR_EVENT, 0);
IS(EVL_MONITOR_GATE, 1);
IS(EVL_GATE_PI, 0);
IS(EVL_GATE_PP, 1);
IS(EVL_EVENT_GATED, 0);
IS(EVL_EVENT_COUNT, 1);
IS(EVL_EVENT_MASK, 2);
IS(EVL_MONITOR_SIGNALED, 1);
IS(EVL_MONITOR_BROADCAST, 2);
IS(EVL_MONITOR_TARGETED, 4);
IS(EVL_GATE_CLAIMED, 1U << 31);
IS(EVL_GATE_CEILING, 1U << 30);
IS(EVL_GATE_OWNER_MASK, (1U << 30) - 1);
IS(EVL_MONITOR_NOGATE, 0xffffffff);
SIZE(struct evl_monitor_attrs, 12);
AT(struct evl_monitor_attrs, clockfd, 0);
AT(struct evl_monitor_attrs, initval, 8);
SIZE(struct evl_monitor_state, 16);
AT(struct evl_monitor_state, flags, 0);
AT(struct evl_monitor_state, u.gate.owner, 4);
AT(struct evl_monitor_state, u.gate.ceiling, 8);
AT(struct evl_monitor_state, u.event.value, 4);
AT(struct evl_monitor_state, u.event.pollrefs, 8);
AT(struct evl_monitor_state, u.event.gate_offset, 12);
SIZE(struct evl_monitor_waitreq, 24);
AT(struct evl_monitor_waitreq, timeout_ptr, 0);
AT(struct evl_monitor_waitreq, gatefd, 8);
AT(struct evl_monitor_waitreq, status, 12);
AT(struct evl_monitor_waitreq, value, 16);
SIZE(struct evl_monitor_binding, 16);
AT(struct evl_monitor_binding, eids, 4);
IS(EVL_MONIOC_ENTER, 0x40106d00);
IS(EVL_MONIOC_TRYENTER, 0x6d01);
IS(EVL_MONIOC_EXIT, 0x6d02);
IS(EVL_MONIOC_WAIT, 0xc0186d03);
IS(EVL_MONIOC_UNWAIT, 0xc0046d04);
IS(EVL_MONIOC_BIND, 0x80106d05);
IS(EVL_MONIOC_SIGNAL, 0x40046d06);
IS(EVL_MONIOC_BROADCAST, 0x40046d07);
IS(EVL_MONIOC_WAIT_EXACT, 0xc0186d08);
IS(EVL_MONIOC_TRYWAIT, 0xc0046d09);
IS(EVL_MONIOC_TRYWAIT_EXACT, 0xc0046d0a);

/* Clocks and timers. */
IS(EVL_CLOCK_MONOTONIC, -1);
IS(EVL_CLOCK_REALTIME, 0);
IS(EVL_CLKIOC_SLEEP, 0x40106300);
IS(EVL_CLKIOC_GET_RES, 0x80106301);
IS(EVL_CLKIOC_GET_TIME, 0x80106302);
IS(EVL_CLKIOC_SET_TIME, 0x40106303);
IS(EVL_CLKIOC_NEW_TIMER, 0x6305);
SIZE(struct evl_timer_setreq, 16);
AT(struct evl_timer_setreq, value_ptr, 0);
AT(struct evl_timer_setreq, ovalue_ptr, 8);
IS(EVL_TFDIOC_SET, 0xc0107400);
IS(EVL_TFDIOC_GET, 0x80207401);

/* Poll. */
IS(EVL_POLL_CTL_ADD, 0);
IS(EVL_POLL_CTL_DEL, 1);
IS(EVL_POLL_CTL_MOD, 2);
SIZE(struct evl_poll_ctlreq, 24);
AT(struct evl_poll_ctlreq, action, 0);
AT(struct evl_poll_ctlreq, fd, 4);
AT(struct evl_poll_ctlreq, events, 8);
AT(struct evl_poll_ctlreq, pollval, 16);
SIZE(struct evl_poll_event, 16);
AT(struct evl_poll_event, fd, 0);
AT(struct evl_poll_event, events, 4);
AT(struct evl_poll_event, pollval, 8);
SIZE(struct evl_poll_waitreq, 24);
AT(struct evl_poll_waitreq, timeout_ptr, 0);
AT(struct evl_poll_waitreq, pollset_ptr, 8);
AT(struct evl_poll_waitreq, nrset, 16);
IS(EVL_POLIOC_CTL, 0x40187000);
IS(EVL_POLIOC_WAIT, 0xc0187001);

/* Observables. */
IS(EVL_NOTICE_USER, 64);
IS(EVL_NOTIFY_ALWAYS, 0);
IS(EVL_NOTIFY_ONCHANGE, 1);
SIZE(struct evl_notice, 16);
AT(struct evl_notice, tag, 0);
AT(struct evl_notice, event, 8);
SIZE(struct evl_notification, 40);
AT(struct evl_notification, tag, 0);
AT(struct evl_notification, serial, 4);
AT(struct evl_notification, issuer, 8);
AT(struct evl_notification, event, 16);
AT(struct evl_notification, date, 24);
SIZE(struct evl_subscription, 8);
AT(struct evl_subscription, backlog, 0);
AT(struct evl_subscription, flags, 4);
IS(EVL_OBSIOC_SUBSCRIBE, 0x40086f00);
IS(EVL_OBSIOC_UNSUBSCRIBE, 0x6f01);

/* Proxies, cross buffers, trace. */
SIZE(struct evl_proxy_attrs, 12);
AT(struct evl_proxy_attrs, fd, 0);
AT(struct evl_proxy_attrs, bufsz, 4);
AT(struct evl_proxy_attrs, granularity, 8);
SIZE(struct evl_xbuf_attrs, 8);
AT(struct evl_xbuf_attrs, i_bufsz, 0);
AT(struct evl_xbuf_attrs, o_bufsz, 4);
IS(EVL_TRCIOC_SNAPSHOT, 0x4f00);

/* Sockets. */
SIZE(struct evl_socket_msghdr, 80);
SIZE(struct evl_net_devfd, 16);
AT(struct evl_net_devfd, name_ptr, 0);
AT(struct evl_net_devfd, fd, 8);
IS(EVL_NET_GETDEVFD, 0xc010ef00);
IS(EVL_NDEVIOC_SETRXEBPF, 0x4004ef00);
IS(EVL_SOCKIOC_DEACTIVATE, 0xee03);
IS(EVL_SOCKIOC_SENDMSG, 0x4050ee04);
IS(EVL_SOCKIOC_RECVMSG, 0xc050ee05);

/* latmus. */
IS(EVL_LAT_IRQ, 0);
IS(EVL_LAT_KERN, 1);
IS(EVL_LAT_USER, 2);
IS(EVL_LAT_SIRQ, 3);
SIZE(struct latmus_setup, 32);
AT(struct latmus_setup, type, 0);
AT(struct latmus_setup, period, 8);
AT(struct latmus_setup, priority, 16);
AT(struct latmus_setup, cpu, 20);
AT(struct latmus_setup, u.verbosity, 24);
AT(struct latmus_setup, u.measure.xfd, 24);
AT(struct latmus_setup, u.measure.hcells, 28);
SIZE(struct latmus_measurement, 24);
AT(struct latmus_measurement, sum, 0);
AT(struct latmus_measurement, min, 8);
AT(struct latmus_measurement, max, 12);
AT(struct latmus_measurement, overruns, 16);
AT(struct latmus_measurement, samples, 20);
SIZE(struct latmus_measurement_result, 24);
AT(struct latmus_measurement_result, histogram_ptr, 8);
AT(struct latmus_measurement_result, len, 16);
SIZE(struct latmus_result, 16);
AT(struct latmus_result, len, 8);
IS(EVL_LATIOC_TUNE, 0xc0204c00);
IS(EVL_LATIOC_MEASURE, 0xc0204c01);
IS(EVL_LATIOC_RUN, 0x80104c02);
IS(EVL_LATIOC_PULSE, 0x40084c03);
IS(EVL_LATIOC_RESET, 0x4c04);

/* hectic. */
IS(EVL_HECTIC_OOB_WAIT, 0x10000);
SIZE(struct hectic_task_index, 8);
AT(struct hectic_task_index, flags, 4);
SIZE(struct hectic_switch_req, 8);
AT(struct hectic_switch_req, to, 4);
SIZE(struct hectic_error, 12);
AT(struct hectic_error, fp_val, 8);
IS(EVL_HECIOC_SET_TASKS_COUNT, 0x40044800);
IS(EVL_HECIOC_SET_CPU, 0x40044801);
IS(EVL_HECIOC_REGISTER_UTASK, 0x40084802);
IS(EVL_HECIOC_CREATE_KTASK, 0xc0084803);
IS(EVL_HECIOC_PEND, 0x80084804);
IS(EVL_HECIOC_SWITCH_TO, 0x80084805);
IS(EVL_HECIOC_GET_SWITCHES_COUNT, 0x80044806);
IS(EVL_HECIOC_GET_LAST_ERROR, 0x800c4807);
IS(EVL_HECIOC_SET_PAUSE, 0x40044808);
IS(EVL_HECIOC_LOCK_STAX, 0x4809);
IS(EVL_HECIOC_UNLOCK_STAX, 0x480a);

/* Bit-fields. */
void check_bits(void);
void check_bits(void)
{
	BITS(struct evl_monitor_attrs, type, 3, 4, 0x3);
	BITS(struct evl_monitor_attrs, protocol, 0xf, 4, 0x3c);
	BITS(struct evl_monitor_binding, type, 3, 0, 0x3);
	BITS(struct evl_monitor_binding, protocol, 0xf, 0, 0x3c);
	BITS(struct evl_gate_state, recursive, 1, 8, 0x1);
	BITS(struct evl_gate_state, nesting, 0x7fffffff, 8, 0xfffffffe);
}
