# SPDX-License-Identifier: MIT
SUMMARY = "The evl, latmus and hectic commands: state, checks and latency of an EVL system"
DESCRIPTION = "Shows the EVL core's threads and clocks, checks the running system for what harms real time, and measures it."
SECTION = "console/utils"

CARGO_LOCK_PACKAGES = "evl-tools hectic latmus"
CARGO_LOCK_MEMBERS = "libevl-rs/evl libevl-rs/evl-sys evl-tools/evl evl-tools/hectic evl-tools/latmus"
EVL_HOST_TESTS = "libevl-rs/evl-sys/tests"

inherit evl_workspace

CARGO_BUILD_FLAGS += "--package evl-tools --package hectic --package latmus"
