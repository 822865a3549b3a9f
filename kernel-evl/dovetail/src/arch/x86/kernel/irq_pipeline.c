// SPDX-License-Identifier: GPL-2.0
/*
 * Interrupt pipeline: deferral to the local APIC, out-of-band vectors.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/clockchips.h>
#include <linux/dovetail.h>
#include <linux/irq-entry-common.h>
#include <linux/interrupt.h>
#include <linux/irq.h>
#include <linux/irqdesc.h>
#include <linux/irq_pipeline.h>
#include <linux/percpu.h>

#include <asm/apic.h>
#include <asm/hw_irq.h>
#include <asm/irqflags.h>
#include <asm/irq_pipeline.h>

DEFINE_PER_CPU_CACHE_HOT(unsigned int, inband_irqs);
EXPORT_PER_CPU_SYMBOL(inband_irqs);

/* CPUs start masked: the first unstall unmasks. */
DEFINE_PER_CPU_CACHE_HOT(unsigned int, inband_irqs_pending) = INBAND_IRQS_HARDDIS;
EXPORT_PER_CPU_SYMBOL(inband_irqs_pending);

/*
 * Interrupts of the 8259 which came in as ExtINT: the local APIC knows nothing
 * about these, so they cannot be given back to it. The irq_work interrupt stands
 * in for them.
 */
static DEFINE_PER_CPU(u16, inband_extint_pending);

static struct irq_desc *oob_vector_desc[NR_VECTORS - FIRST_OOB_VECTOR] __read_mostly;

unsigned int oob_irq_base __ro_after_init;

static __always_inline bool lapic_vector_bit(u32 reg, u32 vector)
{
	return apic_read(reg + APIC_VECTOR_TO_REG_OFFSET(vector)) &
		BIT(APIC_VECTOR_TO_BIT_NUMBER(vector));
}

/* The system vector in service, which is the highest vector in service; or 0. */
static __always_inline u32 lapic_sysvec_in_service(void)
{
	u32 isr;

	isr = apic_read(APIC_ISR + APIC_VECTOR_TO_REG_OFFSET(0xe0)) & GENMASK(15, 0);
	if (isr)
		return 0xe0 + __fls(isr);

	isr = apic_read(APIC_ISR + APIC_VECTOR_TO_REG_OFFSET(0xc0));
	return isr ? 0xc0 + __fls(isr) : 0;
}

/**
 * inband_irq_defer - Give an interrupt back to the local APIC
 * @vector: the device vector, or 0 for the system vector in service
 *
 * In-band is stalled, CPU interrupts are off. Whatever the local APIC has for
 * in-band from now on stays there until the threshold is lowered again.
 */
noinstr void inband_irq_defer(u32 vector)
{
	this_cpu_or(inband_irqs_pending, INBAND_IRQS_DEFERRED);
	inband_set_cr8(INBAND_CR8_RAISED);

	instrumentation_begin();

	if (!vector) {
		vector = lapic_sysvec_in_service();
		if (unlikely(!vector)) {
			inc_irq_stat(irq_spurious_count);
			goto out;
		}
	} else if (unlikely(!lapic_vector_bit(APIC_ISR, vector))) {
		if (vector - ISA_IRQ_VECTOR(0) < NR_IRQS_LEGACY) {
			this_cpu_or(inband_extint_pending, BIT(vector - ISA_IRQ_VECTOR(0)));
			__apic_send_IPI_self(IRQ_WORK_VECTOR);
		}
		goto out;
	}

	/*
	 * The line of a level interrupt is still asserted: with the EOI the
	 * I/O APIC sends it again. An IPI would turn it into an edge.
	 */
	if (!lapic_vector_bit(APIC_TMR, vector))
		__apic_send_IPI_self(vector);
	apic_eoi();
out:
	instrumentation_end();
}

/* In-band accepts interrupts again: called from the irq_work interrupt. */
void inband_replay_extint(void)
{
	unsigned long irqs = this_cpu_xchg(inband_extint_pending, 0);
	unsigned int irq;

	for_each_set_bit(irq, &irqs, NR_IRQS_LEGACY) {
		struct irq_desc *desc = __this_cpu_read(vector_irq[ISA_IRQ_VECTOR(irq)]);

		if (!IS_ERR_OR_NULL(desc))
			generic_handle_irq_desc(desc);
	}
}

/*
 * Slow path of unstalling, with all registers saved by its thunk. Unmasks the
 * CPU only to undo hard_irq_disable().
 */
asmlinkage noinstr void inband_irqs_resync(void)
{
	unsigned long flags = native_local_irq_save();

	/* An interrupt may have stalled us again, or done the job */
	if (arch_local_save_flags()) {
		if (this_cpu_read(inband_irqs_pending) & INBAND_IRQS_HARDDIS)
			flags |= X86_EFLAGS_IF;
		inband_irqs_open();
		this_cpu_write(inband_irqs_pending, 0);
	}

	native_local_irq_restore(flags);
}

/**
 * oob_interrupt - Entry of a vector of the oob class
 * @regs: what it interrupted
 * @vector: which one
 *
 * CPU interrupts are off, the in-band entry accounting was not done and will
 * not be: this returns straight to the interrupted context.
 */
noinstr void oob_interrupt(struct pt_regs *regs, u32 vector)
{
	struct irq_pipeline_state state;
	struct irq_desc *desc;

	/* Not in service, must not be EOIed */
	if (unlikely(vector == SPURIOUS_APIC_VECTOR)) {
		inc_irq_stat(irq_spurious_count);
		return;
	}

	state = irq_pipeline_enter();
	instrumentation_begin();
	desc = READ_ONCE(oob_vector_desc[vector - FIRST_OOB_VECTOR]);
	if (likely(desc))
		handle_oob_irq(desc);
	else
		inc_irq_stat(irq_spurious_count);
	apic_eoi();
	instrumentation_end();

	irq_pipeline_exit(state);

	if (!user_mode(regs))
		return;

	/* The core may have run tasks meanwhile: see inband_irq_accepted() */
	if (running_inband())
		inband_irqs_open();
	else if (oob_mayday_from_irq(regs))
		irqentry_exit_to_user_mode(regs);
}

static const u8 oob_system_vector[NR_OOB_SYSTEM_IRQS] = {
	TIMER_OOB_VECTOR,
	RESCHEDULE_OOB_VECTOR,
	CALL_FUNCTION_OOB_VECTOR,
	LAPIC_TIMER_OOB_VECTOR,
};

/**
 * irq_send_oob_ipi - Send an IPI to the oob stage of CPUs
 * @irq: TIMER_OOB_IPI, RESCHEDULE_OOB_IPI or CALL_FUNCTION_OOB_IPI
 * @mask: online CPUs, this one included or not
 *
 * Any stage, any interrupt state.
 */
void irq_send_oob_ipi(unsigned int irq, const struct cpumask *mask)
{
	u32 vector = oob_system_vector[irq - oob_irq_base];
	unsigned long flags;
	int cpu;

	flags = hard_local_irq_save();
	for_each_cpu(cpu, mask) {
		if (cpu == raw_smp_processor_id())
			__apic_send_IPI_self(vector);
		else
			__apic_send_IPI(cpu, vector);
	}
	hard_local_irq_restore(flags);
}
EXPORT_SYMBOL_GPL(irq_send_oob_ipi);

/* A vector for a device interrupt, or -ENOSPC. Caller holds the vector lock. */
int oob_vector_alloc(struct irq_desc *desc)
{
	unsigned int i;

	for (i = 0; i <= LAST_OOB_DEVICE_VECTOR - FIRST_OOB_VECTOR; i++) {
		if (!oob_vector_desc[i]) {
			WRITE_ONCE(oob_vector_desc[i], desc);
			return FIRST_OOB_VECTOR + i;
		}
	}

	return -ENOSPC;
}

/* @vector: from oob_vector_alloc(), or 0 for none. Caller holds the vector lock. */
void oob_vector_free(unsigned int vector)
{
	if (vector)
		WRITE_ONCE(oob_vector_desc[vector - FIRST_OOB_VECTOR], NULL);
}

DEFINE_PER_CPU(bool, lapic_timer_oob);

/* Per CPU: where the oob timer interrupt finds its clock event device. */
static DEFINE_PER_CPU(struct clock_event_device *, lapic_timer_event);

/* At the registration of the local APIC timer of this CPU, in-band for now. */
void lapic_timer_pipeline(struct clock_event_device *evt)
{
	evt->features |= CLOCK_EVT_FEAT_PIPELINE;
	evt->irq = LAPIC_TIMER_OOB_IRQ;
	this_cpu_write(lapic_timer_event, evt);
	this_cpu_write(lapic_timer_oob, false);
}

static irqreturn_t lapic_timer_handler(int irq, void *dev_id)
{
	struct clock_event_device *evt = *(struct clock_event_device **)dev_id;

	/* A late one belongs to in-band, which does not miss it */
	if (clockevent_is_oob(evt))
		evt->event_handler(evt);
	return IRQ_HANDLED;
}

/* Their vectors are always oob. The timer has two, and is never masked here. */
static int oob_system_set_oob(struct irq_data *irqd, bool on)
{
	if (irqd->irq != LAPIC_TIMER_OOB_IRQ)
		return 0;

	this_cpu_write(lapic_timer_oob, on);
	apic_write(APIC_LVTT, (apic_read(APIC_LVTT) & ~APIC_VECTOR_MASK) | lapic_timer_vector());
	return 0;
}

static void oob_system_noop(struct irq_data *irqd) { }

static struct irq_chip oob_system_chip = {
	.name		= "APIC-OOB",
	.irq_mask	= oob_system_noop,
	.irq_unmask	= oob_system_noop,
	.irq_set_oob	= oob_system_set_oob,
};

void __init irq_pipeline_init_irqs(void)
{
	int base, i;

	base = irq_alloc_descs(-1, 1, NR_OOB_SYSTEM_IRQS, NUMA_NO_NODE);
	if (WARN_ON(base < 0))
		return;
	oob_irq_base = base;

	for (i = 0; i < NR_OOB_SYSTEM_IRQS; i++) {
		irq_set_percpu_devid(base + i);
		irq_set_chip_and_handler(base + i, &oob_system_chip, handle_percpu_devid_irq);
		oob_vector_desc[oob_system_vector[i] - FIRST_OOB_VECTOR] = irq_to_desc(base + i);
	}
}

static int __init irq_pipeline_request_timer(void)
{
	return __request_percpu_irq(LAPIC_TIMER_OOB_IRQ, lapic_timer_handler, IRQF_TIMER,
				    "lapic timer", &lapic_timer_event);
}
core_initcall(irq_pipeline_request_timer);

int arch_enable_oob_stage(void)
{
	/* Without a local APIC nothing holds back in-band interrupts */
	return boot_cpu_has(X86_FEATURE_APIC) && !apic_is_disabled && oob_irq_base ? 0 : -ENODEV;
}
