/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_CONTROL_H
#define _UAPI_EVL_CONTROL_H

/* /dev/evl/control: what the core is, and core-wide requests. */

#include "types.h"

/*
 * Range of interface revisions this kernel serves. A program needs
 * one revision; it must lie in [EVL_ABI_BASE, EVL_ABI_LEVEL].
 */
#define EVL_ABI_BASE	36
#define EVL_ABI_LEVEL	36

#define EVL_CONTROL_DEV	"/dev/evl/control"

/* EVL_CTLIOC_GET_COREINFO */
struct evl_core_info {
	__u32 abi_base;		/* oldest revision served */
	__u32 abi_current;	/* newest revision served */
	__u32 fpu_features;	/* arch-specific FPU feature word */
	__u32 __pad;
	__u64 shm_size;		/* length of the shared heap, bytes */
};

/*
 * EVL_CTLIOC_SCHEDCTL: control a scheduling policy on a CPU. param
 * and info are union evl_sched_ctlparam and union evl_sched_ctlinfo,
 * in sched.h.
 */
struct evl_sched_ctlreq {
	__s32 policy;
	__s32 cpu;
	__u64 param_ptr;
	__u64 info_ptr;
};

/* EVL_CTLIOC_GET_CPUSTATE: state_ptr refers to a __u32, EVL_CPU_*. */
struct evl_cpu_state {
	__u32 cpu;
	__u32 __pad;
	__u64 state_ptr;
};

#define EVL_CPU_OOB	0x1	/* may run out-of-band threads */
#define EVL_CPU_ISOL	0x2	/* isolated from the Linux scheduler */
#define EVL_CPU_OFFLINE	0x4

#define EVL_CONTROL_IOCBASE	'C'

#define EVL_CTLIOC_GET_COREINFO	_IOR(EVL_CONTROL_IOCBASE, 0, struct evl_core_info)
#define EVL_CTLIOC_SCHEDCTL	_IOWR(EVL_CONTROL_IOCBASE, 1, struct evl_sched_ctlreq)
#define EVL_CTLIOC_GET_CPUSTATE	_IOR(EVL_CONTROL_IOCBASE, 2, struct evl_cpu_state)

#endif /* !_UAPI_EVL_CONTROL_H */
