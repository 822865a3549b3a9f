/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_SIGNAL_H
#define _UAPI_EVL_SIGNAL_H

/* Health monitoring: causes, and how SIGDEBUG carries them. */

/* Tag of a notification, or cause carried by SIGDEBUG. */
#define EVL_HMDIAG_SIGDEMOTE	1	/* got a Linux signal while oob */
#define EVL_HMDIAG_SYSDEMOTE	2	/* made an in-band system call while oob */
#define EVL_HMDIAG_EXDEMOTE	3	/* took an exception while oob */
#define EVL_HMDIAG_WATCHDOG	4	/* held the CPU oob for too long */
#define EVL_HMDIAG_LKDEPEND	5	/* in-band owner of an oob lock */
#define EVL_HMDIAG_LKIMBALANCE	6	/* unlocked a free mutex */
#define EVL_HMDIAG_LKSLEEP	7	/* weak thread sleeps with a mutex held */
#define EVL_HMDIAG_STAGEX	8	/* waited for in-band users of a resource */
#define EVL_HMDIAG_OVERRUN	9	/* missed its time window */

#define SIGDEBUG			SIGXCPU

/* si_int of a SIGDEBUG sent by the core is the marker, or'ed with a cause. */
#define EVL_SIGDEBUG_MARKER		0xfccf0000
#define EVL_SIGDEBUG_MARKER_MASK	0xffff0000
#define EVL_SIGDEBUG_CAUSE_MASK		0x000000ff

/* Did the core send that SIGXCPU? si: siginfo_t pointer. */
#define sigdebug_marked(si)	\
	(((si)->si_int & EVL_SIGDEBUG_MARKER_MASK) == EVL_SIGDEBUG_MARKER)

/* Cause, EVL_HMDIAG_*, of a marked signal. */
#define sigdebug_cause(si)	\
	((si)->si_int & EVL_SIGDEBUG_CAUSE_MASK)

#endif /* !_UAPI_EVL_SIGNAL_H */
