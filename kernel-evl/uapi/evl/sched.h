/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_SCHED_H
#define _UAPI_EVL_SCHED_H

/* Scheduling policies, their attributes and controls. */

#include "types.h"

/*
 * Policies the core adds to SCHED_FIFO (1) and SCHED_RR (2).
 * Priorities: 1..99, SCHED_WEAK 0..99.
 */
#define SCHED_WEAK	43
#define SCHED_QUOTA	44
#define SCHED_TP	45

struct evl_sched_attrs {
	__s32 sched_policy;
	__s32 sched_priority;
	union {
		struct __kernel_timespec sched_rr_quantum;	/* SCHED_RR */
		__s32 sched_quota_group;			/* SCHED_QUOTA */
		__s32 sched_tp_partition;			/* SCHED_TP */
	};
};

/* SCHED_QUOTA: groups of threads sharing a budget on a CPU. */

enum evl_quota_ctlop {
	evl_quota_add = 0,
	evl_quota_remove = 1,
	evl_quota_force_remove = 2,
	evl_quota_set = 3,
	evl_quota_get = 4,
};

struct evl_quota_group {
	__s32 tgid;
};

struct evl_quota_setting {
	__s32 tgid;
	__s32 quota;		/* percent of the period */
	__s32 quota_peak;	/* percent of the period */
};

union evl_quota_ctlargs {
	struct evl_quota_group remove;	/* and force_remove */
	struct evl_quota_setting set;
	struct evl_quota_group get;
};

struct evl_quota_ctlparam {
	enum evl_quota_ctlop op;
	union evl_quota_ctlargs u;
};

struct evl_quota_ctlinfo {
	__s32 tgid;
	__s32 quota;
	__s32 quota_peak;
	__s32 quota_sum;	/* over all groups of the CPU */
};

/* SCHED_TP: a cyclic plan of time windows on a CPU. */

#define EVL_TP_IDLE	(-1)	/* partition of a hole in the plan */

enum evl_tp_ctlop {
	evl_tp_install = 0,
	evl_tp_uninstall = 1,
	evl_tp_start = 2,
	evl_tp_stop = 3,
	evl_tp_get = 4,
};

struct evl_tp_window {
	struct __kernel_timespec offset;	/* from the start of the frame */
	struct __kernel_timespec duration;
	__s32 ptid;				/* partition, or EVL_TP_IDLE */
	__u32 __pad;
};

struct evl_tp_ctlparam {
	enum evl_tp_ctlop op;
	__s32 nr_windows;
	struct evl_tp_window windows[];
};

struct evl_tp_ctlinfo {
	__s32 nr_windows;
	__u32 __pad;
	struct evl_tp_window windows[];
};

union evl_sched_ctlparam {
	struct evl_quota_ctlparam quota;
	struct evl_tp_ctlparam tp;
};

union evl_sched_ctlinfo {
	struct evl_quota_ctlinfo quota;
	struct evl_tp_ctlinfo tp;
};

#endif /* !_UAPI_EVL_SCHED_H */
