# SPDX-License-Identifier: MIT
"""What `latmus --tune --save` has kept is the gravity of the core's clocks after a boot."""

from oeqa.core.decorator.depends import OETestDepends
from oeqa.runtime.case import OERuntimeTestCase
from oeqa.runtime.decorator.package import OEHasPackage

CLOCKS = ("monotonic", "realtime")
KEPT = "/var/lib/evl/gravity"
BEFORE = "/tmp/evl-gravity-before"


class EvlGravityTest(OERuntimeTestCase):

    def run_ok(self, command):
        status, output = self.target.run(command)
        self.assertEqual(status, 0, f"`{command}` ended with {status}:\n{output}")
        return output.strip()

    def boot_step(self):
        if "systemd" in self.td["DISTRO_FEATURES"].split():
            return "systemctl restart evl-gravity.service"
        return "/etc/init.d/evl-system start"

    @OEHasPackage(["evl-system"])
    @OETestDepends(["evl_core.EvlCoreTest.test_core_is_running_with_the_librarys_abi"])
    def test_kept_gravity_is_set(self):
        attribute = "/sys/devices/virtual/clock/{}/gravity".format
        before = self.run_ok(f"cat {attribute(CLOCKS[0])}")
        self.run_ok(f"mkdir -p {KEPT.rpartition('/')[0]}; rm -f {BEFORE}; [ ! -e {KEPT} ] || mv {KEPT} {BEFORE}")
        self.run_ok(f"echo 101i 202k 303u > {KEPT}")
        try:
            self.run_ok(self.boot_step())
            found = [self.run_ok(f"cat {attribute(clock)}") for clock in CLOCKS]
        finally:
            self.run_ok(f"rm {KEPT}; [ ! -e {BEFORE} ] || mv {BEFORE} {KEPT}")
            for clock in CLOCKS:
                self.run_ok(f"echo {before} > {attribute(clock)}")
        self.assertEqual(found, ["101i 202k 303u"] * 2)
