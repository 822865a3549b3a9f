// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline: out-of-band stage, oob interrupt delivery, oob calls.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/bug.h>
#include <linux/context_tracking.h>
#include <linux/cpuhotplug.h>
#include <linux/cpuidle.h>
#include <linux/dovetail.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_pipeline.h>
#include <linux/irqdesc.h>
#include <linux/irqdomain.h>
#include <linux/llist.h>
#include <linux/mutex.h>
#include <linux/stop_machine.h>

#include "internals.h"

#define CREATE_TRACE_POINTS
#include <trace/events/irq_pipeline.h>

static DEFINE_MUTEX(oob_stage_mutex);
static const char *oob_stage_name;

/* The oob interrupt each CPU is handling, if any. */
static DEFINE_PER_CPU(struct irq_desc *, oob_irq_current);

/* desc->oob_state of a device interrupt */
#define OOB_IRQ_PENDING		1	/* its handlers have to be called */
#define OOB_IRQ_RUNNING		2	/* a CPU is calling them */

/*
 * While oob, lockdep has to see the in-band stage stalled, whatever it was
 * before. This neither takes a lock nor needs RCU.
 */
#ifdef CONFIG_TRACE_IRQFLAGS
static __always_inline int oob_lockdep_enter(void)
{
	int enabled = raw_cpu_read(hardirqs_enabled);

	raw_cpu_write(hardirqs_enabled, 0);
	return enabled;
}

static __always_inline void oob_lockdep_exit(int enabled)
{
	raw_cpu_write(hardirqs_enabled, enabled);
}
#else
static __always_inline int oob_lockdep_enter(void)
{
	return 0;
}

static __always_inline void oob_lockdep_exit(int enabled)
{
}
#endif

/* Hard interrupts off. Adds the bits of @count which are not set yet. */
static __always_inline struct irq_pipeline_state enter_oob(int count)
{
	struct irq_pipeline_state state;

	state.inband_flags = arch_local_irq_save();
	state.count = count & ~preempt_count();
	__preempt_count_add(state.count);
	state.hardirqs = oob_lockdep_enter();
	return state;
}

/*
 * Hard interrupts off, and they stay off. If in-band was preempted while it
 * accepted interrupts, the controller may deliver the deferred ones again.
 */
static __always_inline void leave_oob(struct irq_pipeline_state state)
{
	oob_lockdep_exit(state.hardirqs);
	__preempt_count_sub(state.count);
	arch_local_irq_restore(state.inband_flags);
}

#ifdef CONFIG_DEBUG_IRQ_PIPELINE
static const char * const misuse_message[] = {
	[IRQ_PIPELINE_INBAND_SERVICE_OOB]	= "in-band service called on the oob stage",
	[IRQ_PIPELINE_INBAND_SERVICE_HARD]	= "in-band service called with hard interrupts off",
	[IRQ_PIPELINE_UNSTALL_OOB]		= "in-band unstalled from the oob stage",
	[IRQ_PIPELINE_RETURN_HARD_ON]		= "returned with hard interrupts on",
	[IRQ_PIPELINE_RETURN_UNSTALLED]		= "returned with in-band unstalled",
	[IRQ_PIPELINE_WAIT_HARD]		= "oob call with hard interrupts off",
};

/* Where a test of these checks wants to find what was reported, per CPU. */
static DEFINE_PER_CPU(enum irq_pipeline_misuse *, misuse_caught);

/**
 * irq_pipeline_catch_misuse - Test the checks of CONFIG_DEBUG_IRQ_PIPELINE
 * @caught: set to what is reported on this CPU from now on, instead of a
 *	    message in the kernel log; NULL for messages again
 *
 * In-band, the caller cannot migrate.
 */
void irq_pipeline_catch_misuse(enum irq_pipeline_misuse *caught)
{
	this_cpu_write(misuse_caught, caught);
}

/* Real NMIs are not our business, and may come at any time. */
static __always_inline bool in_real_nmi(void)
{
	return in_nmi() & ~(PIPELINE_MASK | STAGE_MASK);
}

/* Once for each kind of misuse. @fn is who did it. */
static noinstr void report_misuse(enum irq_pipeline_misuse misuse, const void *fn)
{
	static bool reported[ARRAY_SIZE(misuse_message)];
	unsigned long flags;

	if (raw_cpu_read(misuse_caught)) {
		*raw_cpu_read(misuse_caught) = misuse;
		return;
	}

	if (reported[misuse] || in_real_nmi() || oops_in_progress)
		return;

	flags = hard_local_irq_save();
	reported[misuse] = true;
	instrumentation_begin();
	WARN(1, "%pS: %s\n", fn, misuse_message[misuse]);
	instrumentation_end();
	hard_local_irq_restore(flags);
}

/*
 * With in-band stalled, masked CPU interrupts are fine: stop_machine(),
 * suspend, and CPUs which start or stop do that.
 */
noinstr void __check_inband_stage(void)
{
	if (unlikely(running_oob()))
		report_misuse(IRQ_PIPELINE_INBAND_SERVICE_OOB, __builtin_return_address(0));
	else if (unlikely(hard_irqs_disabled() && !irqs_disabled()))
		report_misuse(IRQ_PIPELINE_INBAND_SERVICE_HARD, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(__check_inband_stage);

noinstr void __check_inband_unstall(void)
{
	if (unlikely(running_oob()))
		report_misuse(IRQ_PIPELINE_UNSTALL_OOB, __builtin_return_address(0));
}
EXPORT_SYMBOL_GPL(__check_inband_unstall);

/* @fn ran on the oob stage: it has to leave the interrupt state alone. */
static void check_oob_return(const void *fn)
{
	if (!hard_irqs_disabled())
		report_misuse(IRQ_PIPELINE_RETURN_HARD_ON, fn);
	if (!irqs_disabled())
		report_misuse(IRQ_PIPELINE_RETURN_UNSTALLED, fn);
	hard_local_irq_disable();
}

static void check_oob_wait(void)
{
	if (hard_irqs_disabled())
		report_misuse(IRQ_PIPELINE_WAIT_HARD, __builtin_return_address(0));
}
#else
static void check_oob_return(const void *fn) { }
static void check_oob_wait(void) { }
#endif

/*
 * RCU watches an oob task in the kernel already. There is no need to tell it
 * of an interrupt, and no way: the core may switch from that task to Linux in
 * the end, and what RCU counts is the CPU's.
 */
static __always_inline bool rcu_wants_to_know(struct irq_pipeline_state state)
{
	return (state.count & STAGE_OFFSET) || dovetail_oob_user();
}

void __weak irq_enter_pipeline(void) { }
void __weak irq_exit_pipeline(void) { }

/**
 * irq_pipeline_enter - Start of the handling of an oob interrupt
 *
 * Called by the architecture with hard interrupts off, before any in-band
 * entry accounting: RCU, lockdep and context tracking may be in any state.
 *
 * Return: what was preempted, for irq_pipeline_exit().
 */
noinstr struct irq_pipeline_state irq_pipeline_enter(void)
{
	struct irq_pipeline_state state;

	state = enter_oob(PIPELINE_OFFSET | STAGE_OFFSET);
	state.rcu = rcu_wants_to_know(state);
	if (state.rcu)
		ct_nmi_enter();

	instrumentation_begin();
	irq_enter_pipeline();
	instrumentation_end();

	return state;
}

/**
 * irq_pipeline_exit - End of the handling of an oob interrupt
 * @state: from irq_pipeline_enter()
 *
 * The core may switch contexts from irq_exit_pipeline(), and enable hard
 * interrupts meanwhile. Returns with hard interrupts off, to the preempted
 * context: the architecture does none of its in-band exit work.
 */
noinstr void irq_pipeline_exit(struct irq_pipeline_state state)
{
	__preempt_count_sub(PIPELINE_OFFSET);
	state.count &= ~PIPELINE_OFFSET;

	instrumentation_begin();
	irq_exit_pipeline();
	instrumentation_end();

	if (state.rcu)
		ct_nmi_exit();
	leave_oob(state);
}

static void call_oob_handlers(struct irq_desc *desc)
{
	bool percpu = irq_settings_is_per_cpu_devid(desc);
	unsigned int irq = irq_desc_get_irq(desc);
	struct irqaction *action;

	raw_cpu_inc(desc->kstat_irqs->cnt);
	if (!percpu)
		desc->tot_count++;

	for (action = READ_ONCE(desc->action); action; action = READ_ONCE(action->next)) {
		action->handler(irq, percpu ? raw_cpu_ptr(action->percpu_dev_id) : action->dev_id);
		check_oob_return(action->handler);
	}
}

/*
 * As in-band, the handlers of a device interrupt run on one CPU at a time, and
 * not while it is disabled: what comes then stays pending.
 */
static void call_oob_device_handlers(struct irq_desc *desc)
{
	while (irq_settings_is_oob(desc) && !irqd_irq_disabled(&desc->irq_data)) {
		int pending = OOB_IRQ_PENDING;

		if (!atomic_try_cmpxchg(&desc->oob_state, &pending, OOB_IRQ_RUNNING))
			break;
		call_oob_handlers(desc);
		atomic_fetch_andnot(OOB_IRQ_RUNNING, &desc->oob_state);
	}
}

/**
 * handle_oob_irq - Run the handlers of an oob interrupt
 * @desc: descriptor of the interrupt
 *
 * Called between irq_pipeline_enter() and irq_pipeline_exit(), hard
 * interrupts off. The caller acknowledges and ends the interrupt.
 */
void handle_oob_irq(struct irq_desc *desc)
{
	trace_irq_pipeline_entry(irq_desc_get_irq(desc));
	raw_cpu_write(oob_irq_current, desc);

	if (irq_settings_is_per_cpu_devid(desc)) {
		/* As below */
		smp_mb();
		call_oob_handlers(desc);
	} else {
		/* Full barrier, for irq_pipeline_sync(): it waits, or we see why */
		atomic_fetch_or(OOB_IRQ_PENDING, &desc->oob_state);
		call_oob_device_handlers(desc);
	}

	/* Pairs with irq_pipeline_sync() */
	smp_store_release(raw_cpu_ptr(&oob_irq_current), NULL);
	trace_irq_pipeline_exit(irq_desc_get_irq(desc));
}

/* An interrupt was enabled, desc locked: have it resent if it came meanwhile. */
void irq_pipeline_fetch_pending(struct irq_desc *desc)
{
	if (atomic_fetch_andnot(OOB_IRQ_PENDING, &desc->oob_state) & OOB_IRQ_PENDING)
		desc->istate |= IRQS_PENDING;
	/* No flow handler clears it */
	if (irq_settings_is_oob(desc))
		desc->istate &= ~IRQS_REPLAY;
}

/* Nothing calls the chips between the root and the device for an oob interrupt. */
static bool irq_chip_oob_transparent(struct irq_chip *chip)
{
	if (chip->flags & IRQCHIP_PIPELINE_SAFE)
		return true;
#ifdef CONFIG_IRQ_DOMAIN_HIERARCHY
	return (!chip->irq_ack || chip->irq_ack == irq_chip_ack_parent) &&
	       (!chip->irq_eoi || chip->irq_eoi == irq_chip_eoi_parent);
#else
	return false;
#endif
}

static struct irq_data *irq_oob_root(struct irq_desc *desc)
{
	struct irq_data *data;

	for (data = &desc->irq_data; data; data = irqd_get_parent_data(data)) {
		struct irq_chip *chip = irq_data_get_irq_chip(data);

		if (chip->irq_set_oob)
			return data;
		if (!irq_chip_oob_transparent(chip))
			break;
	}

	return NULL;
}

/* Per-CPU interrupts: on the calling CPU only. */
static int irq_source_set_oob(struct irq_desc *desc, bool on)
{
	struct irq_data *root = irq_oob_root(desc);

	if (!root)
		return -EOPNOTSUPP;

	return irq_data_get_irq_chip(root)->irq_set_oob(root, on);
}

static int irq_desc_set_oob(struct irq_desc *desc, bool on)
{
	int ret = 0;

	if (!irq_settings_is_per_cpu_devid(desc))
		ret = irq_source_set_oob(desc, on);
	else if (!irq_oob_root(desc))
		ret = -EOPNOTSUPP;

	if (ret)
		return ret;

	irq_settings_set_oob(desc, on);
	desc->istate &= ~IRQS_REPLAY;
	/* A change of affinity which waited for the flow handler */
	irq_move_masked_irq(&desc->irq_data);
	return 0;
}

/* First look at a new action: no lock held. */
int irq_pipeline_check_action(struct irq_desc *desc, struct irqaction *new)
{
	if (!(new->flags & IRQF_OOB))
		return 0;

	if (!oob_stage_present()) {
		new->flags &= ~IRQF_OOB;
		return 0;
	}

	if (new->thread_fn || irq_settings_is_nested_thread(desc))
		return -EINVAL;
	/* A managed one would lose its oob priority with its last CPU */
	if (!irq_oob_root(desc) || irqd_affinity_is_managed(&desc->irq_data))
		return -EOPNOTSUPP;

	new->flags |= IRQF_NO_THREAD;
	new->flags &= ~IRQF_ONESHOT;
	return 0;
}

/*
 * The first action of an oob interrupt: activated and masked, desc locked. The
 * lock does not keep the interrupt off once it is unmasked: install the action.
 */
int irq_pipeline_startup(struct irq_desc *desc, struct irqaction *new)
{
	int ret;

	atomic_set(&desc->oob_state, 0);
	ret = irq_desc_set_oob(desc, true);
	if (ret)
		irq_domain_deactivate_irq(&desc->irq_data);
	else
		/* Pairs with call_oob_handlers() */
		smp_store_release(&desc->action, new);

	return ret;
}

/* The last action is gone, the interrupt masked and not on its way, desc locked. */
void irq_pipeline_shutdown(struct irq_desc *desc)
{
	if (irq_settings_is_oob(desc))
		irq_desc_set_oob(desc, false);
}

/* A per-CPU interrupt is about to be unmasked, or was masked, on this CPU. */
void irq_pipeline_percpu(struct irq_desc *desc, bool on)
{
	if (irq_settings_is_oob(desc))
		irq_source_set_oob(desc, on);
}

/* Wait for the oob handlers of @desc to return on all CPUs. */
void irq_pipeline_sync(struct irq_desc *desc)
{
	int cpu;

	/* Pairs with handle_oob_irq(): it sees the new actions, or we wait */
	smp_mb();

	for_each_online_cpu(cpu) {
		/* Pairs with the end of handle_oob_irq() */
		while (smp_load_acquire(per_cpu_ptr(&oob_irq_current, cpu)) == desc)
			cpu_relax();
	}
}

/**
 * irq_percpu_set_oob - Switch the source of a per-CPU interrupt on this CPU
 * @irq: interrupt number
 * @on: true for out-of-band
 *
 * For timers, which go oob CPU by CPU with their tick device. Hard interrupts
 * off. irq_is_oob() does not tell of it.
 *
 * Return: 0; -EINVAL if @irq is not per CPU; -EOPNOTSUPP if its controller
 * cannot.
 */
int irq_percpu_set_oob(unsigned int irq, bool on)
{
	struct irq_desc *desc = irq_to_desc(irq);

	if (!desc || !irq_settings_is_per_cpu_devid(desc))
		return -EINVAL;

	return irq_source_set_oob(desc, on);
}

static void set_oob_percpu(void *arg)
{
	struct irq_desc *desc = arg;

	guard(raw_spinlock_irqsave)(&desc->lock);
	if (cpumask_test_cpu(smp_processor_id(), desc->percpu_enabled))
		irq_source_set_oob(desc, irq_settings_is_oob(desc));
}

static int take_interrupts(void *unused)
{
	return 0;
}

/*
 * Wait until all CPUs have taken what is pending there, on either stage: a
 * thread has run on each, with interrupts on. A grace period does not mean
 * that, for RCU passes by a CPU which is idle and about to take an interrupt.
 */
static void drain_interrupts(void)
{
	int cpu;

	for_each_online_cpu(cpu)
		stop_one_cpu(cpu, take_interrupts, NULL);
}

/*
 * Disabled, nothing is lost: what comes meanwhile is latched by the flow
 * handler or by handle_oob_irq(), and resent at the end. Before the switch,
 * nothing is left on vectors which the interrupt had in the past; after it,
 * nothing is left on its way to the other stage. A level interrupt has to end
 * with the vector with which it began: it is masked, and the controller asked
 * whether one is on its way.
 */
static int switch_oob_device(struct irq_desc *desc, bool on)
{
	int ret;

	disable_irq(irq_desc_get_irq(desc));
	if (irqd_is_level_type(&desc->irq_data)) {
		scoped_guard(raw_spinlock_irqsave, &desc->lock)
			mask_irq(desc);
		synchronize_irq(irq_desc_get_irq(desc));
	}
	drain_interrupts();
	scoped_guard(raw_spinlock_irqsave, &desc->lock)
		ret = irq_desc_set_oob(desc, on);
	drain_interrupts();
	enable_irq(irq_desc_get_irq(desc));

	return ret;
}

static int switch_oob_percpu(struct irq_desc *desc, bool on)
{
	int ret;

	scoped_guard(raw_spinlock_irqsave, &desc->lock)
		ret = irq_desc_set_oob(desc, on);
	if (!ret)
		on_each_cpu(set_oob_percpu, desc, true);

	return ret;
}

/**
 * irq_switch_oob - Move a requested interrupt to the other stage
 * @irq: interrupt number
 * @on: true for out-of-band, false for in-band
 *
 * In-band, may sleep. No handler of the interrupt runs on the stage it left
 * once this returns, and no interrupt is lost. The handlers must be fit for the
 * stage they will be called on from then on.
 *
 * Return: 0; -EINVAL if nobody requested @irq, or with a threaded handler;
 * -ENODEV without an oob stage; -EOPNOTSUPP if a controller cannot, or the
 * affinity is managed; -ENOSPC if there are too many oob interrupts.
 */
int irq_switch_oob(unsigned int irq, bool on)
{
	struct irq_desc *desc = irq_to_desc(irq);
	struct irqaction *action;

	if (!desc)
		return -EINVAL;
	if (on && !oob_stage_present())
		return -ENODEV;

	guard(mutex)(&desc->request_mutex);

	if (!desc->action)
		return -EINVAL;
	if (on == irq_settings_is_oob(desc))
		return 0;
	if (on && irqd_affinity_is_managed(&desc->irq_data))
		return -EOPNOTSUPP;
	for_each_action_of_desc(desc, action)
		if (on && action->thread)
			return -EINVAL;

	if (irq_settings_is_per_cpu_devid(desc))
		return switch_oob_percpu(desc, on);

	return switch_oob_device(desc, on);
}
EXPORT_SYMBOL_GPL(irq_switch_oob);

/* Any context. */
bool irq_is_oob(unsigned int irq)
{
	struct irq_desc *desc = irq_to_desc(irq);

	return desc && irq_settings_is_oob(desc);
}
EXPORT_SYMBOL_GPL(irq_is_oob);

/**
 * run_oob_call - Call a function on the oob stage
 * @fn: called on this CPU, on the oob stage, with hard interrupts off
 * @arg: passed to @fn
 *
 * Any stage, any interrupt state.
 *
 * Return: what @fn returned.
 */
int run_oob_call(int (*fn)(void *arg), void *arg)
{
	struct irq_pipeline_state state;
	unsigned long flags;
	int ret;

	flags = hard_local_irq_save();
	state = enter_oob(STAGE_OFFSET);
	ct_nmi_enter();

	ret = fn(arg);
	check_oob_return(fn);

	if (state.count)
		irq_exit_pipeline();
	ct_nmi_exit();
	leave_oob(state);
	hard_local_irq_restore(flags);

	return ret;
}
EXPORT_SYMBOL_GPL(run_oob_call);

struct oob_call {
	struct llist_node node;
	smp_call_func_t func;
	void *info;
	bool busy;
};

static DEFINE_PER_CPU(struct llist_head, oob_call_queue);
/* For callers who do not wait: one each CPU sends from, and to. */
static DEFINE_PER_CPU(struct oob_call, oob_call_nowait);

static int run_oob_calls(void *arg)
{
	struct llist_node *list;
	struct oob_call *call, *next;

	list = llist_del_all(raw_cpu_ptr(&oob_call_queue));
	list = llist_reverse_order(list);
	llist_for_each_entry_safe(call, next, list, node) {
		smp_call_func_t func = call->func;
		void *info = call->info;

		func(info);
		/* The caller may reuse it from here on */
		smp_store_release(&call->busy, false);
	}

	return 0;
}

static irqreturn_t oob_call_handler(int irq, void *dev_id)
{
	run_oob_calls(NULL);
	return IRQ_HANDLED;
}

struct oob_call_local {
	smp_call_func_t func;
	void *info;
};

static int oob_call_here(void *arg)
{
	struct oob_call_local *call = arg;

	call->func(call->info);
	return 0;
}

/**
 * smp_call_function_oob - Call a function on the oob stage of a CPU
 * @cpu: which CPU
 * @func: called on the oob stage with hard interrupts off
 * @info: passed to @func
 * @wait: wait until @func has returned
 *
 * Any stage, hard interrupts on (else two CPUs waiting for each other would
 * deadlock).
 *
 * Return: 0; -ENXIO if @cpu is offline; -ENODEV without an oob stage.
 */
int smp_call_function_oob(int cpu, smp_call_func_t func, void *info, bool wait)
{
	struct oob_call_local local = { .func = func, .info = info };
	struct oob_call onstack = { };
	struct oob_call *call;
	unsigned long flags;
	int ret = 0;

	if (!oob_stage_present())
		return -ENODEV;
	if (cpu < 0 || cpu >= nr_cpu_ids)
		return -ENXIO;

	check_oob_wait();

	preempt_disable();
	if (cpu == smp_processor_id()) {
		run_oob_call(oob_call_here, &local);
		goto out;
	}

	call = wait ? &onstack : this_cpu_ptr(&oob_call_nowait);

	flags = hard_local_irq_save();
	/* Pairs with run_oob_calls() */
	while (smp_load_acquire(&call->busy)) {
		hard_local_irq_restore(flags);
		cpu_relax();
		flags = hard_local_irq_save();
	}

	/* A CPU goes offline while we have hard interrupts on: see oob_call_dying() */
	if (cpu_online(cpu)) {
		call->func = func;
		call->info = info;
		call->busy = true;
		llist_add(&call->node, per_cpu_ptr(&oob_call_queue, cpu));
		irq_send_oob_ipi(CALL_FUNCTION_OOB_IPI, cpumask_of(cpu));
	} else {
		ret = -ENXIO;
	}
	hard_local_irq_restore(flags);

	/* Likewise */
	while (wait && smp_load_acquire(&call->busy))
		cpu_relax();
out:
	preempt_enable();
	return ret;
}
EXPORT_SYMBOL_GPL(smp_call_function_oob);

static int oob_call_starting(unsigned int cpu)
{
	enable_percpu_irq(CALL_FUNCTION_OOB_IPI, IRQ_TYPE_NONE);
	return 0;
}

/* Nobody sends to this CPU any more: it is not online, or the stage goes away. */
static int oob_call_dying(unsigned int cpu)
{
	disable_percpu_irq(CALL_FUNCTION_OOB_IPI);
	run_oob_call(run_oob_calls, NULL);
	return 0;
}

static int setup_oob_call(void)
{
	int ret;

	ret = __request_percpu_irq(CALL_FUNCTION_OOB_IPI, oob_call_handler, IRQF_OOB,
				   "oob call", &oob_call_queue);
	if (ret)
		return ret;

	ret = cpuhp_setup_state(CPUHP_AP_IRQ_PIPELINE_STARTING, "irq/oob_call:starting",
				oob_call_starting, oob_call_dying);
	if (ret)
		free_percpu_irq(CALL_FUNCTION_OOB_IPI, &oob_call_queue);

	return ret;
}

/* Nothing to prepare unless the architecture says so. */
int __weak arch_enable_oob_stage(void)
{
	return 0;
}

/**
 * enable_oob_stage - Install the oob stage
 * @name: name of the core which uses it
 *
 * In-band, may sleep.
 *
 * Return: 0; -EBUSY if a core has it already; an error of the architecture
 * if this machine cannot.
 */
int enable_oob_stage(const char *name)
{
	int ret;

	guard(mutex)(&oob_stage_mutex);

	if (oob_stage_name)
		return -EBUSY;

	ret = arch_enable_oob_stage();
	if (ret)
		return ret;

	WRITE_ONCE(oob_stage_name, name);
	ret = setup_oob_call();
	if (ret) {
		WRITE_ONCE(oob_stage_name, NULL);
		return ret;
	}

	pr_info("IRQ pipeline: oob stage %s added\n", name);
	return 0;
}
EXPORT_SYMBOL_GPL(enable_oob_stage);

/**
 * disable_oob_stage - Remove the oob stage
 *
 * In-band, may sleep. The core has freed its oob interrupts before.
 */
void disable_oob_stage(void)
{
	guard(mutex)(&oob_stage_mutex);

	if (WARN_ON(!oob_stage_name))
		return;

	cpuhp_remove_state(CPUHP_AP_IRQ_PIPELINE_STARTING);
	free_percpu_irq(CALL_FUNCTION_OOB_IPI, &oob_call_queue);
	pr_info("IRQ pipeline: oob stage %s removed\n", oob_stage_name);
	WRITE_ONCE(oob_stage_name, NULL);
}
EXPORT_SYMBOL_GPL(disable_oob_stage);

/* Any context. */
bool oob_stage_present(void)
{
	return READ_ONCE(oob_stage_name);
}
EXPORT_SYMBOL_GPL(oob_stage_present);

/**
 * irq_cpuidle_control - May this CPU enter an idle state?
 * @dev: cpuidle device
 * @state: the state the governor chose
 *
 * For the core to override. In-band, stalled.
 *
 * Return: false to veto: the CPU then uses the default idle state.
 */
bool __weak irq_cpuidle_control(struct cpuidle_device *dev, struct cpuidle_state *state)
{
	return true;
}
