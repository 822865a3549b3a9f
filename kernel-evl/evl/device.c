// SPDX-License-Identifier: GPL-2.0
/*
 * Device classes, device nodes and attributes of the EVL core.
 *
 * A class has one range of minors and one function that serves their
 * requests, which class.rs supplies. What the devices do is in Rust; what is
 * here needs structures that the driver core wants to be static, and its macros.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cdev.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <uapi/evl/control.h>
#include "glue.h"

struct evl_class {
	struct class class;
	struct cdev cdev;
	dev_t base;
	unsigned int nr_minors;
	evl_ioctl_fn ioctl;
};

static ssize_t abi_show(struct device *dev, struct device_attribute *attr,
			char *buf)
{
	return sysfs_emit(buf, "%d\n", EVL_ABI_LEVEL);
}
static DEVICE_ATTR_RO(abi);

static ssize_t cpus_show(struct device *dev, struct device_attribute *attr,
			 char *buf)
{
	return sysfs_emit(buf, "%*pbl\n", cpumask_pr_args(&evl_oob_cpus));
}
static DEVICE_ATTR_RO(cpus);

static ssize_t state_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	return sysfs_emit(buf, "%s\n", evl_state_name());
}

static ssize_t state_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	int ret = -EINVAL;

	if (sysfs_streq(buf, "start"))
		ret = evl_start();
	else if (sysfs_streq(buf, "stop"))
		ret = evl_stop();

	return ret ?: count;
}
static DEVICE_ATTR_RW(state);

static struct attribute *evl_control_attrs[] = {
	&dev_attr_abi.attr,
	&dev_attr_cpus.attr,
	&dev_attr_state.attr,
	NULL
};
ATTRIBUTE_GROUPS(evl_control);

/* For a device that is alone in its class: directly below /dev/evl. */
static char *evl_single_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;

	return kasprintf(GFP_KERNEL, "evl/%s", dev_name(dev));
}

/* For elements: in a directory that has the name of the class. */
static char *evl_element_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;

	return kasprintf(GFP_KERNEL, "evl/%s/%s", dev->class->name,
			 dev_name(dev));
}

#define EVL_CLASS(__name, __devnode) {	\
	.class = {			\
		.name = (__name),	\
		.devnode = (__devnode),	\
	},				\
}

static struct evl_class evl_classes[EVL_NR_CLASSES] = {
	[EVL_CLASS_CORE] = {
		.class = {
			.name = "evl",
			.devnode = evl_single_devnode,
			.dev_groups = evl_control_groups,
		},
	},
	[EVL_CLASS_CLOCK] = EVL_CLASS("clock", evl_element_devnode),
	[EVL_CLASS_MONITOR] = EVL_CLASS("monitor", evl_element_devnode),
	[EVL_CLASS_OBSERVABLE] = EVL_CLASS("observable", evl_element_devnode),
	[EVL_CLASS_POLL] = EVL_CLASS("poll", evl_single_devnode),
	[EVL_CLASS_PROXY] = EVL_CLASS("proxy", evl_element_devnode),
	[EVL_CLASS_THREAD] = EVL_CLASS("thread", evl_element_devnode),
	[EVL_CLASS_TRACE] = EVL_CLASS("trace", evl_single_devnode),
	[EVL_CLASS_XBUF] = EVL_CLASS("xbuf", evl_element_devnode),
};

static long evl_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	struct inode *inode = file_inode(filp);
	/* An open file holds its cdev, hence the inode still refers to it. */
	struct evl_class *c = container_of(inode->i_cdev, struct evl_class, cdev);

	return c->ioctl(iminor(inode), filp->f_mode, cmd, arg);
}

static const struct file_operations evl_fops = {
	.unlocked_ioctl = evl_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
};

/**
 * evl_register_class() - make a device class known to the system.
 * @id: the class
 * @nr_minors: how many devices the class may hold; zero if it can have none yet
 * @ioctl: serves the requests to these devices; not used without minors
 *
 * In-band, may sleep. Return: zero or a negative error code.
 */
int evl_register_class(enum evl_class_id id, unsigned int nr_minors,
		       evl_ioctl_fn ioctl)
{
	struct evl_class *c;
	int ret;

	if (id >= EVL_NR_CLASSES || (nr_minors && !ioctl))
		return -EINVAL;

	c = &evl_classes[id];
	ret = class_register(&c->class);
	if (ret || !nr_minors)
		return ret;

	ret = alloc_chrdev_region(&c->base, 0, nr_minors, c->class.name);
	if (ret)
		goto drop_class;

	c->ioctl = ioctl;
	cdev_init(&c->cdev, &evl_fops);
	ret = cdev_add(&c->cdev, c->base, nr_minors);
	if (ret)
		goto drop_region;

	c->nr_minors = nr_minors;

	return 0;

drop_region:
	unregister_chrdev_region(c->base, nr_minors);
drop_class:
	class_unregister(&c->class);

	return ret;
}

/**
 * evl_unregister_class() - undo evl_register_class().
 * @id: the class
 *
 * Devices that the class still holds go away too. In-band, may sleep.
 */
void evl_unregister_class(enum evl_class_id id)
{
	struct evl_class *c = &evl_classes[id];
	unsigned int minor;

	for (minor = 0; minor < c->nr_minors; minor++)
		device_destroy(&c->class, c->base + minor);

	if (c->nr_minors) {
		cdev_del(&c->cdev);
		unregister_chrdev_region(c->base, c->nr_minors);
		c->nr_minors = 0;
	}

	class_unregister(&c->class);
}

/**
 * evl_add_device() - add a device and its node below /dev/evl.
 * @id: a registered class
 * @minor: a free minor number, less than the class's count of minors
 * @name: name of the device, unique in its class
 *
 * In-band, may sleep. Return: zero or a negative error code.
 */
int evl_add_device(enum evl_class_id id, unsigned int minor, const char *name)
{
	struct evl_class *c = &evl_classes[id];

	if (minor >= c->nr_minors)
		return -EINVAL;

	return PTR_ERR_OR_ZERO(device_create(&c->class, NULL, c->base + minor,
					     NULL, "%s", name));
}
