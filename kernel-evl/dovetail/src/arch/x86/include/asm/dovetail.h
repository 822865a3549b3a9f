/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dovetail: interrupt state of out-of-band tasks.
 */
#ifndef _ASM_X86_DOVETAIL_H
#define _ASM_X86_DOVETAIL_H

#include <asm/irqflags.h>
#include <asm/mmu_context.h>
#include <asm/ptrace.h>
#include <asm/tlbflush.h>
#include <asm/unistd.h>

/* Kernel entry of a system call: interrupts are off on the CPU only. */
static __always_inline void arch_oob_syscall_irqs(void)
{
	native_irq_enable();
}

/* The last step before user mode. */
static __always_inline void arch_oob_exit_irqs(void)
{
	native_irq_disable();
}

/* An exception of oob kernel code was handled in-band: in-band is stalled. */
static __always_inline void arch_oob_trap_irqs(void)
{
	local_irq_enable();
}

/*
 * Whether oob kernel code, which took an exception, had in-band stalled.
 * arch_irqentry_enter() finds out by itself that it is not, once the task is
 * in-band.
 */
static __always_inline void arch_oob_stall_regs(struct pt_regs *regs, bool stalled)
{
	if (stalled)
		regs->flags &= ~X86_EFLAGS_IF;
}

static inline struct mm_struct *arch_oob_loaded_mm(void)
{
	return this_cpu_read(cpu_tlbstate.loaded_mm);
}

static inline void arch_oob_switch_mm(struct mm_struct *mm, struct task_struct *p)
{
	switch_mm_irqs_off(NULL, mm, p);
}

/* Valid before Linux has looked at the system call. */
static inline int arch_oob_syscall_nr(struct pt_regs *regs)
{
	return regs->orig_ax;
}

/* A system call of the core? Its number and three arguments, if so. */
static inline bool arch_oob_syscall_args(struct pt_regs *regs, unsigned long args[4])
{
	if (arch_oob_syscall_nr(regs) != __NR_prctl || regs->di != PR_OOB_SYSCALL)
		return false;

	args[0] = regs->si;
	args[1] = regs->dx;
	args[2] = regs->r10;
	args[3] = regs->r8;
	return true;
}

static inline void arch_oob_syscall_return(struct pt_regs *regs, long ret)
{
	regs->ax = ret;
}

#endif /* _ASM_X86_DOVETAIL_H */
