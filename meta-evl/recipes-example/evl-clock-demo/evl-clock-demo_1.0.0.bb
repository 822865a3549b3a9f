# SPDX-License-Identifier: MIT
SUMMARY = "Example application: the clocks of the EVL core"
DESCRIPTION = "A complete application in Rust with its recipe, to start one's own from; the book explains each line."
HOMEPAGE = "https://evlproject.org/"
SECTION = "examples"
LICENSE = "MIT"
# nooelint: oelint.var.licenseremotefile - the source is this layer
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

SRC_URI = "\
    file://Cargo.toml \
    file://Cargo.lock \
    file://src \
"
S = "${UNPACKDIR}"

inherit cargo evl_crate cargo_lock_uris
