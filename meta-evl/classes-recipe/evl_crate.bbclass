# SPDX-License-Identifier: MIT
#
# For recipes of applications in Rust that use the evl crate. Their Cargo.toml has `evl = "0.1"`, as for any crate; here it is
# found in the sysroot, where libevl-rs put it. Inherit it between cargo and cargo_lock_uris:
#
#   inherit cargo evl_crate cargo_lock_uris

inherit evl_target

DEPENDS += "libevl-rs"

do_configure:append() {
    printf '\n[patch.crates-io]\nevl = { path = "%s" }\n' ${STAGING_DATADIR}/evl/crates/libevl-rs/evl >> ${CARGO_HOME}/config.toml
}
