/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_TRACE_H
#define _UAPI_EVL_TRACE_H

/* /dev/evl/trace: latency marks in the kernel trace. */

#include "types.h"

#define EVL_TRACE_IOCBASE	'O'

#define EVL_TRCIOC_SNAPSHOT	_IO(EVL_TRACE_IOCBASE, 0)

#endif /* !_UAPI_EVL_TRACE_H */
