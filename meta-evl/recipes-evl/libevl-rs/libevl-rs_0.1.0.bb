# SPDX-License-Identifier: MIT
SUMMARY = "The evl crate: out-of-band real-time services for Rust programs"
DESCRIPTION = "Sources of the evl and evl-sys crates, which recipes of applications build against by inheriting evl-crate."
SECTION = "libs"

CARGO_LOCK_PACKAGES = "evl evl-sys"
CARGO_LOCK_MEMBERS = "libevl-rs/evl libevl-rs/evl-sys"
EVL_HOST_TESTS = "libevl-rs/evl-sys/tests"

inherit evl_workspace

# Rust links crates from source: what this recipe installs is for other recipes and the SDK.
do_install() {
    install -d ${D}${datadir}/evl/crates
    cp -R --no-preserve=ownership ${S}/Cargo.toml ${S}/libevl-rs ${D}${datadir}/evl/crates
}

FILES:${PN}-dev += "${datadir}/evl/crates"
DEV_PKG_DEPENDENCY = ""
RDEPENDS:${PN}-ptest:remove = "${PN}"
