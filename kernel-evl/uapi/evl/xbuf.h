/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_XBUF_H
#define _UAPI_EVL_XBUF_H

/*
 * /dev/evl/xbuf: byte streams between the stages. Sizes are in bytes,
 * up to 2^30; zero disables that direction.
 */

#include "types.h"

/* Creation attributes (evl_clone_req.attrs_ptr). */
struct evl_xbuf_attrs {
	__u32 i_bufsz;		/* in-band writes, oob reads */
	__u32 o_bufsz;		/* oob writes, in-band reads */
};

#endif /* !_UAPI_EVL_XBUF_H */
