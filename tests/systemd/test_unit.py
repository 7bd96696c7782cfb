"""The units, read by systemd's own tools."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).parents[2]
UNITS = PROJECT / "deploy/systemd"
SERVICE = UNITS / "matrix-federation-exporter.service"
EXPOSURE_MAX = "15"  # tenths
THREADS_BESIDE = 8  # main, reload, state, passwords
BYTES_OF_HOMESERVER = 471_000_000 / 50_000  # docs/benchmarks.md


@unittest.skipUnless(shutil.which("systemd-analyze"), "needs systemd-analyze")
class UnitTest(unittest.TestCase):
    maxDiff = None

    def analyze(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run(["systemd-analyze", *arguments], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def verify(self, *edits: tuple[str, str]) -> subprocess.CompletedProcess:
        """What systemd says of the units after `edits`, each a pattern and what takes its place."""
        program = ("/usr/bin/matrix-federation-exporter", os.environ["MATRIX_FEDERATION_EXPORTER"])
        with tempfile.TemporaryDirectory() as directory:
            copies = []
            for unit in UNITS.iterdir():
                text = unit.read_text()
                for pattern, replacement in (program, *edits):
                    text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
                copy = Path(directory) / unit.name
                copy.write_text(text)
                copies.append(str(copy))
            self.assertEqual(len(copies), 2)
            return self.analyze("verify", "--man=no", *copies)

    def test_systemd_finds_nothing_to_say_about_them(self) -> None:
        result = self.verify()
        # Unknown keys are only warned of, so silence is the criterion.
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.returncode, 0)

    def test_nor_about_what_they_have_as_examples(self) -> None:
        example = r"^#(?=[A-Z]\w+=)"
        self.assertRegex(SERVICE.read_text(), re.compile(example + "IPAddressDeny", re.MULTILINE))
        result = self.verify((example, ""))
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
        unit = SERVICE.read_text()
        tasks = re.search(r"^TasksMax=(\d+)$", unit, re.MULTILINE)
        self.assertIsNotNone(tasks)
        self.assertGreater(int(tasks[1]), int(bound[1]) + THREADS_BESIDE)

    def test_all_homeservers_that_may_be_configured_take_less_than_half_of_its_memory(self) -> None:
        homeservers = re.search(r"`kHomeserversMax` \| (\d+)", (PROJECT / "docs/limits.md").read_text())
        memory = re.search(r"^MemoryMax=(\d+)G$", SERVICE.read_text(), re.MULTILINE)
        self.assertIsNotNone(homeservers)
        self.assertIsNotNone(memory)
        self.assertGreater(int(memory[1]) * 2**30, 2 * int(homeservers[1]) * BYTES_OF_HOMESERVER)

    def test_the_service_is_hardly_exposed(self) -> None:
        result = self.analyze("security", "--no-pager", "--offline=true",
                              f"--threshold={EXPOSURE_MAX}", str(SERVICE))
        self.assertEqual(result.returncode, 0, result.stdout)


if __name__ == "__main__":
    unittest.main()
