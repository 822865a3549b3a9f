/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_FACTORY_H
#define _UAPI_EVL_FACTORY_H

/* /dev/evl/<class>/clone: creation of elements. */

#include "types.h"

#define EVL_CLOCK_DEV		"clock"
#define EVL_MONITOR_DEV		"monitor"
#define EVL_OBSERVABLE_DEV	"observable"
#define EVL_PROXY_DEV		"proxy"
#define EVL_THREAD_DEV		"thread"
#define EVL_XBUF_DEV		"xbuf"
#define EVL_POLL_DEV		"poll"
#define EVL_TRACE_DEV		"trace"

/* Attributes common to all classes; bits 0..15 belong to libraries. */
#define EVL_CLONE_PRIVATE	0
#define EVL_CLONE_PUBLIC	0x00010000	/* has a node in /dev/evl/<class> */
#define EVL_CLONE_OBSERVABLE	0x00020000	/* can be subscribed to */
#define EVL_CLONE_NONBLOCK	0x00040000	/* file is created O_NONBLOCK */
#define EVL_CLONE_UNICAST	0x00080000	/* each event to one subscriber */
#define EVL_CLONE_MASTER	EVL_CLONE_UNICAST
#define EVL_CLONE_INPUT		0x00100000	/* proxy: read side */
#define EVL_CLONE_OUTPUT	0x00200000	/* proxy: write side */
#define EVL_CLONE_COREDEV	0x80000000	/* made by the kernel, which alone may set it */
#define EVL_CLONE_MASK		0xffff0000

struct evl_element_ids {
	__u32 minor;		/* device minor in the class */
	fundle_t fundle;
	__u32 state_offset;	/* shared state, from the start of the shared heap */
};

/*
 * EVL_IOC_CLONE. A name is a NUL-terminated string, unique in the
 * class; a null name_ptr, for private elements only, asks the core
 * for one. attrs_ptr refers to the attributes of the class, if any.
 */
struct evl_clone_req {
	__u64 name_ptr;
	__u64 attrs_ptr;
	__u32 clone_flags;
	struct evl_element_ids eids;	/* out */
	__u32 efd;			/* out, private elements */
	__u32 __pad;
};

#define EVL_ELEMENT_IOCBASE	'f'

#define EVL_IOC_CLONE	_IOWR(EVL_ELEMENT_IOCBASE, 0, struct evl_clone_req)

#endif /* !_UAPI_EVL_FACTORY_H */
