# SPDX-License-Identifier: MIT
SUMMARY = "Group, device permissions, gravity and boot-time check of an EVL system"
DESCRIPTION = "Members of the group evl may use the core's devices. At each boot the clocks get the gravity that \
`latmus --tune --save` found on this machine, and `evl check` says in the log whether the system is fit for real time."
HOMEPAGE = "https://evlproject.org/"
SECTION = "base"
LICENSE = "MIT"
# nooelint: oelint.var.licenseremotefile - the source is this layer
LIC_FILES_CHKSUM = "file://${COMMON_LICENSE_DIR}/MIT;md5=0835ade698e0bcf8506ecda2f7b4f302"

inherit evl_target systemd update-rc.d useradd allarch

SRC_URI = "\
    file://60-evl.rules \
    file://evl-check.service \
    file://evl-gravity.service \
    file://evl-system.init \
"
S = "${UNPACKDIR}"

USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "--system evl"

SYSTEMD_SERVICE:${PN} = "evl-check.service evl-gravity.service"
INITSCRIPT_NAME = "evl-system"
INITSCRIPT_PARAMS = "start 90 2 3 4 5 ."

do_configure[noexec] = "1"
do_compile[noexec] = "1"

do_install() {
    install -D -m 0644 ${UNPACKDIR}/60-evl.rules ${D}${nonarch_base_libdir}/udev/rules.d/60-evl.rules
    if ${@bb.utils.contains('DISTRO_FEATURES', 'systemd', 'true', 'false', d)}; then
        install -d ${D}${systemd_system_unitdir}
        install -m 0644 ${UNPACKDIR}/evl-check.service ${UNPACKDIR}/evl-gravity.service ${D}${systemd_system_unitdir}
    fi
    if ${@bb.utils.contains('DISTRO_FEATURES', 'sysvinit', 'true', 'false', d)}; then
        install -D -m 0755 ${UNPACKDIR}/evl-system.init ${D}${sysconfdir}/init.d/evl-system
    fi
}

FILES:${PN} += "${nonarch_base_libdir}/udev ${systemd_system_unitdir}"
RDEPENDS:${PN} = "evl-tools"
