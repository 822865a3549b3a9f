/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt pipeline: the out-of-band (oob) stage.
 *
 * While the CPU runs oob, the in-band stage is stalled, and preempt_count
 * holds STAGE_OFFSET: to in-band code, oob looks like NMI context (in_nmi()
 * is true). The oob stage has no virtual state: it masks with hard_*() only.
 */
#ifndef __LINUX_IRQ_PIPELINE_H
#define __LINUX_IRQ_PIPELINE_H

#include <linux/cpumask.h>
#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/preempt.h>
#include <linux/smp.h>

struct cpuidle_device;
struct cpuidle_state;
struct irq_desc;

#ifdef CONFIG_IRQ_PIPELINE

#include <asm/irq_pipeline.h>

/*
 * What an oob interrupt preempted. Owned by the interrupt frame: it stays on
 * the stack of the preempted context if the core switches away from it.
 */
struct irq_pipeline_state {
	unsigned long	inband_flags;	/* virtual interrupt state */
	int		count;		/* what was added to preempt_count */
	int		hardirqs;	/* lockdep's idea of the virtual state */
	bool		rcu;		/* RCU was told of the interrupt */
};

/* Architecture: around the handling of one oob interrupt. */
struct irq_pipeline_state irq_pipeline_enter(void);
void irq_pipeline_exit(struct irq_pipeline_state state);
void handle_oob_irq(struct irq_desc *desc);

/* Core: both are weak, called on the oob stage with hard interrupts off. */
void irq_enter_pipeline(void);
void irq_exit_pipeline(void);

/* Architecture hooks. */
int arch_enable_oob_stage(void);
void irq_send_oob_ipi(unsigned int irq, const struct cpumask *mask);

int enable_oob_stage(const char *name);
void disable_oob_stage(void);
bool oob_stage_present(void);

int run_oob_call(int (*fn)(void *arg), void *arg);
int smp_call_function_oob(int cpu, smp_call_func_t func, void *info, bool wait);

int irq_switch_oob(unsigned int irq, bool on);
int irq_percpu_set_oob(unsigned int irq, bool on);
bool irq_is_oob(unsigned int irq);

/* What CONFIG_DEBUG_IRQ_PIPELINE reports. */
enum irq_pipeline_misuse {
	IRQ_PIPELINE_NO_MISUSE,
	IRQ_PIPELINE_INBAND_SERVICE_OOB,
	IRQ_PIPELINE_INBAND_SERVICE_HARD,
	IRQ_PIPELINE_UNSTALL_OOB,
	IRQ_PIPELINE_RETURN_HARD_ON,
	IRQ_PIPELINE_RETURN_UNSTALLED,
	IRQ_PIPELINE_WAIT_HARD,
};

void irq_pipeline_catch_misuse(enum irq_pipeline_misuse *caught);

/*
 * Last check before a CPU goes idle: in-band stalled, called with hard
 * interrupts on. True with hard interrupts off if it may sleep; false, with
 * hard interrupts on, if an in-band interrupt waits in the controller, where
 * it would not wake the CPU.
 */
static __always_inline bool irq_pipeline_can_idle(void)
{
	hard_irq_disable();
	if (likely(!arch_inband_irq_deferred()))
		return true;
	hard_local_irq_enable();
	return false;
}

bool irq_cpuidle_control(struct cpuidle_device *dev,
			 struct cpuidle_state *state);

#else /* !CONFIG_IRQ_PIPELINE */

static inline bool oob_stage_present(void)
{
	return false;
}

static inline bool irq_is_oob(unsigned int irq)
{
	return false;
}

static __always_inline bool irq_pipeline_can_idle(void)
{
	return true;
}

static inline bool irq_cpuidle_control(struct cpuidle_device *dev,
				       struct cpuidle_state *state)
{
	return true;
}

#endif /* !CONFIG_IRQ_PIPELINE */

#endif /* __LINUX_IRQ_PIPELINE_H */
