# SPDX-License-Identifier: MIT
#
# Crates of a Rust recipe, taken from its Cargo.lock while the recipe is parsed: no generated list of crates, nothing to
# refresh. Use it beside `inherit cargo`.
#
#   CARGO_LOCK_FILE           the lock file, where bitbake can read it before anything is fetched: in the layer beside the
#                             recipe, or in a checkout. Recipes whose source is a tarball or a git repository keep a copy
#                             of it beside the recipe; do_unpack stops if it is not what the source has.
#   CARGO_LOCK_PACKAGES       packages of the workspace that this recipe builds; only the crates that these need are
#                             fetched, and the workspace is cut down to them. Empty: everything in the lock file.
#   CARGO_LOCK_MEMBERS        where these packages and the workspace's other packages that they need lie, relative to the
#                             workspace's top folder. Needed with CARGO_LOCK_PACKAGES.
#   CARGO_LOCK_OTHER_SOURCES  names of crates that the recipe fetches by other means, e.g. from git.

CARGO_LOCK_FILE ??= "${THISDIR}/${BPN}/Cargo.lock"
CARGO_LOCK_PACKAGES ??= ""
CARGO_LOCK_MEMBERS ??= ""
CARGO_LOCK_OTHER_SOURCES ??= ""

SRC_URI += "${@cargo_lock_uris(d)}"

def cargo_lock_text(d):
    path = d.getVar("CARGO_LOCK_FILE")
    bb.parse.mark_dependency(d, path)
    try:
        with open(path, encoding="utf-8") as lock:
            return lock.read()
    except OSError as error:
        raise bb.parse.SkipRecipe(f"CARGO_LOCK_FILE: {error}")

def cargo_lock_uris(d):
    packages = d.getVar("CARGO_LOCK_PACKAGES").split()
    other_sources = d.getVar("CARGO_LOCK_OTHER_SOURCES").split()
    try:
        return " ".join(evl.cargo_lock.uris(cargo_lock_text(d), packages, other_sources))
    except evl.cargo_lock.LockError as error:
        raise bb.parse.SkipRecipe(f"{d.getVar('CARGO_LOCK_FILE')}: {error}")

# A copy beside the recipe that is out of date would fetch the wrong crates, and cargo's own message would not say why.
python cargo_lock_compare() {
    with open(d.getVar("CARGO_LOCK_PATH"), encoding="utf-8") as lock:
        if lock.read() != cargo_lock_text(d):
            bb.fatal(f"{d.getVar('CARGO_LOCK_FILE')} is not the Cargo.lock of the source: copy {lock.name} over it")
}

# Cargo insists on every member of a workspace.
python cargo_lock_cut_workspace() {
    if d.getVar("CARGO_LOCK_PACKAGES"):
        evl.cargo_lock.cut_workspace(d.getVar("CARGO_MANIFEST_PATH"), d.getVar("CARGO_LOCK_MEMBERS").split())
}
do_unpack[postfuncs] += "cargo_lock_compare cargo_lock_cut_workspace"
do_unpack[vardeps] += "CARGO_LOCK_PACKAGES CARGO_LOCK_MEMBERS"

# What the workspace's other members needed goes out of the lock file: with only the locked versions at hand and no network,
# cargo can do nothing else to it.
do_configure:append() {
    if [ -n "${CARGO_LOCK_PACKAGES}" ]; then
        cargo metadata --offline --format-version 1 --manifest-path ${CARGO_MANIFEST_PATH} > ${WORKDIR}/cargo-metadata.json
    fi
}
