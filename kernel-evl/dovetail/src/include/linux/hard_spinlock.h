/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Spinlock shared between the in-band and the out-of-band stage.
 *
 * Masks interrupts on the CPU, leaves preempt_count and lockdep alone. Keep
 * the sections short: they add to the latency of every oob interrupt. Never
 * sleep, schedule or call into in-band code while holding one.
 */
#ifndef __LINUX_HARD_SPINLOCK_H
#define __LINUX_HARD_SPINLOCK_H

#include <linux/irqflags.h>
#include <linux/spinlock.h>

typedef struct hard_spinlock {
	arch_spinlock_t lock;
} hard_spinlock_t;

#define __HARD_SPIN_LOCK_INITIALIZER	{ .lock = __ARCH_SPIN_LOCK_UNLOCKED }
#define DEFINE_HARD_SPINLOCK(x)	hard_spinlock_t x = __HARD_SPIN_LOCK_INITIALIZER

static inline void hard_spin_lock_init(hard_spinlock_t *lock)
{
	lock->lock = (arch_spinlock_t)__ARCH_SPIN_LOCK_UNLOCKED;
}

/* The plain forms expect hard interrupts to be off. Any stage. */
static __always_inline void hard_spin_lock(hard_spinlock_t *lock)
{
	arch_spin_lock(&lock->lock);
}

static __always_inline bool hard_spin_trylock(hard_spinlock_t *lock)
{
	return arch_spin_trylock(&lock->lock);
}

static __always_inline void hard_spin_unlock(hard_spinlock_t *lock)
{
	arch_spin_unlock(&lock->lock);
}

/* Any stage, any interrupt state. */
static __always_inline unsigned long __hard_spin_lock_irqsave(hard_spinlock_t *lock)
{
	unsigned long flags = hard_local_irq_save();

	hard_spin_lock(lock);
	return flags;
}

#define hard_spin_lock_irqsave(lock, flags)			\
	do {							\
		typecheck(unsigned long, flags);		\
		flags = __hard_spin_lock_irqsave(lock);		\
	} while (0)

static __always_inline void
hard_spin_unlock_irqrestore(hard_spinlock_t *lock, unsigned long flags)
{
	hard_spin_unlock(lock);
	hard_local_irq_restore(flags);
}

#endif /* __LINUX_HARD_SPINLOCK_H */
