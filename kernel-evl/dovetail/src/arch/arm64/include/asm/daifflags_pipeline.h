/* SPDX-License-Identifier: GPL-2.0 */
/*
 * DAIF manipulation that keeps the virtual interrupt state in step. Included by
 * asm/daifflags.h.
 *
 * In the words of the other kernel code, masking I disables interrupts: so
 * these stall the in-band stage as well, and leave a note that whoever enables
 * interrupts next, by whatever means, wants the CPU to take them.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#ifndef __ASM_DAIFFLAGS_PIPELINE_H
#define __ASM_DAIFFLAGS_PIPELINE_H

/*
 * The virtual state travels with the saved DAIF value. Restoring plain DAIF
 * bits (DAIF_PROCCTX...) derives it from PSR_I_BIT instead.
 */
#define DAIF_VIRT_SAVED		BIT(29)
#define DAIF_VIRT_HARDDIS	BIT(30)
#define DAIF_VIRT_STALLED	BIT(31)

static __always_inline void local_daif_mask(void)
{
	asm volatile("msr daifset, #0xf" : : : "memory");
	__inband_stalled = PSR_I_BIT;
	__inband_unstall_work |= UNSTALL_HARDDIS;
	trace_hardirqs_off();
}

static inline unsigned long local_daif_save_flags(void)
{
	unsigned long flags = read_sysreg(daif) | DAIF_VIRT_SAVED;

	if (__inband_stalled)
		flags |= DAIF_VIRT_STALLED;
	if (__inband_unstall_work & UNSTALL_HARDDIS)
		flags |= DAIF_VIRT_HARDDIS;

	return flags;
}

static inline unsigned long local_daif_save(void)
{
	unsigned long flags = local_daif_save_flags();

	local_daif_mask();

	return flags;
}

static __always_inline void local_daif_restore(unsigned long flags)
{
	bool saved = flags & DAIF_VIRT_SAVED;
	bool stalled = flags & (saved ? DAIF_VIRT_STALLED : PSR_I_BIT);
	bool harddis = flags & (saved ? DAIF_VIRT_HARDDIS : PSR_I_BIT);

	if (!stalled) {
		trace_hardirqs_on();
		barrier();
		__inband_stalled = 0;
		barrier();
		if (unlikely(__inband_unstall_work)) {
			__daif_local_irq_disable();
			inband_take_unstall_work();
		}
		write_sysreg(flags & DAIF_MASK, daif);
		barrier();
		return;
	}

	__daif_local_irq_disable();
	__inband_stalled = PSR_I_BIT;
	if (harddis)
		__inband_unstall_work |= UNSTALL_HARDDIS;
	else
		__inband_unstall_work &= ~UNSTALL_HARDDIS;
	write_sysreg(flags & DAIF_MASK, daif);
	barrier();
	trace_hardirqs_off();
}

/*
 * Called by synchronous exception handlers to restore the DAIF bits and the
 * virtual state of the interrupted context.
 */
static __always_inline void local_daif_inherit(struct pt_regs *regs)
{
	if (!regs_irqs_disabled(regs))
		trace_hardirqs_on();

	__inband_stalled = (regs->pstate | regs->pmr) & PSR_I_BIT;
	write_sysreg(regs->pstate & DAIF_MASK, daif);
	barrier();
}

#endif /* __ASM_DAIFFLAGS_PIPELINE_H */
