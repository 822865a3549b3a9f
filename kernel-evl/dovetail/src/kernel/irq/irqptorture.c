// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline torture test: runs once at boot, on every CPU.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#define pr_fmt(fmt) "irq_pipeline: " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irq_pipeline.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/sched/clock.h>
#include <linux/smp.h>
#include <linux/stop_machine.h>
#include <linux/tick_proxy.h>
#include <linux/timekeeping.h>

#include "irqptorture.h"

#define STALL_NS	(10ULL * NSEC_PER_MSEC)
#define OOB_PERIOD_NS	(100 * NSEC_PER_USEC)
/*
 * A loaded emulator may lose milliseconds at a time: go on for so many ticks,
 * but not for ever. A broken pipeline delivers none.
 */
#define STALL_MIN_TICKS	10
#define STALL_MAX_NS	NSEC_PER_SEC

bool irqp_torture_failed;

/* stop_machine(): every CPU answers, with hard interrupts off. */
static int stop_machine_handler(void *arg)
{
	struct cpumask *answered = arg;

	if (hard_irqs_disabled() && irqs_disabled() && running_inband())
		cpumask_set_cpu(raw_smp_processor_id(), answered);
	return 0;
}

static void test_stop_machine(void)
{
	static struct cpumask answered;

	cpumask_clear(&answered);
	stop_machine(stop_machine_handler, &answered, cpu_online_mask);
	torture_check(cpumask_equal(&answered, cpu_online_mask));
	torture_check(!hard_irqs_disabled());
	pr_info("stop_machine answered by CPUs %*pbl\n", cpumask_pr_args(&answered));
}

/* Tick proxy: Linux keeps time, and the oob handler sees the events. */
struct stall_test {
	bool active;
	u64 next;
	unsigned long ticks;
	unsigned long missed;
	unsigned long wrong_state;
	u64 worst;
};

static DEFINE_PER_CPU(unsigned long, proxy_events);
static DEFINE_PER_CPU(struct stall_test, stall_test);

static void program_device(struct clock_event_device *real, u64 ns)
{
	u64 ticks = (clamp(ns, real->min_delta_ns, real->max_delta_ns) * real->mult) >> real->shift;

	real->set_next_event(ticks, real);
}

static void stall_test_event(struct clock_event_device *real, struct stall_test *t)
{
	u64 now = ktime_get_mono_fast_ns();

	/* An event of Linux which was programmed before */
	if (now < t->next)
		goto program;

	if (!irqs_disabled() || !running_oob() || !on_pipeline_entry())
		t->wrong_state++;
	t->ticks++;
	t->worst = max(t->worst, now - t->next);
	for (t->next += OOB_PERIOD_NS; t->next <= now; t->next += OOB_PERIOD_NS)
		t->missed++;
program:
	program_device(real, t->next - now);
}

static void proxy_event(struct clock_event_device *real)
{
	struct stall_test *t = raw_cpu_ptr(&stall_test);

	raw_cpu_inc(proxy_events);
	if (t->active)
		stall_test_event(real, t);
	else
		tick_notify_proxy();
}

static void setup_proxy(struct clock_proxy_device *dev)
{
	dev->handle_oob_event = proxy_event;
}

static int test_proxy_tick(void *arg)
{
	unsigned long events = this_cpu_read(proxy_events);
	ktime_t timeout = ns_to_ktime(STALL_NS);
	ktime_t start = ktime_get();
	unsigned int n;
	s64 elapsed;

	for (n = 0; n < 5; n++) {
		set_current_state(TASK_UNINTERRUPTIBLE);
		schedule_hrtimeout_range(&timeout, 0, HRTIMER_MODE_REL);
	}
	elapsed = ktime_to_ns(ktime_sub(ktime_get(), start));
	events = this_cpu_read(proxy_events) - events;

	/* An event of a device faster than announced comes early */
	torture_check(elapsed >= (s64)(5 * STALL_NS));
	/* Slower: late. There is no upper bound on a loaded emulator: be lax */
	torture_check(elapsed < (s64)(5 * STALL_NS) + NSEC_PER_SEC);
	torture_check(events >= 5);

	pr_info("CPU%d: proxy tick: %lu oob events, 5 x 10 ms took %lld us\n",
		smp_processor_id(), events, div_s64(elapsed, NSEC_PER_USEC));
	return 0;
}

static int start_stall_test(void *arg)
{
	struct clock_event_device *real = arg;
	struct stall_test *t = raw_cpu_ptr(&stall_test);

	t->next = ktime_get_mono_fast_ns() + OOB_PERIOD_NS;
	t->active = true;
	program_device(real, OOB_PERIOD_NS);
	return 0;
}

/* Linux lost the events it had programmed: let it look what is due. */
static int end_stall_test(void *arg)
{
	raw_cpu_ptr(&stall_test)->active = false;
	tick_notify_proxy();
	return 0;
}

static DEFINE_PER_CPU(struct clock_proxy_device *, proxy_of_cpu);

static void setup_stall_proxy(struct clock_proxy_device *dev)
{
	setup_proxy(dev);
	this_cpu_write(proxy_of_cpu, dev);
}

/* The oob tick is served while in-band is stalled, and in-band's is not. */
static int test_stalled_tick(void *arg)
{
	struct stall_test *t = this_cpu_ptr(&stall_test);
	struct clock_event_device *real = this_cpu_read(proxy_of_cpu)->real_device;
	unsigned long flags, ticks;
	u64 start, stalled;

	local_irq_save(flags);
	run_oob_call(start_stall_test, real);
	start = ktime_get_mono_fast_ns();
	do {
		cpu_relax();
		stalled = ktime_get_mono_fast_ns() - start;
	} while (stalled < STALL_NS ||
		 (READ_ONCE(t->ticks) < STALL_MIN_TICKS && stalled < STALL_MAX_NS));
	torture_check(!hard_irqs_disabled());
	torture_check(irqs_disabled());
	ticks = READ_ONCE(t->ticks);
	run_oob_call(end_stall_test, NULL);
	local_irq_restore(flags);

	torture_check(ticks >= STALL_MIN_TICKS);
	torture_check(!t->wrong_state);
	pr_info("CPU%d: %lu oob ticks in a %llu us stall (%lu missed), worst delay %llu ns\n",
		smp_processor_id(), ticks, div_u64(stalled, NSEC_PER_USEC), t->missed, t->worst);
	return 0;
}

/* smp_call_function_oob(), from this CPU to each one. */
struct oob_call_test {
	int cpu;
	bool ok;
};

static void oob_call_fn(void *arg)
{
	struct oob_call_test *t = arg;

	t->cpu = raw_smp_processor_id();
	smp_store_release(&t->ok, running_oob() && hard_irqs_disabled() && irqs_disabled());
}

static void oob_call_nothing(void *arg) { }

static int test_oob_calls(void *arg)
{
	int cpu, n = 0;

	for_each_online_cpu(cpu) {
		struct oob_call_test t = { .cpu = -1 };
		u64 end;

		torture_check(!smp_call_function_oob(cpu, oob_call_fn, &t, true));
		torture_check(t.ok && t.cpu == cpu);

		t.ok = false;
		torture_check(!smp_call_function_oob(cpu, oob_call_fn, &t, false));
		end = ktime_get_mono_fast_ns() + 5ULL * NSEC_PER_SEC;
		while (!smp_load_acquire(&t.ok) && ktime_get_mono_fast_ns() < end)
			cpu_relax();
		torture_check(t.ok);
		n++;
	}

	pr_info("CPU%d: smp_call_function_oob() reached %d CPUs\n", smp_processor_id(), n);
	return 0;
}

/* irq_work: runs in-band, and not before in-band may run. */
struct work_test {
	struct irq_work work;
	unsigned int runs;
	bool inband;
	bool early;
};

static void work_handler(struct irq_work *work)
{
	struct work_test *t = container_of(work, struct work_test, work);

	t->inband = running_inband() && in_hardirq() && irqs_disabled();
	t->runs++;
}

static int queue_work_oob(void *arg)
{
	struct work_test *t = arg;

	unsigned int runs = t->runs;

	irq_work_queue(&t->work);
	hard_local_irq_enable();
	t->early |= READ_ONCE(t->runs) != runs;
	hard_local_irq_disable();
	return 0;
}

static int test_irq_work(void *arg)
{
	struct work_test t = { .work = IRQ_WORK_INIT_HARD(work_handler) };
	unsigned long flags;

	/* In-band to in-band: at once, or when in-band is unstalled. */
	irq_work_queue(&t.work);
	irq_work_sync(&t.work);
	torture_check(t.runs == 1 && t.inband);

	local_irq_save(flags);
	irq_work_queue(&t.work);
	torture_check(t.runs == 1);
	local_irq_restore(flags);
	irq_work_sync(&t.work);
	torture_check(t.runs == 2 && t.inband);
	pr_info("CPU%d: in-band->in-band irq_work trigger works\n", smp_processor_id());

	/* Out-of-band to in-band: likewise, never on the oob stage. */
	run_oob_call(queue_work_oob, &t);
	irq_work_sync(&t.work);
	torture_check(!t.early && t.runs == 3 && t.inband);

	local_irq_save(flags);
	run_oob_call(queue_work_oob, &t);
	torture_check(t.runs == 3);
	local_irq_restore(flags);
	irq_work_sync(&t.work);
	torture_check(!t.early && t.runs == 4 && t.inband);
	pr_info("CPU%d: oob->in-band irq_work trigger works\n", smp_processor_id());
	return 0;
}

/* run_oob_call(): changes the stage, and restores what was before. */
static int nested_escalation(void *arg)
{
	return running_oob() && hard_irqs_disabled() ? 17 : 0;
}

static int escalation(void *arg)
{
	if (!running_oob() || !hard_irqs_disabled() || !irqs_disabled() || on_pipeline_entry())
		return 0;
	return run_oob_call(nested_escalation, NULL) == 17 && running_oob() ? 42 : 0;
}

static int test_escalation(void *arg)
{
	unsigned long flags;

	torture_check(run_oob_call(escalation, NULL) == 42);
	torture_check(running_inband() && !irqs_disabled() && !hard_irqs_disabled());

	local_irq_save(flags);
	torture_check(run_oob_call(escalation, NULL) == 42);
	torture_check(running_inband() && irqs_disabled() && !hard_irqs_disabled());
	local_irq_restore(flags);
	torture_check(!irqs_disabled());

	hard_local_irq_disable();
	torture_check(run_oob_call(escalation, NULL) == 42);
	torture_check(hard_irqs_disabled());
	hard_local_irq_enable();
	pr_info("CPU%d: in-band->oob stage escalation works\n", smp_processor_id());
	return 0;
}

/* CONFIG_DEBUG_IRQ_PIPELINE tells of each misuse while it happens. */
static int use_inband_lock(void *arg)
{
	static DEFINE_RAW_SPINLOCK(lock);

	raw_spin_lock(&lock);
	raw_spin_unlock(&lock);
	return 0;
}

static int unstall_oob(void *arg)
{
	raw_local_irq_enable();
	raw_local_irq_disable();
	return 0;
}

static int return_unstalled(void *arg)
{
	arch_local_irq_enable();
	return 0;
}

static int return_hard_on(void *arg)
{
	hard_local_irq_enable();
	return 0;
}

#define torture_misuse(misuse, call)					\
({									\
	enum irq_pipeline_misuse caught = IRQ_PIPELINE_NO_MISUSE;	\
									\
	irq_pipeline_catch_misuse(&caught);				\
	call;								\
	irq_pipeline_catch_misuse(NULL);				\
	torture_check(caught == (misuse));				\
})

static int test_misuse(void *arg)
{
	torture_misuse(IRQ_PIPELINE_NO_MISUSE, run_oob_call(nested_escalation, NULL));
	torture_misuse(IRQ_PIPELINE_NO_MISUSE, use_inband_lock(NULL));
	torture_misuse(IRQ_PIPELINE_INBAND_SERVICE_OOB, run_oob_call(use_inband_lock, NULL));
	torture_misuse(IRQ_PIPELINE_UNSTALL_OOB, run_oob_call(unstall_oob, NULL));
	torture_misuse(IRQ_PIPELINE_RETURN_UNSTALLED, run_oob_call(return_unstalled, NULL));
	torture_misuse(IRQ_PIPELINE_RETURN_HARD_ON, run_oob_call(return_hard_on, NULL));

	/* Not preempted in there: this would schedule with hard interrupts off */
	preempt_disable();
	hard_local_irq_disable();
	torture_misuse(IRQ_PIPELINE_INBAND_SERVICE_HARD, use_inband_lock(NULL));
	torture_misuse(IRQ_PIPELINE_WAIT_HARD,
		       smp_call_function_oob(smp_processor_id(), oob_call_nothing, NULL, true));
	hard_local_irq_enable();
	preempt_enable();

	torture_check(running_inband() && !irqs_disabled() && !hard_irqs_disabled());
	pr_info("CPU%d: misuse is caught\n", smp_processor_id());
	return 0;
}

/* CPU hotplug, while other CPUs call functions there. */
struct hotplug_test {
	int cpu;
	unsigned long called;
	unsigned long offline;
	unsigned long wrong;
};

static int call_victim(void *arg)
{
	struct hotplug_test *t = arg;

	while (!kthread_should_stop()) {
		int ret = smp_call_function_oob(t->cpu, oob_call_nothing, NULL, true);

		if (!ret)
			t->called++;
		else if (ret == -ENXIO)
			t->offline++;
		else
			t->wrong++;
		cond_resched();
	}
	return 0;
}

static void test_cpu_hotplug(int cpu)
{
	struct hotplug_test t = { .cpu = cpu };
	struct task_struct *caller = kthread_run(call_victim, &t, "irqptorture");
	unsigned int n;

	if (!torture_check(!IS_ERR(caller)))
		return;

	for (n = 0; n < 3; n++) {
		torture_check(!remove_cpu(cpu));
		torture_check(!add_cpu(cpu));
	}
	msleep(20);
	kthread_stop(caller);

	torture_check(t.called && !t.wrong);
	pr_info("CPU%d: 3 times offline and online under %lu oob calls, %lu refused\n",
		cpu, t.called, t.offline);
}

static void test_hotplug(void)
{
	int cpu;

	for_each_present_cpu(cpu)
		if (torture_hotplugs(cpu))
			test_cpu_hotplug(cpu);
}

void on_each_cpu_thread(int (*fn)(void *arg))
{
	int cpu;

	cpus_read_lock();
	for_each_online_cpu(cpu)
		torture_check(!smp_call_on_cpu(cpu, fn, NULL, false));
	cpus_read_unlock();
}

static int __init irqp_torture_init(void)
{
	if (!torture_check(!enable_oob_stage("torture")))
		goto out;

	torture_check(enable_oob_stage("again") == -EBUSY);
	test_stop_machine();
	on_each_cpu_thread(test_escalation);
	on_each_cpu_thread(test_irq_work);
	on_each_cpu_thread(test_oob_calls);
	on_each_cpu_thread(test_misuse);
	test_hotplug();
	test_device_irqs();

	if (torture_check(!tick_install_proxy(setup_stall_proxy, cpu_online_mask))) {
		torture_check(tick_install_proxy(setup_proxy, cpu_online_mask) == -EAGAIN);
		on_each_cpu_thread(test_proxy_tick);
		on_each_cpu_thread(test_stalled_tick);
		on_each_cpu_thread(test_proxy_tick);
		test_stop_machine();
		test_hotplug();
		on_each_cpu_thread(test_proxy_tick);
		tick_uninstall_proxy(cpu_online_mask);
	}

	disable_oob_stage();
	torture_check(!oob_stage_present());
out:
	printk(KERN_INFO "IRQ pipeline tests %s\n", irqp_torture_failed ? "FAILED." : "OK.");
	return 0;
}
late_initcall(irqp_torture_init);
