"""Debian's own test of packages: installed, upgraded, removed and purged, it leaves nothing behind."""

import gzip
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import packages

from lab import debian

ARCHIVE = "/srv/older"


@unittest.skipUnless(shutil.which("piuparts") and os.geteuid() == 0, "needs piuparts and root")
class PiupartsTest(unittest.TestCase):

    def test_it_leaves_nothing_behind(self) -> None:
        with tempfile.TemporaryDirectory() as place:
            directory = Path(place)
            made = packages.make(directory / "packages")
            root = debian.make_root(directory, packages=debian.BOOTS)
            self.publish(packages.make_older(made.deb, directory), root / ARCHIVE[1:])
            result = subprocess.run(
                ["piuparts", f"--existing-chroot={root}", "--distribution=bookworm",
                 f"--mirror={self.mirror()} main", f"--extra-repo=deb [trusted=yes] file:{ARCHIVE} ./",
                 "--no-eatmydata", f"--tmpdir={directory}", made.deb],
                text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
        self.assertEqual(0, result.returncode, result.stdout[-20000:])
        # With nothing to upgrade from, piuparts would say so and be content.
        self.assertRegex(result.stdout, f"Setting up {packages.NAME} \\({packages.OLDER_VERSION}\\)")
        self.assertIn("PASS: Installation, upgrade and purging tests", result.stdout)

    def mirror(self) -> str:
        """Where this machine has its packages from."""
        sites = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)",
                                "Created-By: Packages", "Codename: bookworm"],
                               check=True, capture_output=True, text=True).stdout.split()
        if not sites:
            self.skipTest("this machine has no packages of Debian 12")
        return sites[0]

    def publish(self, package: Path, archive: Path) -> None:
        """An archive with one package, which is the version to upgrade from."""
        archive.mkdir(parents=True)
        shutil.copy(package, archive)
        index = subprocess.run(["dpkg-scanpackages", "--multiversion", "."], cwd=archive, check=True,
                               capture_output=True).stdout
        (archive / "Packages.gz").write_bytes(gzip.compress(index))


if __name__ == "__main__":
    unittest.main()
