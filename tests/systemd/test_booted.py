"""The service in a real systemd: a Debian that boots, and nothing in between."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

from machine import booted, make_root, skip_where_it_cannot_boot, wait_until

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICE = "matrix-federation-exporter.service"
SOCKET = "matrix-federation-exporter.socket"
CONFIGURATION = "network: {deny: []}\nhomeservers: [%s]\n"
METRICS = "http://127.0.0.1:10448/metrics"
# A watchdog that comes soon, and a look at what can be written from inside the sandbox.
DROP_IN = """[Service]
WatchdogSec=2s
ExecStartPre=/bin/sh -c 'for place in / /etc /etc/matrix-federation-exporter /usr /usr/bin /var /var/lib /root /home /run; do touch $$place/written 2>/dev/null && echo $$place >>$$STATE_DIRECTORY/writable; done; touch $$STATE_DIRECTORY/written'
"""


def install(root: Path) -> None:
    """The program, the libraries that it needs and the root lacks, units and configuration."""
    program = Path(os.environ["MATRIX_FEDERATION_EXPORTER"])
    subprocess.run(["install", "-m755", "-s", program, root / "usr/bin/matrix-federation-exporter"],
                   check=True)
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for library in re.findall(r"=> (/\S+)", listed):
        if not (root / library[1:]).exists():
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
    for unit in UNITS.iterdir():
        shutil.copy(unit, root / "etc/systemd/system")
    configuration = root / "etc/matrix-federation-exporter"
    configuration.mkdir()
    (configuration / "config.yaml").write_text(CONFIGURATION % "127.0.0.1:8448")
    drop_in = root / f"etc/systemd/system/{SERVICE}.d"
    drop_in.mkdir()
    (drop_in / "test.conf").write_text(DROP_IN)


class BootedTest(unittest.TestCase):
    """One machine for all stories; each begins with a fresh start of the service."""

    @classmethod
    def setUpClass(cls) -> None:
        skip_where_it_cannot_boot()
        cls.root = make_root(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        install(cls.root)
        cls.machine = cls.enterClassContext(booted(cls.root))

    def setUp(self) -> None:
        self.machine.run("systemctl", "stop", SOCKET, SERVICE)
        self.machine.run("systemctl", "reset-failed")
        self.configure("127.0.0.1:8448")
        self.machine.run("systemctl", "start", SERVICE)

    def configure(self, names: str) -> None:
        (self.root / "etc/matrix-federation-exporter/config.yaml").write_text(CONFIGURATION % names)

    def state(self) -> Path:
        return self.root / "var/lib/private/matrix-federation-exporter"

    def main_pid(self) -> str:
        return self.machine.shows(SERVICE, "MainPID")

    def wait_for_sample(self, pattern: str) -> None:
        wait_until(lambda: re.search(pattern, self.machine.fetch(METRICS), re.M) is not None, pattern)

    def test_it_probes(self) -> None:
        self.wait_for_sample(r'^matrix_federation_probe_success{server_name="127.0.0.1:8448"} 0$')

    def test_it_reloads(self) -> None:
        pid = self.main_pid()
        self.configure("'127.0.0.1:8448', '127.0.0.2:8448'")
        self.machine.run("systemctl", "reload", SERVICE)
        self.wait_for_sample(r'server_name="127.0.0.2:8448"')
        self.assertEqual(self.main_pid(), pid)

    def test_the_watchdog_restarts_it_when_it_is_frozen(self) -> None:
        pid = self.main_pid()
        self.machine.run("sh", "-c", f"kill -STOP {pid}")
        wait_until(lambda: self.main_pid() not in ("0", pid)
                   and self.machine.shows(SERVICE, "ActiveState") == "active", "a new process")
        self.wait_for_sample(r"^matrix_federation_probe_success")
        self.assertIn("Watchdog timeout",
                      self.machine.run("journalctl", "--no-pager", "-u", SERVICE))

    def test_it_stops_cleanly(self) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.assertEqual(self.machine.shows(SERVICE, "Result"), "success")
        self.assertEqual(self.machine.shows(SERVICE, "ExecMainStatus"), "0")

    def test_it_keeps_its_results_over_a_restart(self) -> None:
        total = r'^matrix_federation_probes_total{server_name="127.0.0.1:8448"} ([0-9.]+)$'
        self.wait_for_sample(total)
        self.machine.run("systemctl", "stop", SERVICE)
        written = (self.state() / "state").stat().st_mtime_ns
        self.assertGreater(written, 0)
        self.machine.run("systemctl", "start", SERVICE)
        self.assertRegex(self.machine.fetch(METRICS), re.compile(total, re.M))

    def test_it_can_write_to_its_directory_and_nowhere_else(self) -> None:
        self.assertTrue((self.state() / "written").exists())
        writable = self.state() / "writable"
        self.assertFalse(writable.exists(), writable.exists() and writable.read_text())

    def test_it_has_no_privileges(self) -> None:
        status = self.machine.run("cat", f"/proc/{self.main_pid()}/status")
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                     "Seccomp:\t2"):
            self.assertIn(line, status)
        self.assertNotRegex(status, r"(?m)^Uid:\t0\b")

    def test_the_socket_unit_starts_it_with_the_first_scrape(self) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "start", SOCKET)
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.assertEqual(self.machine.shows(SERVICE, "ActiveState"), "active")


if __name__ == "__main__":
    unittest.main()
