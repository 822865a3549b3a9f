# SPDX-License-Identifier: MIT
#
# For the Rust recipes of this repository: its own cargo workspace, cut down to what a recipe builds (CARGO_LOCK_PACKAGES).

# "bin": prebuilt tools of meta-rust-bin, without ptest packages.
EVL_CARGO ??= "core"

inherit evl_target
# Not inherit_defer: what follows depends on its functions and variables.
# nooelint: oelint.var.inherit.inherit_defer
inherit ${@'evl_cargo_bin' if d.getVar('EVL_CARGO') == 'bin' else 'cargo ptest-cargo'}
inherit cargo_lock_uris

HOMEPAGE = "https://evlproject.org/"
# The sources give the choice of MIT or Apache-2.0.
LICENSE = "MIT"
LIC_FILES_CHKSUM = "file://LICENSES/MIT.txt;md5=fa7f94772b63b0e3b707eaf04cd2af9e"

SRC_URI += "\
    file://Cargo.toml \
    file://Cargo.lock \
    file://LICENSES/MIT.txt \
    ${@' '.join('file://' + member for member in d.getVar('CARGO_LOCK_MEMBERS').split())} \
"
S = "${UNPACKDIR}"

# nooelint: oelint.vars.fileextrapaths,oelint.vars.outofcontext - the sources are the repository around the layer
FILESEXTRAPATHS:prepend := "${EVL_REPOSITORY}:"

CARGO_LOCK_FILE = "${EVL_REPOSITORY}/Cargo.lock"

# The workspace strips for the quick build's initramfs; here debug information goes into the -dbg package.
export CARGO_PROFILE_RELEASE_STRIP = "none"
export CARGO_PROFILE_RELEASE_DEBUG = "limited"

# Tests that need the host's compilers or cargo's own folders run there (`cargo xtask test`), not on the target.
EVL_HOST_TESTS ?= ""
evl_drop_host_tests() {
    for tests in ${EVL_HOST_TESTS}; do
        rm -r "${S}/$tests"
    done
}
do_unpack[postfuncs] += "evl_drop_host_tests"
do_unpack[vardeps] += "EVL_HOST_TESTS"
