# nooelint: oelint.var.mandatoryvar.LICENSE - linux-yocto.inc of OE-core has it
# SPDX-License-Identifier: MIT
SUMMARY = "Linux kernel with the EVL core, on the Yocto Project's tree"
require linux-evl-6.18.inc
