# SPDX-License-Identifier: MIT
SUMMARY = "Tests of the EVL core and library that run on the target"
DESCRIPTION = "The same tests as the quick build runs in QEMU, as a ptest package."
SECTION = "devel"

CARGO_LOCK_PACKAGES = "evl-target-tests"
CARGO_LOCK_MEMBERS = "libevl-rs/evl libevl-rs/evl-sys tests/target"
EVL_HOST_TESTS = "libevl-rs/evl-sys/tests"

inherit evl_workspace

CARGO_BUILD_FLAGS += "--package evl-target-tests"

# Nothing but tests.
do_install() {
    :
}
RDEPENDS:${PN}-ptest:remove = "${PN}"
