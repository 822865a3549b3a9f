/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Virtual interrupt state of the in-band stage. Part of asm/irqflags.h.
 *
 * Two words per CPU. inband_irqs is X86_EFLAGS_IF or 0, so that saved flags
 * look like EFLAGS. inband_irqs_pending says what unstalling has to do besides
 * setting that word. While it has INBAND_IRQS_DEFERRED, the local APIC holds
 * back all in-band interrupts, thus nothing can migrate the current task
 * between the two accesses below.
 */
#ifndef _ASM_X86_IRQFLAGS_PIPELINE_H
#define _ASM_X86_IRQFLAGS_PIPELINE_H

#include <asm/percpu.h>

/* The priority threshold is raised: lower it */
#define INBAND_IRQS_DEFERRED	1
/* The CPU was masked by hard_irq_disable(): unmask it */
#define INBAND_IRQS_HARDDIS	2

/* 'Accept all except vectors 0-31', as setup_local_APIC() has it */
#define INBAND_CR8_OPEN		0x1UL
/* Accept the oob class only */
#define INBAND_CR8_RAISED	0xeUL

DECLARE_PER_CPU_CACHE_HOT(unsigned int, inband_irqs);
DECLARE_PER_CPU_CACHE_HOT(unsigned int, inband_irqs_pending);

extern void inband_irqs_resync_thunk(void);

static __always_inline void inband_set_cr8(unsigned long level)
{
	asm volatile("movq %0, %%cr8" : : "r" (level) : "memory");
}

static __always_inline unsigned long arch_local_save_flags(void)
{
	return this_cpu_read(inband_irqs);
}

static __always_inline void arch_local_irq_disable(void)
{
	asm volatile("movl $0, " __percpu_arg([irqs])
		     : [irqs] "=m" (__my_cpu_var(inband_irqs)) : : "memory");
}

static __always_inline void arch_local_irq_enable(void)
{
	asm goto("movl %[on], " __percpu_arg([irqs]) "\n\t"
		 "cmpl $0, " __percpu_arg([pending]) "\n\t"
		 "jne %l[resync]"
		 : : [on] "i" (X86_EFLAGS_IF),
		     [irqs] "m" (__my_cpu_var(inband_irqs)),
		     [pending] "m" (__my_cpu_var(inband_irqs_pending))
		 : "memory", "cc" : resync);
	return;
resync:
	asm volatile("call inband_irqs_resync_thunk"
		     : ASM_CALL_CONSTRAINT : : "memory", "cc");
}

/* Stalled, and hard irqs on unless the caller wants them off anyway. */
static __always_inline void arch_hard_irq_disable(void)
{
	native_irq_disable();
	this_cpu_or(inband_irqs_pending, INBAND_IRQS_HARDDIS);
}

static __always_inline bool arch_inband_irq_deferred(void)
{
	return this_cpu_read(inband_irqs_pending) & INBAND_IRQS_DEFERRED;
}

/* CPU interrupts off: let the local APIC deliver in-band interrupts again. */
static __always_inline void inband_irqs_open(void)
{
	if (unlikely(arch_inband_irq_deferred())) {
		this_cpu_write(inband_irqs_pending, 0);
		inband_set_cr8(INBAND_CR8_OPEN);
	}
}

/*
 * Unstall for an instruction which sleeps until the next interrupt. "sti"
 * follows immediately.
 */
static __always_inline void inband_irqs_prepare_sleep(void)
{
	native_irq_disable();
	inband_irqs_open();
	this_cpu_write(inband_irqs_pending, 0);
	this_cpu_write(inband_irqs, X86_EFLAGS_IF);
}

/*
 * Likewise if pending interrupts end the sleep, although masked by the CPU.
 * The in-band stage stays stalled.
 */
static __always_inline void inband_irqs_prepare_mwait(void)
{
	native_irq_disable();
	inband_irqs_open();
}

#endif /* _ASM_X86_IRQFLAGS_PIPELINE_H */
