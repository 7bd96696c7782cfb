"""The package for Debian, installed into a Debian that boots, as an administrator would."""

import os
import re
import shutil
import tempfile
import unittest
from pathlib import Path

import packages
from packages import CONFIGURATION, NAME, OLDER_COMMENT

from lab import debian
from machine import booted, make_root, skip_where_it_cannot_boot, wait_until

SERVICE = f"{NAME}.service"
SOCKET = f"{NAME}.socket"
METRICS = "http://127.0.0.1:10448/metrics"
RELOADED_AT = "matrix_federation_exporter_config_last_reload_success_timestamp_seconds"
EDITED = "network: {deny: []}\nhomeservers: [%s]\n"
NEW, OLDER = "/root/new.deb", "/root/older.deb"


class InstalledTest(unittest.TestCase):
    """One machine for all stories; each begins without the package."""

    @classmethod
    def setUpClass(cls) -> None:
        skip_where_it_cannot_boot()
        directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        made = packages.make(directory / "packages")
        cls.root = make_root(directory)
        shutil.copy(made.deb, cls.root / NEW[1:])
        shutil.copy(packages.make_older(made.deb, directory), cls.root / OLDER[1:])
        # The machine has no network, so what the package depends on comes here: apt finds all of it.
        debian.run_inside(cls.root, "apt-get", "update", "-qq")
        debian.run_inside(cls.root, "apt-get", "install", "-qq", "-o", "Dpkg::Use-Pty=0", NEW)
        debian.run_inside(cls.root, f"/usr/bin/{NAME}", "--version")
        debian.run_inside(cls.root, "dpkg", "--purge", NAME)
        cls.machine = cls.enterClassContext(booted(cls.root))

    def setUp(self) -> None:
        self.machine.run("dpkg", "--purge", NAME)
        shutil.rmtree(self.root / f"etc/{NAME}", ignore_errors=True)

    def install(self, package: str) -> None:
        # What both have changed stays as the administrator has it: what a machine would answer.
        self.machine.run("dpkg", "--force-confold", "--install", package)

    def edit(self, names: str) -> None:
        (self.root / CONFIGURATION).write_text(EDITED % names)

    def main_pid(self) -> str:
        return self.machine.shows(SERVICE, "MainPID")

    def is_active(self) -> bool:
        return self.machine.shows(SERVICE, "ActiveState") == "active"

    def is_enabled(self) -> str:
        return self.machine.run("systemctl", "is-enabled", SERVICE, check=False)

    def wait_for_sample(self, pattern: str) -> None:
        wait_until(lambda: re.search(pattern, self.machine.fetch(METRICS), re.M) is not None, pattern)

    def test_a_fresh_package_is_enabled_and_started(self) -> None:
        self.install(NEW)
        self.assertEqual("enabled", self.is_enabled())
        self.assertTrue(self.is_active())
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.assertEqual("disabled", self.machine.run("systemctl", "is-enabled", SOCKET, check=False))

    def test_one_file_is_edited_and_that_is_all(self) -> None:
        self.install(NEW)
        pid = self.main_pid()
        self.edit("'127.0.0.1:8448'")
        self.wait_for_sample(r'^matrix_federation_probe_success{server_name="127.0.0.1:8448"} 0$')
        self.assertEqual(pid, self.main_pid())

    def test_it_reloads(self) -> None:
        self.install(NEW)
        pid = self.main_pid()
        before = self.machine.sample(RELOADED_AT, METRICS)
        self.assertGreater(before, 0)
        # A changed file would be loaded without it.
        self.machine.run("systemctl", "reload", SERVICE)
        wait_until(lambda: self.machine.sample(RELOADED_AT, METRICS) > before, "a reload")
        self.assertEqual(pid, self.main_pid())

    def test_nobody_reloads_it_through_the_network(self) -> None:
        self.install(NEW)
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.assertEqual(403, self.machine.status_of_post("127.0.0.1:10448", "/-/reload"))

    def test_flags_come_from_etc_default(self) -> None:
        self.install(NEW)
        (self.root / f"etc/default/{NAME}").write_text('ARGS="--web.listen-address=:10500"\n')
        self.machine.run("systemctl", "restart", SERVICE)
        self.assertIn("build_info", self.machine.fetch("http://127.0.0.1:10500/metrics"))

    def test_an_upgrade_restarts_it_and_keeps_the_edited_configuration(self) -> None:
        self.install(OLDER)
        self.edit("'127.0.0.1:8448'")
        pid = self.main_pid()
        self.install(NEW)
        self.assertNotEqual(pid, self.main_pid())
        self.assertTrue(self.is_active())
        self.assertEqual(EDITED % "'127.0.0.1:8448'", (self.root / CONFIGURATION).read_text())
        self.assertTrue((self.root / f"{CONFIGURATION}.dpkg-dist").exists())

    def test_an_upgrade_brings_the_new_configuration_where_it_was_not_edited(self) -> None:
        self.install(OLDER)
        self.assertIn(OLDER_COMMENT, (self.root / CONFIGURATION).read_text())
        self.install(NEW)
        self.assertNotIn(OLDER_COMMENT, (self.root / CONFIGURATION).read_text())

    def test_an_upgrade_leaves_alone_what_was_disabled(self) -> None:
        self.install(OLDER)
        self.machine.run("systemctl", "disable", "--now", SERVICE)
        self.install(NEW)
        self.assertEqual("disabled", self.is_enabled())
        self.assertFalse(self.is_active())

    def test_an_upgrade_restarts_it_behind_the_socket(self) -> None:
        self.install(OLDER)
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "enable", "--now", SOCKET)
        self.machine.run("systemctl", "start", SERVICE)
        pid = self.main_pid()
        self.install(NEW)
        self.assertNotIn(self.main_pid(), ("0", pid))
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")

    def test_removed_it_is_gone_but_for_what_was_edited_and_kept(self) -> None:
        self.install(NEW)
        self.edit("'127.0.0.1:8448'")
        self.machine.run("dpkg", "--remove", NAME)
        self.assertFalse(self.is_active())
        self.assertFalse((self.root / f"usr/bin/{NAME}").exists())
        self.assertTrue((self.root / CONFIGURATION).exists())
        self.assertTrue((self.root / f"var/lib/private/{NAME}/state").exists())

    def test_removed_and_installed_again_it_runs_with_what_was_edited(self) -> None:
        self.install(NEW)
        self.edit("'127.0.0.1:8448'")
        self.machine.run("dpkg", "--remove", NAME)
        self.install(NEW)
        self.assertEqual("enabled", self.is_enabled())
        self.wait_for_sample(r'^matrix_federation_probe_success{server_name="127.0.0.1:8448"} 0$')

    def test_purged_it_leaves_nothing(self) -> None:
        self.install(NEW)
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "enable", "--now", SOCKET)
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.machine.run("dpkg", "--purge", NAME)
        left = [path for directory in ("etc", "usr", "var/lib/private", "var/lib/systemd", "run")
                for path in self.everything_below(self.root / directory) if NAME in path]
        self.assertEqual([], left)
        self.assertFalse(os.path.lexists(self.root / f"var/lib/{NAME}"))
        self.assertEqual("", self.machine.run("systemctl", "--failed", "--quiet", "--no-legend",
                                              "--plain", "list-units", f"{NAME}*"))

    @staticmethod
    def everything_below(directory: Path) -> list[str]:
        return [os.path.join(place, name) for place, directories, files in os.walk(directory)
                for name in (*directories, *files)]


if __name__ == "__main__":
    unittest.main()
