# SPDX-License-Identifier: MIT
"""The tests that the quick build runs in its guest, as they are packaged for images."""

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage


class EvlPtest(OERuntimeTestCase):

    @OEHasPackage(["evl-tests-ptest"])
    @OETestDepends(["evl_core.EvlCoreTest.test_core_is_running_with_the_librarys_abi"])
    def test_evl_tests_pass(self):
        status, output = self.target.run("ptest-runner evl-tests evl-tools libevl-rs", timeout=600)
        failed = [line for line in output.splitlines() if line.startswith("FAIL:")]
        self.assertEqual((status, failed), (0, []), output)
        self.assertIn("PASS:", output)
