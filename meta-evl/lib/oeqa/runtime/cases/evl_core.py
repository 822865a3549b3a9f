# SPDX-License-Identifier: MIT
"""The EVL core of the booted kernel: its devices, and what it says of itself. For QEMU and for boards."""

import json

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage


class EvlCoreTest(OERuntimeTestCase):

    def run_ok(self, command):
        status, output = self.target.run(command)
        self.assertEqual(status, 0, f"`{command}` ended with {status}:\n{output}")
        return output

    @OEHasPackage(["evl-system"])
    @OETestDepends(["ssh.SSHTest.test_ssh"])
    def test_nodes_belong_to_the_group(self):
        for node in ("control", "clock/monotonic", "clock/realtime"):
            self.assertEqual(self.run_ok(f"stat -c '%F %a %U:%G' /dev/evl/{node}"),
                             "character special file 660 root:evl")

    @OEHasPackage(["evl-tools"])
    @OETestDepends(["ssh.SSHTest.test_ssh"])
    def test_core_is_running_with_the_librarys_abi(self):
        info = json.loads(self.run_ok("evl info --json"))
        self.assertEqual(info["core"]["state"], "running")
        self.assertLessEqual(info["abi"]["base"], info["abi"]["needed"])
        self.assertGreaterEqual(info["abi"]["current"], info["abi"]["needed"])

    @OETestDepends(["ssh.SSHTest.test_ssh"])
    def test_kernel_log_has_no_splat(self):
        log = self.run_ok("dmesg")
        for sign in ("BUG:", "WARNING:", "Call trace:", "Call Trace:", "Oops"):
            self.assertNotIn(sign, log)

    @OETestDepends(["ssh.SSHTest.test_ssh"])
    def test_boot_arguments_arrived(self):
        expected = (self.td.get("EVL_BOOT_ARGS") or "").split()
        given = self.run_ok("cat /proc/cmdline").split()
        self.assertEqual([argument for argument in expected if argument not in given], [])
