# SPDX-License-Identifier: MIT
# EVL_BOOT_ARGS is set by the configuration fragment only: without it nothing changes here.
# nooelint: oelint.vars.noncoreoverride - see above
CMDLINE:append = " ${@d.getVar('EVL_BOOT_ARGS') or ''}"
