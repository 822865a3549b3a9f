// SPDX-License-Identifier: GPL-2.0
/*
 * The memory which the EVL core shares with applications.
 *
 * All of them map all of it, and may write to it: nothing that is read from
 * there is to be relied on.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "glue.h"

static void *heap;
static size_t heap_size;

/* Once, before there are devices. In-band, may sleep. */
int evl_init_heap(size_t size)
{
	if (heap)
		return -EBUSY;

	heap_size = PAGE_ALIGN(size);
	heap = vmalloc_user(heap_size);

	return heap ? 0 : -ENOMEM;
}

/* Any stage. */
void *evl_heap(void)
{
	return heap;
}

/* Any stage. */
size_t evl_heap_size(void)
{
	return heap ? heap_size : 0;
}

/* All of it or nothing. In-band, may sleep. */
int evl_map_heap(struct vm_area_struct *vma)
{
	if (!heap)
		return -ENXIO;

	if (vma->vm_end - vma->vm_start != heap_size || vma->vm_pgoff)
		return -EINVAL;

	if (!(vma->vm_flags & VM_SHARED))
		return -EINVAL;

	/*
	 * Where the MMU does not set the dirty bit (arm64 before v8.1), the
	 * first write to a clean page is a fault, which mlockall() does not
	 * take beforehand for a shared mapping: out-of-band, it would cost the
	 * stage.
	 */
	vma->vm_page_prot = pte_pgprot(pte_mkdirty(pfn_pte(0, vma->vm_page_prot)));

	return remap_vmalloc_range(vma, heap, 0);
}
