// SPDX-License-Identifier: GPL-2.0
/*
 * The in-band side of latency measurements: who waits for one, and in-band
 * interrupts as responses.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/kernel.h>
#include <linux/wait.h>
#include "glue.h"

static struct evl_run {
	wait_queue_head_t queue;
	struct irq_work wake;
	struct irq_work sirq;
} evl_runs[EVL_NR_RUNS];

static void evl_latmus_wake_fn(struct irq_work *work)
{
	wake_up_all(&container_of(work, struct evl_run, wake)->queue);
}

static void evl_latmus_sirq_fn(struct irq_work *work)
{
	evl_latmus_sirq(container_of(work, struct evl_run, sirq) - evl_runs);
}

/* Until there is a result. In-band, sleeps. Return: zero, or -ERESTARTSYS. */
int evl_latmus_wait(u32 run)
{
	if (run >= EVL_NR_RUNS)
		return -EINVAL;

	return wait_event_interruptible(evl_runs[run].queue, evl_latmus_done(run));
}

/* There is a result. Any stage. */
void evl_latmus_wake(u32 run)
{
	if (run < EVL_NR_RUNS)
		irq_work_queue(&evl_runs[run].wake);
}

/* Send an in-band interrupt to this CPU. Any stage. */
void evl_latmus_raise(u32 run)
{
	if (run < EVL_NR_RUNS)
		irq_work_queue(&evl_runs[run].sirq);
}

/* Wait until all interrupts that were sent have come. In-band, sleeps. */
void evl_latmus_sync(u32 run)
{
	if (run < EVL_NR_RUNS)
		irq_work_sync(&evl_runs[run].sirq);
}

static int __init evl_init_latmus(void)
{
	struct evl_run *r;

	for (r = evl_runs; r < evl_runs + EVL_NR_RUNS; r++) {
		init_waitqueue_head(&r->queue);
		init_irq_work(&r->wake, evl_latmus_wake_fn);
		r->sirq = IRQ_WORK_INIT_HARD(evl_latmus_sirq_fn);
	}

	return 0;
}
core_initcall(evl_init_latmus);
