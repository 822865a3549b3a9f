// SPDX-License-Identifier: GPL-2.0
/*
 * Dovetail torture test: the smallest companion core.
 *
 * First come, first served, on the CPU where a thread attached. A timer, a few
 * semaphores, and nothing else. At boot it schedules kernel threads on each
 * CPU; afterwards it serves applications by prctl(PR_OOB_SYSCALL).
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#define pr_fmt(fmt) "dovetail: " fmt

#include <linux/completion.h>
#include <linux/cpu.h>
#include <linux/dovetail.h>
#include <linux/hard_spinlock.h>
#include <linux/init.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_pipeline.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/tick_proxy.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include <asm/dovetail.h>

#define NR_SEMS		64

struct tthread {
	struct dovetail_altsched_context ctx;
	struct list_head	node;		/* in ready, sleepers or waiters */
	struct irq_work		wake;
	int			cpu;
	bool			ready;
	bool			sleeping;
	bool			kicked;
	u64			date;
	unsigned long		inband_switches;
};

struct tcpu {
	hard_spinlock_t		lock;
	struct tthread		root;
	struct tthread		*curr;
	struct list_head	ready;
	struct list_head	sleepers;
	u64			inband_date;
	struct clock_event_device *real;
};

struct tsem {
	int			value;
	struct list_head	waiters;
};

static DEFINE_PER_CPU(struct tcpu, tcpus);
static DEFINE_HARD_SPINLOCK(sem_lock);
static struct tsem sems[NR_SEMS];

static struct tthread *tthread_of(struct task_struct *p)
{
	return dovetail_task_state(p)->thread;
}

/* Hard interrupts off, lock held: program the timer for whatever comes next. */
static void program_timer(struct tcpu *c)
{
	struct tthread *first = list_first_entry_or_null(&c->sleepers, struct tthread, node);
	u64 now = ktime_get_mono_fast_ns(), date = c->inband_date;
	u64 delta;

	if (first && first->date < date)
		date = first->date;
	delta = date > now ? date - now : 0;
	delta = clamp(delta, c->real->min_delta_ns, c->real->max_delta_ns);
	c->real->set_next_event((delta * c->real->mult) >> c->real->shift, c->real);
}

/* Hard interrupts off, lock of its CPU held. */
static void make_ready(struct tcpu *c, struct tthread *t)
{
	t->ready = true;
	list_add_tail(&t->node, &c->ready);
}

static void timer_event(struct clock_event_device *real)
{
	struct tcpu *c = this_cpu_ptr(&tcpus);
	u64 now = ktime_get_mono_fast_ns();
	struct tthread *t, *n;

	hard_spin_lock(&c->lock);
	list_for_each_entry_safe(t, n, &c->sleepers, node) {
		if (t->date > now)
			break;
		list_del(&t->node);
		t->sleeping = false;
		make_ready(c, t);
	}
	if (c->inband_date <= now) {
		c->inband_date = U64_MAX;
		tick_notify_proxy();
	}
	program_timer(c);
	hard_spin_unlock(&c->lock);
}

static int inband_next_event(ktime_t expires, struct clock_event_device *proxy)
{
	struct tcpu *c;
	unsigned long flags;

	flags = hard_local_irq_save();
	c = this_cpu_ptr(&tcpus);
	hard_spin_lock(&c->lock);
	c->inband_date = ktime_to_ns(expires);
	program_timer(c);
	hard_spin_unlock(&c->lock);
	hard_local_irq_restore(flags);
	return 0;
}

static void setup_proxy(struct clock_proxy_device *dev)
{
	struct tcpu *c = this_cpu_ptr(&tcpus);

	c->real = dev->real_device;
	c->inband_date = U64_MAX;
	dev->handle_oob_event = timer_event;
	dev->proxy_device.features |= CLOCK_EVT_FEAT_KTIME;
	dev->proxy_device.set_next_ktime = inband_next_event;
}

/* Oob stage, hard interrupts off. Back in-band if a thread left the stage. */
static void tcore_schedule(void)
{
	struct tcpu *c = this_cpu_ptr(&tcpus);
	struct tthread *prev = c->curr, *next;

	if (prev != &c->root && prev->ready)
		return;

	hard_spin_lock(&c->lock);
	next = list_first_entry_or_null(&c->ready, struct tthread, node) ?: &c->root;
	hard_spin_unlock(&c->lock);
	if (next == prev)
		return;

	c->curr = next;
	if (dovetail_context_switch(&prev->ctx, &next->ctx, prev == &c->root))
		dovetail_resume_inband();
}

void irq_exit_pipeline(void)
{
	if (this_cpu_ptr(&tcpus)->curr)
		tcore_schedule();
}

static int ready_call(void *arg)
{
	struct tcpu *c = this_cpu_ptr(&tcpus);

	hard_spin_lock(&c->lock);
	make_ready(c, arg);
	hard_spin_unlock(&c->lock);
	return 0;
}

void resume_oob_task(struct task_struct *p)
{
	run_oob_call(ready_call, tthread_of(p));
}

static int tcore_switch_oob(void)
{
	int ret = dovetail_leave_inband();

	if (!ret)
		hard_local_irq_enable();
	return ret;
}

static void wake_inband(struct irq_work *work)
{
	dovetail_wake_inband(container_of(work, struct tthread, wake)->ctx.task);
}

static void tcore_switch_inband(struct tthread *t)
{
	struct tcpu *c;

	hard_local_irq_disable();
	c = this_cpu_ptr(&tcpus);
	hard_spin_lock(&c->lock);
	list_del(&t->node);
	t->ready = false;
	t->kicked = false;
	t->inband_switches++;
	hard_spin_unlock(&c->lock);

	dovetail_leave_oob();
	irq_work_queue(&t->wake);
	tcore_schedule();
}

static int tcore_sleep(struct tthread *t, u64 date)
{
	struct tthread *pos;
	struct tcpu *c;

	hard_local_irq_disable();
	c = this_cpu_ptr(&tcpus);
	hard_spin_lock(&c->lock);
	if (!t->kicked) {
		list_del(&t->node);
		t->ready = false;
		t->sleeping = true;
		t->date = date;
		list_for_each_entry(pos, &c->sleepers, node)
			if (pos->date > date)
				break;
		list_add_tail(&t->node, &pos->node);
		program_timer(c);
	}
	hard_spin_unlock(&c->lock);
	tcore_schedule();
	hard_local_irq_enable();

	return t->kicked ? -EINTR : 0;
}

/* Any stage. */
static void wake_thread(struct tthread *t)
{
	struct tcpu *c = per_cpu_ptr(&tcpus, t->cpu);
	unsigned long flags;

	hard_spin_lock_irqsave(&c->lock, flags);
	make_ready(c, t);
	hard_spin_unlock_irqrestore(&c->lock, flags);
	irq_send_oob_ipi(RESCHEDULE_OOB_IPI, cpumask_of(t->cpu));
}

static int tcore_down(struct tthread *t, unsigned int nr)
{
	struct tsem *s = &sems[nr % NR_SEMS];
	struct tcpu *c;

	hard_local_irq_disable();
	hard_spin_lock(&sem_lock);
	if (--s->value < 0) {
		c = this_cpu_ptr(&tcpus);
		hard_spin_lock(&c->lock);
		list_del(&t->node);
		t->ready = false;
		hard_spin_unlock(&c->lock);
		list_add_tail(&t->node, &s->waiters);
	}
	hard_spin_unlock(&sem_lock);
	tcore_schedule();
	hard_local_irq_enable();
	return 0;
}

static int tcore_up(unsigned int nr)
{
	struct tsem *s = &sems[nr % NR_SEMS];
	struct tthread *t = NULL;
	unsigned long flags;

	hard_spin_lock_irqsave(&sem_lock, flags);
	if (s->value++ < 0) {
		t = list_first_entry(&s->waiters, struct tthread, node);
		list_del(&t->node);
	}
	hard_spin_unlock_irqrestore(&sem_lock, flags);
	if (t)
		wake_thread(t);
	return 0;
}

/* In-band. */
static struct tthread *tcore_attach(void)
{
	struct tthread *t = kzalloc(sizeof(*t), GFP_KERNEL);

	if (!t)
		return NULL;

	t->cpu = get_cpu();
	put_cpu();
	if (set_cpus_allowed_ptr(current, cpumask_of(t->cpu))) {
		kfree(t);
		return NULL;
	}
	t->wake = IRQ_WORK_INIT_HARD(wake_inband);
	dovetail_init_altsched(&t->ctx);
	dovetail_task_state(current)->thread = t;
	dovetail_start_altsched();
	return t;
}

static void tcore_detach(void)
{
	struct tthread *t = tthread_of(current);

	if (!t)
		return;
	dovetail_stop_altsched();
	irq_work_sync(&t->wake);
	dovetail_task_state(current)->thread = NULL;
	kfree(t);
}

/* A signal: interrupt its sleep, and send it in-band. */
static void kick(struct tthread *t)
{
	struct tcpu *c = per_cpu_ptr(&tcpus, t->cpu);
	unsigned long flags;

	hard_spin_lock_irqsave(&c->lock, flags);
	t->kicked = true;
	if (t->sleeping) {
		list_del(&t->node);
		t->sleeping = false;
		make_ready(c, t);
	}
	hard_spin_unlock_irqrestore(&c->lock, flags);
	dovetail_send_mayday(t->ctx.task);
	irq_send_oob_ipi(RESCHEDULE_OOB_IPI, cpumask_of(t->cpu));
}

void handle_inband_event(enum inband_event_type event, void *data)
{
	if (event == INBAND_TASK_SIGNAL)
		kick(tthread_of(data));
	else if (event == INBAND_TASK_EXIT)
		tcore_detach();
}

void handle_oob_mayday(struct pt_regs *regs)
{
	tcore_switch_inband(tthread_of(current));
}

void handle_oob_trap_entry(struct pt_regs *regs)
{
	tcore_switch_inband(tthread_of(current));
}

void handle_oob_trap_exit(struct pt_regs *regs)
{
	tcore_switch_oob();
}

enum {
	TCALL_ATTACH,
	TCALL_SWITCH_OOB,
	TCALL_SWITCH_INBAND,
	TCALL_SLEEP,		/* until a date, in ns of CLOCK_MONOTONIC */
	TCALL_DOWN,
	TCALL_UP,
	TCALL_PUT,		/* store the 2nd argument at the 1st one */
	TCALL_INBAND_SWITCHES,
	TCALL_IS_OOB,
};

static long tcore_call(struct tthread *t, unsigned long *args)
{
	switch (args[0]) {
	case TCALL_SWITCH_OOB:
		return 0;
	case TCALL_SWITCH_INBAND:
		tcore_switch_inband(t);
		return 0;
	case TCALL_SLEEP:
		return tcore_sleep(t, args[1]);
	case TCALL_DOWN:
		return tcore_down(t, args[1]);
	case TCALL_UP:
		return tcore_up(args[1]);
	case TCALL_PUT:
		return put_user(args[2], (unsigned long __user *)args[1]);
	case TCALL_INBAND_SWITCHES:
		return t->inband_switches;
	case TCALL_IS_OOB:
		return 1;
	default:
		return -ENOSYS;
	}
}

bool handle_oob_syscall(struct pt_regs *regs)
{
	struct tthread *t = tthread_of(current);
	unsigned long args[4];
	long ret;

	if (!arch_oob_syscall_args(regs, args)) {
		tcore_switch_inband(t);
		return false;
	}

	ret = tcore_call(t, args);
	arch_oob_syscall_return(regs, ret);
	return true;
}

long handle_inband_syscall(struct pt_regs *regs)
{
	struct tthread *t = tthread_of(current);
	unsigned long args[4];
	int ret;

	if (!arch_oob_syscall_args(regs, args))
		return -EINVAL;
	if (args[0] == TCALL_ATTACH)
		return t ? -EBUSY : tcore_attach() ? 0 : -ENOMEM;
	if (!t)
		return -EPERM;
	if (args[0] == TCALL_IS_OOB || args[0] == TCALL_SWITCH_INBAND)
		return 0;
	if (args[0] == TCALL_INBAND_SWITCHES)
		return t->inband_switches;

	ret = tcore_switch_oob();
	return ret ?: tcore_call(t, args);
}

/* The boot-time test. */
static bool failed;

#define torture_check(cond)						\
	do {								\
		if (!(cond)) {						\
			pr_err("CPU%d: %s:%d: '%s' does not hold\n",	\
			       raw_smp_processor_id(), __func__, __LINE__, #cond); \
			WRITE_ONCE(failed, true);			\
		}							\
	} while (0)

struct kthread_test {
	struct completion	done;
	unsigned int		mine, other;
	unsigned int		rounds;
};

static int kthread_fn(void *arg)
{
	struct kthread_test *k = arg;
	struct tthread *t = tcore_attach();
	unsigned int n;
	u64 date;

	torture_check(t);
	for (n = 0; n < 10; n++) {
		torture_check(!tcore_switch_oob());
		torture_check(running_oob() && !hard_irqs_disabled() && irqs_disabled());
		tcore_switch_inband(t);
		torture_check(running_inband() && !hard_irqs_disabled() && !irqs_disabled());
		torture_check(!preempt_count());
	}

	torture_check(!tcore_switch_oob());
	date = ktime_get_mono_fast_ns();
	for (n = 0; n < 20; n++) {
		date += NSEC_PER_MSEC;
		torture_check(!tcore_sleep(t, date));
		torture_check(ktime_get_mono_fast_ns() >= date);
	}

	for (n = 0; n < 1000; n++) {
		tcore_up(k->other);
		tcore_down(t, k->mine);
		k->rounds++;
	}
	tcore_switch_inband(t);
	torture_check(t->inband_switches == 11);
	tcore_detach();
	complete(&k->done);
	return 0;
}

static void test_pair(int cpu1, int cpu2)
{
	struct kthread_test a = { .mine = 0, .other = 1 }, b = { .mine = 1, .other = 0 };
	struct task_struct *p;

	init_completion(&a.done);
	init_completion(&b.done);
	p = kthread_create_on_cpu(kthread_fn, &a, cpu1, "torture/%u");
	torture_check(!IS_ERR(p));
	wake_up_process(p);
	p = kthread_create_on_cpu(kthread_fn, &b, cpu2, "torture/%u");
	torture_check(!IS_ERR(p));
	wake_up_process(p);
	wait_for_completion(&a.done);
	wait_for_completion(&b.done);
	pr_info("CPU%d, CPU%d: %u + %u rounds\n", cpu1, cpu2, a.rounds, b.rounds);
}

static irqreturn_t resched_handler(int irq, void *dev_id)
{
	return IRQ_HANDLED;
}

static void enable_resched(void *arg)
{
	enable_percpu_irq(RESCHEDULE_OOB_IPI, IRQ_TYPE_NONE);
}

static int __init dovetail_torture_init(void)
{
	int cpu, n;

	for (n = 0; n < NR_SEMS; n++)
		INIT_LIST_HEAD(&sems[n].waiters);
	for_each_possible_cpu(cpu) {
		struct tcpu *c = per_cpu_ptr(&tcpus, cpu);

		hard_spin_lock_init(&c->lock);
		INIT_LIST_HEAD(&c->ready);
		INIT_LIST_HEAD(&c->sleepers);
		c->curr = &c->root;
	}

	if (enable_oob_stage("torture"))
		return -EBUSY;
	torture_check(!dovetail_start());
	torture_check(dovetail_start() == -EBUSY);
	torture_check(!__request_percpu_irq(RESCHEDULE_OOB_IPI, resched_handler, IRQF_OOB,
					    "resched", &tcpus));
	on_each_cpu(enable_resched, NULL, true);
	torture_check(!tick_install_proxy(setup_proxy, cpu_online_mask));

	for_each_online_cpu(cpu) {
		test_pair(cpu, cpu);
		test_pair(0, cpu);
	}

	printk(KERN_INFO "Dovetail tests %s\n", failed ? "FAILED." : "OK.");
	return 0;
}
late_initcall(dovetail_torture_init);
