# SPDX-License-Identifier: MIT
SUMMARY = "What an EVL system needs in user space, and its tests"
DESCRIPTION = "packagegroup-evl: the tools, the device permissions, a kernel of the same ABI. packagegroup-evl-tests: tests that \
run on the target, load generators, and the tools that measure PREEMPT_RT for comparison."

PACKAGE_ARCH = "${MACHINE_ARCH}"

inherit packagegroup evl_target

PACKAGES = "${PN} ${PN}-tests"

# Only a kernel that speaks the library's ABI provides this.
RDEPENDS:${PN} = "\
    evl-system \
    evl-tools \
    kernel-evl-abi-${@evl.repository.library_abi(d.getVar('EVL_REPOSITORY'))} \
"

RDEPENDS:${PN}-tests = "\
    evl-tests-ptest \
    evl-tools-ptest \
    libevl-rs-ptest \
    ptest-runner \
    rt-tests \
    stress-ng \
"
