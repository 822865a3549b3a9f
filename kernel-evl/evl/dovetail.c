// SPDX-License-Identifier: GPL-2.0
/*
 * The EVL core's side of Dovetail's interface: hooks, interrupts, tick proxy,
 * and wrappers of inline functions for Rust. What is to be done is in Rust.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#define pr_fmt(fmt) "evl: " fmt

#include <linux/cpuhotplug.h>
#include <linux/cpuidle.h>
#include <linux/cpumask.h>
#include <linux/dovetail.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irq_pipeline.h>
#include <linux/mm.h>
#include <linux/sched/signal.h>
#include <linux/tick_proxy.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/evl/signal.h>
#include <uapi/evl/thread.h>

#include <asm/dovetail.h>
#include <asm/syscall.h>

#include "glue.h"
#include "trace_events.h"

static DEFINE_PER_CPU(struct clock_event_device *, evl_real_timer);
static DEFINE_PER_CPU(int, evl_irq_token);
static enum cpuhp_state evl_cpuhp_state;
static DECLARE_WAIT_QUEUE_HEAD(evl_exit_queue);

bool evl_running_oob(void)
{
	return running_oob();
}

unsigned long evl_hard_irqs_save(void)
{
	return hard_local_irq_save();
}

void evl_hard_irqs_restore(unsigned long flags)
{
	hard_local_irq_restore(flags);
}

void evl_hard_lock(hard_spinlock_t *lock)
{
	hard_spin_lock(lock);
}

void evl_hard_unlock(hard_spinlock_t *lock)
{
	hard_spin_unlock(lock);
}

/* Hard interrupts off, or the answer is stale. */
u32 evl_this_cpu(void)
{
	return raw_smp_processor_id();
}

void evl_send_resched(u32 cpu)
{
	irq_send_oob_ipi(RESCHEDULE_OOB_IPI, cpumask_of(cpu));
}

void evl_send_timer(u32 cpu)
{
	irq_send_oob_ipi(TIMER_OOB_IPI, cpumask_of(cpu));
}

/* @clock: minor number, 0 for CLOCK_MONOTONIC, 1 for CLOCK_REALTIME */
u64 evl_read_clock(u32 clock)
{
	return clock ? ktime_get_real_fast_ns() : ktime_get_mono_fast_ns();
}

/* Hard interrupts off: program the timer of this CPU, for a date of CLOCK_MONOTONIC. */
void evl_program_tick(u64 date)
{
	struct clock_event_device *real = raw_cpu_read(evl_real_timer);
	u64 now, delta;

	if (!real)
		return;

	now = ktime_get_mono_fast_ns();
	delta = date > now ? date - now : 0;
	delta = clamp(delta, real->min_delta_ns, real->max_delta_ns);
	real->set_next_event((delta * real->mult) >> real->shift, real);
	trace_evl_timer_shot(date, delta);
}

/*
 * Out-of-band, a fault sends the caller in-band until it is handled. It stays
 * there if a signal is pending. No lock is held. might_fault() is for in-band.
 */
unsigned long evl_copy_from_user(void *to, const void __user *from, size_t size)
{
	if (running_inband())
		return copy_from_user(to, from, size);

	return access_ok(from, size) ? raw_copy_from_user(to, from, size) : size;
}

unsigned long evl_copy_to_user(void __user *to, const void *from, size_t size)
{
	if (running_inband())
		return copy_to_user(to, from, size);

	return access_ok(to, size) ? raw_copy_to_user(to, from, size) : size;
}

/* The minor number of the current thread, zero if it is not attached. */
u32 evl_current_thread(void)
{
	return (uintptr_t)current->dovetail.state.thread;
}

bool evl_signal_pending(void)
{
	return signal_pending(current);
}

unsigned long evl_current_mm(void)
{
	return (unsigned long)current->mm;
}

/* Linux is done with a thread on its way out-of-band. */
static int evl_take_in_call(void *arg)
{
	evl_take_in((uintptr_t)arg);
	return 0;
}

void resume_oob_task(struct task_struct *p)
{
	run_oob_call(evl_take_in_call, dovetail_task_state(p)->thread);
}

/* Return: 0 out-of-band with hard interrupts on, or -ERESTARTSYS. */
int evl_leave_inband(void)
{
	int ret = dovetail_leave_inband();

	if (!ret)
		hard_local_irq_enable();
	return ret;
}

void evl_leave_oob(struct evl_task *t)
{
	dovetail_leave_oob();
	irq_work_queue(&t->wake);
}

bool evl_switch_context(struct dovetail_altsched_context *out,
			struct dovetail_altsched_context *in, bool leave_inband)
{
	if (!dovetail_context_switch(out, in, leave_inband))
		return false;

	dovetail_resume_inband();
	return true;
}

static void evl_wake_inband(struct irq_work *work)
{
	dovetail_wake_inband(container_of(work, struct evl_task, wake)->ctx.task);
}

/*
 * Bind the current task to its CPU, or to one where it may run out-of-band.
 * Return: the CPU; -EINVAL if there is none.
 */
int evl_pin_current(void)
{
	unsigned int cpu = raw_smp_processor_id();
	int ret;

	/* A kernel thread was made for its CPU. */
	if (current->flags & PF_KTHREAD)
		return cpu;
	if (!cpumask_test_cpu(cpu, &evl_oob_cpus))
		cpu = cpumask_any_and(current->cpus_ptr, &evl_oob_cpus);
	if (cpu >= nr_cpu_ids)
		return -EINVAL;

	ret = set_cpus_allowed_ptr(current, cpumask_of(cpu));
	return ret ?: cpu;
}

pid_t evl_attach_task(struct evl_task *t, u32 thread)
{
	t->wake = IRQ_WORK_INIT_HARD(evl_wake_inband);
	dovetail_init_altsched(&t->ctx);
	dovetail_task_state(current)->thread = (void *)(uintptr_t)thread;
	dovetail_start_altsched();
	return task_pid_nr(current);
}

void evl_detach_task(struct evl_task *t)
{
	dovetail_stop_altsched();
	irq_work_sync(&t->wake);
	dovetail_task_state(current)->thread = NULL;
}

/* Send SIGDEBUG to the current task. */
void evl_notify_debug(u32 cause)
{
	struct kernel_siginfo info;

	clear_siginfo(&info);
	info.si_signo = SIGDEBUG;
	info.si_code = SI_QUEUE;
	info.si_int = EVL_SIGDEBUG_MARKER | cause;
	send_sig_info(SIGDEBUG, &info, current);
}

int evl_wait_exit(u32 thread)
{
	return wait_event_interruptible(evl_exit_queue, evl_thread_is_gone(thread));
}

void evl_signal_exit(void)
{
	wake_up_all(&evl_exit_queue);
}

static void evl_reap_fn(struct work_struct *work)
{
	evl_reap();
}
static DECLARE_WORK(evl_reap_work, evl_reap_fn);

static void evl_reap_irq_fn(struct irq_work *work)
{
	schedule_work(&evl_reap_work);
}
static DEFINE_IRQ_WORK(evl_reap_irq_work, evl_reap_irq_fn);

/* Have elements removed whose last user was out-of-band. */
void evl_defer_reap(void)
{
	irq_work_queue(&evl_reap_irq_work);
}

void irq_exit_pipeline(void)
{
	evl_irq_exit();
}

void handle_inband_event(enum inband_event_type event, void *data)
{
	u32 thread = evl_current_thread();

	switch (event) {
	case INBAND_TASK_SIGNAL:
		evl_kick((uintptr_t)dovetail_task_state(data)->thread);
		break;
	case INBAND_TASK_MIGRATION: {
		struct dovetail_migration_data *m = data;

		/* It moves when it is in-band, and goes back oob where it is then. */
		if (m->task != current)
			evl_kick((uintptr_t)dovetail_task_state(m->task)->thread);
		break;
	}
	case INBAND_TASK_EXIT:
		if (thread)
			evl_task_exits(thread);
		break;
	case INBAND_TASK_PTSTOP:
		evl_ptrace_stops(thread);
		break;
	case INBAND_TASK_PTCONT:
		evl_ptrace_resumes(thread);
		break;
	case INBAND_PROCESS_CLEANUP:
		if (thread)
			evl_mm_dropped(thread, (unsigned long)data);
		break;
	case INBAND_CLOCK_WAS_SET:
		evl_retime();
		break;
	default:
		break;
	}
}

void handle_oob_mayday(struct pt_regs *regs)
{
	evl_mayday();
}

void handle_oob_trap_entry(struct pt_regs *regs)
{
	evl_go_inband(EVL_HMDIAG_EXDEMOTE);
}

void handle_oob_trap_exit(struct pt_regs *regs)
{
	evl_go_oob();
}

/* Asks for what any other system call out-of-band does unasked. */
static bool evl_wants_inband(struct pt_regs *regs)
{
	unsigned long args[6];

	if (arch_oob_syscall_nr(regs) != __NR_ioctl)
		return false;

	syscall_get_arguments(current, regs, args);
	return args[1] == EVL_THRIOC_SWITCH_INBAND || args[1] == EVL_THRIOC_DETACH_SELF;
}

bool handle_oob_syscall(struct pt_regs *regs)
{
	unsigned long args[4];

	if (!arch_oob_syscall_args(regs, args)) {
		evl_go_inband(evl_wants_inband(regs) ? EVL_CAUSE_NONE : EVL_HMDIAG_SYSDEMOTE);
		return false;
	}

	arch_oob_syscall_return(regs, evl_oob_call(args[0], args[1], args[2], args[3]));
	return true;
}

long handle_inband_syscall(struct pt_regs *regs)
{
	unsigned long args[4];

	if (!arch_oob_syscall_args(regs, args))
		return -EINVAL;

	return evl_inband_call(args[0], args[1], args[2], args[3]);
}

static irqreturn_t evl_resched_handler(int irq, void *dev_id)
{
	return IRQ_HANDLED;
}

static irqreturn_t evl_timer_handler(int irq, void *dev_id)
{
	evl_tick();
	return IRQ_HANDLED;
}

static void evl_timer_event(struct clock_event_device *real)
{
	evl_tick();
}

static int evl_inband_next_event(ktime_t expires, struct clock_event_device *proxy)
{
	evl_set_inband_date(ktime_to_ns(expires));
	return 0;
}

/* The hardware may have lost what it was programmed to. Linux asks for its tick next. */
static int evl_inband_resume(struct clock_event_device *proxy)
{
	evl_reset_timers();
	return 0;
}

static void evl_setup_proxy(struct clock_proxy_device *dev)
{
	unsigned long flags;

	flags = hard_local_irq_save();
	this_cpu_write(evl_real_timer, dev->real_device);
	evl_reset_timers();
	hard_local_irq_restore(flags);
	dev->handle_oob_event = evl_timer_event;
	dev->proxy_device.features |= CLOCK_EVT_FEAT_KTIME;
	dev->proxy_device.set_next_ktime = evl_inband_next_event;
	dev->proxy_device.tick_resume = evl_inband_resume;
}

/* A timer that stands still in an idle state would miss its dates. In-band, stalled. */
bool irq_cpuidle_control(struct cpuidle_device *dev, struct cpuidle_state *state)
{
	return !(state->flags & CPUIDLE_FLAG_TIMER_STOP) || !evl_needs_timer();
}

static int evl_cpu_online(unsigned int cpu)
{
	enable_percpu_irq(TIMER_OOB_IPI, IRQ_TYPE_NONE);
	enable_percpu_irq(RESCHEDULE_OOB_IPI, IRQ_TYPE_NONE);
	evl_cpu_returns();
	return 0;
}

/* Also called for CPUs that stay, when the core stops: nothing runs then. */
static int evl_cpu_offline(unsigned int cpu)
{
	if (cpu_dying(cpu) && !evl_cpu_leaves()) {
		pr_warn("CPU%u has threads or timers out-of-band, it stays online\n", cpu);
		return -EBUSY;
	}

	disable_percpu_irq(RESCHEDULE_OOB_IPI);
	disable_percpu_irq(TIMER_OOB_IPI);
	return 0;
}

/*
 * Take the oob stage, the interrupts, and the tick devices. In-band, may
 * sleep. Return: zero, or an error with nothing taken.
 */
int evl_start_stage(void)
{
	int ret;

	ret = enable_oob_stage("EVL");
	if (ret)
		return ret;

	ret = __request_percpu_irq(TIMER_OOB_IPI, evl_timer_handler, IRQF_OOB,
				   "EVL timer", &evl_irq_token);
	if (ret)
		goto drop_stage;

	ret = __request_percpu_irq(RESCHEDULE_OOB_IPI, evl_resched_handler, IRQF_OOB,
				   "EVL resched", &evl_irq_token);
	if (ret)
		goto drop_timer;

	ret = cpuhp_setup_state(CPUHP_AP_ONLINE_DYN, "evl:online", evl_cpu_online,
				evl_cpu_offline);
	if (ret < 0)
		goto drop_resched;
	evl_cpuhp_state = ret;

	ret = dovetail_start();
	if (ret)
		goto drop_cpus;

	ret = tick_install_proxy(evl_setup_proxy, &evl_oob_cpus);
	if (!ret)
		return 0;

	dovetail_stop();
drop_cpus:
	cpuhp_remove_state(evl_cpuhp_state);
drop_resched:
	free_percpu_irq(RESCHEDULE_OOB_IPI, &evl_irq_token);
drop_timer:
	free_percpu_irq(TIMER_OOB_IPI, &evl_irq_token);
drop_stage:
	disable_oob_stage();
	return ret;
}

/* Undo evl_start_stage(): no thread is attached. In-band, may sleep. */
void evl_stop_stage(void)
{
	int cpu;

	tick_uninstall_proxy(&evl_oob_cpus);
	for_each_possible_cpu(cpu)
		per_cpu(evl_real_timer, cpu) = NULL;
	dovetail_stop();
	cpuhp_remove_state(evl_cpuhp_state);
	free_percpu_irq(RESCHEDULE_OOB_IPI, &evl_irq_token);
	free_percpu_irq(TIMER_OOB_IPI, &evl_irq_token);
	disable_oob_stage();
}
