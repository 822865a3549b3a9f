// SPDX-License-Identifier: GPL-2.0
/*
 * Files of the EVL core, and how the oob stage finds them.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/anon_inodes.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <uapi/evl/factory.h>
#include "glue.h"

static u32 evl_handle(struct file *filp)
{
	return (uintptr_t)filp->private_data;
}

/*
 * Threads may be attached by those who may raise their priority, and by the
 * group which somebody gave the device to.
 */
static bool evl_may_attach(struct file *filp)
{
	kgid_t group = file_inode(filp)->i_gid;

	if (!gid_eq(group, GLOBAL_ROOT_GID) && in_group_p(group))
		return true;

	return capable(CAP_SYS_NICE);
}

static long evl_file_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	u32 handle = evl_handle(filp);

	if (cmd == EVL_IOC_CLONE && handle >> EVL_HANDLE_SHIFT == EVL_CLASS_THREAD &&
	    !evl_may_attach(filp))
		return -EPERM;

	return evl_ioctl(handle, filp->f_mode, cmd, arg);
}

static ssize_t evl_file_read(struct file *filp, char __user *buf, size_t size, loff_t *pos)
{
	return evl_read(evl_handle(filp), filp->f_flags, (unsigned long)buf, size);
}

static ssize_t evl_file_write(struct file *filp, const char __user *buf, size_t size,
			      loff_t *pos)
{
	return evl_write(evl_handle(filp), filp->f_flags, (unsigned long)buf, size);
}

static __poll_t evl_file_poll(struct file *filp, struct poll_table_struct *wait)
{
	u32 handle = evl_handle(filp);

	poll_wait(filp, evl_inband_queue(handle), wait);
	return (__force __poll_t)evl_poll(handle);
}

static int evl_file_release(struct inode *inode, struct file *filp)
{
	evl_release(evl_handle(filp));
	return 0;
}

static int evl_file_mmap(struct file *filp, struct vm_area_struct *vma)
{
	if (evl_handle(filp) >> EVL_HANDLE_SHIFT != EVL_CLASS_CORE)
		return -ENODEV;

	return evl_map_heap(vma);
}

const struct file_operations evl_fops = {
	.release = evl_file_release,
	.read = evl_file_read,
	.write = evl_file_write,
	.poll = evl_file_poll,
	.unlocked_ioctl = evl_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.mmap = evl_file_mmap,
};

/**
 * evl_new_file() - make a file of an element without a node.
 * @name: what /proc calls it
 * @handle: the element; on success, the file owns a hold of it
 * @flags: O_* of open()
 *
 * In-band, may sleep. Return: the file, or an error pointer.
 */
struct file *evl_new_file(const char *name, u32 handle, unsigned int flags)
{
	return anon_inode_getfile(name, &evl_fops, (void *)(uintptr_t)handle, flags);
}

/**
 * evl_peek_fd() - look at the file which a descriptor of the caller refers to.
 * @fd: the descriptor
 * @view: receives the element and the modes of the file
 *
 * Any stage, hard interrupts off: this CPU then reports no quiescent state of
 * RCU, which is watching, so that neither the table of descriptors goes away
 * nor the memory of the file, which may become another file, though.
 * A caller takes a reference to the element, and looks again: if the same
 * element is still there, it was there when the reference was taken.
 *
 * Return: whether it is a file of the core.
 */
bool evl_peek_fd(u32 fd, struct evl_file_view *view)
{
	struct files_struct *files = current->files;
	struct fdtable *fdt;
	struct file *filp;

	if (!files)
		return false;

	fdt = rcu_dereference_raw(files->fdt);
	if (fd >= fdt->max_fds)
		return false;

	filp = rcu_dereference_raw(fdt->fd[array_index_nospec(fd, fdt->max_fds)]);
	if (!filp || READ_ONCE(filp->f_op) != &evl_fops)
		return false;

	view->handle = (uintptr_t)READ_ONCE(filp->private_data);
	view->mode = (__force u32)READ_ONCE(filp->f_mode);
	view->flags = READ_ONCE(filp->f_flags);

	return true;
}
