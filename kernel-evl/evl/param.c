// SPDX-License-Identifier: GPL-2.0
/*
 * Parameters of the EVL core on the kernel command line, and the CPUs it uses.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#define pr_fmt(fmt) "evl: " fmt

#include <linux/cpumask.h>
#include <linux/init.h>
#include <linux/moduleparam.h>
#include <linux/sched/isolation.h>
#include <uapi/evl/control.h>
#include "glue.h"

static char *boot_state = "running";
module_param_named(state, boot_state, charp, 0444);
MODULE_PARM_DESC(state, "State after boot: running (default), stopped, disabled");

static char *oobcpus;
module_param(oobcpus, charp, 0444);
MODULE_PARM_DESC(oobcpus, "List of CPUs for out-of-band work (default: all)");
/* EVL's documentation has this spelling too. */
module_param_named(oob_cpus, oobcpus, charp, 0);

struct cpumask evl_oob_cpus __ro_after_init;

/**
 * evl_boot_state() - the state which the command line asks for.
 *
 * Return: the word as it was given, or the default.
 */
const char *evl_boot_state(void)
{
	return boot_state;
}

/**
 * evl_query_cpu() - how the core and Linux use a CPU.
 * @cpu: CPU number
 *
 * Return: a mask of EVL_CPU_* bits, or -EINVAL if this CPU cannot exist.
 */
int evl_query_cpu(u32 cpu)
{
	int state = 0;

	if (cpu >= nr_cpu_ids || !cpu_possible(cpu))
		return -EINVAL;

	if (cpumask_test_cpu(cpu, &evl_oob_cpus))
		state |= EVL_CPU_OOB;
	if (cpu_is_isolated(cpu))
		state |= EVL_CPU_ISOL;
	if (!cpu_online(cpu))
		state |= EVL_CPU_OFFLINE;

	return state;
}

/* Any stage. */
bool evl_is_oob_cpu(u32 cpu)
{
	return cpu < nr_cpu_ids && cpumask_test_cpu(cpu, &evl_oob_cpus);
}

/* Any stage. */
bool evl_is_online(u32 cpu)
{
	return cpu < nr_cpu_ids && cpu_online(cpu);
}

/* Any stage. */
u32 evl_first_oob_cpu(void)
{
	return cpumask_any_and(&evl_oob_cpus, cpu_online_mask);
}

static int __init evl_init_oob_cpus(void)
{
	static struct cpumask cpus __initdata;

	cpumask_copy(&evl_oob_cpus, cpu_present_mask);
	if (!oobcpus)
		return 0;

	if (cpulist_parse(oobcpus, &cpus) || cpumask_empty(&cpus) ||
	    !cpumask_subset(&cpus, cpu_possible_mask)) {
		pr_warn("evl.oobcpus=%s is not a list of CPUs out of %*pbl, using %*pbl\n",
			oobcpus, cpumask_pr_args(cpu_possible_mask),
			cpumask_pr_args(&evl_oob_cpus));
		return 0;
	}

	cpumask_copy(&evl_oob_cpus, &cpus);

	return 0;
}
core_initcall(evl_init_oob_cpus);

/* The tests at boot which want the stage for themselves are late initcalls. */
static int __init evl_late_init(void)
{
	evl_boot();

	return 0;
}
late_initcall_sync(evl_late_init);
