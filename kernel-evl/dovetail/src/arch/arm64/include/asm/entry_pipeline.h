/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual interrupt state on the way to user mode. Included by
 * asm/entry-common.h.
 *
 * The last look at the thread flags happens with the CPU masked, so there is
 * only one transition, and no in-band interrupt can be deferred after it.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#ifndef __ASM_ENTRY_PIPELINE_H
#define __ASM_ENTRY_PIPELINE_H

#define local_irq_enable_exit_to_user local_irq_enable_exit_to_user
static __always_inline void local_irq_enable_exit_to_user(unsigned long ti_work)
{
	local_daif_restore(DAIF_PROCCTX);
}

#define local_irq_disable_exit_to_user local_irq_disable_exit_to_user
static __always_inline void local_irq_disable_exit_to_user(void)
{
	asm volatile("msr daifset, #0xf" : : : "memory");
	__inband_stalled = PSR_I_BIT;
	trace_hardirqs_off();
}

/* The eret delivers what was deferred. The in-band stage remains stalled. */
#define local_daif_mask_exit_to_user local_daif_mask_exit_to_user
static __always_inline void local_daif_mask_exit_to_user(void)
{
	if (unlikely(__inband_unstall_work))
		inband_take_unstall_work();
}

#endif /* __ASM_ENTRY_PIPELINE_H */
