/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_SYSCALL_H
#define _UAPI_EVL_SYSCALL_H

/*
 * Out-of-band system calls. They share the number of prctl(2):
 *
 *	prctl(PR_OOB_SYSCALL, nr, arg0, arg1, arg2)
 *
 * The caller must be a thread attached to the core, otherwise the
 * call fails with EPERM. A caller running in-band is switched to the
 * out-of-band stage first.
 */

#ifndef PR_OOB_SYSCALL
#define PR_OOB_SYSCALL		0x4f4f4243
#endif

#define EVL_SYSCALL_OOB_READ	0	/* fd, buf, count */
#define EVL_SYSCALL_OOB_WRITE	1	/* fd, buf, count */
#define EVL_SYSCALL_OOB_IOCTL	2	/* fd, request, arg */

#define EVL_NR_SYSCALLS		3

#endif /* !_UAPI_EVL_SYSCALL_H */
