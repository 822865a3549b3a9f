/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual interrupt state of the in-band stage.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#ifndef __ASM_IRQ_PIPELINE_H
#define __ASM_IRQ_PIPELINE_H

#ifndef __ASSEMBLY__
#include <linux/types.h>
#endif

#ifdef CONFIG_IRQ_PIPELINE

/*
 * Two words of thread_info, next to the flags word, so that the accessors
 * need nothing but sp_el0 (struct task_struct is not known here).
 *
 * stalled: PSR_I_BIT while in-band interrupts are disabled, 0 otherwise. It
 *	belongs to the task. Always set while in user mode: an interrupt taken
 *	from there tells by the stage of the task whether it may be delivered.
 *
 * unstall_work: what the next unstall has to undo. It is the state of the CPU,
 *	kept in the current task; cpu_switch_to() moves it to the next one. It
 *	only changes with the CPU's interrupts masked.
 */
#define TI_STALLED		8
#define TI_UNSTALL_WORK		12

/* The interrupt controller holds back in-band interrupts. */
#define UNSTALL_DEFERRED	1
#define UNSTALL_DEFERRED_BIT	0
/* DAIF.I was set by an in-band path, which expects enabling to clear it. */
#define UNSTALL_HARDDIS		2
#define UNSTALL_HARDDIS_BIT	1

#ifndef __ASSEMBLY__

#include <asm/barrier.h>
#include <asm/ptrace.h>

/* Volatile: interrupts of the very task change both words. */
static __always_inline volatile u32 *__inband_word(unsigned long offset)
{
	unsigned long ti;

	/* As get_current(): the compiler may cache the value. */
	asm ("mrs %0, sp_el0" : "=r" (ti));

	return (volatile u32 *)(ti + offset);
}

#define __inband_stalled	(*__inband_word(TI_STALLED))
#define __inband_unstall_work	(*__inband_word(TI_UNSTALL_WORK))

void inband_unstall_slow(void);
u32 inband_take_unstall_work(void);

static __always_inline void arch_local_irq_disable(void)
{
	barrier();
	__inband_stalled = PSR_I_BIT;
	barrier();
}

static __always_inline void arch_local_irq_enable(void)
{
	barrier();
	__inband_stalled = 0;
	barrier();
	/*
	 * An interrupt cannot add work once the flag is clear: it would be
	 * delivered.
	 */
	if (unlikely(__inband_unstall_work))
		inband_unstall_slow();
}

static __always_inline unsigned long arch_local_save_flags(void)
{
	return __inband_stalled;
}

static __always_inline bool arch_irqs_disabled_flags(unsigned long flags)
{
	return flags & PSR_I_BIT;
}

static __always_inline bool arch_irqs_disabled(void)
{
	return arch_irqs_disabled_flags(arch_local_save_flags());
}

static __always_inline unsigned long arch_local_irq_save(void)
{
	unsigned long flags = arch_local_save_flags();

	arch_local_irq_disable();

	return flags;
}

static __always_inline void arch_local_irq_restore(unsigned long flags)
{
	barrier();
	__inband_stalled = flags;
	barrier();
	if (!arch_irqs_disabled_flags(flags) && unlikely(__inband_unstall_work))
		inband_unstall_slow();
}

/*
 * Interrupts are virtually off already: mask them on the CPU as well, until
 * the next transition to "unstalled".
 */
static __always_inline void arch_hard_irq_disable(void)
{
	asm volatile("msr daifset, #3" : : : "memory");
	__inband_unstall_work |= UNSTALL_HARDDIS;
}

static __always_inline bool arch_inband_irq_deferred(void)
{
	return __inband_unstall_work & UNSTALL_DEFERRED;
}

/**
 * struct inband_irq_gate - what the root interrupt controller does for the pipeline
 * @ack:	Serve one interrupt on entry to the kernel. Acknowledge it, and
 *		handle it if it is out-of-band. @deliver tells whether an
 *		in-band interrupt may be acknowledged, too; otherwise they must
 *		be held back first. Returns true if an in-band interrupt was
 *		acknowledged: the root handler then handles that one.
 * @hold:	Hold back in-band interrupts, let out-of-band ones through.
 * @release:	Let all interrupts through.
 *
 * All are called with the CPU's interrupts masked.
 */
struct inband_irq_gate {
	bool (*ack)(bool deliver);
	void (*hold)(void);
	void (*release)(void);
};

void set_inband_irq_gate(const struct inband_irq_gate *gate);
void inband_irq_hold(void);
void inband_irq_release(void);
/* The three interrupts which the out-of-band stage sends between CPUs. */
unsigned int oob_ipi_irq(unsigned int n);

#define TIMER_OOB_IPI		oob_ipi_irq(0)
#define RESCHEDULE_OOB_IPI	oob_ipi_irq(1)
#define CALL_FUNCTION_OOB_IPI	oob_ipi_irq(2)

#endif /* !__ASSEMBLY__ */

#else /* !CONFIG_IRQ_PIPELINE */

#define arch_local_irq_disable		native_irq_disable
#define arch_local_irq_enable		native_irq_enable
#define arch_local_save_flags		native_save_fl
#define arch_irqs_disabled_flags	native_irqs_disabled_flags
#define arch_irqs_disabled		native_irqs_disabled
#define arch_local_irq_save		native_local_irq_save
#define arch_local_irq_restore		native_local_irq_restore

#endif /* !CONFIG_IRQ_PIPELINE */

#ifndef __ASSEMBLY__
struct pt_regs;

/* Only called with irqs_pipelined(). */
bool handle_irq_pipelined(struct pt_regs *regs);
#endif

#endif /* __ASM_IRQ_PIPELINE_H */
