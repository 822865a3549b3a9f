/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_TIMER_H
#define _UAPI_EVL_TIMER_H

/*
 * Timers: files made by EVL_CLKIOC_NEW_TIMER. Reading one returns the
 * number of periods elapsed, a __u64.
 */

#include "types.h"

/*
 * EVL_TFDIOC_SET: both refer to a __kernel_itimerspec. The first shot
 * is absolute; an interval of zero means one shot, a value of zero
 * stops the timer. ovalue_ptr may be null.
 */
struct evl_timer_setreq {
	__u64 value_ptr;
	__u64 ovalue_ptr;	/* receives the previous setting */
};

#define EVL_TIMERFD_IOCBASE	't'

#define EVL_TFDIOC_SET	_IOWR(EVL_TIMERFD_IOCBASE, 0, struct evl_timer_setreq)
#define EVL_TFDIOC_GET	_IOR(EVL_TIMERFD_IOCBASE, 1, struct __kernel_itimerspec)

#endif /* !_UAPI_EVL_TIMER_H */
