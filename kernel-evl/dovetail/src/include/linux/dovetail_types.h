/* SPDX-License-Identifier: GPL-2.0 */
/* Dovetail: what each task and each address space holds for a companion core. */
#ifndef __LINUX_DOVETAIL_TYPES_H
#define __LINUX_DOVETAIL_TYPES_H

#include <linux/types.h>

/* The core's own. Zero in a new task; a child does not inherit it. */
struct oob_thread_state {
	void	*thread;
	void	*subscriber;
};

/* Zero in a new address space. */
struct oob_mm_state {
	unsigned long	flags;
	void		*files;
};

struct dovetail_task {
	unsigned long		flags;		/* see linux/dovetail.h */
	void			*last;		/* whom Linux switched from */
	bool			oob_user;	/* in user mode, out-of-band */
	struct oob_thread_state	state;
};

#endif /* __LINUX_DOVETAIL_TYPES_H */
