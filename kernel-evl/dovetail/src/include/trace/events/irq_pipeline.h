/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Trace events of the interrupt pipeline, among those of interrupts.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#undef TRACE_SYSTEM
#undef TRACE_INCLUDE_FILE
#define TRACE_SYSTEM irq
#define TRACE_INCLUDE_FILE irq_pipeline

#if !defined(_TRACE_IRQ_PIPELINE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _TRACE_IRQ_PIPELINE_H

#include <linux/tracepoint.h>

DECLARE_EVENT_CLASS(irq_pipeline,
	TP_PROTO(unsigned int irq),
	TP_ARGS(irq),
	TP_STRUCT__entry(
		__field(unsigned int, irq)
	),
	TP_fast_assign(
		__entry->irq = irq;
	),
	TP_printk("irq=%u", __entry->irq)
);

/* An out-of-band interrupt is about to be handled. */
DEFINE_EVENT(irq_pipeline, irq_pipeline_entry,
	TP_PROTO(unsigned int irq),
	TP_ARGS(irq)
);

/* It was handled; the core may have to switch contexts yet. */
DEFINE_EVENT(irq_pipeline, irq_pipeline_exit,
	TP_PROTO(unsigned int irq),
	TP_ARGS(irq)
);

#endif /* _TRACE_IRQ_PIPELINE_H */

/* This part must be outside protection */
#include <trace/define_trace.h>
