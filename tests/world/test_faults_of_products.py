"""What nginx and bind9 do to a homeserver when they are told to: real servers, really wrong."""

import json
import unittest
from pathlib import Path

from fixtures import bind
from fixtures.bind import Bind
from fixtures.exporter import check, settings, write_settings
from fixtures.proxies import Nginx
from fixtures.templates import SERVERS
from fixtures.world import NetworkTestCase

FAULTS = SERVERS / "faults"
NAMES = ("old-tls", "client-cert", "closed", "page", "maintenance", "rate-limit", "slow",
         "no-backend", "no-certificate", "redirect", "plain")


class FaultsOfProductsTest(NetworkTestCase):
    """One certificate for all names: what is wrong is elsewhere."""
    configuration: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.authority.issue("faults.test", *(f"{name}.test" for name in NAMES))
        cls.enterClassContext(Bind(cls.directory / "bind", FAULTS))
        cls.enterClassContext(Nginx(cls.directory / "nginx", cls.authority, FAULTS / "nginx"))
        values = settings(cls.authority.root)
        values["probe"]["timeout"] = "4s"
        values["dns"] = {"servers": [bind.ADDRESS], "timeout": "500ms", "attempts": 1}
        cls.configuration = write_settings(cls.directory / "config.yaml", values)

    def assert_broken(self, server_name: str, reason: str, *, detail: str = ".") -> None:
        [report] = check(self.configuration, server_name)
        explanation = json.dumps(report, indent=1)
        self.assertEqual((False, reason), (report["federation_ok"], report["reason"]), explanation)
        self.assertRegex(report["detail"], detail)

    def assert_well_known(self, server_name: str, reason: str) -> None:
        [report] = check(self.configuration, server_name)
        self.assertEqual(reason, report["discovery"]["well_known"]["reason"],
                         json.dumps(report, indent=1))

    def test_nginx_with_tls_1_1_only(self) -> None:
        self.assert_broken("old-tls.test", "tls_protocol_version")

    def test_nginx_that_verifies_clients_answers_400_inside_tls(self) -> None:
        self.assert_broken("client-cert.test", "keys_http_status", detail="400")

    def test_nginx_that_returns_444(self) -> None:
        self.assert_broken("closed.test", "http_no_response")

    def test_nginx_with_a_single_page_application(self) -> None:
        self.assert_broken("page.test", "keys_invalid_content_type", detail="text/html")
        self.assert_well_known("page.test", "wellknown_invalid_json")

    def test_nginx_in_maintenance(self) -> None:
        self.assert_broken("maintenance.test", "keys_http_status", detail="503")
        self.assert_well_known("maintenance.test", "wellknown_http_status")

    def test_nginx_with_a_rate_limit(self) -> None:
        self.assert_broken("rate-limit.test", "keys_http_status", detail="429")
        self.assert_well_known("rate-limit.test", "wellknown_http_status")

    def test_nginx_that_is_slow_on_purpose(self) -> None:
        self.assert_broken("slow.test", "http_timeout")

    def test_nginx_without_a_backend(self) -> None:
        self.assert_broken("no-backend.test", "keys_http_status", detail="502")

    def test_nginx_that_rejects_the_handshake(self) -> None:
        self.assert_broken("no-certificate.test", "tls_handshake_failed", detail="unrecognized name")

    def test_nginx_that_redirects_to_itself(self) -> None:
        self.assert_well_known("redirect.test", "wellknown_redirect_loop")

    def test_nginx_without_tls_on_the_port(self) -> None:
        self.assert_broken("plain.test", "tls_handshake_failed", detail="plain HTTP")

    def test_bind_whose_zone_file_is_missing(self) -> None:
        self.assert_broken("matrix.servfail.test:8448", "dns_servfail")

    def test_bind_whose_zone_file_is_missing_fails_at_the_srv_query(self) -> None:
        self.assert_broken("matrix.servfail.test", "srv_lookup_servfail")

    def test_bind_that_refuses_the_zone(self) -> None:
        self.assert_broken("matrix.refused.test:8448", "dns_refused")

    def test_bind_that_drops_the_query(self) -> None:
        self.assert_broken("dropped.test:8448", "dns_timeout")

    def test_bind_that_answers_over_tcp_only(self) -> None:
        self.assert_broken("over-tcp.test:8448", "connect_refused", detail=r"127\.0\.1\.12")

    def test_bind_with_an_alias_of_a_missing_name(self) -> None:
        self.assert_broken("alias.test:8448", "dns_nxdomain", detail="alias")

    def test_bind_with_aliases_in_a_circle(self) -> None:
        self.assert_broken("loop.test:8448", "dns_servfail")

    def test_bind_with_a_service_that_is_not_offered(self) -> None:
        self.assert_broken("disabled.test", "srv_service_disabled")


if __name__ == "__main__":
    unittest.main()
