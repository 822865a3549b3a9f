# SPDX-License-Identifier: MIT
SUMMARY = "core-image-evl with the tests, for QEMU and for boards on a test network"
DESCRIPTION = "Anyone may log in as root without a password, which is what automatic tests need: never ship this image."

require core-image-evl.inc

# nooelint: oelint.var.badimagefeature - the reason why this image is never shipped
IMAGE_FEATURES += "\
    allow-empty-password \
    allow-root-login \
    empty-root-password \
    post-install-logging \
    ssh-server-dropbear \
"
IMAGE_INSTALL += "packagegroup-evl-tests"
# Logs, histograms, core dumps: 256 MiB.
IMAGE_ROOTFS_EXTRA_SPACE = "262144"

TEST_SUITES = "ping ssh evl_core evl_check evl_gravity evl_latency evl_ptest"
