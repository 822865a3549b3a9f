/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
#ifndef _UAPI_EVL_DEVICES_LATMUS_H
#define _UAPI_EVL_DEVICES_LATMUS_H

/* /dev/latmus: measurement of response times. All times in ns. */

#include "../types.h"

/* latmus_setup.type: who responds to the timer. */
#define EVL_LAT_IRQ	0	/* oob interrupt handler */
#define EVL_LAT_KERN	1	/* kernel thread */
#define EVL_LAT_USER	2	/* user thread */
#define EVL_LAT_SIRQ	3	/* in-band interrupt sent from oob */

struct latmus_measure_args {
	__u32 xfd;		/* cross buffer which receives measurements */
	__u32 hcells;		/* cells of the histogram */
};

union latmus_setup_args {
	__u32 verbosity;			/* EVL_LATIOC_TUNE */
	struct latmus_measure_args measure;	/* EVL_LATIOC_MEASURE */
};

/* EVL_LATIOC_TUNE, EVL_LATIOC_MEASURE */
struct latmus_setup {
	__u32 type;
	__u32 __pad;
	__u64 period;
	__s32 priority;
	__u32 cpu;
	union latmus_setup_args u;
};

/* One second of samples. */
struct latmus_measurement {
	__s64 sum;
	__s32 min;
	__s32 max;
	__u32 overruns;
	__u32 samples;
};

/* What latmus_result.data_ptr refers to, after EVL_LATIOC_MEASURE. */
struct latmus_measurement_result {
	__u64 last_ptr;		/* struct latmus_measurement */
	__u64 histogram_ptr;	/* __s32 cells */
	__u32 len;		/* length of the histogram, bytes */
	__u32 __pad;
};

/* EVL_LATIOC_RUN */
struct latmus_result {
	__u64 data_ptr;
	__u32 len;		/* bytes at data_ptr */
	__u32 __pad;
};

#define EVL_LATMUS_IOCBASE	'L'

#define EVL_LATIOC_TUNE		_IOWR(EVL_LATMUS_IOCBASE, 0, struct latmus_setup)
#define EVL_LATIOC_MEASURE	_IOWR(EVL_LATMUS_IOCBASE, 1, struct latmus_setup)
#define EVL_LATIOC_RUN		_IOR(EVL_LATMUS_IOCBASE, 2, struct latmus_result)
/* W: date at which the user thread woke up, 0 if it did not; waits for the next one. */
#define EVL_LATIOC_PULSE	_IOW(EVL_LATMUS_IOCBASE, 3, __u64)
#define EVL_LATIOC_RESET	_IO(EVL_LATMUS_IOCBASE, 4)

#endif /* !_UAPI_EVL_DEVICES_LATMUS_H */
