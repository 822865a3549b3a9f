/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_CLOCK_H
#define _UAPI_EVL_CLOCK_H

/* /dev/evl/clock: clocks. */

#include "types.h"

/* Built-in clocks, usable where an fd of a clock is: -CLOCK_<name>. */
#define EVL_CLOCK_MONOTONIC	(-1)
#define EVL_CLOCK_REALTIME	0

/* Their names in /dev/evl/clock. */
#define EVL_CLOCK_MONOTONIC_DEV	"monotonic"
#define EVL_CLOCK_REALTIME_DEV	"realtime"

#define EVL_CLOCK_IOCBASE	'c'

/* W: absolute wake-up time. */
#define EVL_CLKIOC_SLEEP	_IOW(EVL_CLOCK_IOCBASE, 0, struct __kernel_timespec)
#define EVL_CLKIOC_GET_RES	_IOR(EVL_CLOCK_IOCBASE, 1, struct __kernel_timespec)
#define EVL_CLKIOC_GET_TIME	_IOR(EVL_CLOCK_IOCBASE, 2, struct __kernel_timespec)
#define EVL_CLKIOC_SET_TIME	_IOW(EVL_CLOCK_IOCBASE, 3, struct __kernel_timespec)
/* The argument points to an int which receives the fd of the timer. */
#define EVL_CLKIOC_NEW_TIMER	_IO(EVL_CLOCK_IOCBASE, 5)

#endif /* !_UAPI_EVL_CLOCK_H */
