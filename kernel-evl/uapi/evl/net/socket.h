/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_NET_SOCKET_H
#define _UAPI_EVL_NET_SOCKET_H

/*
 * Out-of-band sockets, at ABI 36 and 37.
 *
 * ACTIVATE (number 2), SETRECVSZ (6) and SETSENDSZ (7) are missing: a
 * request encodes the direction and the size of its argument, and the
 * documentation of the interface does not give those of these three.
 */

#include "../types.h"

#define MSG_TIMESTAMP	MSG_ERRQUEUE

/*
 * EVL_SOCKIOC_SENDMSG, EVL_SOCKIOC_RECVMSG. Size and content follow the
 * documentation of the interface, which is silent on the order of the
 * members.
 */
struct evl_socket_msghdr {
	__u64 name_ptr;
	__u64 iov_ptr;
	__u64 ctl_ptr;
	__u32 namelen;
	__u32 iovlen;
	__u32 ctllen;
	__s32 count;				/* out: bytes transferred */
	__u32 flags;
	__u32 __pad;
	struct __kernel_timespec timeout;
	struct __kernel_timespec timestamp;	/* out */
};

#define EVL_SOCKET_IOCBASE	0xee

#define EVL_SOCKIOC_DEACTIVATE	_IO(EVL_SOCKET_IOCBASE, 3)
#define EVL_SOCKIOC_SENDMSG	_IOW(EVL_SOCKET_IOCBASE, 4, struct evl_socket_msghdr)
#define EVL_SOCKIOC_RECVMSG	_IOWR(EVL_SOCKET_IOCBASE, 5, struct evl_socket_msghdr)

#endif /* !_UAPI_EVL_NET_SOCKET_H */
