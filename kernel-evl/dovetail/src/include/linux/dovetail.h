/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dovetail: alternate scheduling of Linux tasks.
 *
 * A companion core may schedule Linux tasks on the out-of-band (oob) stage. At
 * any time a task belongs to one scheduler. While it is the core's, it sleeps
 * for Linux, in the state TASK_OOB, whatever it does: only the core wakes it up
 * again, with dovetail_wake_inband().
 *
 * The "root context" of a CPU is what the oob stage preempted there: the task
 * which Linux runs, wherever it was interrupted.
 *
 * RCU watches in oob kernel code, in user mode only if it watches the root
 * context: each kernel entry on the oob stage is a ct_nmi_enter(), and contexts
 * which switch away are always inside of one.
 */
#ifndef __LINUX_DOVETAIL_H
#define __LINUX_DOVETAIL_H

#include <linux/dovetail_types.h>
#include <linux/jump_label.h>
#include <linux/preempt.h>
#include <linux/sched.h>

struct cpumask;
struct mm_struct;
struct pt_regs;
struct task_struct;

/* prctl(PR_OOB_SYSCALL, nr, arg0, arg1, arg2): a system call of the core. */
#define PR_OOB_SYSCALL	0x4f4f4243

enum inband_event_type {
	INBAND_TASK_SIGNAL,	/* task_struct: got a signal */
	INBAND_TASK_MIGRATION,	/* struct dovetail_migration_data: may change CPU */
	INBAND_TASK_EXIT,	/* current exits, before its files and memory go */
	INBAND_TASK_PTSTEP,	/* task_struct: is about to single-step */
	INBAND_TASK_PTSTOP,	/* current is about to stop for its tracer */
	INBAND_TASK_PTCONT,	/* current was resumed by its tracer */
	INBAND_PROCESS_CLEANUP,	/* mm_struct: is about to be dropped */
	INBAND_CLOCK_WAS_SET,	/* NULL: CLOCK_REALTIME jumped */
};

struct dovetail_migration_data {
	struct task_struct	*task;
	int			dest_cpu;
};

/* What the core switches between: a task, or the root context of a CPU. */
struct dovetail_altsched_context {
	struct task_struct	*task;
	struct mm_struct	*active_mm;	/* root context: what the CPU had loaded */
};

#ifdef CONFIG_DOVETAIL

DECLARE_STATIC_KEY_FALSE(dovetail_enabled);

/* Bits of dovetail_task.flags */
#define DOVETAIL_ALTSCHED	0	/* events are reported for this task */
#define DOVETAIL_OOB		1	/* off in-band, or on its way out */
#define DOVETAIL_MAYDAY		2	/* handle_oob_mayday() is due */

/* Core to Dovetail */
int dovetail_start(void);
void dovetail_stop(void);
void dovetail_init_altsched(struct dovetail_altsched_context *ctx);
void dovetail_start_altsched(void);
void dovetail_stop_altsched(void);
int __must_check dovetail_leave_inband(void);
void dovetail_resume_inband(void);
void dovetail_leave_oob(void);
void dovetail_wake_inband(struct task_struct *p);
bool dovetail_context_switch(struct dovetail_altsched_context *out,
			     struct dovetail_altsched_context *in,
			     bool leave_inband);
void dovetail_send_mayday(struct task_struct *p);
struct oob_thread_state *dovetail_task_state(struct task_struct *p);
struct oob_mm_state *dovetail_mm_state(void);

/* Dovetail to core: weak */
bool handle_oob_syscall(struct pt_regs *regs);
long handle_inband_syscall(struct pt_regs *regs);
void handle_oob_trap_entry(struct pt_regs *regs);
void handle_oob_trap_exit(struct pt_regs *regs);
void handle_oob_mayday(struct pt_regs *regs);
void handle_inband_event(enum inband_event_type event, void *data);
void resume_oob_task(struct task_struct *p);

/* Architecture: hard interrupts off */
int arch_dovetail_start(void);
void arch_dovetail_stop(void);
void arch_oob_save_fpu(struct task_struct *p, bool root);
void arch_oob_load_fpu(struct task_struct *p, bool root);

/* Kernel entry and exit */
long oob_syscall(struct pt_regs *regs, long nr);
void oob_enter_from_user_mode(struct pt_regs *regs);
bool oob_exit_to_user_mode(struct pt_regs *regs);
bool oob_mayday_from_irq(struct pt_regs *regs);
bool oob_enter_from_kernel_mode(struct pt_regs *regs);
bool oob_exit_to_kernel_mode(struct pt_regs *regs);

/* Does the current task run out-of-band? Cheap without a core. */
static __always_inline bool dovetail_running_oob(void)
{
	return static_branch_unlikely(&dovetail_enabled) && running_oob();
}

/* Is it in user mode? Hard interrupts off. */
static __always_inline bool dovetail_oob_user(void)
{
	return current->dovetail.oob_user;
}

/* In context_switch(): was the current task resumed by the core, not by Linux? */
static __always_inline bool inband_switched_oob(void)
{
	return static_branch_unlikely(&dovetail_enabled) &&
		test_bit(DOVETAIL_OOB, &current->dovetail.flags);
}

/* In finish_task_switch(): Linux has let go of @prev. */
static __always_inline void inband_switched_from(struct task_struct *prev, unsigned int prev_state)
{
	if (static_branch_unlikely(&dovetail_enabled) && unlikely(prev_state == TASK_OOB))
		resume_oob_task(prev);
}

void __inband_task_event(enum inband_event_type event, struct task_struct *p, void *data);
void __inband_event(enum inband_event_type event, void *data);

/* Reported for tasks with alternate scheduling only. */
#define inband_task_event(event, p, data)				\
	do {								\
		if (static_branch_unlikely(&dovetail_enabled))		\
			__inband_task_event(event, p, data);		\
	} while (0)

/* Reported for all. */
#define inband_event(event, data)					\
	do {								\
		if (static_branch_unlikely(&dovetail_enabled))		\
			__inband_event(event, data);			\
	} while (0)

#else /* !CONFIG_DOVETAIL */

static __always_inline bool dovetail_running_oob(void) { return false; }
static __always_inline bool dovetail_oob_user(void) { return false; }
static __always_inline bool inband_switched_oob(void) { return false; }
static inline void inband_switched_from(struct task_struct *prev, unsigned int prev_state) { }
static inline long oob_syscall(struct pt_regs *regs, long nr) { return nr; }
static inline void oob_enter_from_user_mode(struct pt_regs *regs) { }
static inline bool oob_exit_to_user_mode(struct pt_regs *regs) { return false; }
static inline bool oob_mayday_from_irq(struct pt_regs *regs) { return false; }
static inline bool oob_enter_from_kernel_mode(struct pt_regs *regs) { return false; }
static inline bool oob_exit_to_kernel_mode(struct pt_regs *regs) { return false; }

#define inband_task_event(event, p, data)	do { } while (0)
#define inband_event(event, data)		do { } while (0)

#endif /* !CONFIG_DOVETAIL */

#endif /* __LINUX_DOVETAIL_H */
