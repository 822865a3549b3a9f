/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_THREAD_H
#define _UAPI_EVL_THREAD_H

/* /dev/evl/thread: threads attached to the core. */

#include "sched.h"
#include "types.h"

/* State of a thread; read-only from user space. */
#define EVL_T_SUSP	0x00000001	/* suspended */
#define EVL_T_PEND	0x00000002	/* waits on a resource */
#define EVL_T_DELAY	0x00000004	/* waits with a time limit, or sleeps */
#define EVL_T_WAIT	0x00000008	/* waits for its next period */
#define EVL_T_READY	0x00000010	/* in a run queue */
#define EVL_T_DORMANT	0x00000020	/* not started yet */
#define EVL_T_ZOMBIE	0x00000040	/* exiting */
#define EVL_T_INBAND	0x00000080	/* runs in-band */
#define EVL_T_HALT	0x00000100	/* halted */
#define EVL_T_BOOST	0x00000200	/* priority is boosted */
#define EVL_T_PTSYNC	0x00000400	/* stopped along with its process by ptrace */
#define EVL_T_RRB	0x00000800	/* has a round-robin quantum */
#define EVL_T_ROOT	0x00001000	/* stands for Linux on its CPU */
#define EVL_T_WEAK	0x00002000	/* SCHED_WEAK */
#define EVL_T_USER	0x00004000	/* user-space thread */
#define EVL_T_WOSS	0x00008000	/* mode: notify of involuntary switches in-band */
#define EVL_T_WOLI	0x00010000	/* mode: notify of locking inconsistencies */
#define EVL_T_WOSX	0x00020000	/* mode: notify of waits for a stage exclusion lock */
#define EVL_T_PTRACE	0x00040000	/* is traced */
#define EVL_T_OBSERV	0x00080000	/* can be observed */
#define EVL_T_HMSIG	0x00100000	/* mode: notify by SIGDEBUG */
#define EVL_T_HMOBS	0x00200000	/* mode: notify through its observable */
#define EVL_T_WOSO	0x00400000	/* mode: notify of SCHED_TP overruns */

/* Why a wait ended, and events pending on a thread. */
#define EVL_T_TIMEO	0x00000001	/* time limit reached */
#define EVL_T_RMID	0x00000002	/* resource was deleted */
#define EVL_T_BREAK	0x00000004	/* unblocked by request */
#define EVL_T_KICKED	0x00000008	/* forced out of the oob stage */
#define EVL_T_WCHAN	0x00000010	/* about to wait on a channel */
#define EVL_T_CANCELD	0x00000040	/* cancellation is pending */
#define EVL_T_PIALERT	0x00000080	/* lock dependency (LKDEPEND) to report */
#define EVL_T_SCHEDP	0x00000100	/* scheduling parameters to propagate in-band */
#define EVL_T_BCAST	0x00000200	/* woken by a broadcast */
#define EVL_T_SIGNAL	0x00000400	/* woken by a targeted signal */
#define EVL_T_SXALERT	0x00000800	/* stage exclusion wait (STAGEX) to report */
#define EVL_T_PTSIG	0x00001000	/* ptrace signal is pending */
#define EVL_T_PTSTOP	0x00002000	/* stopped by ptrace */
#define EVL_T_PTJOIN	0x00004000	/* must join a ptrace stop */
#define EVL_T_NOMEM	0x00008000	/* ran out of core memory */

/* Modes which EVL_THRIOC_SET_MODE and CLEAR_MODE accept. */
#define EVL_T_MODE_MASK	\
	(EVL_T_WOSS | EVL_T_WOLI | EVL_T_WOSX | EVL_T_WOSO | \
	 EVL_T_HMSIG | EVL_T_HMOBS)

/*
 * Shared state of a thread, at evl_element_ids.state_offset. The
 * owner of a gate whose ceiling is not committed yet writes the
 * handle of that gate to pp_pending; the rest is read-only.
 */
struct evl_user_window {
	__u32 state;
	__u32 info;
	fundle_t pp_pending;
};

/* EVL_THRIOC_GET_STATE */
struct evl_thread_state {
	struct evl_sched_attrs eattrs;	/* base policy and priority */
	__u32 cpu;
	__u32 state;			/* EVL_T_SUSP... */
	__u32 isw;			/* in-band switches */
	__u32 csw;			/* context switches */
	__u32 sc;			/* oob system calls */
	__u32 rwa;			/* remote wake-ups */
	__u64 xtime;			/* execution time, ns */
};

#define EVL_THREAD_IOCBASE	'T'

/* W: fd of a gated event which wakes up the thread. */
#define EVL_THRIOC_SIGNAL		_IOW(EVL_THREAD_IOCBASE, 0, __u32)
#define EVL_THRIOC_SET_SCHEDPARAM	_IOW(EVL_THREAD_IOCBASE, 1, struct evl_sched_attrs)
#define EVL_THRIOC_GET_SCHEDPARAM	_IOR(EVL_THREAD_IOCBASE, 2, struct evl_sched_attrs)
#define EVL_THRIOC_JOIN			_IO(EVL_THREAD_IOCBASE, 3)
#define EVL_THRIOC_GET_STATE		_IOR(EVL_THREAD_IOCBASE, 4, struct evl_thread_state)
#define EVL_THRIOC_SWITCH_OOB		_IO(EVL_THREAD_IOCBASE, 5)
#define EVL_THRIOC_SWITCH_INBAND	_IO(EVL_THREAD_IOCBASE, 6)
#define EVL_THRIOC_DETACH_SELF		_IO(EVL_THREAD_IOCBASE, 7)
/* WR: mode bits in, previous mode out. */
#define EVL_THRIOC_SET_MODE		_IOWR(EVL_THREAD_IOCBASE, 8, __u32)
#define EVL_THRIOC_CLEAR_MODE		_IOWR(EVL_THREAD_IOCBASE, 9, __u32)
#define EVL_THRIOC_UNBLOCK		_IO(EVL_THREAD_IOCBASE, 10)
#define EVL_THRIOC_DEMOTE		_IO(EVL_THREAD_IOCBASE, 11)
#define EVL_THRIOC_YIELD		_IO(EVL_THREAD_IOCBASE, 12)

#endif /* !_UAPI_EVL_THREAD_H */
