# SPDX-License-Identifier: MIT
"""What of the build's configuration EVL depends on."""

from . import repository

SWITCH = 'enable the fragment: `bitbake-config-build enable-fragment evl/evl`, or OE_FRAGMENTS += "evl/evl" in local.conf'
KERNELS = ("linux-evl", "linux-evl-debug", "linux-evl-stable")


def words(d, name):
    return (d.getVar(name) or "").split()


def enabled(d):
    return "evl" in words(d, "DISTRO_FEATURES")


def our_kernel(d):
    return (d.getVar("PREFERRED_PROVIDER_virtual/kernel") or "") in KERNELS


def target_problem(d):
    """Why EVL does not run on the target, or None. Its threads need glibc, and atomic 64-bit accesses."""
    if d.getVar("TCLIBC") == "musl":
        return 'EVL needs glibc, and TCLIBC is "musl": set TCLIBC = "glibc"'
    arch = d.getVar("TARGET_ARCH")
    if arch not in ("x86_64", "aarch64") or "mx32" in words(d, "TUNE_FEATURES"):
        return (f"EVL runs on 64-bit x86 and Arm, and the target of MACHINE = \"{d.getVar('MACHINE')}\" is "
                f"{arch}: choose a 64-bit machine or tune")
    return None


def abi_problem(d):
    kernel = repository.kernel_abi(d.getVar("EVL_REPOSITORY"))
    library = repository.library_abi(d.getVar("EVL_REPOSITORY"))
    if kernel != library:
        return (f"the kernel of this repository speaks ABI {kernel}, its library ABI {library}: "
                "run `cargo xtask bindgen`, and adapt evl-sys")
    return None


def why_unusable(d):
    """The first reason for which this configuration cannot be built, or None."""
    if not enabled(d):
        if our_kernel(d):
            return (f"{d.getVar('PREFERRED_PROVIDER_virtual/kernel')} is the preferred kernel, "
                    f"but evl is not in DISTRO_FEATURES: {SWITCH}")
        return None
    unusable = repository.why_unusable(d.getVar("EVL_REPOSITORY")) or target_problem(d)
    if unusable:
        return unusable
    if our_kernel(d) and "rust" not in words(d, "KERNEL_FEATURES"):
        return (f"the EVL core is written in Rust, and KERNEL_FEATURES has no \"rust\": {SWITCH}, "
                'and do not take "rust" away from KERNEL_FEATURES')
    return abi_problem(d)


def forgotten(d):
    """A hint for who has the layer and did not switch it on."""
    if enabled(d) or d.getVar("SKIP_EVL_SANITY_CHECK") == "1":
        return None
    return (f"meta-evl is in BBLAYERS, but evl is not in DISTRO_FEATURES: {SWITCH}; "
            'SKIP_EVL_SANITY_CHECK = "1" silences this')


def skip_reason(d):
    """Why a recipe of an EVL system is not for this configuration, or None."""
    if not enabled(d):
        return "evl is not in DISTRO_FEATURES: " + SWITCH
    return repository.why_unusable(d.getVar("EVL_REPOSITORY")) or target_problem(d)
