/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_MONITOR_H
#define _UAPI_EVL_MONITOR_H

/*
 * /dev/evl/monitor: gates (mutexes) and events (condition variables,
 * semaphores, groups of flags).
 */

#include "factory.h"
#include "types.h"

/* Types. */
#define EVL_MONITOR_EVENT	0
#define EVL_MONITOR_GATE	1

/* Protocols of a gate. */
#define EVL_GATE_PI		0	/* priority inheritance */
#define EVL_GATE_PP		1	/* priority protection: initval is the ceiling */

/* Protocols of an event. */
#define EVL_EVENT_GATED		0	/* condition variable */
#define EVL_EVENT_COUNT		1	/* semaphore */
#define EVL_EVENT_MASK		2	/* group of flags */

/* Creation attributes (evl_clone_req.attrs_ptr). */
struct evl_monitor_attrs {
	__u32 clockfd;		/* fd, or EVL_CLOCK_* */
	__u32 type : 2;
	__u32 protocol : 4;
	__u32 initval;
};

/* evl_monitor_state.flags */
#define EVL_MONITOR_SIGNALED	0x1	/* gate, or gated event: act at exit */
#define EVL_MONITOR_BROADCAST	0x2	/* gated event: wake up all waiters */
#define EVL_MONITOR_TARGETED	0x4	/* gated event: a waiter was designated */

/*
 * Owner word of a gate: 0 if free, else the handle of the owner with
 * these bits. Free-to-owner and back are user-space compare-and-swap
 * operations as long as neither bit is set.
 */
#define EVL_GATE_CLAIMED	0x80000000	/* has waiters */
#define EVL_GATE_CEILING	0x40000000	/* ceiling is committed */
#define EVL_GATE_OWNER_MASK	0x3fffffff

/* evl_monitor_state.u.event.gate_offset of an event bound to no gate. */
#define EVL_MONITOR_NOGATE	0xffffffff

struct evl_gate_state {
	fundle_t owner;
	__u32 ceiling;		/* 1..99 */
	__u32 recursive : 1;
	__u32 nesting : 31;
};

struct evl_event_state {
	__s32 value;		/* count: -(waiters) if negative */
	__u32 pollrefs;		/* count: users of poll */
	__u32 gate_offset;	/* gated: state of the gate */
};

union evl_monitor_substate {
	struct evl_gate_state gate;
	struct evl_event_state event;
};

/*
 * Shared state of a monitor, at evl_element_ids.state_offset. flags,
 * owner and value change concurrently: access them atomically.
 */
struct evl_monitor_state {
	__u32 flags;
	union evl_monitor_substate u;
};

/* EVL_MONIOC_WAIT, EVL_MONIOC_WAIT_EXACT */
struct evl_monitor_waitreq {
	__u64 timeout_ptr;	/* absolute __kernel_timespec; 0/0 never expires */
	__s32 gatefd;		/* gated events: the gate to drop, else -1 */
	__s32 status;		/* out: error of the wait, 0 or -errno */
	__s32 value;		/* mask: bits wanted in, bits received out */
	__u32 __pad;
};

/* EVL_MONIOC_BIND */
struct evl_monitor_binding {
	__u32 type : 2;
	__u32 protocol : 4;
	struct evl_element_ids eids;
};

#define EVL_MONITOR_IOCBASE	'm'

/* Gates. W: absolute time limit; 0/0 never expires. */
#define EVL_MONIOC_ENTER	_IOW(EVL_MONITOR_IOCBASE, 0, struct __kernel_timespec)
#define EVL_MONIOC_TRYENTER	_IO(EVL_MONITOR_IOCBASE, 1)
#define EVL_MONIOC_EXIT		_IO(EVL_MONITOR_IOCBASE, 2)

/* Events. */
#define EVL_MONIOC_WAIT		_IOWR(EVL_MONITOR_IOCBASE, 3, struct evl_monitor_waitreq)
/* In: fd of the gate to take again after an interrupted wait. */
#define EVL_MONIOC_UNWAIT	_IOWR(EVL_MONITOR_IOCBASE, 4, __s32)
#define EVL_MONIOC_BIND		_IOR(EVL_MONITOR_IOCBASE, 5, struct evl_monitor_binding)
#define EVL_MONIOC_SIGNAL	_IOW(EVL_MONITOR_IOCBASE, 6, __s32)
#define EVL_MONIOC_BROADCAST	_IOW(EVL_MONITOR_IOCBASE, 7, __s32)
#define EVL_MONIOC_WAIT_EXACT	_IOWR(EVL_MONITOR_IOCBASE, 8, struct evl_monitor_waitreq)
#define EVL_MONIOC_TRYWAIT	_IOWR(EVL_MONITOR_IOCBASE, 9, __s32)
#define EVL_MONIOC_TRYWAIT_EXACT	_IOWR(EVL_MONITOR_IOCBASE, 10, __s32)

#endif /* !_UAPI_EVL_MONITOR_H */
