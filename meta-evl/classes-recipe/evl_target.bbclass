# SPDX-License-Identifier: MIT
#
# For recipes that only an EVL system builds: without the switch, or for a target that EVL does not run on, they are skipped
# with the reason, so that `bitbake world` of others stays as it was.

# nooelint: oelint.task.noanonpython - a recipe can be skipped from there only
python () {
    reason = evl.configuration.skip_reason(d)
    if reason:
        raise bb.parse.SkipRecipe(reason)
}
