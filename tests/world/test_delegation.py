"""Every way in which operators delegate, behind the proxies that they use, is found healthy."""

import json
import unittest
from pathlib import Path
from typing import Any

from fixtures.exporter import check, settings, write_settings
from fixtures.homeserver import StandInHomeserver
from fixtures.proxies import Caddy
from fixtures.world import WorldTestCase

UPSTREAMS = {
    "example-a.test": "127.0.1.3",
    "example-b.test": "127.0.2.3",
    "example-c.test": "127.0.3.3",
    "example-d.test": "127.0.4.3",
    "example-e.test": "127.0.5.3",
    "example-f.test": "127.0.6.3",
    "example-g.test": "127.0.7.3",
}


class DelegationTest(WorldTestCase):
    """One check of one server name each, by `check --format=json`."""
    homeservers: dict[str, StandInHomeserver]
    configuration: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(Caddy(cls.directory / "caddy", cls.authority))
        cls.homeservers = {name: cls.enterClassContext(StandInHomeserver(name, address))
                           for name, address in UPSTREAMS.items()}
        cls.configuration = cls.configure()

    def check(self, server_name: str) -> dict[str, Any]:
        [report] = check(self.configuration, server_name)
        return report

    def assert_healthy(self, server_name: str, *, step: str, destination: str, host_header: str,
                       certificate_for: str, addresses: list[str],
                       failing: tuple[str, ...] = ()) -> None:
        """`failing`: the checks of severity "warning" that the way of delegation brings along."""
        report = self.check(server_name)
        discovery = report["discovery"]
        seen = {
            "verdict": (report["federation_ok"], report["all_addresses_ok"], report.get("reason")),
            "step": discovery["step"],
            "destination": f"{discovery['host']}:{discovery['port']}",
            "host_header": discovery["host_header"],
            "certificate_for": discovery["cert_name"]["value"],
            "addresses": {entry["address"]: entry["ok"] for entry in report["endpoints"]},
            "failing": [entry["name"] for entry in report["checks"] if entry["status"] == "fail"],
        }
        expected = {
            "verdict": (True, True, None),
            "step": step,
            "destination": destination,
            "host_header": host_header,
            "certificate_for": certificate_for,
            "addresses": dict.fromkeys(addresses, True),
            "failing": list(failing),
        }
        self.assertEqual(expected, seen, json.dumps(report, indent=1))

    def test_well_known_to_port_443_of_a_subdomain(self) -> None:
        self.assert_healthy(
            "example-a.test", step="3.2", destination="matrix.example-a.test:443",
            host_header="matrix.example-a.test:443", certificate_for="matrix.example-a.test",
            addresses=["127.0.1.2:443"])

    def test_one_host_whose_well_known_points_to_itself_over_both_ip_versions(self) -> None:
        self.assert_healthy(
            "example-b.test", step="3.2", destination="example-b.test:443",
            host_header="example-b.test:443", certificate_for="example-b.test",
            addresses=["127.0.2.1:443", "[fd77::2:1]:443"])

    def test_well_known_to_a_port_of_its_own(self) -> None:
        self.assert_healthy(
            "example-c.test", step="3.2", destination="matrix.example-c.test:4443",
            host_header="matrix.example-c.test:4443", certificate_for="matrix.example-c.test",
            addresses=["127.0.3.2:4443"])

    def test_srv_record_with_the_certificate_of_the_server_name(self) -> None:
        self.assert_healthy(
            "example-d.test", step="4", destination="matrix.example-d.test:443",
            host_header="example-d.test", certificate_for="example-d.test",
            addresses=["127.0.4.2:443"], failing=("well_known_is_usable",))

    def test_port_8448_behind_nginx(self) -> None:
        self.assert_healthy(
            "example-e.test", step="6", destination="example-e.test:8448",
            host_header="example-e.test", certificate_for="example-e.test",
            addresses=["127.0.5.1:8448"])

    def test_port_8448_behind_caddy(self) -> None:
        self.assert_healthy(
            "example-f.test", step="6", destination="example-f.test:8448",
            host_header="example-f.test", certificate_for="example-f.test",
            addresses=["127.0.6.1:8448"], failing=("well_known_is_usable",))

    def test_well_known_and_homeserver_in_one_caddy_site(self) -> None:
        self.assert_healthy(
            "example-g.test", step="3.2", destination="example-g.test:443",
            host_header="example-g.test:443", certificate_for="example-g.test",
            addresses=["127.0.7.1:443"])

    def test_the_host_header_that_the_specification_prescribes_arrives(self) -> None:
        for name, host in {"example-c.test": "matrix.example-c.test:4443",
                           "example-d.test": "example-d.test",
                           "example-e.test": "example-e.test"}.items():
            with self.subTest(name):
                self.homeservers[name].hosts_seen.clear()
                self.check(name)
                self.assertEqual({host}, self.homeservers[name].hosts_seen)

    def test_a_name_with_the_port_written_out_is_another_server_name(self) -> None:
        report = self.check("example-e.test:8448")
        self.assertEqual(("2", False, "keys_server_name_mismatch"),
                         (report["discovery"]["step"], report["federation_ok"], report["reason"]))

    def test_several_names_are_reported_in_the_order_given(self) -> None:
        names = ["example-g.test", "down.test", "example-a.test"]
        verdicts = {report["server_name"]: report["federation_ok"]
                    for report in check(self.configuration, *names)}
        self.assertEqual([("example-g.test", True), ("down.test", False), ("example-a.test", True)],
                         list(verdicts.items()))

    def test_the_systems_resolver_serves_when_none_is_configured(self) -> None:
        values = settings(self.authority.root)
        del values["dns"]
        configuration = write_settings(self.directory / "system-resolver.yaml", values)
        [report] = check(configuration, "example-c.test")
        self.assertTrue(report["federation_ok"], report)

    def test_without_the_private_root_the_chain_is_not_trusted(self) -> None:
        values = settings(self.authority.root)
        del values["tls"]
        configuration = write_settings(self.directory / "system-trust.yaml", values)
        [report] = check(configuration, "example-e.test")
        self.assertEqual("tls_cert_untrusted", report["reason"], report)

    def test_loopback_addresses_are_refused_by_default(self) -> None:
        values = settings(self.authority.root)
        del values["network"]
        configuration = write_settings(self.directory / "default-deny.yaml", values)
        [report] = check(configuration, "example-e.test")
        self.assertEqual((False, "address_denied"),
                         (report["federation_ok"], report["reason"]), report)


if __name__ == "__main__":
    unittest.main()
