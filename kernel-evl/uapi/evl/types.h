/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_TYPES_H
#define _UAPI_EVL_TYPES_H

/*
 * Types shared by all classes of the EVL user interface.
 *
 * The headers of this folder describe ABI 36, of which the core does
 * not serve all yet: a request it does not know fails with ENOTTY, and
 * a device it does not have is missing below /dev.
 *
 * Every header of this folder can be included from the kernel, from
 * C11 and from C++11, and is what the Rust bindings are generated
 * from. All structures have the same layout on x86_64 and arm64;
 * implicit padding is spelled out as __pad members, which callers
 * should clear and the core ignores.
 *
 * A *_ptr member is a user address in a 64-bit word, so that 32-bit
 * callers share the layout of 64-bit ones.
 */

#include <linux/ioctl.h>
#include <linux/time_types.h>
#include <linux/types.h>

/*
 * Handle of an element ("fast user-space handle"), unique in the
 * system while the element lives. Zero is never a valid handle. The
 * two topmost bits are not part of it: see the owner word of a gate,
 * in monitor.h.
 */
typedef __u32 fundle_t;

#define EVL_NO_HANDLE	0

/* Opaque value which travels along with an event. */
union evl_value {
	__s32 val;
	__s64 lval;
	void *ptr;
};

#endif /* !_UAPI_EVL_TYPES_H */
