/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tick proxy: a core drives the per-CPU clock event device out-of-band, Linux
 * gets a proxy for it.
 */
#ifndef __LINUX_TICK_PROXY_H
#define __LINUX_TICK_PROXY_H

#include <linux/clockchips.h>
#include <linux/cpumask.h>

/**
 * struct clock_proxy_device - the proxy of one CPU's clock event device
 * @proxy_device: what Linux programs. By default requests go straight to
 *		@real_device; a core may replace set_next_event(), or set
 *		set_next_ktime() and CLOCK_EVT_FEAT_KTIME. Linux calls these
 *		in-band with in-band stalled: what they share with the oob
 *		stage needs hard interrupts off.
 * @real_device: the device behind. While it is reserved, the core may call its
 *		set_next_event(), hard interrupts off, any stage, on its CPU.
 * @handle_oob_event: called on the oob stage, hard interrupts off, when
 *		@real_device fires. Mandatory. Has to call
 *		tick_notify_proxy() if a request of Linux is due.
 */
struct clock_proxy_device {
	struct clock_event_device	proxy_device;
	struct clock_event_device	*real_device;
	void				(*handle_oob_event)(struct clock_event_device *dev);
};

int tick_install_proxy(void (*setup_proxy)(struct clock_proxy_device *dev),
		       const struct cpumask *cpumask);
void tick_uninstall_proxy(const struct cpumask *cpumask);
void tick_notify_proxy(void);

#endif /* __LINUX_TICK_PROXY_H */
