"""Apache before a real Synapse: what it does to an encoded slash is told, as far as can be seen."""

import json
import unittest
from pathlib import Path
from typing import Any

from fixtures.exporter import check
from fixtures.proxies import Apache
from fixtures.synapse import Synapse
from fixtures.world import WorldTestCase

NAME = "example-t.test"


class ApacheTest(WorldTestCase):
    """The homeserver and everything else is in order."""
    configuration: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(Synapse(cls.directory / "synapse", NAME, "127.0.16.3"))
        cls.configuration = cls.configure()

    def warnings(self, *, encoded_slashes: str, options: str) -> list[str]:
        directory = self.directory / f"apache-{self._testMethodName}"
        with Apache(directory, self.authority, encoded_slashes=encoded_slashes, options=options):
            report: dict[str, Any] = check(self.configuration, NAME)[0]
        self.assertTrue(report["federation_ok"], json.dumps(report, indent=1))
        return [warning["code"] for warning in report["warnings"]]

    def test_as_it_has_to_be(self) -> None:
        self.assertEqual([], self.warnings(encoded_slashes="NoDecode", options="nocanon"))

    def test_the_default_refuses_encoded_slashes(self) -> None:
        self.assertEqual(["proxy_decodes_paths"],
                         self.warnings(encoded_slashes="Off", options="nocanon"))

    def test_it_decodes_them(self) -> None:
        self.assertEqual(["proxy_decodes_paths"],
                         self.warnings(encoded_slashes="On", options=""))

    def test_without_nocanon_it_decodes_all_but_the_slash_which_cannot_be_seen(self) -> None:
        """'%24' arrives as '$': the same resource, so a request without a signature gets the same
        answer as ever. Only a signed one would fail."""
        self.assertEqual([], self.warnings(encoded_slashes="NoDecode", options=""))


if __name__ == "__main__":
    unittest.main()
