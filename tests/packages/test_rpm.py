"""The RPM, installed by rpm into a root that has a shell and systemd's tools, but does not run."""

import contextlib
import os
import shutil
import tempfile
import unittest
from collections.abc import Iterator
from pathlib import Path

import packages
from packages import CONFIGURATION, NAME, output_of

from lab import debian

EDITED = "homeservers: [example.org]\n"
ENABLED = f"etc/systemd/system/multi-user.target.wants/{NAME}.service"


@unittest.skipUnless(shutil.which("mmdebstrap") and os.geteuid() == 0, "needs mmdebstrap and root")
class RpmTest(unittest.TestCase):

    @classmethod
    def setUpClass(cls) -> None:
        directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.package = packages.make(directory / "packages").rpm
        cls.older = packages.make_older_rpm(directory / "older")
        cls.root = debian.make_root(directory, packages=debian.BOOTS)
        cls.rpm("--initdb")

    def setUp(self) -> None:
        # The root's own packages are not rpm's, so it cannot know what is there to depend on.
        self.addCleanup(self.erase_what_is_left)
        self.rpm("--install", "--nodeps", str(self.package))

    @classmethod
    def rpm(cls, *arguments: str) -> str:
        return output_of("rpm", "--root", str(cls.root), *arguments)

    def erase(self) -> None:
        self.rpm("--erase", NAME)

    def erase_what_is_left(self) -> None:
        """Also of a story that failed."""
        if NAME in self.rpm("-qa", "--qf", "%{NAME}\\n").split():
            self.erase()
        shutil.rmtree(self.root / f"etc/{NAME}", ignore_errors=True)

    def left(self) -> set[str]:
        return {str(path.relative_to(self.root)) for path in self.root.rglob("*") if NAME in path.name}

    def test_it_is_installed_whole_and_erased_whole(self) -> None:
        self.assertEqual("", self.rpm("--verify", "--nodeps", NAME))
        self.assertTrue(os.access(self.root / f"usr/bin/{NAME}", os.X_OK))
        self.erase()
        self.assertEqual(set(), self.left())

    def test_the_presets_of_the_system_say_whether_it_is_enabled(self) -> None:
        self.assertTrue(os.path.lexists(self.root / ENABLED), "Debian enables what no preset names")
        self.erase()
        presets = self.root / "etc/systemd/system-preset/00-test.preset"
        presets.parent.mkdir(parents=True, exist_ok=True)
        presets.write_text("disable *\n")
        self.addCleanup(presets.unlink)
        self.rpm("--install", "--nodeps", str(self.package))
        self.assertFalse(os.path.lexists(self.root / ENABLED))
        self.erase()

    def test_it_is_refused_where_its_libraries_are_missing(self) -> None:
        self.erase()
        with self.assertRaisesRegex(AssertionError, "libssl.so.3.* is needed by"):
            self.rpm("--install", "--test", str(self.package))

    def test_an_upgrade_restarts_what_runs(self) -> None:
        self.erase()
        self.rpm("--install", "--nodeps", str(self.older))
        with self.recorded_systemctl() as record:
            self.rpm("--upgrade", "--nodeps", str(self.package))
            said = record.read_text().splitlines()
        self.assertIn("daemon-reload", said)
        self.assertEqual(f"try-restart {NAME}.service", said[-1])
        self.assertNotIn(f"--no-reload disable {NAME}.service", said)
        self.assertNotIn(f"--no-reload preset {NAME}.service", said)
        self.erase()

    @contextlib.contextmanager
    def recorded_systemctl(self) -> Iterator[Path]:
        """The root seems to run, and what systemctl is told is in a file, which is returned."""
        runs, tool = self.root / "run/systemd/system", self.root / "usr/bin/systemctl"
        former, record = tool.with_suffix(".former"), self.root / "systemctl-was-told"
        runs.mkdir(parents=True)
        tool.rename(former)
        tool.write_text('#!/bin/sh\necho "$*" >>/systemctl-was-told\n')
        tool.chmod(0o755)
        try:
            yield record
        finally:
            former.rename(tool)
            runs.rmdir()
            record.unlink(missing_ok=True)

    def test_what_was_edited_is_kept(self) -> None:
        (self.root / CONFIGURATION).write_text(EDITED)
        self.rpm("--upgrade", "--replacepkgs", "--nodeps", str(self.package))
        self.assertEqual(EDITED, (self.root / CONFIGURATION).read_text())
        self.erase()
        self.assertEqual(EDITED, (self.root / f"{CONFIGURATION}.rpmsave").read_text())


if __name__ == "__main__":
    unittest.main()
