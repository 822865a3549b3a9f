# nooelint: oelint.var.mandatoryvar.LICENSE - linux-yocto.inc of OE-core has it
# SPDX-License-Identifier: MIT
SUMMARY = "Linux kernel with the EVL core, for hunting bugs, never for latency"
require linux-evl-6.18.inc
KERNEL_FEATURES:append = " debug.scc kunit.scc"
