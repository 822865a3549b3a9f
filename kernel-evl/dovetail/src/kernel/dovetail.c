// SPDX-License-Identifier: GPL-2.0
/*
 * Dovetail: kernel entry and exit of out-of-band tasks, events for the core.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/context_tracking.h>
#include <linux/dovetail.h>
#include <linux/export.h>
#include <linux/irq-entry-common.h>
#include <linux/irq_pipeline.h>
#include <linux/mm_types.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sched/task_stack.h>

#include <asm/dovetail.h>

DEFINE_STATIC_KEY_FALSE(dovetail_enabled);
static DEFINE_MUTEX(dovetail_mutex);

bool __weak handle_oob_syscall(struct pt_regs *regs) { return false; }
long __weak handle_inband_syscall(struct pt_regs *regs) { return -ENOSYS; }
void __weak handle_oob_trap_entry(struct pt_regs *regs) { }
void __weak handle_oob_trap_exit(struct pt_regs *regs) { }
void __weak handle_oob_mayday(struct pt_regs *regs) { }
void __weak handle_inband_event(enum inband_event_type event, void *data) { }
void __weak resume_oob_task(struct task_struct *p) { }

/**
 * dovetail_start - Have Dovetail call the core
 *
 * In-band, may sleep.
 *
 * Return: 0; -EAGAIN without an oob stage; -EBUSY if it is started already;
 * -ENOMEM.
 */
int dovetail_start(void)
{
	int ret;

	guard(mutex)(&dovetail_mutex);

	if (!oob_stage_present())
		return -EAGAIN;
	if (static_key_enabled(&dovetail_enabled.key))
		return -EBUSY;

	ret = arch_dovetail_start();
	if (!ret)
		static_branch_enable(&dovetail_enabled);

	return ret;
}
EXPORT_SYMBOL_GPL(dovetail_start);

/**
 * dovetail_stop - Undo dovetail_start()
 *
 * In-band, may sleep. The core has sent all its tasks back to Linux.
 */
void dovetail_stop(void)
{
	guard(mutex)(&dovetail_mutex);

	static_branch_disable(&dovetail_enabled);
	arch_dovetail_stop();
}
EXPORT_SYMBOL_GPL(dovetail_stop);

/**
 * dovetail_init_altsched - Prepare the current task for alternate scheduling
 * @ctx: its context for dovetail_context_switch()
 *
 * In-band. From now on fork() copies the private pages of the process at once:
 * a write to a shared one would send the task in-band.
 */
void dovetail_init_altsched(struct dovetail_altsched_context *ctx)
{
	ctx->task = current;
	ctx->active_mm = current->mm;
	if (current->mm)
		mm_flags_set(MMF_DOVETAILED, current->mm);
}
EXPORT_SYMBOL_GPL(dovetail_init_altsched);

/* In-band: from now on events are reported for the current task. */
void dovetail_start_altsched(void)
{
	check_inband_stage();
	set_bit(DOVETAIL_ALTSCHED, &current->dovetail.flags);
}
EXPORT_SYMBOL_GPL(dovetail_start_altsched);

/* In-band: not any more. No signal of the current task is being reported on return. */
void dovetail_stop_altsched(void)
{
	check_inband_stage();
	/* They are reported with it held. */
	spin_lock_irq(&current->sighand->siglock);
	clear_bit(DOVETAIL_ALTSCHED, &current->dovetail.flags);
	spin_unlock_irq(&current->sighand->siglock);
}
EXPORT_SYMBOL_GPL(dovetail_stop_altsched);

/**
 * dovetail_send_mayday - Have handle_oob_mayday() called for a task
 * @p: a task which runs out-of-band
 *
 * Any stage. Takes effect when @p is about to return to user mode: if it is
 * there already, the core has to interrupt its CPU.
 */
void dovetail_send_mayday(struct task_struct *p)
{
	set_bit(DOVETAIL_MAYDAY, &p->dovetail.flags);
}
EXPORT_SYMBOL_GPL(dovetail_send_mayday);

/* The core's part of a task. Any stage. */
struct oob_thread_state *dovetail_task_state(struct task_struct *p)
{
	return &p->dovetail.state;
}
EXPORT_SYMBOL_GPL(dovetail_task_state);

/* The core's part of the current address space, NULL for kernel threads. Any stage. */
struct oob_mm_state *dovetail_mm_state(void)
{
	return current->mm ? &current->mm->oob_state : NULL;
}
EXPORT_SYMBOL_GPL(dovetail_mm_state);

void __inband_task_event(enum inband_event_type event, struct task_struct *p, void *data)
{
	if (test_bit(DOVETAIL_ALTSCHED, &p->dovetail.flags))
		handle_inband_event(event, data);
}

void __inband_event(enum inband_event_type event, void *data)
{
	handle_inband_event(event, data);
}

/* RCU watches oob tasks while they are in the kernel. Hard interrupts off. */
static __always_inline void oob_enter_kernel(void)
{
	ct_nmi_enter();
	current->dovetail.oob_user = false;
}

static __always_inline void oob_leave_kernel(void)
{
	current->dovetail.oob_user = true;
	ct_nmi_exit();
}

/**
 * oob_exit_to_user_mode - Last step of the return of an oob task to user mode
 * @regs: its user mode registers
 *
 * Return: true with hard interrupts off; false if the task is in-band now,
 * unstalled, and has to return as in-band tasks do.
 */
noinstr bool oob_exit_to_user_mode(struct pt_regs *regs)
{
	arch_oob_exit_irqs();

	if (unlikely(test_bit(DOVETAIL_MAYDAY, &current->dovetail.flags))) {
		instrumentation_begin();
		clear_bit(DOVETAIL_MAYDAY, &current->dovetail.flags);
		handle_oob_mayday(regs);
		instrumentation_end();
		if (running_inband())
			return false;
		arch_oob_exit_irqs();
	}

	oob_leave_kernel();
	arch_exit_to_user_mode();
	return true;
}

/**
 * oob_syscall - Serve a system call of an oob task
 * @regs: its user mode registers
 * @nr: the number of the system call
 *
 * Called with hard interrupts off, before any in-band entry work.
 *
 * Return: what is left for in-band to do, -1 for nothing. If the task is still
 * out-of-band, it returns to user mode at once. Otherwise in-band is unstalled.
 */
noinstr long oob_syscall(struct pt_regs *regs, long nr)
{
	oob_enter_kernel();

	instrumentation_begin();
	arch_oob_syscall_irqs();
	if (handle_oob_syscall(regs))
		nr = -1;
	instrumentation_end();

	if (!running_oob())
		return nr;

	oob_exit_to_user_mode(regs);
	return -1;
}

/*
 * Kernel entry from user mode, for anything but system calls and oob
 * interrupts. The core has to send the task in-band. Returns with in-band
 * stalled, as if it had been entered from there.
 */
noinstr void oob_enter_from_user_mode(struct pt_regs *regs)
{
	oob_enter_kernel();

	instrumentation_begin();
	handle_oob_trap_entry(regs);
	WARN_ON(running_oob());
	local_irq_disable();
	instrumentation_end();
}

/*
 * An oob interrupt returns to an oob task which has to call handle_oob_mayday().
 * True if the task is in-band now, stalled, and has to return as in-band tasks
 * do.
 */
noinstr bool oob_mayday_from_irq(struct pt_regs *regs)
{
	if (likely(!test_bit(DOVETAIL_MAYDAY, &current->dovetail.flags)))
		return false;

	oob_enter_kernel();
	if (oob_exit_to_user_mode(regs))
		return false;

	instrumentation_begin();
	local_irq_disable();
	instrumentation_end();
	return true;
}

/*
 * Exception in oob kernel code. If that code belongs to an oob task, send it
 * in-band while the exception is handled. True if so: in-band is unstalled.
 */
noinstr bool oob_enter_from_kernel_mode(struct pt_regs *regs)
{
	if (on_pipeline_entry() || !test_bit(DOVETAIL_OOB, &current->dovetail.flags))
		return false;

	instrumentation_begin();
	handle_oob_trap_entry(regs);
	WARN_ON(running_oob());
	arch_oob_stall_regs(regs, false);
	instrumentation_end();
	return true;
}

/*
 * The exception is handled, in-band is stalled. True if the task is oob again,
 * with hard interrupts off; false, as before the call, if the core could not
 * bring it back: the interrupted code has to cope with that.
 */
noinstr bool oob_exit_to_kernel_mode(struct pt_regs *regs)
{
	bool oob;

	instrumentation_begin();
	arch_oob_trap_irqs();
	handle_oob_trap_exit(regs);
	oob = running_oob();
	if (oob) {
		hard_local_irq_disable();
		arch_oob_stall_regs(regs, true);
	} else {
		local_irq_disable();
	}
	instrumentation_end();

	return oob;
}
