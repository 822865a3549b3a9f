// SPDX-License-Identifier: GPL-2.0
/*
 * In-band users of elements: tasks that wait for them, processes that made them.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/init.h>
#include <linux/irq_work.h>
#include <linux/hash.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include "glue.h"

#define EVL_QUEUE_BITS	4

/* Elements share queues: who is woken looks at its element again. */
static struct evl_inband {
	wait_queue_head_t queue;
	struct irq_work wake;
} evl_inband[1 << EVL_QUEUE_BITS];

static struct evl_inband *evl_inband_of(u32 handle)
{
	return &evl_inband[hash_32(handle, EVL_QUEUE_BITS)];
}

/* Where in-band tasks wait for an element. In-band. */
wait_queue_head_t *evl_inband_queue(u32 handle)
{
	return &evl_inband_of(handle)->queue;
}

/**
 * evl_wait_inband() - wait until poll() would return any of some events.
 * @handle: the element
 * @events: EPOLL*
 *
 * In-band, may sleep. Return: zero, or -ERESTARTSYS for a signal.
 */
int evl_wait_inband(u32 handle, u32 events)
{
	return wait_event_interruptible(*evl_inband_queue(handle),
					evl_poll(handle) & events);
}

static void evl_wake_fn(struct irq_work *work)
{
	wake_up_all(&container_of(work, struct evl_inband, wake)->queue);
}

/* An element changed. Any stage. */
void evl_notify_inband(u32 handle)
{
	struct evl_inband *i = evl_inband_of(handle);

	if (wq_has_sleeper(&i->queue))
		irq_work_queue(&i->wake);
}

/* The process of the caller. In-band. */
struct evl_process evl_current_process(void)
{
	return (struct evl_process){
		.number = task_tgid_nr(current),
		.birth = current->group_leader->start_time,
	};
}

/* Whether there is that process. In-band. */
bool evl_process_lives(u32 number, u64 birth)
{
	struct task_struct *leader;
	bool lives;

	rcu_read_lock();
	leader = find_task_by_pid_ns(number, &init_pid_ns);
	lives = leader && leader->start_time == birth;
	rcu_read_unlock();

	return lives;
}

static int __init evl_init_inband(void)
{
	struct evl_inband *i;

	for (i = evl_inband; i < evl_inband + ARRAY_SIZE(evl_inband); i++) {
		init_waitqueue_head(&i->queue);
		init_irq_work(&i->wake, evl_wake_fn);
	}

	return 0;
}
core_initcall(evl_init_inband);
