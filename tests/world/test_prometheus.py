"""A real Prometheus scrapes the daemon; what operators will ask of it is asked in PromQL."""

import subprocess
import time
import unittest
from collections.abc import Callable, Iterable
from typing import Any

from fixtures.exporter import ADDRESS, PORT, Exporter
from fixtures.homeserver import StandInHomeserver
from fixtures.pki import unix_time
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase
from prometheus_client.metrics_core import Metric
from prometheus_client.openmetrics import parser as openmetrics_parser
from prometheus_client.parser import text_string_to_metric_families as text_families

HEALTHY = {"example-b.test", "example-e.test"}
BROKEN = "down.test"
DAY_SECONDS = 86400
# The design's budget is about 50; a server with two IP versions and well-known needs most.
MOST_SERIES_OF_A_SERVER = 80


openmetrics_families = openmetrics_parser.text_string_to_metric_families
TEXT_TARGET = "127.0.0.9:10449"  # nginx, which asks for the text format
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
TEXT = "text/plain; version=0.0.4; charset=utf-8"
# Each would break a scrape if it came into a label as it is.
HOSTILE = ('"} 1', "\\", 'a\nb{c="d"} 2\n', "\x00\x1b[31m\x7f\r\t", "\ud800", "x" * 10_000,
           "# EOF\n")


class HostileHomeserver(StandInHomeserver):
    """One whose version says such things, one after the other."""

    def __init__(self, server_name: str, address: str):
        super().__init__(server_name, address)
        self.texts_told: set[str] = set()

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        if path != "/_matrix/federation/v1/version":
            return super().answer(path)
        text = next((each for each in HOSTILE if each not in self.texts_told), HOSTILE[0])
        self.texts_told.add(text)
        return 200, {"server": {"name": text, "version": text}}


class PrometheusTest(WorldTestCase):
    """Two healthy servers and one that nobody can connect to."""
    exporter: Exporter
    prometheus: Prometheus

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(StandInHomeserver("example-b.test", "127.0.2.3"))
        cls.enterClassContext(StandInHomeserver("example-e.test", "127.0.5.3"))
        cls.exporter = cls.enterClassContext(
            Exporter(cls.configure("example-b.test", "example-e.test", BROKEN)))
        for name in (*HEALTHY, BROKEN):
            eventually(lambda: cls.exporter.probes(name) >= 2, f"two probes of {name}")
        cls.prometheus = cls.enterClassContext(
            Prometheus(cls.directory / "prometheus", f"{ADDRESS}:{PORT}"))
        eventually(lambda: cls.prometheus.rows("up == 1"), "a scrape",
                   explain=cls.prometheus.log)

    def becomes(self, expression: str, expected: dict[str, float]) -> None:
        eventually(lambda: self.prometheus.query(expression) == expected,
                   f"{expression} is {expected}",
                   explain=lambda: f"it is {self.prometheus.rows(expression)}")

    def test_the_target_is_up(self) -> None:
        self.assertEqual({"": 1}, self.prometheus.query("up == 1"))

    def test_success_is_per_server(self) -> None:
        self.becomes("matrix_federation_probe_success",
                     {"example-b.test": 1, "example-e.test": 1, BROKEN: 0})

    def test_no_check_fails_for_healthy_servers(self) -> None:
        failing = self.prometheus.rows(
            f'matrix_federation_check_success{{server_name!="{BROKEN}"}} == 0')
        self.assertEqual([], failing)

    def test_the_root_cause_of_a_failure_is_one_series(self) -> None:
        causes = [(row["metric"]["server_name"], row["metric"]["check"], row["metric"]["reason"])
                  for row in self.prometheus.rows("matrix_federation_probe_failure_info")]
        self.assertEqual([(BROKEN, "destination_accepts_connections", "connect_refused")], causes)

    def test_certificate_expiry_is_the_certificates_own(self) -> None:
        expiry = self.prometheus.query(
            'matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds'
            '{role="federation"}')
        self.assertEqual(
            {name: unix_time(self.certificates[name].leaf.not_valid_after) for name in HEALTHY},
            expiry)

    def test_certificate_expiry_lies_in_the_future(self) -> None:
        left = self.prometheus.query(
            'matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds'
            f'{{role="federation"}} - time() > {80 * DAY_SECONDS}')
        self.assertEqual(HEALTHY, left.keys())

    def test_probes_go_on(self) -> None:
        eventually(lambda: self.prometheus.query(
            "increase(matrix_federation_probes_total[1m]) > 0").keys() == HEALTHY | {BROKEN},
            "every counter of probes rises")

    def test_a_server_costs_a_bounded_number_of_series(self) -> None:
        count = self.prometheus.query('count by (server_name) ({server_name!=""})')
        self.assertEqual(HEALTHY | {BROKEN}, count.keys())
        self.assertLessEqual(max(count.values()), MOST_SERIES_OF_A_SERVER)

    def test_probes_leave_no_series_behind(self) -> None:
        for name in HEALTHY:
            self.exporter.wait_for_probes(name, 2)
        of_b = '{server_name="example-b.test"}'
        ever = self.prometheus.query(f"count by (server_name) (last_over_time({of_b}[10m]))")
        now = self.prometheus.query(f"count by (server_name) ({of_b})")
        self.assertEqual(now, ever)

    def test_an_outage_shows_while_it_lasts(self) -> None:
        success = 'matrix_federation_probe_success{server_name="example-e.test"}'
        with self.nginx.without("sites/example-e.conf"):
            self.becomes(success, {"example-e.test": 0})
            self.becomes('matrix_federation_probe_failure_info'
                         '{server_name="example-e.test",reason="connect_refused"}',
                         {"example-e.test": 1})
        self.becomes(success, {"example-e.test": 1})
        self.becomes('matrix_federation_probe_failure_info{server_name="example-e.test"}', {})

    def test_openmetrics_is_what_prometheus_prefers(self) -> None:
        eventually(lambda: self.prometheus.types().get("matrix_federation_target") == "info",
                   "Prometheus knows of an info", explain=self.prometheus.log)

    def test_promtool_has_no_objection(self) -> None:
        result = subprocess.run(["promtool", "check", "metrics"], capture_output=True,
                                input=self.exporter.get("/metrics").body)
        self.assertEqual((0, b"", b""), (result.returncode, result.stdout, result.stderr))

    def test_the_last_probe_is_recent(self) -> None:
        eventually(lambda: min(self.prometheus.query(
            "matrix_federation_probe_last_timestamp_seconds").values()) > time.time() - 10,
            "every server has been probed in the last ten seconds")


class FormatsTest(WorldTestCase):
    """Both formats, for the official Python parsers and for Prometheus, whatever homeservers say."""
    exporter: Exporter
    homeserver: HostileHomeserver

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.authority.issue('"} 1\\\n# EOF', "example-e.test", file="example-e.test")
        cls.nginx.reload()
        cls.homeserver = cls.enterClassContext(HostileHomeserver("example-e.test", "127.0.5.3"))
        cls.exporter = cls.enterClassContext(
            Exporter(cls.configure("example-e.test", "example-b.test")))

    def families(self, accept: str, parse: Callable[[str], Iterable[Metric]]) -> dict[str, Metric]:
        response = self.exporter.get("/metrics", Accept=accept)
        return {family.name: family for family in parse(response.body.decode())}

    def test_whatever_a_homeserver_says_both_formats_parse(self) -> None:
        while len(self.homeserver.texts_told) < len(HOSTILE):
            self.exporter.wait_for_probes("example-e.test")
            text = self.families("text/plain", text_families)
            openmetrics = self.families("application/openmetrics-text", openmetrics_families)
            for families, name in ((text, "matrix_federation_server_info"),
                                   (openmetrics, "matrix_federation_server")):
                servers = [sample.labels["server_name"] for sample in families[name].samples]
                self.assertEqual(["example-e.test"], servers)

    def test_a_certificate_that_names_itself_like_a_sample_is_a_label(self) -> None:
        def names_shown() -> set[str]:
            families = self.families("application/openmetrics-text", openmetrics_families)
            # While nginx reloads, there may be none.
            certificates = families.get("matrix_federation_tls_certificate")
            return {sample.labels["subject_cn"]
                    for sample in (certificates.samples if certificates else ())}

        # A reload of nginx takes effect when it likes.
        eventually(lambda: any(name.startswith('"} 1\\') for name in names_shown()),
                   "the name in a label", explain=self.exporter.log)
        names = names_shown()
        self.assertFalse(any("\n" in name for name in names), names)

    def test_the_content_type_is_exactly_that_of_the_format(self) -> None:
        for accept, content_type in (
                ("application/openmetrics-text", OPENMETRICS),
                ("application/openmetrics-text;version=1.0.0;q=0.5", OPENMETRICS),
                ("application/openmetrics-text;q=0.4,text/plain;q=0.5", TEXT),
                ("application/openmetrics-text;version=0.0.1", TEXT),
                ("text/html", TEXT), ("*/*", TEXT)):
            with self.subTest(accept):
                self.assertEqual(
                    content_type,
                    self.exporter.get("/metrics", Accept=accept).headers["Content-Type"])

    def test_both_formats_have_the_same_families(self) -> None:
        self.exporter.wait_for_probes("example-e.test")

        def names(families: dict[str, Metric]) -> set[str]:
            return {sample.name for family in families.values() for sample in family.samples}
        self.assertEqual(names(self.families("text/plain", text_families)),
                         names(self.families("application/openmetrics-text", openmetrics_families)))

    def test_prometheus_takes_both_formats(self) -> None:
        for target, family, kind in (
                (f"{ADDRESS}:{PORT}", "matrix_federation_target", "info"),
                (TEXT_TARGET, "matrix_federation_target_info", "gauge")):
            with self.subTest(kind), Prometheus(
                    self.directory / f"prometheus-{kind}", target) as server:
                eventually(lambda: server.types().get(family) == kind, f"{family} is a {kind}",
                           explain=server.log)
                eventually(lambda: server.query("matrix_federation_probe_success").get(
                    "example-e.test") == 1, "example-e.test works", explain=server.log)
                self.assertEqual([], server.rows("up == 0"))


if __name__ == "__main__":
    unittest.main()
