/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_POLL_H
#define _UAPI_EVL_POLL_H

/* /dev/evl/poll: waiting for events on sets of files. */

#include "types.h"

/* evl_poll_ctlreq.action */
#define EVL_POLL_CTL_ADD	0
#define EVL_POLL_CTL_DEL	1
#define EVL_POLL_CTL_MOD	2

/* EVL_POLIOC_CTL */
struct evl_poll_ctlreq {
	__u32 action;
	__u32 fd;
	__u32 events;			/* bits of poll(2) */
	__u32 __pad;
	union evl_value pollval;	/* returned along with each event */
};

struct evl_poll_event {
	__u32 fd;
	__u32 events;
	union evl_value pollval;
};

/* EVL_POLIOC_WAIT */
struct evl_poll_waitreq {
	__u64 timeout_ptr;	/* absolute, monotonic __kernel_timespec; 0/0 never expires */
	__u64 pollset_ptr;	/* array of nrset struct evl_poll_event */
	__s32 nrset;		/* size in, events received out */
	__u32 __pad;
};

#define EVL_POLL_IOCBASE	'p'

#define EVL_POLIOC_CTL	_IOW(EVL_POLL_IOCBASE, 0, struct evl_poll_ctlreq)
#define EVL_POLIOC_WAIT	_IOWR(EVL_POLL_IOCBASE, 1, struct evl_poll_waitreq)

#endif /* !_UAPI_EVL_POLL_H */
