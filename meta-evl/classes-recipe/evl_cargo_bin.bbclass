# SPDX-License-Identifier: MIT
#
# In place of `inherit cargo` when kas/feature/rust-bin.yml is used: meta-rust-bin's prebuilt cargo, but with the crates that
# bitbake fetched, and no network.

# nooelint: oelint.file.inheritnotfound - it is meta-rust-bin's
inherit cargo_bin

CARGO_HOME = "${UNPACKDIR}/cargo_home"
EXTRA_CARGO_FLAGS += "--frozen"

python evl_cargo_bin_vendor() {
    text = cargo_lock_text(d)
    home = d.getVar("CARGO_HOME")
    with open(os.path.join(home, "config.toml"), "w", encoding="utf-8") as config:
        config.write(evl.cargo_lock.vendored(text, os.path.join(home, "bitbake")))
}
evl_cargo_bin_vendor[dirs] = "${CARGO_HOME}/bitbake"
do_configure[prefuncs] += "evl_cargo_bin_vendor"
