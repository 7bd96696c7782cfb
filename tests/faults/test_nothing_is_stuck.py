"""The daemon watches every server of the catalogue that holds its clients, and one that works."""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import unittest
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "world")]

import catalogue  # noqa: E402
from catalogue import Fault  # noqa: E402
from fixtures import exposition  # noqa: E402
from fixtures.exporter import Exporter, write_settings  # noqa: E402
from fixtures.waiting import eventually  # noqa: E402
from lab import namespace, program  # noqa: E402
from lab.keys import SigningKey  # noqa: E402
from lab.pki import Pki  # noqa: E402
from lab.world import World, addresses_of, system_clock_ms  # noqa: E402

HEALTHY = "healthy.test"
TIMEOUT_SECONDS = 3
GRACE_SECONDS = 2
MAX_IN_FLIGHT = 10
# AddressSanitizer keeps as much again of what was freed.
MEMORY_MAX_BYTES = 256 * 1024 * 1024 * (2 if "SANITIZER_LIBRARY" in os.environ else 1)
ROUNDS_SECONDS = 120
PROBES = "matrix_federation_probes_total"
IN_FLIGHT = "matrix_federation_exporter_probes_in_flight"


def renamed(fault: Fault, number: int) -> Fault:
    """The same world with names and addresses of its own, so that all of them fit into one."""
    servers = [with_server_name(server, fault.server_name) for server in fault.servers]
    text = json.dumps([fault.server_name, fault.dns, servers])
    text = re.sub(r"example\.org", f"{fault.id}.test", text)
    text = text.replace("192.0.2.", f"10.77.{number}.").replace("2001:db8::", f"fd77:{number:x}::")
    name, dns, servers = json.loads(text)
    return Fault(fault.id, fault.family, fault.fault, name, dns, servers, fault.expected)


def with_server_name(server: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Its keys are those of the name that it is asked for, in a world of many."""
    http = [
        {**route, "server_name": name} if "federation" in route else route
        for route in server["http"]
    ]
    return {**server, "http": http}


def everything_that_holds() -> list[Fault]:
    families = catalogue.read_all(system_clock_ms())
    stuck = [fault for family in families for fault in family.faults if fault.stuck]
    healthy = catalogue.read_fault(
        {"id": "healthy", "fault": "None.", "expected": {}}, "fine", system_clock_ms()
    )
    return [renamed(fault, number) for number, fault in enumerate([*stuck, healthy], start=1)]


class NothingIsStuckTest(unittest.TestCase):
    """Far more servers that hold a probe until its end than probes at once."""

    faults: Sequence[Fault]
    exporter: Exporter

    @classmethod
    def setUpClass(cls) -> None:
        cls.faults = everything_that_holds()
        dns = {name: sets for fault in cls.faults for name, sets in fault.dns.items()}
        servers = [server for fault in cls.faults for server in fault.servers]
        namespace.enter(addresses_of(dns, servers), everything_local=True)
        directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="stuck-")))
        pki = Pki(directory)
        cls.enterClassContext(World(dns, servers, pki, SigningKey.generate("ed25519:1")))
        config = write_settings(directory / "config.yaml", cls.settings(pki.trust_store))
        cls.exporter = cls.enterClassContext(Exporter(config))

    @classmethod
    def settings(cls, trust_store: Path) -> dict[str, Any]:
        probe = {
            "timeout": f"{TIMEOUT_SECONDS}s",
            "interval": "20s",
            "failure_interval": "20s",
            "max_in_flight": MAX_IN_FLIGHT,
        }
        dns = {"timeout": "1s", "attempts": 5}
        settings = program.settings_of(trust_store, {"probe": probe, "dns": dns})
        settings["homeservers"] = [
            {"server_name": fault.server_name, **({"interval": "1s"} if works_at_all(fault) else {})}
            for fault in cls.faults
        ]
        return settings

    def test_servers_that_hold_their_clients_hold_nothing_else(self) -> None:
        held = [fault.server_name for fault in self.faults if not works_at_all(fault)]
        self.assertGreater(len(held), 2 * MAX_IN_FLIGHT)
        self.wait_for_round(held, 1)
        descriptors = self.wait_until_idle()
        before = self.exporter.probes(HEALTHY)
        self.wait_for_round(held, 2)
        self.assertGreater(self.exporter.probes(HEALTHY), before + 5, "the healthy one waits")
        self.assert_bounds(held)
        self.assertLessEqual(self.wait_until_idle(), descriptors + 2, "descriptors are lost")
        healthy = self.exporter.samples_of(HEALTHY)
        self.assertEqual((1, 0), (healthy["probe_success"], healthy["probe_failures_total"]))

    def wait_for_round(self, names: Sequence[str], count: int) -> None:
        def in_flight_is_bounded_until_all_are_probed() -> bool:
            samples = self.exporter.samples()
            self.assertLessEqual(samples[IN_FLIGHT], MAX_IN_FLIGHT)
            probes = [exposition.series(PROBES, {"server_name": name}) for name in names]
            return all(samples.get(series, 0) >= count for series in probes)

        eventually(
            in_flight_is_bounded_until_all_are_probed,
            f"{count} probes of each",
            seconds=ROUNDS_SECONDS,
            explain=self.exporter.log,
        )

    def wait_until_idle(self) -> int:
        """How many descriptors the daemon has open when it probes nobody."""

        def idle() -> list[str] | None:
            descriptors = os.listdir(f"/proc/{self.exporter.pid}/fd")
            return descriptors if self.exporter.samples()[IN_FLIGHT] == 0 else None

        found = eventually(idle, "no probe in flight", seconds=ROUNDS_SECONDS)
        assert found is not None
        return len(found)

    def assert_bounds(self, names: Sequence[str]) -> None:
        limit = TIMEOUT_SECONDS + GRACE_SECONDS
        for name in names:
            with self.subTest(name):
                took = self.exporter.samples_of(name)["probe_duration_seconds"]
                self.assertLessEqual(took, limit)
        status = Path(f"/proc/{self.exporter.pid}/status").read_text()
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak is not None
        self.assertLess(int(peak[1]) * 1024, MEMORY_MAX_BYTES)


def works_at_all(fault: Fault) -> bool:
    return fault.server_name == HEALTHY


if __name__ == "__main__":
    unittest.main()
