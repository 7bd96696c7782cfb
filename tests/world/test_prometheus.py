"""A real Prometheus scrapes the daemon; what operators will ask of it is asked in PromQL."""

import subprocess
import time
import unittest

from fixtures.exporter import ADDRESS, PORT, Exporter
from fixtures.homeserver import StandInHomeserver
from fixtures.pki import unix_time
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

HEALTHY = {"example-b.test", "example-e.test"}
BROKEN = "down.test"
DAY_SECONDS = 86400
# The design's budget is about 50; a server with two IP versions and well-known needs most.
MOST_SERIES_OF_A_SERVER = 80


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

    def test_promtool_has_no_objection(self) -> None:
        result = subprocess.run(["promtool", "check", "metrics"], capture_output=True,
                                input=self.exporter.get("/metrics").body)
        self.assertEqual((0, b"", b""), (result.returncode, result.stdout, result.stderr))

    def test_the_last_probe_is_recent(self) -> None:
        eventually(lambda: min(self.prometheus.query(
            "matrix_federation_probe_last_timestamp_seconds").values()) > time.time() - 10,
            "every server has been probed in the last ten seconds")


if __name__ == "__main__":
    unittest.main()
