/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dovetail: interrupt state of out-of-band tasks.
 */
#ifndef __ASM_DOVETAIL_H
#define __ASM_DOVETAIL_H

#include <asm/daifflags.h>
#include <asm/mmu_context.h>
#include <asm/ptrace.h>
#include <asm/unistd.h>

/* Kernel entry of a system call: everything is masked on the CPU. */
static __always_inline void arch_oob_syscall_irqs(void)
{
	write_sysreg(DAIF_PROCCTX, daif);
}

/* The last step before user mode. */
static __always_inline void arch_oob_exit_irqs(void)
{
	asm volatile("msr daifset, #0xf" : : : "memory");
}

/* An exception of oob kernel code was handled in-band, with all masked. */
static __always_inline void arch_oob_trap_irqs(void)
{
	local_daif_restore(DAIF_PROCCTX);
}

/* Whether oob kernel code, which took an exception, had in-band stalled. */
static __always_inline void arch_oob_stall_regs(struct pt_regs *regs, bool stalled)
{
	if (stalled)
		regs->pmr |= PSR_I_BIT;
	else
		regs->pmr &= ~PSR_I_BIT;
}

static inline struct mm_struct *arch_oob_loaded_mm(void)
{
	return __this_cpu_read(oob_loaded_mm);
}

static inline void arch_oob_switch_mm(struct mm_struct *mm, struct task_struct *p)
{
	/* A kernel thread which borrows @mm has no business in user space */
	if (p->mm)
		switch_mm(NULL, mm, p);
	else
		__switch_mm(mm);
}

/* Valid before Linux has looked at the system call, unlike syscall_get_nr(). */
static inline int arch_oob_syscall_nr(struct pt_regs *regs)
{
	return compat_user_mode(regs) ? regs->regs[7] : regs->regs[8];
}

/* A system call of the core? Its number and three arguments, if so. */
static inline bool arch_oob_syscall_args(struct pt_regs *regs, unsigned long args[4])
{
	if (compat_user_mode(regs) || arch_oob_syscall_nr(regs) != __NR_prctl ||
	    regs->regs[0] != PR_OOB_SYSCALL)
		return false;

	args[0] = regs->regs[1];
	args[1] = regs->regs[2];
	args[2] = regs->regs[3];
	args[3] = regs->regs[4];
	return true;
}

static inline void arch_oob_syscall_return(struct pt_regs *regs, long ret)
{
	regs->regs[0] = ret;
}

#endif /* __ASM_DOVETAIL_H */
