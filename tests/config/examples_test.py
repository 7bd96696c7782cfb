#!/usr/bin/python3
"""The files of config/: the real program accepts each of them, with the commands that it names."""

import os
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
EXPORTER = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                               PROJECT / "build/release/matrix-federation-exporter"))
COMMAND = re.compile(r"^#     matrix-federation-exporter (--.*)$", re.MULTILINE)


class ExamplesTest(unittest.TestCase):
    """A copy of config/ with the certificates that the examples speak of."""

    def setUp(self) -> None:
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.directory = Path(directory.name)
        shutil.copytree(PROJECT / "config", self.directory / "config")
        self.examples = self.directory / "config/examples"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-subj", "/CN=localhost", "-days", "2",
             "-keyout", self.examples / "tls.key", "-out", self.examples / "tls.crt"],
            check=True, capture_output=True, timeout=60)
        shutil.copy(self.examples / "tls.crt", self.examples / "corporate-ca.pem")

    def test_every_command_of_an_example_is_accepted(self) -> None:
        for file in sorted(self.examples.glob("*.yaml")):
            commands = COMMAND.findall(file.read_text())
            self.assertTrue(commands, f"{file.name} names no command")
            for command in commands:
                with self.subTest(command):
                    self.assertIn(file.name, command)
                    self._assert_accepted(*shlex.split(command))

    def test_the_smallest_configuration_and_the_reference_are_accepted(self) -> None:
        for name in ("minimal.yaml", "reference.yaml"):
            with self.subTest(name):
                self._assert_accepted(f"--config.file=config/{name}")

    def test_the_lists_of_homeservers_are_found(self) -> None:
        result = self._check("--config.file=config/examples/many-homeservers.yaml")
        self.assertIn("valid, 5 homeservers", result.stdout + result.stderr)

    def test_the_reference_is_what_the_program_prints(self) -> None:
        printed = subprocess.run([EXPORTER, "--print-config"], capture_output=True, text=True,
                                 timeout=60, check=True)
        self.assertEqual((PROJECT / "config/reference.yaml").read_text(), printed.stdout)

    def _assert_accepted(self, *flags: str) -> None:
        result = self._check(*flags)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def _check(self, *flags: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run([EXPORTER.absolute(), *flags, "--config.check"], cwd=self.directory,
                              capture_output=True, text=True, timeout=60, check=False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
