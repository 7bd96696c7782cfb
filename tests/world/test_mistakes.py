"""The mistakes that operators make most, each with the word that says what to change."""

import json
import unittest
from pathlib import Path
from typing import Any

from fixtures.exporter import check
from fixtures.homeserver import StandInHomeserver
from fixtures.proxies import Caddy
from fixtures.world import WorldTestCase

UPSTREAMS = {
    "example-m.test": "127.0.8.3",
    "example-n.test": "127.0.10.3",
    "example-o.test": "127.0.11.3",
    "example-p.test": "127.0.12.3",
    "example-q.test": "127.0.13.3",
    "example-s.test": "127.0.15.3",
}


class MistakesTest(WorldTestCase):
    """The homeservers themselves are in order."""
    configuration: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(Caddy(cls.directory / "caddy", cls.authority))
        for name, address in UPSTREAMS.items():
            cls.enterClassContext(StandInHomeserver(name, address))
        cls.configuration = cls.configure()

    def check(self, server_name: str) -> dict[str, Any]:
        [report] = check(self.configuration, server_name)
        return report

    def assert_broken(self, server_name: str, reason: str, *, failing: str) -> None:
        """Federation does not work; `failing` is the first check that says so."""
        report = self.check(server_name)
        first = next((entry["name"] for entry in report["checks"]
                      if entry["status"] == "fail" and entry["severity"] == "error"), None)
        self.assertEqual((False, reason, failing),
                         (report["federation_ok"], report["reason"], first),
                         json.dumps(report, indent=1))

    def assert_works_with_warnings(self, server_name: str, *warnings: str) -> dict[str, Any]:
        report = self.check(server_name)
        self.assertEqual((True, set(warnings)),
                         (report["federation_ok"],
                          {warning["code"] for warning in report["warnings"]}),
                         json.dumps(report, indent=1))
        return report

    def test_an_ipv6_address_on_which_nothing_listens(self) -> None:
        report = self.assert_works_with_warnings(
            "example-m.test", "address_unreachable", "ip_version_unreachable")
        self.assertEqual({"127.0.8.1:8448": None, "[fd77::8:1]:8448": "connect_refused"},
                         {entry["address"]: entry["reason"] for entry in report["endpoints"]})

    def test_a_certificate_for_the_subdomain_on_port_8448_of_the_name(self) -> None:
        self.assert_broken("example-n.test", "tls_cert_name_mismatch",
                           failing="certificate_matches_name")

    def test_an_srv_record_with_the_certificate_of_its_target(self) -> None:
        self.assert_broken("example-o.test", "tls_cert_name_mismatch",
                           failing="certificate_matches_name")

    def test_an_intermediate_certificate_that_is_not_sent(self) -> None:
        self.assert_broken("example-p.test", "tls_cert_incomplete_chain",
                           failing="certificate_is_trusted")

    def test_a_website_that_answers_the_well_known_path_with_its_start_page(self) -> None:
        report = self.assert_works_with_warnings("example-q.test", "wellknown_ignored")
        self.assertEqual("wellknown_invalid_json", report["discovery"]["well_known"]["reason"])

    def test_a_caddy_site_that_answers_everything_with_nothing(self) -> None:
        self.assert_broken("example-r.test", "keys_invalid_content_type",
                           failing="signing_keys_are_served")

    def test_only_the_deprecated_srv_record(self) -> None:
        self.assert_works_with_warnings("example-s.test", "deprecated_srv_used")


if __name__ == "__main__":
    unittest.main()
