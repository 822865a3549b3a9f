/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_NET_DEVICE_H
#define _UAPI_EVL_NET_DEVICE_H

/*
 * Network devices with an out-of-band port, at ABI 36 and 37.
 *
 * The documentation of the interface gives numbers and arguments of
 * the requests below; the tag of the structure and the names of its
 * members are ours.
 */

#include "../types.h"

/* EVL_NET_GETDEVFD */
struct evl_net_devfd {
	__u64 name_ptr;		/* name of the interface, NUL-terminated */
	__u32 fd;		/* out: the device */
	__u32 __pad;
};

#define EVL_NETDEV_IOCBASE	0xef

/* Same number, other direction and size: these are two requests. */
#define EVL_NET_GETDEVFD	_IOWR(EVL_NETDEV_IOCBASE, 0, struct evl_net_devfd)
/* In: fd of the eBPF program which filters incoming packets. */
#define EVL_NDEVIOC_SETRXEBPF	_IOW(EVL_NETDEV_IOCBASE, 0, __s32)

#endif /* !_UAPI_EVL_NET_DEVICE_H */
