/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the C and the Rust half of the core call in each other. bindgen reads
 * this file, so both halves are checked against it.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#ifndef _KERNEL_EVL_GLUE_H
#define _KERNEL_EVL_GLUE_H

#include <linux/dovetail.h>
#include <linux/hard_spinlock.h>
#include <linux/irq_work.h>
#include <linux/types.h>

struct cpumask;
struct file;
struct vm_area_struct;
struct wait_queue_head;

/*
 * The device classes of the core. EVL_CLASS_CORE holds the control device.
 * Timers are files without devices.
 */
enum evl_class_id {
	EVL_CLASS_CORE,
	EVL_CLASS_CLOCK,
	EVL_CLASS_HECTIC,
	EVL_CLASS_LATMUS,
	EVL_CLASS_MONITOR,
	EVL_CLASS_OBSERVABLE,
	EVL_CLASS_POLL,
	EVL_CLASS_PROXY,
	EVL_CLASS_THREAD,
	EVL_CLASS_TRACE,
	EVL_CLASS_XBUF,
	EVL_NR_CLASSES,
	EVL_CLASS_TIMER = EVL_NR_CLASSES,
};

/*
 * A file of the core refers to an element by its handle: the class, and the
 * minor number in it. As a file's private data it is never zero.
 */
#define EVL_HANDLE_SHIFT	24
#define EVL_HANDLE_MINOR	((1U << EVL_HANDLE_SHIFT) - 1)

/* device.c. In-band, may sleep. */
int evl_register_class(enum evl_class_id id, unsigned int nr_minors);
void evl_unregister_class(enum evl_class_id id);
int evl_add_device(enum evl_class_id id, unsigned int minor, const char *name,
		   bool node);
void evl_remove_device(enum evl_class_id id, unsigned int minor);

/* file.c */
struct file *evl_new_file(const char *name, u32 handle, unsigned int flags);
extern const struct file_operations evl_fops;

struct evl_file_view {
	u32 handle;
	u32 mode;
	u32 flags;
};

bool evl_peek_fd(u32 fd, struct evl_file_view *view);

/* A process: its number, and when it began, since numbers are used again. */
struct evl_process {
	u32 number;
	u64 birth;
};

/* inband.c */
struct wait_queue_head *evl_inband_queue(u32 handle);
int evl_wait_inband(u32 handle, u32 events);
void evl_notify_inband(u32 handle);
struct evl_process evl_current_process(void);
bool evl_process_lives(u32 number, u64 birth);

/* heap.c */
int evl_init_heap(size_t size);
void *evl_heap(void);
size_t evl_heap_size(void);
int evl_map_heap(struct vm_area_struct *vma);

/* param.c */
extern struct cpumask evl_oob_cpus;
const char *evl_boot_state(void);
int evl_query_cpu(u32 cpu);
bool evl_is_oob_cpu(u32 cpu);
bool evl_is_online(u32 cpu);
u32 evl_first_oob_cpu(void);

/* The C part of a thread: what Dovetail switches to, and how it goes back. */
struct evl_task {
	struct dovetail_altsched_context ctx;
	struct irq_work wake;
};

/* dovetail.c: wrappers of what bindgen cannot see. Any stage unless said otherwise. */
bool evl_running_oob(void);
unsigned long evl_hard_irqs_save(void);
void evl_hard_irqs_restore(unsigned long flags);
void evl_hard_lock(hard_spinlock_t *lock);
void evl_hard_unlock(hard_spinlock_t *lock);
u32 evl_this_cpu(void);
void evl_send_resched(u32 cpu);
void evl_send_timer(u32 cpu);
u64 evl_read_clock(u32 clock);
void evl_program_tick(u64 date);
unsigned long evl_copy_from_user(void *to, const void __user *from, size_t size);
unsigned long evl_copy_to_user(void __user *to, const void *from, size_t size);
u32 evl_current_thread(void);
bool evl_signal_pending(void);
unsigned long evl_current_mm(void);

/* dovetail.c: in-band */
int evl_start_stage(void);
void evl_stop_stage(void);
int evl_pin_current(void);
pid_t evl_attach_task(struct evl_task *t, u32 thread);
void evl_detach_task(struct evl_task *t);
int evl_leave_inband(void);
void evl_notify_debug(u32 cause);
int evl_wait_exit(u32 thread);
void evl_signal_exit(void);

/* kthread.c: in-band, may sleep */
int evl_run_kthread(u32 thread, u32 cpu);
void evl_join_kthread(u32 thread);

/* How many measurements of latency there can be at a time. */
#define EVL_NR_RUNS	16

/* How many context switch tests there can be at a time, and the most tasks of one. */
#define EVL_NR_HECTICS		64
#define EVL_HECTIC_TASKS	32

/* hectic.c: in-band, may sleep */
int evl_hectic_run(u32 run, u32 task, u32 cpu);
void evl_hectic_stop(u32 run);
int evl_hectic_wait(u32 run, u32 task);

/* latmus.c */
void evl_latmus_raise(u32 run);
void evl_latmus_sync(u32 run);

/* dovetail.c: oob, hard interrupts off */
void evl_leave_oob(struct evl_task *t);
bool evl_switch_context(struct dovetail_altsched_context *out,
			struct dovetail_altsched_context *in, bool leave_inband);
void evl_defer_reap(void);

/* hooks.rs, which checks itself against the types */
typedef const char *(*evl_state_name_fn)(void);
typedef int (*evl_command_fn)(void);
typedef void (*evl_void_fn)(void);
typedef void (*evl_u32_fn)(u32 arg);
typedef bool (*evl_test_fn)(u32 arg);
typedef bool (*evl_none_test_fn)(void);
typedef long (*evl_ioctl_fn)(u32 handle, fmode_t mode, unsigned int cmd, unsigned long arg);
typedef ssize_t (*evl_transfer_fn)(u32 handle, u32 flags, unsigned long buf, size_t size);
typedef u32 (*evl_poll_fn)(u32 handle);
typedef int (*evl_open_fn)(u32 handle);
typedef void (*evl_date_fn)(u64 date);
typedef long (*evl_call_fn)(unsigned long nr, unsigned long a0, unsigned long a1,
			    unsigned long a2);

/* What /sys/devices/virtual/thread has of a thread. */
struct evl_thread_info {
	u32 pid;
	u32 cpu;
	s32 policy;
	s32 base;
	s32 priority;
	u32 state;
	u32 isw;
	u32 csw;
	u32 sc;
	u32 rwa;
	u64 xtime;
	u64 timeout;
	u32 percent;
	u32 wchan;	/* handle of what it waits for, zero if nothing with a name */
};

/* How much earlier than a date the timer is programmed, in ns, by target. */
struct evl_gravity {
	u32 irq;
	u32 kernel;
	u32 user;
};

typedef struct evl_thread_info (*evl_thread_info_fn)(u32 thread);
typedef struct evl_gravity (*evl_get_gravity_fn)(u32 clock);
typedef void (*evl_set_gravity_fn)(u32 clock, struct evl_gravity gravity);
typedef void (*evl_hectic_fn)(u32 run, u32 task);
typedef bool (*evl_hectic_test_fn)(u32 run, u32 task);
typedef void (*evl_hectic_error_fn)(u32 run, u32 task, u32 value);
typedef u32 (*evl_hectic_handle_fn)(u32 run);

const char *evl_state_name(void);
int evl_start(void);
int evl_stop(void);
void evl_boot(void);

long evl_ioctl(u32 handle, fmode_t mode, unsigned int cmd, unsigned long arg);
ssize_t evl_read(u32 handle, u32 flags, unsigned long buf, size_t size);
ssize_t evl_write(u32 handle, u32 flags, unsigned long buf, size_t size);
u32 evl_poll(u32 handle);
/* A device: the element that the file refers to, or a negative error code. */
int evl_open(u32 handle);
void evl_release(u32 handle);
void evl_reap(void);
struct evl_gravity evl_get_gravity(u32 clock);
void evl_set_gravity(u32 clock, struct evl_gravity gravity);
struct evl_thread_info evl_thread_query(u32 thread);

/* Causes of evl_go_inband() beyond EVL_HMDIAG_*: none to report. */
#define EVL_CAUSE_NONE	0

void evl_tick(void);
void evl_retime(void);
void evl_set_inband_date(u64 date);
void evl_reset_timers(void);
bool evl_needs_timer(void);
void evl_irq_exit(void);
void evl_take_in(u32 thread);
void evl_kick(u32 thread);
void evl_task_exits(u32 thread);
bool evl_cpu_leaves(void);
void evl_cpu_returns(void);
void evl_ptrace_stops(u32 thread);
void evl_ptrace_resumes(u32 thread);
void evl_mm_dropped(u32 thread, unsigned long mm);
void evl_go_inband(u32 cause);
void evl_mayday(void);
void evl_go_oob(void);
bool evl_thread_is_gone(u32 thread);
void evl_kthread_main(u32 thread);
void evl_latmus_sirq(u32 run);
void evl_hectic_pass(u32 run, u32 task);
bool evl_hectic_is_turn(u32 run, u32 task);
void evl_hectic_mismatch(u32 run, u32 task, u32 value);
u32 evl_hectic_handle(u32 run);
long evl_oob_call(unsigned long nr, unsigned long a0, unsigned long a1, unsigned long a2);
long evl_inband_call(unsigned long nr, unsigned long a0, unsigned long a1, unsigned long a2);

#endif /* _KERNEL_EVL_GLUE_H */
