// SPDX-License-Identifier: GPL-2.0
/*
 * Dovetail: FPSIMD registers across out-of-band context switches.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/dovetail.h>
#include <linux/percpu.h>

#include <asm/fpsimd.h>

/*
 * FPSIMD registers of the root context. It may have been preempted in the
 * middle of anything, such as a kernel_neon_begin() section: they are kept as
 * they are, and Linux does not notice.
 */
static DEFINE_PER_CPU(struct user_fpsimd_state, oob_root_fpsimd);

int arch_dovetail_start(void)
{
	return 0;
}

void arch_dovetail_stop(void)
{
}

/*
 * For Linux, the FPSIMD state of an oob task is in memory all the time:
 * TIF_FOREIGN_FPSTATE stays set, and no CPU holds it.
 */
void arch_oob_save_fpu(struct task_struct *p, bool root)
{
	if (!system_supports_fpsimd())
		return;

	if (root)
		fpsimd_save_state(this_cpu_ptr(&oob_root_fpsimd));
	else if (!(p->flags & (PF_KTHREAD | PF_USER_WORKER)))
		fpsimd_save_state(&p->thread.uw.fpsimd_state);
}

void arch_oob_load_fpu(struct task_struct *p, bool root)
{
	if (!system_supports_fpsimd())
		return;

	if (root) {
		fpsimd_load_state(this_cpu_ptr(&oob_root_fpsimd));
	} else if (!(p->flags & (PF_KTHREAD | PF_USER_WORKER))) {
		fpsimd_flush_task_state(p);
		fpsimd_load_state(&p->thread.uw.fpsimd_state);
	}
}
