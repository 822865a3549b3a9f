/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt pipeline: entry and exit of interrupts and exceptions.
 */
#ifndef _ASM_X86_IRQ_PIPELINE_H
#define _ASM_X86_IRQ_PIPELINE_H

#include <linux/irqflags.h>
#include <linux/preempt.h>

#include <asm/irq_vectors.h>
#include <asm/processor-flags.h>
#include <asm/ptrace.h>

struct clock_event_device;
struct irq_desc;

#ifdef CONFIG_IRQ_PIPELINE

void oob_interrupt(struct pt_regs *regs, u32 vector);
void inband_irq_defer(u32 vector);
asmlinkage void inband_irqs_resync(void);
void inband_replay_extint(void);

/*
 * May in-band take an interrupt? In user mode the stalled state stays set,
 * which saves system calls a few instructions, and means nothing.
 */
static __always_inline bool inband_irq_accepted(struct pt_regs *regs)
{
	return likely(arch_local_save_flags()) || (user_mode(regs) && running_inband());
}

/*
 * First thing in the entry of a device interrupt, CPU interrupts off. True if
 * there is nothing to do for in-band (yet).
 */
static __always_inline bool irq_pipeline_intercept(struct pt_regs *regs, u32 vector)
{
	if (vector >= FIRST_OOB_VECTOR) {
		oob_interrupt(regs, vector);
		return true;
	}

	if (likely(inband_irq_accepted(regs)))
		return false;

	inband_irq_defer(vector);
	return true;
}

/* Likewise for a system vector. These are all in-band, and edge triggered. */
static __always_inline bool irq_pipeline_intercept_sysvec(struct pt_regs *regs)
{
	if (likely(inband_irq_accepted(regs)))
		return false;

	inband_irq_defer(0);
	return true;
}

/* In-band is stalled. Oob interrupts may come during the entry accounting. */
static __always_inline void inband_irqs_enter_from_user(void)
{
	native_irq_enable();
}

static __always_inline void arch_exit_to_user_irqs(void)
{
	native_irq_disable();
	inband_irqs_open();
}
#define arch_exit_to_user_irqs arch_exit_to_user_irqs

/*
 * While an interrupt or exception of kernel mode is handled, its regs->flags
 * tell the virtual state of what it interrupted, and the real one is kept
 * aside.
 */
static __always_inline unsigned int inband_irqs_enter(struct pt_regs *regs)
{
	unsigned int hard_if = regs->flags & X86_EFLAGS_IF;

	regs->flags = (regs->flags & ~X86_EFLAGS_IF) | arch_local_save_flags();
	arch_local_irq_disable();
	if (hard_if)
		native_irq_enable();

	return hard_if;
}
#define arch_irqentry_enter(regs, state) \
	((state)->arch_irqs = inband_irqs_enter(regs))

static __always_inline void inband_irqs_exit(struct pt_regs *regs, unsigned int hard_if)
{
	native_irq_disable();
	if (regs->flags & X86_EFLAGS_IF) {
		inband_irqs_open();
		this_cpu_write(inband_irqs, X86_EFLAGS_IF);
	}
	regs->flags = (regs->flags & ~X86_EFLAGS_IF) | hard_if;
}
#define arch_irqentry_exit(regs, state)	inband_irqs_exit(regs, (state).arch_irqs)

/* CPU interrupts are off all the time: nothing can be deferred. */
static __always_inline unsigned int inband_irqs_nmi_enter(void)
{
	unsigned int inband = arch_local_save_flags();

	arch_local_irq_disable();
	return inband;
}
#define arch_irqentry_nmi_enter(state) \
	((state)->arch_irqs = inband_irqs_nmi_enter())
#define arch_irqentry_nmi_exit(state) \
	this_cpu_write(inband_irqs, (state).arch_irqs)

/* The oob interrupts: per-CPU descriptors, allocated at boot. */
extern unsigned int oob_irq_base;
#define TIMER_OOB_IPI		(oob_irq_base + 0)
#define RESCHEDULE_OOB_IPI	(oob_irq_base + 1)
#define CALL_FUNCTION_OOB_IPI	(oob_irq_base + 2)
#define LAPIC_TIMER_OOB_IRQ	(oob_irq_base + 3)
#define NR_OOB_SYSTEM_IRQS	4

int oob_vector_alloc(struct irq_desc *desc);
void oob_vector_free(unsigned int vector);

DECLARE_PER_CPU(bool, lapic_timer_oob);

/* Where the local APIC timer of this CPU is to go. */
static inline u32 lapic_timer_vector(void)
{
	return this_cpu_read(lapic_timer_oob) ? LAPIC_TIMER_OOB_VECTOR : LOCAL_TIMER_VECTOR;
}

void lapic_timer_pipeline(struct clock_event_device *evt);
void irq_pipeline_init_irqs(void);

#else /* !CONFIG_IRQ_PIPELINE */

static inline void oob_vector_free(unsigned int vector) { }

static __always_inline bool irq_pipeline_intercept(struct pt_regs *regs, u32 vector)
{
	return false;
}

static __always_inline bool irq_pipeline_intercept_sysvec(struct pt_regs *regs)
{
	return false;
}

static __always_inline void inband_irqs_enter_from_user(void) { }
static inline void inband_replay_extint(void) { }

static inline u32 lapic_timer_vector(void)
{
	return LOCAL_TIMER_VECTOR;
}

static inline void lapic_timer_pipeline(struct clock_event_device *evt) { }
static inline void irq_pipeline_init_irqs(void) { }

#endif /* !CONFIG_IRQ_PIPELINE */

#endif /* _ASM_X86_IRQ_PIPELINE_H */
