// SPDX-License-Identifier: GPL-2.0
/*
 * Device classes, device nodes and attributes of the EVL core.
 *
 * A class has one range of minors. What the devices do is in Rust; what is here
 * needs structures that the driver core wants to be static, and its macros.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/cdev.h>
#include <linux/cpumask.h>
#include <linux/device.h>
#include <linux/fs.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sysfs.h>
#include <uapi/evl/control.h>
#include <uapi/evl/sched.h>
#include "glue.h"

struct evl_class {
	struct class class;
	struct cdev cdev;
	dev_t base;
	unsigned int nr_minors;
	struct device **devices;
	/* Of the node that makes elements, when it was last opened. */
	kuid_t uid;
	kgid_t gid;
};

static struct evl_class evl_classes[EVL_NR_CLASSES];

/* Devices come and go one at a time, so that a name which is free stays so. */
static DEFINE_MUTEX(evl_devices_lock);

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

static ssize_t gravity_show(struct device *dev, struct device_attribute *attr,
			    char *buf)
{
	struct evl_gravity g = evl_get_gravity((uintptr_t)dev_get_drvdata(dev));

	return sysfs_emit(buf, "%ui %uk %uu\n", g.irq, g.kernel, g.user);
}

/* `<ns>i`, `<ns>k`, `<ns>u`; a number alone is for users. */
static int evl_parse_gravity(char *word, struct evl_gravity *g)
{
	u32 *to = &g->user;
	size_t len = strlen(word);

	switch (word[len - 1]) {
	case 'i':
		to = &g->irq;
		break;
	case 'k':
		to = &g->kernel;
		break;
	case 'u':
		break;
	default:
		return kstrtou32(word, 10, to);
	}

	word[len - 1] = '\0';
	return kstrtou32(word, 10, to);
}

static ssize_t gravity_store(struct device *dev, struct device_attribute *attr,
			     const char *buf, size_t count)
{
	u32 clock = (uintptr_t)dev_get_drvdata(dev);
	struct evl_gravity g = evl_get_gravity(clock);
	char *text, *next, *word;
	int ret = 0;

	text = next = kstrdup(buf, GFP_KERNEL);
	if (!text)
		return -ENOMEM;

	while (!ret && (word = strsep(&next, " \t\n:/,")))
		if (*word)
			ret = evl_parse_gravity(word, &g);
	kfree(text);
	if (ret)
		return ret;

	evl_set_gravity(clock, g);

	return count;
}
static DEVICE_ATTR_RW(gravity);

static struct attribute *evl_clock_attrs[] = {
	&dev_attr_gravity.attr,
	NULL
};
ATTRIBUTE_GROUPS(evl_clock);

#define EVL_THREAD_ATTR(__name, __fmt, ...)					\
	static ssize_t thread_##__name##_show(struct device *dev,		\
					      struct device_attribute *attr,	\
					      char *buf)			\
	{									\
		u32 thread = (uintptr_t)dev_get_drvdata(dev);			\
		struct evl_thread_info t = evl_thread_query(thread);		\
										\
		return sysfs_emit(buf, __fmt "\n", __VA_ARGS__);		\
	}									\
	static struct device_attribute dev_attr_thread_##__name =		\
		__ATTR(__name, 0444, thread_##__name##_show, NULL)

static const char *evl_policy_name(s32 policy)
{
	switch (policy) {
	case SCHED_FIFO:
		return "fifo";
	case SCHED_RR:
		return "rr";
	case SCHED_QUOTA:
		return "quota";
	case SCHED_TP:
		return "tp";
	default:
		return "weak";
	}
}

/* What `evl ps` reads. */
EVL_THREAD_ATTR(pid, "%u", t.pid);
EVL_THREAD_ATTR(sched, "%u %d %d %s", t.cpu, t.base, t.priority, evl_policy_name(t.policy));
EVL_THREAD_ATTR(state, "%#x", t.state);
EVL_THREAD_ATTR(stats, "%u %u %u %u %llu %u", t.isw, t.csw, t.sc, t.rwa, t.xtime, t.percent);
EVL_THREAD_ATTR(timeout, "%llu", t.timeout);

static int evl_match_minor(struct device *dev, const void *minor)
{
	return dev_get_drvdata(dev) == minor;
}

static ssize_t thread_wchan_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u32 thread = (uintptr_t)dev_get_drvdata(dev);
	u32 handle = evl_thread_query(thread).wchan;
	u32 id = handle >> EVL_HANDLE_SHIFT;
	uintptr_t minor = handle & EVL_HANDLE_MINOR;
	struct device *element = NULL;
	int ret;

	if (minor && id < EVL_NR_CLASSES)
		element = class_find_device(&evl_classes[id].class, NULL, (void *)minor,
					    evl_match_minor);
	ret = sysfs_emit(buf, "%s\n", element ? dev_name(element) : "");
	put_device(element);

	return ret;
}

static struct device_attribute dev_attr_thread_wchan =
	__ATTR(wchan, 0444, thread_wchan_show, NULL);

/* The node which creates threads is none. */
static umode_t evl_thread_attr_visible(struct kobject *kobj, struct attribute *attr, int n)
{
	return dev_get_drvdata(kobj_to_dev(kobj)) ? attr->mode : 0;
}

static struct attribute *evl_thread_attrs[] = {
	&dev_attr_thread_pid.attr,
	&dev_attr_thread_sched.attr,
	&dev_attr_thread_state.attr,
	&dev_attr_thread_stats.attr,
	&dev_attr_thread_timeout.attr,
	&dev_attr_thread_wchan.attr,
	NULL
};

static const struct attribute_group evl_thread_group = {
	.attrs = evl_thread_attrs,
	.is_visible = evl_thread_attr_visible,
};

static const struct attribute_group *evl_thread_groups[] = {
	&evl_thread_group,
	NULL
};

/* For a device that is alone in its class: directly below /dev/evl. */
static char *evl_single_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;

	return kasprintf(GFP_KERNEL, "evl/%s", dev_name(dev));
}

/* For the drivers that measure and try the core: directly below /dev. */
static char *evl_test_devnode(const struct device *dev, umode_t *mode)
{
	if (mode)
		*mode = 0660;

	return NULL;
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
	[EVL_CLASS_CLOCK] = {
		.class = {
			.name = "clock",
			.devnode = evl_element_devnode,
			.dev_groups = evl_clock_groups,
		},
	},
	[EVL_CLASS_HECTIC] = EVL_CLASS("hectic", evl_test_devnode),
	[EVL_CLASS_LATMUS] = EVL_CLASS("latmus", evl_test_devnode),
	[EVL_CLASS_MONITOR] = EVL_CLASS("monitor", evl_element_devnode),
	[EVL_CLASS_OBSERVABLE] = EVL_CLASS("observable", evl_element_devnode),
	[EVL_CLASS_POLL] = EVL_CLASS("poll", evl_single_devnode),
	[EVL_CLASS_PROXY] = EVL_CLASS("proxy", evl_element_devnode),
	[EVL_CLASS_THREAD] = {
		.class = {
			.name = "thread",
			.devnode = evl_element_devnode,
			.dev_groups = evl_thread_groups,
		},
	},
	[EVL_CLASS_TRACE] = EVL_CLASS("trace", evl_single_devnode),
	[EVL_CLASS_XBUF] = EVL_CLASS("xbuf", evl_element_devnode),
};

static int evl_device_open(struct inode *inode, struct file *filp)
{
	/* An open file holds its cdev, hence the inode refers to it. */
	struct evl_class *c = container_of(inode->i_cdev, struct evl_class, cdev);
	int ret = evl_open(((c - evl_classes) << EVL_HANDLE_SHIFT) | iminor(inode));

	if (ret < 0)
		return ret;

	if (!iminor(inode)) {
		WRITE_ONCE(c->uid, inode->i_uid);
		WRITE_ONCE(c->gid, inode->i_gid);
	}
	filp->private_data = (void *)(uintptr_t)ret;
	replace_fops(filp, &evl_fops);

	return 0;
}

/* An element's node belongs to whom the node belongs which made it. The class has the name. */
static char *evl_owned_devnode(const struct device *dev, umode_t *mode, kuid_t *uid, kgid_t *gid)
{
	const struct evl_class *c = container_of_const(dev->class, struct evl_class, class);

	if (uid && gid) {
		*uid = READ_ONCE(c->uid);
		*gid = READ_ONCE(c->gid);
	}

	return NULL;
}

static const struct device_type evl_device_type = {
	.devnode = evl_owned_devnode,
};

static void evl_device_release(struct device *dev)
{
	kfree(dev);
}

static struct device *evl_create_device(struct evl_class *c, unsigned int minor,
					const char *name, bool node)
{
	struct device *dev = kzalloc(sizeof(*dev), GFP_KERNEL);
	int ret;

	if (!dev)
		return ERR_PTR(-ENOMEM);

	device_initialize(dev);
	dev->class = &c->class;
	dev->type = &evl_device_type;
	dev->devt = node ? c->base + minor : MKDEV(0, 0);
	dev->release = evl_device_release;
	dev_set_drvdata(dev, (void *)(uintptr_t)minor);
	ret = dev_set_name(dev, "%s", name);
	if (!ret)
		ret = device_add(dev);
	if (ret) {
		put_device(dev);
		return ERR_PTR(ret);
	}

	return dev;
}

/* Until the file is known to be one of the core. */
static const struct file_operations evl_device_fops = {
	.open = evl_device_open,
};

/**
 * evl_register_class() - make a device class known to the system.
 * @id: the class
 * @nr_minors: how many devices the class may hold; zero if it can have none yet
 *
 * In-band, may sleep. Return: zero or a negative error code.
 */
int evl_register_class(enum evl_class_id id, unsigned int nr_minors)
{
	struct evl_class *c;
	int ret;

	if (id >= EVL_NR_CLASSES || nr_minors > EVL_HANDLE_MINOR)
		return -EINVAL;

	c = &evl_classes[id];
	ret = class_register(&c->class);
	if (ret || !nr_minors)
		return ret;

	ret = -ENOMEM;
	c->devices = kcalloc(nr_minors, sizeof(*c->devices), GFP_KERNEL);
	if (!c->devices)
		goto drop_class;

	ret = alloc_chrdev_region(&c->base, 0, nr_minors, c->class.name);
	if (ret)
		goto drop_devices;

	cdev_init(&c->cdev, &evl_device_fops);
	ret = cdev_add(&c->cdev, c->base, nr_minors);
	if (ret)
		goto drop_region;

	c->nr_minors = nr_minors;

	return 0;

drop_region:
	unregister_chrdev_region(c->base, nr_minors);
drop_devices:
	kfree(c->devices);
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
		evl_remove_device(id, minor);

	if (c->nr_minors) {
		cdev_del(&c->cdev);
		unregister_chrdev_region(c->base, c->nr_minors);
		kfree(c->devices);
		c->nr_minors = 0;
	}

	class_unregister(&c->class);
}

/**
 * evl_add_device() - add a device, which shows the attributes of its class.
 * @id: the class
 * @minor: a free minor number, less than the class's count of minors
 * @name: name of the device, unique in its class
 * @node: whether it has a node below /dev/evl
 *
 * In-band, may sleep. Return: zero or a negative error code.
 */
int evl_add_device(enum evl_class_id id, unsigned int minor, const char *name,
		   bool node)
{
	struct evl_class *c;
	struct device *dev;

	if (id >= EVL_NR_CLASSES || minor >= evl_classes[id].nr_minors)
		return -EINVAL;

	guard(mutex)(&evl_devices_lock);

	c = &evl_classes[id];

	/* The driver core would complain to the log. */
	dev = class_find_device_by_name(&c->class, name);
	if (dev) {
		put_device(dev);
		return -EEXIST;
	}

	dev = evl_create_device(c, minor, name, node);
	if (IS_ERR(dev))
		return PTR_ERR(dev);

	c->devices[minor] = dev;

	return 0;
}

/**
 * evl_remove_device() - undo evl_add_device().
 * @id: the class
 * @minor: minor number of a device; nothing happens if there is none
 *
 * In-band, may sleep.
 */
void evl_remove_device(enum evl_class_id id, unsigned int minor)
{
	struct evl_class *c;

	if (id >= EVL_NR_CLASSES || minor >= evl_classes[id].nr_minors)
		return;

	guard(mutex)(&evl_devices_lock);

	c = &evl_classes[id];
	if (!c->devices[minor])
		return;

	device_unregister(c->devices[minor]);
	c->devices[minor] = NULL;
}
