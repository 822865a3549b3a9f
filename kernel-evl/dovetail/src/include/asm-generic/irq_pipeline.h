/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Hard (CPU) interrupt masking, next to the virtual masking of local_irq_*().
 *
 * With CONFIG_IRQ_PIPELINE, local_irq_*() only stall the in-band stage:
 * out-of-band interrupts are still taken. hard_*() act on the CPU. Without
 * the pipeline there is only one state and both families are the same.
 *
 * The architecture's asm/irqflags.h supplies:
 *
 *  native_save_fl(), native_irq_disable(), native_irq_enable(),
 *  native_local_irq_save(), native_local_irq_restore(),
 *  native_irqs_disabled_flags(): the CPU flag, inlined, usable from noinstr
 *  code, touching no virtual state.
 *
 *  arch_hard_irq_disable(): mask on the CPU and remember that the next
 *  transition of the in-band stage to "unstalled" has to unmask again.
 *
 *  arch_inband_irq_deferred(): true if an in-band interrupt was sent back to
 *  the interrupt controller on this CPU. Needs hard interrupts off to be
 *  stable.
 */
#ifndef __ASM_GENERIC_IRQ_PIPELINE_H
#define __ASM_GENERIC_IRQ_PIPELINE_H

#ifdef CONFIG_IRQ_PIPELINE

#define irqs_pipelined()		true

#define hard_local_irq_disable()	native_irq_disable()
#define hard_local_irq_enable()		native_irq_enable()
#define hard_local_irq_save()		native_local_irq_save()
#define hard_local_irq_restore(flags)	native_local_irq_restore(flags)
#define hard_local_save_flags()		native_save_fl()
#define hard_irqs_disabled_flags(flags)	native_irqs_disabled_flags(flags)
#define hard_irqs_disabled()		native_irqs_disabled_flags(native_save_fl())

/* As above when pipelining, nothing otherwise. */
#define hard_cond_local_irq_disable()	native_irq_disable()
#define hard_cond_local_irq_enable()	native_irq_enable()
#define hard_cond_local_irq_save()	native_local_irq_save()
#define hard_cond_local_irq_restore(f)	native_local_irq_restore(f)

/* With hard interrupts off: let those in which are pending. */
#define hard_cond_local_irq_sync()		\
	do {					\
		native_irq_enable();		\
		cpu_relax();			\
		native_irq_disable();		\
	} while (0)

/* For code which is virtually off already and means the CPU. */
#define hard_irq_disable()		arch_hard_irq_disable()
#define hard_cond_irq_disable()		arch_hard_irq_disable()

#else /* !CONFIG_IRQ_PIPELINE */

#define irqs_pipelined()		false

#define hard_local_irq_disable()	raw_local_irq_disable()
#define hard_local_irq_enable()		raw_local_irq_enable()
#define hard_local_irq_save()		arch_local_irq_save()
#define hard_local_irq_restore(flags)	raw_local_irq_restore(flags)
#define hard_local_save_flags()		arch_local_save_flags()
#define hard_irqs_disabled_flags(flags)	raw_irqs_disabled_flags(flags)
#define hard_irqs_disabled()		raw_irqs_disabled()

#define hard_cond_local_irq_disable()	do { } while (0)
#define hard_cond_local_irq_enable()	do { } while (0)
#define hard_cond_local_irq_save()	0UL
#define hard_cond_local_irq_restore(f)	((void)(f))
#define hard_cond_local_irq_sync()	do { } while (0)
#define hard_cond_irq_disable()		do { } while (0)

#endif /* !CONFIG_IRQ_PIPELINE */

#ifdef CONFIG_DEBUG_IRQ_PIPELINE
void __check_inband_stage(void);
void __check_inband_unstall(void);
/* Complain once about in-band code on the oob stage or with hard irqs off. */
#define check_inband_stage()	__check_inband_stage()
/* Complain once about an unstall of in-band from the oob stage. */
#define check_inband_unstall()	__check_inband_unstall()
#else
#define check_inband_stage()	do { } while (0)
#define check_inband_unstall()	do { } while (0)
#endif

#endif /* __ASM_GENERIC_IRQ_PIPELINE_H */
