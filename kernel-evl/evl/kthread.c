// SPDX-License-Identifier: GPL-2.0
/*
 * Threads of the kernel that the core schedules: their tasks.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/completion.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/sched.h>
#include "glue.h"

/* By the minor number of the thread. */
static struct task_struct *evl_kthreads[CONFIG_EVL_NR_THREADS + 1];

struct evl_kthread_start {
	struct completion begun;
	u32 thread;
};

static int evl_kthread_fn(void *arg)
{
	struct evl_kthread_start *start = arg;
	u32 thread = start->thread;

	complete(&start->begun);
	evl_kthread_main(thread);

	/* kthread_stop() wants somebody to stop. */
	for (;;) {
		set_current_state(TASK_IDLE);
		if (kthread_should_stop())
			break;
		schedule();
	}
	__set_current_state(TASK_RUNNING);

	return 0;
}

/**
 * evl_run_kthread() - start the task of a kernel thread.
 * @thread: its minor number; nobody has started it
 * @cpu: where it stays
 *
 * In-band, may sleep. It has begun afterwards, so that it can be joined.
 * Return: zero or a negative error code.
 */
int evl_run_kthread(u32 thread, u32 cpu)
{
	struct evl_kthread_start start = { .thread = thread };
	struct task_struct *p;

	if (thread >= ARRAY_SIZE(evl_kthreads) || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;

	init_completion(&start.begun);
	p = kthread_create_on_cpu(evl_kthread_fn, &start, cpu, "evl/%u");
	if (IS_ERR(p))
		return PTR_ERR(p);

	evl_kthreads[thread] = p;
	/* It goes oob, and comes back to end, however many tasks want the CPU. */
	sched_set_fifo(p);
	wake_up_process(p);
	wait_for_completion(&start.begun);

	return 0;
}

/* Wait for the end of a kernel thread that is about to end. In-band, sleeps. */
void evl_join_kthread(u32 thread)
{
	struct task_struct *p;

	if (thread >= ARRAY_SIZE(evl_kthreads))
		return;

	p = evl_kthreads[thread];
	evl_kthreads[thread] = NULL;
	if (p)
		kthread_stop(p);
}
