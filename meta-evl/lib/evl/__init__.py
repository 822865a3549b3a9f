# SPDX-License-Identifier: MIT
"""What the layer's recipes compute at parse time."""

BBIMPORTS = ["cargo_lock", "configuration", "repository"]
