// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline torture test: device interrupts, MSI and INTx, from the
 * "edu" PCI device of QEMU, which raises one for each write to a register.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#define pr_fmt(fmt) "irq_pipeline: " fmt

#include <linux/cpu.h>
#include <linux/delay.h>
#include <linux/interrupt.h>
#include <linux/irq_pipeline.h>
#include <linux/kthread.h>
#include <linux/pci.h>
#include <linux/smp.h>
#include <linux/timekeeping.h>

#include "irqptorture.h"

#define EDU_STATUS	0x24
#define EDU_RAISE	0x60
#define EDU_ACK		0x64

/* An emulator loses time on a busy host. A lost interrupt never comes. */
#define EDU_TIMEOUT_NS	(5ULL * NSEC_PER_SEC)
#define EDU_QUIET_US	2000
#define EDU_TOGGLES	1000

static struct {
	struct pci_dev *pdev;
	void __iomem *regs;
	int irq;
	const char *name;
	unsigned int delay_us;		/* of the handler */
	/* Written by the handler */
	int busy;
	int cpu;
	bool served;
	unsigned int oob;
	unsigned int inband;
	unsigned int overlaps;
	unsigned int wrong_state;
} edu;

static irqreturn_t edu_handler(int irq, void *dev_id)
{
	u32 status;

	if (xchg(&edu.busy, 1))
		edu.overlaps++;

	if (running_inband())
		edu.inband++;
	else if (on_pipeline_entry() && hard_irqs_disabled() && irqs_disabled())
		edu.oob++;
	else
		edu.wrong_state++;

	edu.cpu = raw_smp_processor_id();
	status = readl(edu.regs + EDU_STATUS);
	writel(status, edu.regs + EDU_ACK);
	udelay(edu.delay_us);

	xchg(&edu.busy, 0);
	/* Pairs with edu_wait_for(): the rest is written before */
	if (status)
		smp_store_release(&edu.served, true);
	return IRQ_RETVAL(status);
}

static unsigned int edu_runs(void)
{
	return READ_ONCE(edu.oob) + READ_ONCE(edu.inband) + READ_ONCE(edu.wrong_state);
}

static void edu_raise(void)
{
	WRITE_ONCE(edu.served, false);
	writel(1, edu.regs + EDU_RAISE);
}

/* Any interrupt state: it spins until the handler has returned, or at least runs. */
static bool edu_wait_for(bool running)
{
	u64 end = ktime_get_mono_fast_ns() + EDU_TIMEOUT_NS;
	bool done;

	do {
		cpu_relax();
		/* Pairs with edu_handler() */
		done = smp_load_acquire(&edu.served) || (running && READ_ONCE(edu.busy));
	} while (!done && ktime_get_mono_fast_ns() < end);

	return done;
}

static bool edu_wait(void)
{
	return edu_wait_for(false);
}

static bool edu_raise_and_wait(void)
{
	edu_raise();
	return edu_wait();
}

/* The handler is not called although the interrupt was raised. */
static bool edu_quiet(unsigned int runs)
{
	mdelay(EDU_QUIET_US / 1000);
	return edu_runs() == runs;
}

/* Oob: served at once, here, while in-band is stalled. */
static void test_stalled_oob(void)
{
	unsigned int oob = READ_ONCE(edu.oob);
	unsigned long flags;
	bool served;

	local_irq_save(flags);
	served = edu_raise_and_wait();
	torture_check(irqs_disabled() && !hard_irqs_disabled());
	torture_check(edu.cpu == smp_processor_id());
	local_irq_restore(flags);

	torture_check(served && edu.oob > oob);
}

/* In-band: not before in-band is unstalled. */
static void test_stalled_inband(void)
{
	unsigned int inband = READ_ONCE(edu.inband);
	unsigned long flags;

	local_irq_save(flags);
	edu_raise();
	torture_check(edu_quiet(edu_runs()));
	local_irq_restore(flags);

	torture_check(edu_wait() && edu.inband > inband);
	torture_check(edu.cpu == smp_processor_id());
}

/* What comes while it is disabled is served when it is enabled, and not before. */
static void test_disable(void)
{
	unsigned long flags;

	disable_irq(edu.irq);
	edu_raise();
	torture_check(edu_quiet(edu_runs()));
	enable_irq(edu.irq);
	torture_check(edu_wait());

	/* Likewise if the controller has it pending for this CPU already */
	local_irq_save(flags);
	hard_local_irq_disable();
	edu_raise();
	disable_irq_nosync(edu.irq);
	hard_local_irq_enable();
	torture_check(edu_quiet(edu_runs()));
	local_irq_restore(flags);
	enable_irq(edu.irq);
	torture_check(edu_wait());
}

static int test_irq_here(void *arg)
{
	int cpu = smp_processor_id();

	torture_check(!irq_set_affinity(edu.irq, cpumask_of(cpu)));
	torture_check(edu_raise_and_wait() && edu.cpu == cpu);
	test_stalled_oob();
	test_disable();

	torture_check(!irq_switch_oob(edu.irq, false) && !irq_is_oob(edu.irq));
	test_stalled_inband();
	test_disable();
	torture_check(!irq_switch_oob(edu.irq, true) && irq_is_oob(edu.irq));
	test_stalled_oob();
	pr_info("CPU%d: %s oob and in-band\n", cpu, edu.name);
	return 0;
}

/* Interrupts all the time. Each has to be served. */
static int edu_traffic(void *lost)
{
	while (!kthread_should_stop()) {
		if (!edu_raise_and_wait())
			++*(unsigned int *)lost;
		cond_resched();
	}
	return 0;
}

static void test_switch(void)
{
	unsigned int n, runs;

	for (n = 0; n < 10; n++) {
		torture_check(!irq_switch_oob(edu.irq, false));
		runs = READ_ONCE(edu.oob);
		fsleep(EDU_QUIET_US);
		torture_check(READ_ONCE(edu.oob) == runs);

		torture_check(!irq_switch_oob(edu.irq, true));
		runs = READ_ONCE(edu.inband);
		fsleep(EDU_QUIET_US);
		torture_check(READ_ONCE(edu.inband) == runs);
	}
}

/* On the very CPU that the interrupt comes to. */
static int toggle_here(void *unused)
{
	unsigned int n;

	for (n = 0; n < EDU_TOGGLES; n++) {
		disable_irq(edu.irq);
		enable_irq(edu.irq);
	}
	return 0;
}

static void test_toggle(void)
{
	unsigned int cpu = cpumask_last(cpu_online_mask);

	torture_check(!irq_set_affinity(edu.irq, cpumask_of(cpu)));
	torture_check(!smp_call_on_cpu(cpu, toggle_here, NULL, false));
}

static void test_irq_hotplug(void)
{
	int cpu;

	for_each_present_cpu(cpu) {
		if (!torture_hotplugs(cpu))
			continue;
		torture_check(!irq_set_affinity(edu.irq, cpumask_of(cpu)));
		fsleep(EDU_QUIET_US);
		torture_check(!remove_cpu(cpu));
		fsleep(EDU_QUIET_US);
		torture_check(READ_ONCE(edu.cpu) != cpu);
		torture_check(!add_cpu(cpu));
	}
}

static void under_traffic(void (*test)(void), const char *what)
{
	unsigned int runs = edu_runs(), lost = 0;
	struct task_struct *traffic = kthread_run(edu_traffic, &lost, "irqptorture-edu");

	if (!torture_check(!IS_ERR(traffic)))
		return;
	test();
	kthread_stop(traffic);
	torture_check(!lost);
	pr_info("%s: %s, %u interrupts meanwhile\n", edu.name, what, edu_runs() - runs);
}

static irqreturn_t count_handler(int irq, void *dev_id)
{
	++*(unsigned int *)dev_id;
	return IRQ_NONE;
}

/* All users of a line agree on the stage. (PROBE_SHARED: no message.) */
static void test_shared(void)
{
	const unsigned long flags = IRQF_SHARED | IRQF_PROBE_SHARED;
	unsigned int count = 0;

	torture_check(request_irq(edu.irq, count_handler, flags, "edu2", &count) == -EBUSY);
	if (!torture_check(!request_irq(edu.irq, count_handler, flags | IRQF_OOB, "edu2", &count)))
		return;
	torture_check(edu_raise_and_wait());
	free_irq(edu.irq, &count);
	torture_check(count);

	count = 0;
	torture_check(edu_raise_and_wait() && !count);
	torture_check(request_threaded_irq(edu.irq, count_handler, count_handler, flags | IRQF_OOB,
					   "edu2", &count) == -EINVAL);
}

/* Freeing the interrupt waits for its handler, on another CPU if there is one. */
static void test_free(void)
{
	torture_check(!irq_set_affinity(edu.irq, cpumask_of(cpumask_last(cpu_online_mask))));
	edu.delay_us = EDU_QUIET_US;
	edu_raise();
	torture_check(edu_wait_for(true));
	free_irq(edu.irq, &edu);
	torture_check(!READ_ONCE(edu.busy));
	edu.delay_us = 0;
	torture_check(!irq_is_oob(edu.irq));
}

static void test_irq(unsigned int type, const char *name)
{
	/* QEMU's I/O APIC forgets a line that is raised before its pin is set up */
	bool raised = type == PCI_IRQ_INTX && IS_ENABLED(CONFIG_ARM64);
	int ret;

	edu.name = name;
	if (pci_alloc_irq_vectors(edu.pdev, 1, 1, type) < 0) {
		pr_info("no %s for the edu device\n", name);
		return;
	}
	edu.irq = pci_irq_vector(edu.pdev, 0);

	/* A line which is asserted already */
	if (raised)
		edu_raise();
	ret = request_irq(edu.irq, edu_handler, IRQF_OOB | IRQF_SHARED, "edu", &edu);
	if (IS_ENABLED(CONFIG_IRQ_REMAP) && type == PCI_IRQ_INTX && ret == -EOPNOTSUPP) {
		pr_info("no oob INTx with interrupt remapping\n");
		goto out;
	}
	if (!torture_check(!ret))
		goto out;

	torture_check(irq_is_oob(edu.irq));
	if (raised)
		torture_check(edu_wait());
	on_each_cpu_thread(test_irq_here);
	test_shared();
	under_traffic(test_switch, "20 changes of stage");
	under_traffic(test_toggle, "disabled and enabled on its CPU");
	under_traffic(test_irq_hotplug, "all other CPUs offline and online");
	test_free();
	torture_check(!edu.overlaps && !edu.wrong_state);
out:
	pci_free_irq_vectors(edu.pdev);
}

static int edu_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;

	edu.regs = pcim_iomap(pdev, 0, 0);
	if (!edu.regs)
		return -ENOMEM;

	pci_set_master(pdev);
	edu.pdev = pdev;
	return 0;
}

static const struct pci_device_id edu_ids[] = {
	{ PCI_DEVICE(0x1234, 0x11e8) },
	{ }
};

static struct pci_driver edu_driver = {
	.name		= "irqptorture-edu",
	.id_table	= edu_ids,
	.probe		= edu_probe,
};

void test_device_irqs(void)
{
	if (!torture_check(!pci_register_driver(&edu_driver)))
		return;

	if (edu.pdev) {
		test_irq(PCI_IRQ_MSI, "MSI");
		test_irq(PCI_IRQ_INTX, "INTx");
	} else {
		pr_info("no edu device: device interrupts not tested\n");
	}

	pci_unregister_driver(&edu_driver);
}
