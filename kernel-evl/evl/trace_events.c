// SPDX-License-Identifier: GPL-2.0
/*
 * The trace events of the EVL core, for C and for Rust.
 *
 * Copyright (C) 2026 The meta-evl authors
 */
#include <linux/types.h>

#define CREATE_TRACE_POINTS
#define CREATE_RUST_TRACE_POINTS
#include "trace_events.h"
