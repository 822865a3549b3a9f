// SPDX-License-Identifier: GPL-2.0
/*
 * Dovetail: moving tasks between the schedulers. Part of kernel/sched/core.c.
 *
 * Copyright (C) 2026 The meta-evl authors
 */

#include <asm/dovetail.h>

/*
 * The root context of this CPU, while oob tasks run. Its task may be one which
 * is about to leave in-band: DOVETAIL_OOB does not tell them apart.
 */
static DEFINE_PER_CPU(struct dovetail_altsched_context *, oob_root);

/**
 * dovetail_leave_inband - Hand the current task over to the core
 *
 * In-band, unstalled, preemptible. resume_oob_task() is called for the task
 * when Linux has switched away from it.
 *
 * Return: 0 on the oob stage, with hard interrupts off; -ERESTARTSYS, in-band,
 * if a signal is pending.
 */
int dovetail_leave_inband(void)
{
	struct task_struct *p = current;

	check_inband_stage();

	if (signal_pending(p))
		return -ERESTARTSYS;

	preempt_disable();
	set_bit(DOVETAIL_OOB, &p->dovetail.flags);
	set_special_state(TASK_OOB);
	__schedule(SM_NONE);

	/* The core switched to us: see context_switch() */
	preempt_count_set(STAGE_OFFSET);

	return 0;
}
EXPORT_SYMBOL_GPL(dovetail_leave_inband);

/**
 * dovetail_leave_oob - The current task is about to go back to Linux
 *
 * Oob stage, hard interrupts off. The core then switches away from it, and
 * calls dovetail_wake_inband() from in-band.
 */
void dovetail_leave_oob(void)
{
	clear_bit(DOVETAIL_MAYDAY, &current->dovetail.flags);
	clear_bit(DOVETAIL_OOB, &current->dovetail.flags);
}
EXPORT_SYMBOL_GPL(dovetail_leave_oob);

/**
 * dovetail_wake_inband - Have Linux schedule a task which leaves the oob stage
 * @p: the task: it has switched away after dovetail_leave_oob()
 *
 * In-band, on the CPU @p ran on, for instance from an irq_work which @p queued.
 */
void dovetail_wake_inband(struct task_struct *p)
{
	wake_up_state(p, TASK_OOB);
}
EXPORT_SYMBOL_GPL(dovetail_wake_inband);

/**
 * dovetail_resume_inband - Complete the way of the current task to Linux
 *
 * To be called when dovetail_context_switch() has returned true. Returns
 * in-band, unstalled and preemptible.
 */
void dovetail_resume_inband(void)
{
	hard_local_irq_enable();
	finish_task_switch(current->dovetail.last);
	trace_sched_exit_tp(true);
	preempt_enable();
}
EXPORT_SYMBOL_GPL(dovetail_resume_inband);

/**
 * dovetail_context_switch - Switch to another context of the oob stage
 * @out: the current one
 * @in: the next one
 * @leave_inband: @out is the root context of this CPU
 *
 * Oob stage, hard interrupts off.
 *
 * Return: true if it was not the core but Linux which resumed this context, on
 * its way to in-band: call dovetail_resume_inband(). Otherwise false, on the
 * oob stage, hard interrupts off. Either may happen on another CPU.
 */
bool dovetail_context_switch(struct dovetail_altsched_context *out,
			     struct dovetail_altsched_context *in,
			     bool leave_inband)
{
	struct task_struct *prev = current, *next, *last;
	unsigned long flags = hard_local_save_flags();
	int count = preempt_count();
	struct mm_struct *mm;
	bool root;

	if (IS_ENABLED(CONFIG_DEBUG_IRQ_PIPELINE))
		WARN_ON_ONCE(!hard_irqs_disabled() || !running_oob());

	if (leave_inband) {
		out->task = prev;
		out->active_mm = arch_oob_loaded_mm();
		__this_cpu_write(oob_root, out);
	}

	next = in->task;
	root = in == __this_cpu_read(oob_root);
	/*
	 * What Linux had loaded: not always that of its task. Kernel threads
	 * borrow it: only the root context is known to hold its mm.
	 */
	mm = root || !next->mm ? __this_cpu_read(oob_root)->active_mm : next->mm;
	if (mm != arch_oob_loaded_mm())
		arch_oob_switch_mm(mm, next);

	arch_oob_save_fpu(prev, leave_inband);
	arch_oob_load_fpu(next, root);
	switch_to(prev, next, last);
	barrier();

	/* The root context is never Linux's to resume */
	if (!leave_inband && !test_bit(DOVETAIL_OOB, &current->dovetail.flags)) {
		preempt_count_set(FORK_PREEMPT_COUNT);
		current->dovetail.last = last;
		return true;
	}

	/* Whatever else the CPU masks belongs to the context */
	hard_local_irq_restore(flags);
	preempt_count_set(count);
	return false;
}
EXPORT_SYMBOL_GPL(dovetail_context_switch);
