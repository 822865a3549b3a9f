/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_PROXY_H
#define _UAPI_EVL_PROXY_H

/* /dev/evl/proxy: out-of-band I/O relayed to ordinary files. */

#include "types.h"

/* Creation attributes (evl_clone_req.attrs_ptr). */
struct evl_proxy_attrs {
	__u32 fd;		/* target file */
	__u32 bufsz;		/* bytes; 0 for a proxy which is only mapped */
	__u32 granularity;	/* bytes a transfer; 0 for any number */
};

#endif /* !_UAPI_EVL_PROXY_H */
