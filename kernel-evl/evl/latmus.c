// SPDX-License-Identifier: GPL-2.0
/*
 * In-band interrupts as responses of latency measurements.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/init.h>
#include <linux/irq_work.h>
#include "glue.h"

static struct irq_work evl_latmus_sirqs[EVL_NR_RUNS];

static void evl_latmus_sirq_fn(struct irq_work *work)
{
	evl_latmus_sirq(work - evl_latmus_sirqs);
}

/* Send an in-band interrupt to this CPU. Any stage. */
void evl_latmus_raise(u32 run)
{
	if (run < EVL_NR_RUNS)
		irq_work_queue(&evl_latmus_sirqs[run]);
}

/* Wait until all interrupts that were sent have come. In-band, sleeps. */
void evl_latmus_sync(u32 run)
{
	if (run < EVL_NR_RUNS)
		irq_work_sync(&evl_latmus_sirqs[run]);
}

static int __init evl_init_latmus(void)
{
	unsigned int run;

	for (run = 0; run < EVL_NR_RUNS; run++)
		evl_latmus_sirqs[run] = IRQ_WORK_INIT_HARD(evl_latmus_sirq_fn);

	return 0;
}
core_initcall(evl_init_latmus);
