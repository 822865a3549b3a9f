# nooelint: oelint.var.mandatoryvar.LICENSE - linux-yocto.inc of OE-core has it
# SPDX-License-Identifier: MIT
SUMMARY = "Linux kernel with the EVL core, on kernel.org's release"
# The release that the series is written against and the quick build tests.
LINUX_VERSION = "${PV}"
SRCREV_meta ?= "2f71b0a288c307062fc60948ac793d8d51c685e2"
SRCREV_FORMAT = "meta"

LIC_FILES_CHKSUM = "file://COPYING;md5=6bc538ed5bd9a7fc9398086aedcd7e46"
SRC_URI = "\
    ${KERNELORG_MIRROR}/linux/kernel/v6.x/linux-${PV}.tar.xz;name=linux \
    git://git.yoctoproject.org/yocto-kernel-cache;type=kmeta;name=meta;branch=yocto-6.18;destsuffix=${KMETA};protocol=https \
"
# As in conf/kernel.toml.
SRC_URI[linux.sha256sum] = "7c716216c3c4134ed0de69195701e677577bbcdd3979f331c182acd06bf2f170"

require linux-evl.inc

# After the above, which sets it for trees from git.
S = "${UNPACKDIR}/linux-${PV}"
