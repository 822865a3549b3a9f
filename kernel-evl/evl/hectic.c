// SPDX-License-Identifier: GPL-2.0
/*
 * In-band tasks of the context switch test, and SIMD registers in the kernel.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/kthread.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/string.h>
#include <linux/wait.h>
#include "glue.h"

#ifdef CONFIG_X86_64
#include <asm/fpu/api.h>
#include <asm/fpu/types.h>

struct evl_simd {
	struct fxregs_state regs;
} __aligned(16);

#define EVL_SIMD_WORDS	ARRAY_SIZE(((struct fxregs_state *)0)->xmm_space)

static u32 *evl_simd_words(struct evl_simd *s)
{
	return s->regs.xmm_space;
}

static void evl_simd_init(struct evl_simd *s)
{
	memset(s, 0, sizeof(*s));
	s->regs.cwd = 0x37f;
	s->regs.mxcsr = MXCSR_DEFAULT;
}

static void evl_simd_load(struct evl_simd *s)
{
	asm volatile("fxrstor64 %0" : : "m" (s->regs));
}

static void evl_simd_save(struct evl_simd *s)
{
	asm volatile("fxsave64 %0" : "=m" (s->regs));
}

#define evl_simd_begin()	kernel_fpu_begin()
#define evl_simd_end()		kernel_fpu_end()
#else
#include <asm/fpsimd.h>
#include <asm/neon.h>

struct evl_simd {
	struct user_fpsimd_state regs;
};

#define EVL_SIMD_WORDS	(sizeof_field(struct user_fpsimd_state, vregs) / (sizeof(u32)))

static u32 *evl_simd_words(struct evl_simd *s)
{
	return (u32 *)s->regs.vregs;
}

static void evl_simd_init(struct evl_simd *s)
{
	memset(s, 0, sizeof(*s));
}

static void evl_simd_load(struct evl_simd *s)
{
	fpsimd_load_state(&s->regs);
}

static void evl_simd_save(struct evl_simd *s)
{
	fpsimd_save_state(&s->regs);
}

#define evl_simd_begin()	kernel_neon_begin()
#define evl_simd_end()		kernel_neon_end()
#endif

static struct task_struct *evl_hectic_tasks[EVL_NR_HECTICS][EVL_HECTIC_TASKS];

/*
 * Pass the turn on with SIMD registers in use. If it goes to an out-of-band
 * thread, that one runs at once, and uses the same registers.
 */
static void evl_hectic_turn(u32 run, u32 task)
{
	u32 seed = get_random_u32(), *words, i;
	struct evl_simd image;

	evl_simd_init(&image);
	words = evl_simd_words(&image);
	for (i = 0; i < EVL_SIMD_WORDS; i++)
		words[i] = seed + i;

	evl_simd_begin();
	evl_simd_load(&image);
	evl_hectic_pass(run, task);
	evl_simd_save(&image);
	evl_simd_end();

	for (i = 0; i < EVL_SIMD_WORDS; i++) {
		if (words[i] != seed + i) {
			evl_hectic_mismatch(run, task, words[i]);
			break;
		}
	}
}

static int evl_hectic_main(void *arg)
{
	u32 run = (uintptr_t)arg / EVL_HECTIC_TASKS;
	u32 task = (uintptr_t)arg % EVL_HECTIC_TASKS;
	struct wait_queue_head *queue = evl_inband_queue(evl_hectic_handle(run));

	for (;;) {
		wait_event_idle(*queue, evl_hectic_is_turn(run, task) || kthread_should_stop());
		if (kthread_should_stop())
			return 0;
		evl_hectic_turn(run, task);
	}
}

/**
 * evl_hectic_run() - start an in-band kernel thread as a task of a test.
 * @run: the test
 * @task: the task, which nobody has started
 * @cpu: where it stays
 *
 * In-band, may sleep. Return: zero or a negative error code.
 */
int evl_hectic_run(u32 run, u32 task, u32 cpu)
{
	struct task_struct *p;
	uintptr_t arg;

	if (run >= EVL_NR_HECTICS || task >= EVL_HECTIC_TASKS ||
	    cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;

	arg = run * EVL_HECTIC_TASKS + task;
	p = kthread_create_on_cpu(evl_hectic_main, (void *)arg, cpu, "hectic/%u");
	if (IS_ERR(p))
		return PTR_ERR(p);

	evl_hectic_tasks[run][task] = p;
	wake_up_process(p);

	return 0;
}

/* Stop the in-band kernel threads of a test. In-band, sleeps. */
void evl_hectic_stop(u32 run)
{
	u32 task;

	if (run >= EVL_NR_HECTICS)
		return;

	for (task = 0; task < EVL_HECTIC_TASKS; task++) {
		if (evl_hectic_tasks[run][task])
			kthread_stop(evl_hectic_tasks[run][task]);
		evl_hectic_tasks[run][task] = NULL;
	}
}

/* Wait in-band for the turn of a task. Return: zero, or -ERESTARTSYS for a signal. */
int evl_hectic_wait(u32 run, u32 task)
{
	struct wait_queue_head *queue = evl_inband_queue(evl_hectic_handle(run));

	return wait_event_interruptible(*queue, evl_hectic_is_turn(run, task));
}
