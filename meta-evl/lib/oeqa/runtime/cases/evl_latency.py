# SPDX-License-Identifier: MIT
"""A short measurement by latmus. On a machine of a lab, EVL_TEST_LATENCY_MAX_US says what it may not exceed."""

import json

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

SECONDS = 10


class EvlLatencyTest(OERuntimeTestCase):

    @OEHasPackage(["evl-tools"])
    @OETestDepends(["evl_core.EvlCoreTest.test_core_is_running_with_the_librarys_abi"])
    def test_a_thread_responds(self):
        status, output = self.target.run(f"latmus --json -u -T {SECONDS}", timeout=10 * SECONDS)
        self.assertEqual(status, 0, output)
        measured = json.loads(output)["measurements"][0]
        # Dates with a response, and those without: at a period of 1 ms, nearly all of them.
        dates = measured["samples"] + measured["overruns"]
        self.assertGreater(dates, 900 * (SECONDS - 1), output)
        limit = self.td.get("EVL_TEST_LATENCY_MAX_US")
        if limit:
            self.assertLessEqual(measured["max_ns"], int(limit) * 1000, output)
