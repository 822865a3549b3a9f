// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline measurements: a periodic tick on every CPU whose delays
 * are recorded, sections with in-band stalled, the cost of stalling. In
 * debugfs, irq_pipeline_bench/:
 *
 * tick		write a period in ns to start, 0 to stop. Out-of-band with the
 *		pipeline, else by a hard hrtimer.
 * delays	read: what the ticks saw since they were started. In ns.
 * stall	write ns: stall in-band for so long, on the CPU of the writer.
 * pair		read: local_irq_save() and local_irq_restore(), loops and ns,
 *		the same loop without them.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cleanup.h>
#include <linux/cpu.h>
#include <linux/cpumask.h>
#include <linux/debugfs.h>
#include <linux/hrtimer.h>
#include <linux/init.h>
#include <linux/irq_pipeline.h>
#include <linux/limits.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>
#include <linux/smp.h>
#include <linux/stacktrace.h>
#include <linux/string.h>
#include <linux/tick_proxy.h>
#include <linux/timekeeping.h>

/* One for each ns; the last one takes all that is more. */
#define NR_BUCKETS	2048

#define MIN_PERIOD_NS	(20 * NSEC_PER_USEC)
#define MAX_STALL_NS	NSEC_PER_SEC
#define PAIR_LOOPS	1000

/* The timer's frequency and the clock's do not agree to the last digit. */
#define EARLY_NS	50

struct bench_delays {
	u64 count;
	u64 sum;
	u64 min;
	u64 max;
	u32 buckets[NR_BUCKETS];
	/* What the latest tick interrupted */
	unsigned int nr_entries;
	unsigned long entries[24];
};

struct bench_tick {
	u64 next;		/* when it is due */
	u64 last;		/* when it was handled */
	u64 ticks;
	u64 missed;
	bool stalled;		/* by our own section */
	struct bench_delays delays[2];
#ifdef CONFIG_IRQ_PIPELINE
	u64 armed;		/* what the real device was programmed for */
	u64 due;		/* when it will fire, as seen by the handler */
	u64 overhead;		/* of a look at the clock and programming */
	u64 linux_next;		/* what Linux asked the proxy for */
	u64 early;
	struct clock_event_device *real;
#else
	struct hrtimer timer;
#endif
};

static DEFINE_PER_CPU(struct bench_tick, bench_tick);
static DEFINE_MUTEX(bench_mutex);
static u64 bench_period;

static void bench_account(struct bench_tick *t, u64 now, u64 due)
{
	struct bench_delays *d = &t->delays[READ_ONCE(t->stalled)];
	u64 delay = now > due ? now - due : 0;

	d->count++;
	d->sum += delay;
	d->min = min(d->min, delay);
	if (delay > d->max) {
		d->max = delay;
		d->nr_entries = stack_trace_save(d->entries, ARRAY_SIZE(d->entries), 0);
	}
	d->buckets[min(delay, NR_BUCKETS - 1)]++;

	t->ticks++;
	t->last = now;
	for (t->next += bench_period; t->next <= now; t->next += bench_period)
		t->missed++;
}

static void bench_reset(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct bench_tick *t = per_cpu_ptr(&bench_tick, cpu);

		memset(t, 0, sizeof(*t));
		t->delays[0].min = U64_MAX;
		t->delays[1].min = U64_MAX;
	}
}

#ifdef CONFIG_IRQ_PIPELINE

/* Hard interrupts off. When the device was told, and for which time. */
static u64 bench_set_next(struct clock_event_device *real, u64 ns)
{
	u64 ticks = (ns * real->mult) >> real->shift;
	u64 now = ktime_get_mono_fast_ns();

	real->set_next_event(ticks, real);
	return now + div_u64(ticks << real->shift, real->mult);
}

/*
 * Between two looks at the clock around the programming of the device, as much
 * time goes by as between the first of them and the programming, plus between
 * the entry of the handler and its look: what is left is the way of the
 * interrupt to the handler.
 */
static u64 bench_overhead(struct clock_event_device *real)
{
	unsigned long ticks = (NSEC_PER_MSEC * real->mult) >> real->shift;
	u64 start, best = U64_MAX;
	unsigned int i;

	for (i = 0; i < 16; i++) {
		start = ktime_get_mono_fast_ns();
		real->set_next_event(ticks, real);
		best = min(best, ktime_get_mono_fast_ns() - start);
	}
	return best;
}

/* Hard interrupts off. */
static void bench_program(struct bench_tick *t)
{
	struct clock_event_device *real = t->real;
	u64 now, left, ns, fires;

	if (!t->overhead)
		t->overhead = bench_overhead(real);

	t->armed = min(t->next, t->linux_next);
	now = ktime_get_mono_fast_ns();
	left = t->armed > now ? t->armed - now : 0;
	ns = clamp(left, real->min_delta_ns, real->max_delta_ns);
	fires = bench_set_next(real, ns) + t->overhead;
	/* Too late for the device: the tick is late already */
	t->due = ns > left ? t->armed : fires;
}

static void bench_oob_event(struct clock_event_device *real)
{
	u64 now = ktime_get_mono_fast_ns();
	struct bench_tick *t = raw_cpu_ptr(&bench_tick);

	if (now + EARLY_NS < t->armed)
		t->early++;
	if (now + EARLY_NS >= t->next)
		bench_account(t, now, t->armed == t->next ? t->due : t->next);
	if (now + EARLY_NS >= t->linux_next) {
		t->linux_next = U64_MAX;
		tick_notify_proxy();
	}
	bench_program(t);
}

/*
 * Only an event handled, or an earlier request, programs the device: an
 * interrupt lost stops the tick for good.
 */
static int bench_linux_event(ktime_t expires, struct clock_event_device *proxy)
{
	struct bench_tick *t = raw_cpu_ptr(&bench_tick);
	unsigned long flags;

	flags = hard_local_irq_save();
	t->linux_next = ktime_to_ns(expires);
	if (t->linux_next < t->armed)
		bench_program(t);
	hard_local_irq_restore(flags);

	return 0;
}

static void bench_setup_proxy(struct clock_proxy_device *dev)
{
	struct bench_tick *t = this_cpu_ptr(&bench_tick);

	t->real = dev->real_device;
	t->next = ktime_get_mono_fast_ns() + bench_period;
	t->armed = U64_MAX;
	t->linux_next = U64_MAX;
	dev->proxy_device.features |= CLOCK_EVT_FEAT_KTIME;
	dev->proxy_device.set_next_ktime = bench_linux_event;
	dev->handle_oob_event = bench_oob_event;
}

static int bench_start(void)
{
	int ret;

	ret = enable_oob_stage("bench");
	if (ret)
		return ret;

	ret = tick_install_proxy(bench_setup_proxy, cpu_possible_mask);
	if (ret)
		disable_oob_stage();
	return ret;
}

static void bench_stop(void)
{
	tick_uninstall_proxy(cpu_possible_mask);
	disable_oob_stage();
}

static u64 bench_early(struct bench_tick *t)
{
	return t->early;
}

#else /* !CONFIG_IRQ_PIPELINE */

static enum hrtimer_restart bench_timer_event(struct hrtimer *timer)
{
	struct bench_tick *t = container_of(timer, struct bench_tick, timer);

	bench_account(t, ktime_get_mono_fast_ns(), t->next);
	hrtimer_set_expires(timer, ns_to_ktime(t->next));
	return HRTIMER_RESTART;
}

static void bench_start_timer(void *arg)
{
	struct bench_tick *t = this_cpu_ptr(&bench_tick);

	hrtimer_setup(&t->timer, bench_timer_event, CLOCK_MONOTONIC, HRTIMER_MODE_ABS_PINNED_HARD);
	t->next = ktime_get_ns() + bench_period;
	hrtimer_start(&t->timer, ns_to_ktime(t->next), HRTIMER_MODE_ABS_PINNED_HARD);
}

static int bench_start(void)
{
	on_each_cpu(bench_start_timer, NULL, true);
	return 0;
}

static void bench_stop(void)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		struct bench_tick *t = per_cpu_ptr(&bench_tick, cpu);

		if (t->next)
			hrtimer_cancel(&t->timer);
	}
}

static u64 bench_early(struct bench_tick *t)
{
	return 0;
}

#endif /* !CONFIG_IRQ_PIPELINE */

static int tick_get(void *data, u64 *period)
{
	*period = bench_period;
	return 0;
}

static int tick_set(void *data, u64 period)
{
	int ret;

	guard(mutex)(&bench_mutex);

	if (!period) {
		if (bench_period)
			bench_stop();
		bench_period = 0;
		return 0;
	}
	if (period < MIN_PERIOD_NS || period > NSEC_PER_SEC)
		return -EINVAL;
	if (bench_period)
		return -EBUSY;

	bench_reset();
	bench_period = period;
	ret = bench_start();
	if (ret)
		bench_period = 0;
	return ret;
}
DEFINE_DEBUGFS_ATTRIBUTE(tick_fops, tick_get, tick_set, "%llu\n");

static void show_delays(struct seq_file *s, int cpu, const char *where, struct bench_delays *d)
{
	unsigned int i;

	if (!d->count)
		return;

	seq_printf(s, "%s cpu %d count %llu sum %llu min %llu max %llu\n",
		   where, cpu, d->count, d->sum, d->min, d->max);
	for (i = 0; i < d->nr_entries; i++)
		seq_printf(s, "%s cpu %d latest %pS\n", where, cpu, (void *)d->entries[i]);
	for (i = 0; i < NR_BUCKETS; i++) {
		if (d->buckets[i])
			seq_printf(s, "%s cpu %d delay %u count %u\n",
				   where, cpu, i, d->buckets[i]);
	}
}

static int delays_show(struct seq_file *s, void *unused)
{
	int cpu;

	guard(mutex)(&bench_mutex);
	guard(cpus_read_lock)();

	for_each_online_cpu(cpu) {
		struct bench_tick *t = per_cpu_ptr(&bench_tick, cpu);
		u64 last = READ_ONCE(t->last);

		seq_printf(s, "ticks cpu %d count %llu missed %llu early %llu age %llu\n",
			   cpu, t->ticks, t->missed, bench_early(t),
			   ktime_get_mono_fast_ns() - last);
		show_delays(s, cpu, "running", &t->delays[0]);
		show_delays(s, cpu, "stalled", &t->delays[1]);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(delays);

/* Reads of the clock are slow in an emulator: one every so many rounds. */
static void spin_until(u64 end)
{
	unsigned int i;

	do {
		for (i = 0; i < 1000; i++)
			barrier();
	} while (ktime_get_mono_fast_ns() < end);
}

static int stall_set(void *data, u64 ns)
{
	struct bench_tick *t;
	unsigned long flags;

	if (ns > MAX_STALL_NS)
		return -EINVAL;

	local_irq_save(flags);
	t = this_cpu_ptr(&bench_tick);
	WRITE_ONCE(t->stalled, true);
	spin_until(ktime_get_mono_fast_ns() + ns);
	WRITE_ONCE(t->stalled, false);
	local_irq_restore(flags);
	return 0;
}
DEFINE_DEBUGFS_ATTRIBUTE(stall_fops, NULL, stall_set, "%llu\n");

static int pair_show(struct seq_file *s, void *unused)
{
	unsigned long flags;
	u64 start, pair, loop;
	unsigned int i;

	start = ktime_get_mono_fast_ns();
	for (i = 0; i < PAIR_LOOPS; i++) {
		local_irq_save(flags);
		local_irq_restore(flags);
	}
	pair = ktime_get_mono_fast_ns() - start;

	start = ktime_get_mono_fast_ns();
	for (i = 0; i < PAIR_LOOPS; i++)
		barrier();
	loop = ktime_get_mono_fast_ns() - start;

	seq_printf(s, "%u %llu %llu\n", PAIR_LOOPS, pair, loop);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pair);

static int __init irqpbench_init(void)
{
	struct dentry *dir = debugfs_create_dir("irq_pipeline_bench", NULL);

	debugfs_create_file("tick", 0600, dir, NULL, &tick_fops);
	debugfs_create_file("delays", 0400, dir, NULL, &delays_fops);
	debugfs_create_file("stall", 0200, dir, NULL, &stall_fops);
	debugfs_create_file("pair", 0400, dir, NULL, &pair_fops);
	return 0;
}
late_initcall(irqpbench_init);
