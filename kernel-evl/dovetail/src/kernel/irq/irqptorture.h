/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Interrupt pipeline torture test: what its parts share.
 */
#ifndef _KERNEL_IRQ_IRQPTORTURE_H
#define _KERNEL_IRQ_IRQPTORTURE_H

#include <linux/cpumask.h>
#include <linux/printk.h>
#include <linux/smp.h>

extern bool irqp_torture_failed;

#define torture_check(cond)						\
({									\
	bool __ok = (cond);						\
	if (!__ok) {							\
		pr_err("CPU%d: %s:%d: '%s' does not hold\n",		\
		       raw_smp_processor_id(), __func__, __LINE__, #cond); \
		WRITE_ONCE(irqp_torture_failed, true);			\
	}								\
	__ok;								\
})

/* CPUs to be taken offline and online again: all but the first. */
static inline bool torture_hotplugs(int cpu)
{
	return IS_ENABLED(CONFIG_HOTPLUG_CPU) && cpu != cpumask_first(cpu_present_mask);
}

/* Run @fn in a thread on each CPU in turn. */
void on_each_cpu_thread(int (*fn)(void *arg));

#ifdef CONFIG_IRQ_PIPELINE_DEVICE_TEST
void test_device_irqs(void);
#else
static inline void test_device_irqs(void) { }
#endif

#endif /* _KERNEL_IRQ_IRQPTORTURE_H */
