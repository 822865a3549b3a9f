# SPDX-License-Identifier: MIT
#
# Says at once, before anything is built, what in the configuration cannot work.

addhandler evl_sanity
evl_sanity[eventmask] = "bb.event.SanityCheck"
python evl_sanity() {
    problem = evl.configuration.why_unusable(e.data)
    if problem:
        bb.fatal(problem)
    hint = evl.configuration.forgotten(e.data)
    if hint:
        bb.warn(hint)
}
