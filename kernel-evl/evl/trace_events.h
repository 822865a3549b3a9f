/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events of the EVL core. All are raised with interrupts of the CPU off:
 * the ring buffer of a CPU takes events from out-of-band as it takes those of an
 * NMI, which nothing but a deeper NMI interrupts.
 *
 * Threads are told by the PID of their task, Linux by 0. Dates are those of the
 * clock meant, in ns.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#undef TRACE_SYSTEM
#undef TRACE_INCLUDE_FILE
#undef TRACE_INCLUDE_PATH
#define TRACE_SYSTEM evl
#define TRACE_INCLUDE_FILE trace_events
#define TRACE_INCLUDE_PATH ../../kernel/evl

#if !defined(_KERNEL_EVL_TRACE_EVENTS_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KERNEL_EVL_TRACE_EVENTS_H

#include <linux/tracepoint.h>

/* Why a thread was woken up. */
#define EVL_TRACE_WAKEUP	0
#define EVL_TRACE_BROADCAST	1
#define EVL_TRACE_SIGNAL	2
#define EVL_TRACE_TIMEOUT	3
#define EVL_TRACE_PERIOD	4
#define EVL_TRACE_BREAK		5
#define EVL_TRACE_REMOVE	6
#define EVL_TRACE_OOB		7
#define EVL_TRACE_RESUME	8

/* Whose timer it is. */
#define EVL_TRACE_OF_THREAD	0
#define EVL_TRACE_OF_FILE	1
#define EVL_TRACE_OF_RUN	2

#define show_evl_cause(cause)				\
	__print_symbolic(cause,				\
		{ 0, "wakeup" },			\
		{ 1, "broadcast" },			\
		{ 2, "signal" },			\
		{ 3, "timeout" },			\
		{ 4, "period" },			\
		{ 5, "break" },				\
		{ 6, "remove" },			\
		{ 7, "oob" },				\
		{ 8, "resume" })

/* EVL_HMDIAG_* */
#define show_evl_hmdiag(cause)				\
	__print_symbolic(cause,				\
		{ 0, "request" },			\
		{ 1, "signal" },			\
		{ 2, "syscall" },			\
		{ 3, "exception" },			\
		{ 4, "watchdog" },			\
		{ 5, "lock-dependency" },		\
		{ 6, "lock-imbalance" },		\
		{ 7, "sleep-with-lock" },		\
		{ 8, "stage-exclusion" },		\
		{ 9, "overrun" })

/* An element: its class, and its minor number there. */
#define show_evl_class(handle)				\
	__print_symbolic((handle) >> 24,		\
		{ 0, "none" },				\
		{ 1, "clock" },				\
		{ 2, "hectic" },			\
		{ 3, "latmus" },			\
		{ 4, "monitor" },			\
		{ 5, "observable" },			\
		{ 6, "poll" },				\
		{ 7, "proxy" },				\
		{ 8, "thread" },			\
		{ 9, "trace" },				\
		{ 10, "xbuf" },				\
		{ 11, "timer" })

DECLARE_EVENT_CLASS(evl_thread,
	TP_PROTO(u32 pid),
	TP_ARGS(pid),
	TP_STRUCT__entry(
		__field(u32, pid)
	),
	TP_fast_assign(
		__entry->pid = pid;
	),
	TP_printk("pid=%u", __entry->pid)
);

/* The CPU is about to pick what to run; it runs @pid. */
DEFINE_EVENT(evl_thread, evl_schedule,
	TP_PROTO(u32 pid),
	TP_ARGS(pid)
);

/* The CPU is done with a switch to @pid, and goes on with it. */
DEFINE_EVENT(evl_thread, evl_switch_tail,
	TP_PROTO(u32 pid),
	TP_ARGS(pid)
);

/* Linux handed @pid over: it is out-of-band. */
DEFINE_EVENT(evl_thread, evl_switch_oob,
	TP_PROTO(u32 pid),
	TP_ARGS(pid)
);

/* The CPU is to run @pid. */
TRACE_EVENT(evl_pick_next,
	TP_PROTO(u32 pid, s32 prio),
	TP_ARGS(pid, prio),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(s32, prio)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->prio = prio;
	),
	TP_printk("pid=%u prio=%d", __entry->pid, __entry->prio)
);

TRACE_EVENT(evl_switch_context,
	TP_PROTO(u32 prev, u32 prev_state, u32 next),
	TP_ARGS(prev, prev_state, next),
	TP_STRUCT__entry(
		__field(u32, prev)
		__field(u32, prev_state)
		__field(u32, next)
	),
	TP_fast_assign(
		__entry->prev = prev;
		__entry->prev_state = prev_state;
		__entry->next = next;
	),
	TP_printk("prev=%u prev_state=0x%x ==> next=%u",
		  __entry->prev, __entry->prev_state, __entry->next)
);

/* A reason of @pid not to run on @cpu has ended. */
TRACE_EVENT(evl_wakeup_thread,
	TP_PROTO(u32 pid, u32 cpu, u32 cause),
	TP_ARGS(pid, cpu, cause),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, cpu)
		__field(u32, cause)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->cpu = cpu;
		__entry->cause = cause;
	),
	TP_printk("pid=%u cpu=%u cause=%s", __entry->pid, __entry->cpu,
		  show_evl_cause(__entry->cause))
);

/* @pid goes in-band; @cause is EVL_HMDIAG_*, or 0 if that is what it wants. */
TRACE_EVENT(evl_switch_inband,
	TP_PROTO(u32 pid, u32 cause),
	TP_ARGS(pid, cause),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, cause)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->cause = cause;
	),
	TP_printk("pid=%u cause=%s", __entry->pid, show_evl_hmdiag(__entry->cause))
);

/* @pid is about to wait for an element, or just to sleep, until a @date or, if that is 0, for ever. */
TRACE_EVENT(evl_begin_wait,
	TP_PROTO(u32 pid, u32 channel, u64 date),
	TP_ARGS(pid, channel, date),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(u32, channel)
		__field(u64, date)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->channel = channel;
		__entry->date = date;
	),
	TP_printk("pid=%u for=%s:%u date=%llu", __entry->pid,
		  show_evl_class(__entry->channel), __entry->channel & 0xffffff,
		  __entry->date)
);

/* @pid has waited; @result is 0 or a negative error code. */
TRACE_EVENT(evl_finish_wait,
	TP_PROTO(u32 pid, s32 result),
	TP_ARGS(pid, result),
	TP_STRUCT__entry(
		__field(u32, pid)
		__field(s32, result)
	),
	TP_fast_assign(
		__entry->pid = pid;
		__entry->result = result;
	),
	TP_printk("pid=%u result=%d", __entry->pid, __entry->result)
);

/* All who wait for an element are woken up. */
TRACE_EVENT(evl_flush_wait,
	TP_PROTO(u32 channel),
	TP_ARGS(channel),
	TP_STRUCT__entry(
		__field(u32, channel)
	),
	TP_fast_assign(
		__entry->channel = channel;
	),
	TP_printk("of=%s:%u", show_evl_class(__entry->channel),
		  __entry->channel & 0xffffff)
);

/* The timer of a thread (@number is its PID), of a file or of a run of latmus (its minor number) expired. */
TRACE_EVENT(evl_timer_expire,
	TP_PROTO(u32 owner, u32 number, u64 date, u64 overruns),
	TP_ARGS(owner, number, date, overruns),
	TP_STRUCT__entry(
		__field(u32, owner)
		__field(u32, number)
		__field(u64, date)
		__field(u64, overruns)
	),
	TP_fast_assign(
		__entry->owner = owner;
		__entry->number = number;
		__entry->date = date;
		__entry->overruns = overruns;
	),
	TP_printk("%s=%u date=%llu overruns=%llu",
		  __print_symbolic(__entry->owner,
			{ 0, "pid" }, { 1, "timer" }, { 2, "latmus" }),
		  __entry->number, __entry->date, __entry->overruns)
);

/* The timer of the CPU was programmed to a @date of CLOCK_MONOTONIC, which is @delta ns ahead. */
TRACE_EVENT(evl_timer_shot,
	TP_PROTO(u64 date, u64 delta),
	TP_ARGS(date, delta),
	TP_STRUCT__entry(
		__field(u64, date)
		__field(u64, delta)
	),
	TP_fast_assign(
		__entry->date = date;
		__entry->delta = delta;
	),
	TP_printk("date=%llu delta=%llu", __entry->date, __entry->delta)
);

/* A system call of the core begins. */
TRACE_EVENT(evl_oob_sysentry,
	TP_PROTO(u32 nr, u32 fd, u64 arg),
	TP_ARGS(nr, fd, arg),
	TP_STRUCT__entry(
		__field(u32, nr)
		__field(u32, fd)
		__field(u64, arg)
	),
	TP_fast_assign(
		__entry->nr = nr;
		__entry->fd = fd;
		__entry->arg = arg;
	),
	TP_printk("%s fd=%u arg=0x%llx",
		  __print_symbolic(__entry->nr,
			{ 0, "read" }, { 1, "write" }, { 2, "ioctl" }),
		  __entry->fd, __entry->arg)
);

/* It was served. The thread may have to go in-band yet. */
TRACE_EVENT(evl_oob_sysexit,
	TP_PROTO(s64 result),
	TP_ARGS(result),
	TP_STRUCT__entry(
		__field(s64, result)
	),
	TP_fast_assign(
		__entry->result = result;
	),
	TP_printk("result=%lld", __entry->result)
);

/* latmus measured the longest response of a run so far, in ns. */
TRACE_EVENT(evl_latspot,
	TP_PROTO(s64 latency),
	TP_ARGS(latency),
	TP_STRUCT__entry(
		__field(s64, latency)
	),
	TP_fast_assign(
		__entry->latency = latency;
	),
	TP_printk("latency=%lld", __entry->latency)
);

/* The longest text of a mark, without the NUL. */
#define EVL_TRACE_MARK_SIZE	63

/* An application wrote to /dev/evl/trace. @text ends in NUL. */
TRACE_EVENT(evl_trigger,
	TP_PROTO(const char *text),
	TP_ARGS(text),
	TP_STRUCT__entry(
		__array(char, text, EVL_TRACE_MARK_SIZE + 1)
	),
	TP_fast_assign(
		strscpy(__entry->text, text, sizeof(__entry->text));
	),
	TP_printk("%s", __entry->text)
);

#endif /* _KERNEL_EVL_TRACE_EVENTS_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
