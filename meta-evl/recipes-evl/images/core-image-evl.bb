# SPDX-License-Identifier: MIT
SUMMARY = "A small image that boots into an EVL system"
DESCRIPTION = "Boots, shows what the core says, and has the evl command. It has no SSH server, and no login without a \
password: a product adds what it needs."

require core-image-evl.inc
