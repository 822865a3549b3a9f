// SPDX-License-Identifier: GPL-2.0
/*
 * Dovetail: FPU registers across out-of-band context switches.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cpumask.h>
#include <linux/dovetail.h>
#include <linux/percpu.h>
#include <linux/slab.h>

#include <asm/fpu/sched.h>
#include <asm/fpu/signal.h>
#include <asm/fpu/types.h>

#include "internal.h"
#include "xstate.h"

/*
 * FPU registers of the root context. It may have been preempted in the middle
 * of anything, such as a kernel_fpu_begin() section or a half restored user
 * state: they are kept as they are, and Linux does not notice.
 */
static DEFINE_PER_CPU(struct fpu *, oob_root_fpu);

static struct fpu *alloc_root_fpu(void)
{
	struct fpu *fpu = kzalloc(sizeof(*fpu), GFP_KERNEL);
	struct fpstate *fpstate;

	if (!fpu)
		return NULL;

	fpstate = kzalloc(ALIGN(offsetof(struct fpstate, regs), 64) + fpu_kernel_cfg.max_size,
			  GFP_KERNEL);
	if (!fpstate) {
		kfree(fpu);
		return NULL;
	}

	fpstate->size = fpu_kernel_cfg.max_size;
	fpstate->xfeatures = fpu_kernel_cfg.max_features;
	fpu->fpstate = fpstate;
	return fpu;
}

int arch_dovetail_start(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct fpu *fpu = alloc_root_fpu();

		if (!fpu) {
			arch_dovetail_stop();
			return -ENOMEM;
		}
		per_cpu(oob_root_fpu, cpu) = fpu;
	}

	return 0;
}

void arch_dovetail_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct fpu *fpu = per_cpu(oob_root_fpu, cpu);

		if (!fpu)
			continue;
		per_cpu(oob_root_fpu, cpu) = NULL;
		kfree(fpu->fpstate);
		kfree(fpu);
	}
}

/*
 * For Linux, the FPU state of an oob task is in memory all the time:
 * TIF_NEED_FPU_LOAD stays set, and no CPU holds it.
 */
void arch_oob_save_fpu(struct task_struct *p, bool root)
{
	struct fpu *fpu;

	if (root) {
		fpu = __this_cpu_read(oob_root_fpu);
#ifdef CONFIG_X86_64
		fpu->fpstate->xfd = __this_cpu_read(xfd_state);
#endif
		save_fpregs_to_fpstate(fpu);
	} else if (!(p->flags & (PF_KTHREAD | PF_USER_WORKER))) {
		save_fpregs_to_fpstate(x86_task_fpu(p));
	}
}

void arch_oob_load_fpu(struct task_struct *p, bool root)
{
	struct fpu *fpu;

	if (root) {
		fpu = __this_cpu_read(oob_root_fpu);
		restore_fpregs_from_fpstate(fpu->fpstate, fpu->fpstate->xfeatures);
	} else if (!(p->flags & (PF_KTHREAD | PF_USER_WORKER))) {
		fpu = x86_task_fpu(p);
		fpu->last_cpu = -1;
		restore_fpregs_from_fpstate(fpu->fpstate, XFEATURE_MASK_FPSTATE);
	}
}
