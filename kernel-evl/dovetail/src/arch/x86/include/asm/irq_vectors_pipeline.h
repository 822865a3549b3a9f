/* SPDX-License-Identifier: GPL-2.0 */
/*
 * System vectors with CONFIG_IRQ_PIPELINE. Part of asm/irq_vectors.h.
 *
 * The local APIC masks by classes of 16 vectors. The top class belongs to the
 * out-of-band stage, so the in-band system vectors are one class lower than
 * without the pipeline. (Plain numbers: they are arguments of assembler macros.)
 */
#ifndef _ASM_X86_IRQ_VECTORS_PIPELINE_H
#define _ASM_X86_IRQ_VECTORS_PIPELINE_H

/* Out-of-band: system-wide, highest first, then devices. 0xff is spurious. */
#define LAPIC_TIMER_OOB_VECTOR		0xfe
#define TIMER_OOB_VECTOR		0xfd
#define RESCHEDULE_OOB_VECTOR		0xfc
#define CALL_FUNCTION_OOB_VECTOR	0xfb
#define LAST_OOB_DEVICE_VECTOR		0xfa
#define FIRST_OOB_VECTOR		0xf0

/* In-band, see asm/irq_vectors.h */
#define ERROR_APIC_VECTOR		0xee
#define RESCHEDULE_VECTOR		0xed
#define CALL_FUNCTION_VECTOR		0xec
#define CALL_FUNCTION_SINGLE_VECTOR	0xeb
#define THERMAL_APIC_VECTOR		0xea
#define THRESHOLD_APIC_VECTOR		0xe9
#define REBOOT_VECTOR			0xe8
#define X86_PLATFORM_IPI_VECTOR		0xe7
#define IRQ_WORK_VECTOR			0xe6
#define DEFERRED_ERROR_VECTOR		0xe4
#define HYPERVISOR_CALLBACK_VECTOR	0xe3
#define MANAGED_IRQ_SHUTDOWN_VECTOR	0xdf
#define LOCAL_TIMER_VECTOR		0xdc
#define POSTED_MSI_NOTIFICATION_VECTOR	0xdb

#endif /* _ASM_X86_IRQ_VECTORS_PIPELINE_H */
