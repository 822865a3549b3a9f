# SPDX-License-Identifier: MIT
"""`evl check` on the running system. In QEMU it may find fault with the machine; it must not fail itself."""

import json

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

FINE, FOUND_FAULTS = 0, 1


class EvlCheckTest(OERuntimeTestCase):

    @OEHasPackage(["evl-tools"])
    @OETestDepends(["evl_core.EvlCoreTest.test_core_is_running_with_the_librarys_abi"])
    def test_it_judges_the_system(self):
        status, output = self.target.run("evl check --json")
        self.assertIn(status, (FINE, FOUND_FAULTS), output)
        self.assertNotIn("error", json.loads(output))

    @OEHasPackage(["evl-system"])
    @OETestDepends(["ssh.SSHTest.test_ssh"])
    def test_it_ran_at_boot(self):
        if "systemd" not in self.td["DISTRO_FEATURES"].split():
            self.skipTest("its output is in the system log of sysvinit images")
        status, output = self.target.run("systemctl show -p ExecMainStartTimestamp --value evl-check.service")
        self.assertEqual(status, 0, output)
        self.assertTrue(output.strip(), "evl-check.service never started")
