/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_OBSERVABLE_H
#define _UAPI_EVL_OBSERVABLE_H

/*
 * /dev/evl/observable: notices are written by anybody, and read as
 * notifications by subscribers.
 */

#include "types.h"

/* Lower tags are reserved to the core: see EVL_HMDIAG_* in signal.h. */
#define EVL_NOTICE_USER	64

struct evl_notice {
	__u32 tag;
	__u32 __pad;
	union evl_value event;
};

struct evl_notification {
	__u32 tag;
	__u32 serial;		/* one more than that of the previous one */
	__s32 issuer;		/* pid, 0 for the core */
	__u32 __pad;
	union evl_value event;
	struct __kernel_timespec date;
};

/* evl_subscription.flags */
#define EVL_NOTIFY_ALWAYS	0
#define EVL_NOTIFY_ONCHANGE	0x1	/* merge notices of same tag and value */

/* EVL_OBSIOC_SUBSCRIBE */
struct evl_subscription {
	__u32 backlog;	/* notifications kept for the subscriber */
	__u32 flags;
};

#define EVL_OBSERVABLE_IOCBASE	'o'

#define EVL_OBSIOC_SUBSCRIBE	_IOW(EVL_OBSERVABLE_IOCBASE, 0, struct evl_subscription)
#define EVL_OBSIOC_UNSUBSCRIBE	_IO(EVL_OBSERVABLE_IOCBASE, 1)

#endif /* !_UAPI_EVL_OBSERVABLE_H */
