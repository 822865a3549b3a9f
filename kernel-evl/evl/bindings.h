/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the EVL core adds to the bindings crate. Only bindgen reads this file.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/fs.h>
#include <uapi/evl/clock.h>
#include <uapi/evl/control.h>
#include "glue.h"

/* bindgen cannot evaluate casts, nor _IOR() and its like. */
const fmode_t RUST_CONST_HELPER_FMODE_READ = FMODE_READ;
const fmode_t RUST_CONST_HELPER_FMODE_WRITE = FMODE_WRITE;
const u32 RUST_CONST_HELPER_EVL_CTLIOC_GET_COREINFO = EVL_CTLIOC_GET_COREINFO;
const u32 RUST_CONST_HELPER_EVL_CTLIOC_GET_CPUSTATE = EVL_CTLIOC_GET_CPUSTATE;
const u32 RUST_CONST_HELPER_EVL_CLKIOC_GET_RES = EVL_CLKIOC_GET_RES;
const u32 RUST_CONST_HELPER_EVL_CLKIOC_GET_TIME = EVL_CLKIOC_GET_TIME;
