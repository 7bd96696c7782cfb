"""The units, read by systemd's own tools."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

UNITS = Path(__file__).parents[2] / "deploy/systemd"
EXPOSURE_MAX = "15"  # tenths
THREADS_BESIDE = 8  # main, reload, state, passwords


@unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
class UnitTest(unittest.TestCase):
    maxDiff = None

    def analyze(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["systemd-analyze", *arguments], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_systemd_finds_nothing_to_say_about_them(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            copies = []
            for unit in UNITS.iterdir():
                copy = Path(directory) / unit.name
                copy.write_text(unit.read_text().replace(
                    "/usr/bin/matrix-federation-exporter", os.environ["MATRIX_FEDERATION_EXPORTER"]))
                copies.append(str(copy))
            self.assertEqual(len(copies), 2)
            result = self.analyze("verify", "--man=no", *copies)
        # Unknown keys are only warned of, so silence is the criterion.
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.returncode, 0)

    def test_all_threads_that_may_be_configured_are_fewer_than_its_tasks(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            file.write("probe: {threads: 1000000}\n")
            file.flush()
            said = subprocess.run(
                [os.environ["MATRIX_FEDERATION_EXPORTER"], "--config.check", f"--config.file={file.name}"],
                text=True, timeout=60, capture_output=True).stderr
        bound = re.search(r"probe\.threads: .*\b(\d+)$", said.strip())
        self.assertIsNotNone(bound, said)
        unit = (UNITS / "matrix-federation-exporter.service").read_text()
        tasks = re.search(r"^TasksMax=(\d+)$", unit, re.MULTILINE)
        self.assertIsNotNone(tasks)
        self.assertGreater(int(tasks[1]), int(bound[1]) + THREADS_BESIDE)

    def test_the_service_is_hardly_exposed(self) -> None:
        result = self.analyze("security", "--no-pager", "--offline=true",
                              f"--threshold={EXPOSURE_MAX}",
                              str(UNITS / "matrix-federation-exporter.service"))
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
