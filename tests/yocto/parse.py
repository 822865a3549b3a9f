# SPDX-License-Identifier: MIT OR Apache-2.0
"""Parses all recipes of a build folder with the real bitbake, in this process, and prints what came of it as JSON.

The bitbake package of the Python registry has all of bitbake's grammar, but neither its server programs nor the two
services that a parse names and never calls: they are stubs here.

usage: parse.py BUILD-FOLDER [RECIPE:VARIABLE ...]
"""

import json
import logging
import os
import sys
import types


def stub(name, **members):
    module = types.ModuleType(name)
    module.__dict__.update(members)
    sys.modules[name] = module
    return module


stub("hashserv", client=stub("hashserv.client"), is_valid_unihash=lambda unihash: True)
stub("prserv", serv=stub("prserv.serv", PRServiceConfigError=Exception, auto_start=lambda d: None,
                         auto_shutdown=lambda: None))

import bb.cooker  # noqa: E402
import bb.main  # noqa: E402


class Log(logging.Handler):
    """Keeps warnings and errors."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.lines = {"warnings": [], "errors": []}

    def emit(self, record):
        cause = record.exc_info and record.exc_info[1]
        text = f"{record.getMessage()}: {cause}" if cause else record.getMessage()
        self.lines["errors" if record.levelno >= logging.ERROR else "warnings"].append(text)


class Server:
    """bitbake's server, as far as a cooker needs one to parse."""

    def register_idle_function(self, function, data):
        pass

    def wait_for_idle(self, timeout=30):
        pass


def parse():
    features = [bb.cooker.CookerFeatures.SEND_SANITYEVENTS, bb.cooker.CookerFeatures.RECIPE_SIGGEN_INFO]
    cooker = bb.cooker.BBCooker(features, Server())
    cooker.configuration.profile = []
    cooker.configuration.env = dict(os.environ)
    cooker.init_configdata()
    while cooker.updateCache():
        pass
    return cooker


def variables(cooker, wanted):
    """`RECIPE:VARIABLE` to its value."""
    values = {}
    for name in wanted:
        recipe, variable = name.split(":", 1)
        for filename in cooker.recipecaches[""].pkg_pn[recipe]:
            appends = cooker.collections[""].get_file_appends(filename)
            layer = cooker.collections[""].calc_bbfile_priority(filename)[2]
            values[name] = cooker.databuilder.parseRecipe(filename, appends, layer).getVar(variable)
    return values


def main(folder, wanted):
    os.chdir(folder)
    os.environ["BBPATH"] = folder
    log = Log()
    logger = logging.getLogger("BitBake")
    logger.addHandler(log)
    logger.propagate = False
    found = {"recipes": [], "skipped": {}, "variables": {}}
    try:
        cooker = parse()
        found["recipes"] = sorted(cooker.recipecaches[""].pkg_pn)
        found["skipped"] = {item.pn: item.skipreason for item in cooker.skiplist_by_mc[""].values()}
        found["variables"] = variables(cooker, wanted)
    except (bb.BBHandledException, SystemExit) as error:
        # bitbake has logged why, but for what it says by the exception alone.
        if not log.lines["errors"]:
            log.lines["errors"].append(str(error))
    print(json.dumps(found | log.lines))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(os.path.abspath(sys.argv[1]), sys.argv[2:])
