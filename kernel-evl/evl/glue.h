/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C and the Rust half of the core call in each other. bindgen reads
 * this file, so both halves are checked against it.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#ifndef _KERNEL_EVL_GLUE_H
#define _KERNEL_EVL_GLUE_H

#include <linux/types.h>

struct cpumask;

/* The device classes of the core. EVL_CLASS_CORE holds the control device. */
enum evl_class_id {
	EVL_CLASS_CORE,
	EVL_CLASS_CLOCK,
	EVL_CLASS_MONITOR,
	EVL_CLASS_OBSERVABLE,
	EVL_CLASS_POLL,
	EVL_CLASS_PROXY,
	EVL_CLASS_THREAD,
	EVL_CLASS_TRACE,
	EVL_CLASS_XBUF,
	EVL_NR_CLASSES,
};

/*
 * Serves an ioctl() on the device with the given minor number, for a file that
 * was opened in the given mode. In-band, may sleep.
 */
typedef long (*evl_ioctl_fn)(unsigned int minor, fmode_t mode,
			     unsigned int cmd, unsigned long arg);

/* device.c */
int evl_register_class(enum evl_class_id id, unsigned int nr_minors,
		       evl_ioctl_fn ioctl);
void evl_unregister_class(enum evl_class_id id);
int evl_add_device(enum evl_class_id id, unsigned int minor, const char *name);

/* param.c */
extern struct cpumask evl_oob_cpus;
const char *evl_boot_state(void);
int evl_query_cpu(u32 cpu);

/* state.rs, which checks itself against the types */
typedef const char *(*evl_state_name_fn)(void);
typedef int (*evl_command_fn)(void);

const char *evl_state_name(void);
int evl_start(void);
int evl_stop(void);

#endif /* _KERNEL_EVL_GLUE_H */
