// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline: deferral of in-band interrupts.
 *
 * An in-band interrupt which arrives while the in-band stage is stalled stays
 * with the interrupt controller, which is told to hold back its like until the
 * stage is unstalled.
 *
 * A root controller which cannot tell interrupts by priority has no gate. Then
 * the first such interrupt masks the CPU instead: Linux runs as it does without
 * the pipeline, and no out-of-band stage can be installed.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/build_bug.h>
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/irq_pipeline.h>
#include <linux/printk.h>
#include <linux/thread_info.h>

#include <asm/daifflags.h>

static_assert(offsetof(struct thread_info, stalled) == TI_STALLED);
static_assert(offsetof(struct thread_info, unstall_work) == TI_UNSTALL_WORK);
static_assert(offsetof(struct task_struct, thread_info) == 0);

static const struct inband_irq_gate *inband_gate __ro_after_init;

/**
 * set_inband_irq_gate - Register the root interrupt controller
 * @gate: its operations
 */
void __init set_inband_irq_gate(const struct inband_irq_gate *gate)
{
	inband_gate = gate;
}

/* Hard interrupts off. */
noinstr void inband_irq_hold(void)
{
	if (!inband_gate)
		return;

	inband_gate->hold();
	__inband_unstall_work |= UNSTALL_DEFERRED;
}

/* Hard interrupts off, something is deferred. */
noinstr void inband_irq_release(void)
{
	__inband_unstall_work &= ~UNSTALL_DEFERRED;
	inband_gate->release();
}

/*
 * Hard interrupts off, in-band not stalled (or about to be). Let the controller
 * deliver what was deferred. Returns what there was to do: to unmask the CPU
 * for UNSTALL_HARDDIS is left to the caller.
 */
noinstr u32 inband_take_unstall_work(void)
{
	u32 work = __inband_unstall_work;

	__inband_unstall_work = 0;
	if (work & UNSTALL_DEFERRED)
		inband_gate->release();

	return work;
}

/*
 * The in-band stage was unstalled with work to do. The CPU remains masked if
 * it was, unless an in-band path did that.
 */
noinstr void inband_unstall_slow(void)
{
	unsigned long flags = native_local_irq_save();

	if (inband_take_unstall_work() & UNSTALL_HARDDIS)
		flags &= ~(PSR_I_BIT | PSR_F_BIT);

	native_local_irq_restore(flags);
}
EXPORT_SYMBOL(inband_unstall_slow);

/**
 * handle_irq_pipelined - First stop of every interrupt
 * @regs: what was interrupted
 *
 * Called with all exceptions masked, before any in-band entry accounting.
 * Serves an out-of-band interrupt, or defers an in-band one if @regs does not
 * want it.
 *
 * Return: true if an in-band interrupt is to be handled: in-band is stalled,
 * the interrupt is acknowledged, and the CPU accepts interrupts again, so that
 * the entry work which follows does not delay out-of-band ones. False if there
 * is nothing left to do but to return to @regs.
 */
noinstr bool handle_irq_pipelined(struct pt_regs *regs)
{
	bool deliver = !regs_irqs_disabled(regs) && running_inband();

	if (unlikely(!inband_gate)) {
		if (deliver) {
			hard_irq_disable();
			return true;
		}
		regs->pstate |= PSR_I_BIT | PSR_F_BIT;
		regs->pmr |= UNSTALL_HARDDIS;
		return false;
	}

	if (!inband_gate->ack(deliver))
		return false;

	native_irq_enable();
	return true;
}

int arch_enable_oob_stage(void)
{
	if (inband_gate)
		return 0;

	pr_err("IRQ pipeline: the root interrupt controller has no priorities\n");
	return -ENODEV;
}
