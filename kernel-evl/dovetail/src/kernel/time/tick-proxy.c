// SPDX-License-Identifier: GPL-2.0
/*
 * Tick proxy: Linux keeps its tick while a core drives the per-CPU clock event
 * device out-of-band.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cpuhotplug.h>
#include <linux/cpumask.h>
#include <linux/interrupt.h>
#include <linux/irq_pipeline.h>
#include <linux/irq_work.h>
#include <linux/mutex.h>
#include <linux/tick_proxy.h>

#include "tick-internal.h"

static DEFINE_MUTEX(tick_proxy_mutex);
static enum cpuhp_state tick_proxy_state;
static struct cpumask tick_proxy_mask;
static void (*tick_proxy_setup)(struct clock_proxy_device *dev);

static DEFINE_PER_CPU(struct clock_proxy_device, tick_proxy);
static DEFINE_PER_CPU(int, tick_proxy_error);

/* In-band, hardirq context: what the tick of Linux waits for has happened. */
static void proxy_tick(struct irq_work *work)
{
	struct clock_event_device *proxy = &this_cpu_ptr(&tick_proxy)->proxy_device;

	if (!clockevent_state_detached(proxy))
		proxy->event_handler(proxy);
}

static DEFINE_PER_CPU(struct irq_work, tick_proxy_work) = IRQ_WORK_INIT_HARD(proxy_tick);

/**
 * tick_notify_proxy - Tell Linux that its tick is due on this CPU
 *
 * Oob stage, hard interrupts off.
 */
void tick_notify_proxy(void)
{
	irq_work_queue(raw_cpu_ptr(&tick_proxy_work));
}
EXPORT_SYMBOL_GPL(tick_notify_proxy);

static void real_device_event(struct clock_event_device *real)
{
	raw_cpu_ptr(&tick_proxy)->handle_oob_event(real);
}

/* Unless the core has its own: Linux is the only user of the real device. */
static int proxy_set_next_event(unsigned long delta, struct clock_event_device *proxy)
{
	struct clock_event_device *real = this_cpu_ptr(&tick_proxy)->real_device;
	unsigned long flags;
	int ret;

	flags = hard_local_irq_save();
	ret = real->set_next_event(delta, real);
	hard_local_irq_restore(flags);

	return ret;
}

/*
 * The proxy replaces the real device, which is detached by now: take it over,
 * before the proxy is programmed for the first time.
 */
static int proxy_set_oneshot(struct clock_event_device *proxy)
{
	struct clock_event_device *real = this_cpu_ptr(&tick_proxy)->real_device;
	unsigned long flags;
	int ret;

	if (real->features & CLOCK_EVT_FEAT_OOB)
		return 0;

	flags = hard_local_irq_save();
	ret = irq_percpu_set_oob(real->irq, true);
	if (!ret) {
		real->features |= CLOCK_EVT_FEAT_OOB;
		clockevent_set_state(real, CLOCK_EVT_STATE_RESERVED);
		real->event_handler = real_device_event;
		if (real->set_state_oneshot)
			real->set_state_oneshot(real);
	}
	hard_local_irq_restore(flags);

	this_cpu_write(tick_proxy_error, ret);
	return ret;
}

/*
 * The real device replaces the proxy: give it back. Linux programs the proxy
 * until then, and takes the next event over from it.
 */
static int proxy_release(struct clock_event_device *proxy)
{
	struct clock_event_device *real = this_cpu_ptr(&tick_proxy)->real_device;
	unsigned long flags;

	flags = hard_local_irq_save();
	if (real->set_state_shutdown)
		real->set_state_shutdown(real);
	irq_percpu_set_oob(real->irq, false);
	real->event_handler = clockevents_handle_noop;
	real->features &= ~CLOCK_EVT_FEAT_OOB;
	hard_local_irq_restore(flags);

	return 0;
}

static int tick_proxy_online(unsigned int cpu)
{
	const unsigned int needed = CLOCK_EVT_FEAT_PIPELINE | CLOCK_EVT_FEAT_ONESHOT;
	struct clock_proxy_device *dev = this_cpu_ptr(&tick_proxy);
	struct clock_event_device *real = this_cpu_ptr(&tick_cpu_device)->evtdev;
	struct clock_event_device *proxy = &dev->proxy_device;
	unsigned int khz;

	if (!cpumask_test_cpu(cpu, &tick_proxy_mask))
		return 0;
	if (!real || (real->features & (needed | CLOCK_EVT_FEAT_DUMMY)) != needed)
		return -ENODEV;

	memset(dev, 0, sizeof(*dev));
	dev->real_device = real;
	proxy->name = "proxy";
	proxy->features = CLOCK_EVT_FEAT_ONESHOT | CLOCK_EVT_FEAT_PROXY |
			  (real->features & (CLOCK_EVT_FEAT_PERCPU | CLOCK_EVT_FEAT_C3STOP));
	proxy->rating = real->rating + 1;
	proxy->irq = real->irq;
	proxy->cpumask = cpumask_of(cpu);
	proxy->mult = real->mult;
	proxy->shift = real->shift;
	proxy->min_delta_ticks = real->min_delta_ticks;
	proxy->max_delta_ticks = real->max_delta_ticks;
	proxy->min_delta_ns = real->min_delta_ns;
	proxy->max_delta_ns = real->max_delta_ns;
	proxy->broadcast = real->broadcast;
	proxy->set_next_event = proxy_set_next_event;
	proxy->set_state_oneshot = proxy_set_oneshot;

	/* Unless proxy_set_oneshot() is called and says something else */
	this_cpu_write(tick_proxy_error, -ENODEV);
	tick_proxy_setup(dev);
	if (WARN_ON_ONCE(!dev->handle_oob_event))
		return -EINVAL;

	clockevents_register_device(proxy);
	if (!(real->features & CLOCK_EVT_FEAT_OOB)) {
		clockevents_unbind_device(proxy, cpu);
		return this_cpu_read(tick_proxy_error);
	}

	khz = ((u64)proxy->mult * USEC_PER_SEC) >> proxy->shift;
	pr_info("CPU%u: proxy tick device registered (%u.%03uMHz)\n", cpu,
		khz / 1000, khz % 1000);
	return 0;
}

static int tick_proxy_offline(unsigned int cpu)
{
	struct clock_proxy_device *dev = this_cpu_ptr(&tick_proxy);

	if (!cpumask_test_cpu(cpu, &tick_proxy_mask))
		return 0;

	/* Reserved for the proxy until now: let it be found */
	dev->proxy_device.set_state_shutdown = proxy_release;
	clockevent_set_state(dev->real_device, CLOCK_EVT_STATE_DETACHED);
	clockevents_unbind_device(&dev->proxy_device, cpu);
	irq_work_sync(this_cpu_ptr(&tick_proxy_work));
	return 0;
}

/**
 * tick_install_proxy - Take over the tick devices
 * @setup_proxy: called in-band on each CPU, to fill in its proxy: at least
 *		 handle_oob_event
 * @cpumask: CPUs to do this on, now, or as soon as they come online
 *
 * In-band, may sleep. Needs an oob stage.
 *
 * Return: 0; -EAGAIN if there are proxies already; -ENODEV without an oob
 * stage, or if the device of a CPU cannot work out-of-band; -EOPNOTSUPP if
 * its interrupt controller cannot. On error, all CPUs are left as they were.
 */
int tick_install_proxy(void (*setup_proxy)(struct clock_proxy_device *dev),
		       const struct cpumask *cpumask)
{
	int ret;

	guard(mutex)(&tick_proxy_mutex);

	if (tick_proxy_state)
		return -EAGAIN;
	if (!oob_stage_present())
		return -ENODEV;

	tick_proxy_setup = setup_proxy;
	cpumask_copy(&tick_proxy_mask, cpumask);
	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "tick/proxy:online",
				tick_proxy_online, tick_proxy_offline);
	if (ret < 0)
		return ret;

	tick_proxy_state = ret;
	return 0;
}
EXPORT_SYMBOL_GPL(tick_install_proxy);

/**
 * tick_uninstall_proxy - Give the tick devices back to Linux
 * @cpumask: as passed to tick_install_proxy()
 *
 * In-band, may sleep.
 */
void tick_uninstall_proxy(const struct cpumask *cpumask)
{
	guard(mutex)(&tick_proxy_mutex);

	if (WARN_ON(!tick_proxy_state))
		return;

	cpuhp_remove_state(tick_proxy_state);
	tick_proxy_state = 0;
}
EXPORT_SYMBOL_GPL(tick_uninstall_proxy);
