"""Homeservers break: Prometheus evaluates the shipped rules, Alertmanager delivers each fault once."""

import contextlib
import subprocess
import unittest
from dataclasses import dataclass
from pathlib import Path

from fixtures.alerting import (ADDRESS as ALERTMANAGER, ALERTMANAGER_PORT, Alertmanager, Delivery,
                               Webhook, write_rules)
from fixtures.exporter import ADDRESS, PORT, Exporter, settings, write_settings
from fixtures.homeserver import StandInHomeserver
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

UPSTREAMS = {"example-a.test": "127.0.1.3", "example-b.test": "127.0.2.3",
             "example-c.test": "127.0.3.3", "example-d.test": "127.0.4.3",
             "example-e.test": "127.0.5.3"}
ALERT_SECONDS = 120
# Port 443 delegates to itself and serves Matrix, as port 8448 does already.
DELEGATING = """location = /.well-known/matrix/server {
        default_type application/json;
        return 200 '{"m.server": "example-e.test:443"}';
    }
    location /_matrix { proxy_pass http://127.0.5.3:8008; }"""
NETWORK_OUTAGE = """
table inet outage {
  chain output {
    type filter hook output priority 0;
    ip daddr 127.0.1.0-127.0.15.255 drop
    ip6 daddr fd77::/16 drop
    meta l4proto { tcp, udp } th dport 53 drop
  }
}
"""


@dataclass(frozen=True)
class Fault:
    """What has to be delivered of a homeserver, and what its text must say."""
    server_name: str
    alert: str
    receiver: str
    words: tuple[str, ...]


FAULTS = (
    Fault("example-a.test", "MatrixFederationCertificateExpired", "matrix-federation-page",
          ("has expired", "tls_cert_expired", "matrix.example-a.test", "certbot renew")),
    Fault("example-b.test", "MatrixFederationIpVersionDown", "matrix-federation-ticket",
          ("None of the 1 IPv6 addresses",)),
    Fault("example-c.test", "MatrixFederationDown", "matrix-federation-page",
          ("connect_refused", "destination_accepts_connections", "example-c.test:8448",
           "default_port", "It last worked at")),
    Fault("example-d.test", "MatrixFederationDown", "matrix-federation-page",
          ("keys_http_status", "signing_keys_are_served", "It last worked at")),
    Fault("example-e.test", "MatrixFederationDelegationLost", "matrix-federation-ticket",
          ("example-e.test:8448", "HTTP status 404", "curl -i")),
)


class AlertingTestCase(WorldTestCase):
    """Five homeservers that work and are settled, watched by everything that is shipped."""
    webhook: Webhook
    prometheus: Prometheus

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        for name, address in UPSTREAMS.items():
            cls.enterClassContext(StandInHomeserver(name, address))
        site = cls.nginx.directory / "sites/example-e.conf"
        cls.enterClassContext(cls.nginx.replacing(
            "sites/example-e.conf", f"root {cls.nginx.directory}/www/example-e.test;",
            by=DELEGATING))
        assert "m.server" in site.read_text()
        values = settings(cls.authority.root, list(UPSTREAMS))
        # Time-outs that a machine which stands still for a few seconds does not reach.
        values["probe"] = {"interval": "1s", "failure_interval": "1s", "timeout": "10s"}
        values["dns"].update(timeout="2s", attempts=1)
        cls.enterClassContext(Exporter(write_settings(cls.directory / "config.yaml", values)))
        cls.webhook = cls.enterClassContext(Webhook())
        cls.enterClassContext(Alertmanager(cls.directory / "alertmanager"))
        cls.prometheus = cls.enterClassContext(Prometheus(
            cls.directory / "prometheus", f"{ADDRESS}:{PORT}", "prometheus-alerts.yml",
            rules=write_rules(cls.directory / "rules"),
            alertmanager=f"{ALERTMANAGER}:{ALERTMANAGER_PORT}"))
        cls.wait(lambda: cls.prometheus.query("matrix_federation:target:settled").keys()
                 == UPSTREAMS.keys(), "every homeserver is settled")
        cls.wait(lambda: cls.prometheus.query("matrix_federation:delegated:recently").keys()
                 >= {"example-c.test", "example-e.test"}, "delegations are remembered")

    @classmethod
    def wait(cls, condition: object, what: str) -> None:
        eventually(condition, what, seconds=ALERT_SECONDS, explain=cls.explain)  # type: ignore

    @classmethod
    def explain(cls) -> str:
        alerts = [row["metric"] for row in cls.prometheus.rows("ALERTS")]
        return "\n".join(map(str, [*alerts, "delivered:", *cls.webhook.deliveries]))

    @classmethod
    def urgent(cls) -> list[Delivery]:
        """All but what is for information."""
        return [each for each in cls.webhook.deliveries
                if each.receiver != "matrix-federation-digest"]


class HomeserversBreakTest(AlertingTestCase):
    """All of them at once, each in its own way; then all are repaired."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        with cls.broken():
            for fault in FAULTS:
                cls.wait(lambda: cls.webhook.seen("firing", fault.alert, fault.server_name),
                         f"{fault.alert} of {fault.server_name} is delivered")
        for fault in FAULTS:
            cls.wait(lambda: cls.webhook.seen("resolved", fault.alert, fault.server_name),
                     f"{fault.alert} of {fault.server_name} is resolved")

    @classmethod
    @contextlib.contextmanager
    def broken(cls):  # type: ignore[no-untyped-def]
        name = "matrix.example-a.test"
        expired = cls.authority.issue(name, days=-1, file="expired")
        well_known_c = """return 200 '{"m.server": "matrix.example-c.test:4443"}';"""
        well_known_e = """return 200 '{"m.server": "example-e.test:443"}';"""
        with (cls.nginx.serving(expired, instead_of=cls.certificates[name]),
              cls.nginx.replacing("sites/example-b.conf", "listen [fd77::2:1]:443 ssl http2;",
                                  by=""),
              cls.nginx.replacing("sites/example-c.conf", well_known_c, by="return 404;"),
              cls.nginx.replacing("sites/example-d.conf", "127.0.4.3:8008", by="127.0.4.3:9"),
              cls.nginx.replacing("sites/example-e.conf", well_known_e, by="return 404;")):
            yield

    def story(self, server_name: str) -> None:
        [fault] = [each for each in FAULTS if each.server_name == server_name]
        told = [each for each in self.urgent() if each.server_name == server_name]
        self.assertEqual([(fault.receiver, "firing", fault.alert),
                          (fault.receiver, "resolved", fault.alert)],
                         [(each.receiver, each.status, each.name) for each in told])
        self.assertTrue(told[0].summary.startswith(server_name), told[0].summary)
        for word in fault.words:
            self.assertIn(word, told[0].description)

    def test_an_expired_certificate(self) -> None:
        self.story("example-a.test")

    def test_a_broken_ip_version(self) -> None:
        self.story("example-b.test")

    def test_a_lost_delegation_while_port_8448_does_not_answer(self) -> None:
        self.story("example-c.test")

    def test_a_homeserver_that_is_down_behind_its_proxy(self) -> None:
        self.story("example-d.test")

    def test_a_lost_delegation_while_port_8448_answers(self) -> None:
        self.story("example-e.test")


class NetworkBreaksTest(AlertingTestCase):
    """The exporter reaches nobody, for want of its own network."""
    ALERT = "MatrixFederationExporterNetworkDown"

    def test_one_alert_tells_of_the_exporters_own_network(self) -> None:
        try:
            subprocess.run(["nft", "-f", "-"], input=NETWORK_OUTAGE, text=True, check=True)
            self.wait(lambda: self.webhook.seen("firing", self.ALERT), "the network's alert")
            self.wait(lambda: min(self.prometheus.query(
                "matrix_federation_probe_consecutive_failures").values()) >= 4,
                "everybody has failed often enough to be called down")
        finally:
            subprocess.run(["nft", "delete", "table", "inet", "outage"], check=True)
        self.wait(lambda: self.webhook.seen("resolved", self.ALERT), "the end of the alert")
        self.assertEqual([("firing", self.ALERT, ""), ("resolved", self.ALERT, "")],
                         [(each.status, each.name, each.server_name) for each in self.urgent()
                          if each.server_name or each.name == self.ALERT])


if __name__ == "__main__":
    unittest.main()
