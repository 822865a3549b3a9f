# SPDX-License-Identifier: MIT
"""Sources that lie beside the layer in its repository, as file:// entries for SRC_URI."""

import os
import re

# Folders below kernel-evl/, and where their files go in the kernel's tree.
KERNEL_HOMES = (("evl", "kernel/evl"), ("uapi/evl", "include/uapi/evl"), ("dovetail/src", "."))


def why_unusable(repository):
    """What is wrong with the repository around the layer, or None."""
    for name in ("kernel-evl/dovetail/series", "Cargo.lock"):
        if not os.path.isfile(os.path.join(repository, name)):
            return (f"meta-evl builds from the repository it is part of, and {repository} has no {name}: "
                    "check the whole repository out, and name its meta-evl folder in BBLAYERS")
    for name in patches(repository):
        if not os.path.isfile(os.path.join(repository, "kernel-evl/dovetail/patches", name)):
            return f"kernel-evl/dovetail/series names {name}, which is not in kernel-evl/dovetail/patches"
    return None


def kernel_homes(repository):
    """The pairs of KERNEL_HOMES whose folder exists: git keeps no empty ones."""
    return [(folder, home) for folder, home in KERNEL_HOMES
            if os.path.isdir(os.path.join(repository, "kernel-evl", folder))]


def patches(repository):
    """Names of the kernel patches, in order."""
    with open(os.path.join(repository, "kernel-evl/dovetail/series"), encoding="utf-8") as series:
        lines = (line.strip() for line in series)
        return [line for line in lines if line and not line.startswith("#")]


def kernel_uris(repository):
    """Everything that linux-evl takes from the repository, relative to kernel-evl/."""
    uris = [f"file://{folder}" for folder, _ in kernel_homes(repository)]
    return uris + [f"file://dovetail/patches/{name}" for name in patches(repository)]


def kernel_abi(repository):
    """The revision of the user interface that kernel-evl/uapi declares."""
    return _number(os.path.join(repository, "kernel-evl/uapi/evl/control.h"), r"#define EVL_ABI_LEVEL\s+(\d+)")


def library_abi(repository):
    """The revision of the user interface that the evl crate was generated for."""
    return _number(os.path.join(repository, "libevl-rs/evl-sys/src/bindings.rs"), r"EVL_ABI_LEVEL: \w+ = (\d+)")


def _number(path, pattern):
    with open(path, encoding="utf-8") as source:
        found = re.search(pattern, source.read())
    if not found:
        raise ValueError(f"{path} does not say which revision of the ABI it is for")
    return int(found.group(1))
