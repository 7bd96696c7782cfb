"""The paths for programs, asked as their clients ask: JSON, the federation tester's, blackbox's."""

import json
import unittest
from typing import Any
from urllib.parse import quote

from fixtures.exporter import ADDRESS, PORT, Exporter, command, settings, write_settings
from fixtures.homeserver import StandInHomeserver
from fixtures.pki import unix_time
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import CERTIFICATE_DAYS, WorldTestCase

HEALTHY = "example-b.test"
EXPIRED = "example-e.test"
IPV6_BROKEN = "example-m.test"
NO_SUCH_NAME = "nowhere.test"
SERVERS = (HEALTHY, EXPIRED, IPV6_BROKEN, NO_SUCH_NAME)
HOSTILE = '</script>"\\\x01\n' + "x" * 10_000


class HostileHomeserver(StandInHomeserver):
    """It says such things wherever it can, and is healthy all the same."""

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        if path == "/_matrix/federation/v1/version":
            return 200, {"server": {"name": HOSTILE, "version": "1.0"}}
        status, value = super().answer(path)
        if path == "/_matrix/key/v2/server":
            value["unsigned"] = {HOSTILE: HOSTILE}
        return status, value


def escaped(text: str) -> str:
    return quote(text, safe="")


class ApiTestCase(WorldTestCase):
    """Four homeservers that were probed once and are not probed again by themselves."""
    certificate_days = {**CERTIFICATE_DAYS, EXPIRED: -1}
    exporter: Exporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(StandInHomeserver(HEALTHY, "127.0.2.3"))
        cls.enterClassContext(StandInHomeserver(EXPIRED, "127.0.5.3"))
        cls.enterClassContext(StandInHomeserver(IPV6_BROKEN, "127.0.8.3"))
        values = settings(cls.authority.root, [
            {"server_name": HEALTHY, "group": "chat", "labels": {"team": HOSTILE[:100]}},
            *SERVERS[1:]])
        values["probe"].update(interval="1h", failure_interval="1h")
        cls.exporter = cls.enterClassContext(
            Exporter(write_settings(cls.directory / "config.yaml", values)))
        for name in SERVERS:
            eventually(lambda name=name: cls.exporter.probes(name) >= 1, f"a probe of {name}",
                       explain=cls.exporter.log)

    def ask(self, path: str, status: int = 200, **headers: str) -> Any:
        response = self.exporter.get(path, **headers)
        self.assertEqual(status, response.status, response.body)
        self.assertEqual("application/json", response.headers["Content-Type"])
        return json.loads(response.body)


class ServersTest(ApiTestCase):
    """/api/v1/servers and what is below it."""

    def states(self, query: str = "") -> dict[str, str]:
        return {each["server_name"]: each["state"]
                for each in self.ask(f"/api/v1/servers{query}")}

    def test_the_list_has_every_homeserver_and_its_state(self) -> None:
        self.assertEqual({HEALTHY: "ok", EXPIRED: "failing", IPV6_BROKEN: "ok",
                          NO_SUCH_NAME: "failing"}, self.states())
        self.assertEqual({EXPIRED, NO_SUCH_NAME}, self.states("?state=failing").keys())
        self.assertEqual({HEALTHY}, self.states("?group=chat").keys())
        self.assertEqual([EXPIRED], list(self.states("?offset=1&limit=1")))

    def test_the_list_says_what_the_metrics_say(self) -> None:
        of_servers = {each["server_name"]: each for each in self.ask("/api/v1/servers")}
        for name in SERVERS:
            samples = self.exporter.samples_of(name)
            self.assertEqual(samples["probe_success"], of_servers[name]["state"] == "ok")
            self.assertEqual(samples["probes_total"], of_servers[name]["probes"])
        self.assertEqual("tls_cert_expired", of_servers[EXPIRED]["reason"])
        self.assertEqual({"all": 1, "healthy": 0}, of_servers[IPV6_BROKEN]["addresses"]["ipv6"])
        self.assertEqual(HOSTILE[:100], of_servers[HEALTHY]["labels"]["team"])

    def test_the_report_is_that_of_the_command_line_with_more(self) -> None:
        report = self.ask(f"/api/v1/servers/{EXPIRED}")
        result = command("check", f"--config.file={self.directory}/config.yaml", "--format=json",
                         EXPIRED)
        self.assertLess(json.loads(result.stdout).keys(), report.keys())
        self.assertEqual(("failing", False), (report["state"], report["stale"]))
        self.assertEqual([("failing", "tls_cert_expired")],
                         [(each["state"], each["reason"]) for each in report["episodes"]])

    def test_an_unknown_homeserver_is_told_from_a_misspelled_one(self) -> None:
        self.assertEqual(HEALTHY,
                         self.ask(f"/api/v1/servers/matrix.{HEALTHY}", 404)["nearest"])
        self.assertIsNone(self.ask("/api/v1/servers/matrix.org", 404)["nearest"])

    def test_whatever_is_asked_for_the_answer_is_json(self) -> None:
        for name in (HOSTILE, "%zz", "", "../../etc/passwd"):
            path = name if name == "%zz" else escaped(name)
            self.assertIn("error", self.ask(f"/api/v1/servers/{path}",
                                            400 if name == "%zz" else 404))
        self.assertIn("error", self.ask(f"/api/v1/servers?{escaped(HOSTILE)}=1", 400))

    def test_a_check_is_made_when_it_is_asked_for_and_not_at_once_again(self) -> None:
        before = self.exporter.probes(HEALTHY)
        path = f"/api/v1/servers/{HEALTHY}/check"
        self.assertEqual(202, self.exporter.request("POST", path).status)
        eventually(lambda: self.exporter.probes(HEALTHY) > before, "a probe that was asked for",
                   explain=self.exporter.log)
        again = self.exporter.request("POST", path)
        self.assertEqual(429, again.status)
        self.assertTrue(1 <= int(again.headers["Retry-After"]) <= 10)

    def test_no_page_of_elsewhere_can_have_anything_checked(self) -> None:
        path = f"/api/v1/servers/{IPV6_BROKEN}/check"
        for headers in ({"Origin": "https://attacker.test"}, {"Sec_Fetch_Site": "cross-site"},
                        {"Origin": "null"}):
            self.assertEqual(403, self.exporter.request("POST", path, **headers).status)
        self.assertEqual(1, self.exporter.probes(IPV6_BROKEN))
        own = {"Origin": f"http://{ADDRESS}:{PORT}", "Sec_Fetch_Site": "same-origin"}
        self.assertEqual(202, self.exporter.request("POST", path, **own).status)

    def test_the_configuration_shown_is_one_that_is_accepted(self) -> None:
        response = self.exporter.get("/config")
        self.assertEqual(200, response.status)
        file = self.directory / "shown.yaml"
        file.write_bytes(response.body)
        result = command("--config.check", f"--config.file={file}")
        self.assertEqual(0, result.returncode, result.stderr)
        with Exporter(file, port=PORT + 1) as other:
            self.assertEqual(response.body, other.get("/config").body)

    def test_an_unknown_path_is_answered_with_those_that_there_are(self) -> None:
        text = self.exporter.get("/api").body.decode()
        for path in ("/api/v1/servers", "/api/report", "/api/federation-ok", "/probe", "/config"):
            self.assertIn(f"\n{path}", text)


class TesterTest(ApiTestCase):
    """Clients of matrix-federation-tester, by the rules they have for its answers."""

    def rocket_chat_is_content(self, name: str) -> bool:
        """Its rule: the body is to the letter GOOD."""
        response = self.exporter.get(f"/api/federation-ok?server_name={name}")
        return response.body == b"GOOD"

    def nagios_status(self, name: str) -> int:
        """The plugin's rule: FederationOK of a report, or else critical (2)."""
        return 0 if self.report(name)["FederationOK"] else 2

    def report(self, name: str) -> dict[str, Any]:
        response = self.exporter.get(f"/api/report?server_name={name}")
        report: dict[str, Any] = json.loads(response.body)
        return report

    def test_clients_are_content_where_every_address_works(self) -> None:
        for name in SERVERS:
            good = name == HEALTHY
            with self.subTest(name):
                self.assertEqual(good, self.rocket_chat_is_content(name))
                self.assertEqual(0 if good else 2, self.nagios_status(name))

    def test_a_healthy_report_has_what_was_seen(self) -> None:
        report = self.report(HEALTHY)
        self.assertEqual(["WellKnownResult", "DNSResult", "ConnectionReports", "ConnectionErrors",
                          "Version", "FederationOK"], list(report))
        self.assertEqual({"name": "Stand-in", "version": "1.0"}, report["Version"])
        self.assertEqual({"127.0.2.1:443", "[fd77::2:1]:443"}, report["ConnectionReports"].keys())
        for each in report["ConnectionReports"].values():
            self.assertTrue(each["Checks"]["AllChecksOK"])
            self.assertEqual(HEALTHY, each["Keys"]["server_name"])
            self.assertEqual({key: value["key"] for key, value
                              in each["Keys"]["verify_keys"].items()}, each["Ed25519VerifyKeys"])
            self.assertRegex(each["Cipher"]["CipherSuite"], "^TLS_")
            self.assertEqual([[HEALTHY], None],
                             [shown["DNSNames"] for shown in each["Certificates"]])

    def test_an_expired_certificate_leaves_the_rest_to_be_seen(self) -> None:
        report = self.report(EXPIRED)["ConnectionReports"]["127.0.5.1:8448"]
        self.assertFalse(report["Checks"]["ValidCertificates"])
        self.assertTrue(report["Checks"]["AllEd25519ChecksOK"])
        self.assertIn("expired", report["Errors"][0]["Message"])

    def test_broken_ipv6_is_a_connection_error(self) -> None:
        report = self.report(IPV6_BROKEN)
        self.assertEqual({"[fd77::8:1]:8448"}, report["ConnectionErrors"].keys())
        self.assertEqual({"127.0.8.1:8448"}, report["ConnectionReports"].keys())

    def test_a_name_that_does_not_exist_has_no_addresses(self) -> None:
        report = self.report(NO_SUCH_NAME)
        self.assertIsNone(report["DNSResult"]["Addrs"])
        self.assertEqual(({}, {}), (report["ConnectionReports"], report["ConnectionErrors"]))

    def test_it_behaves_as_the_original_over_http(self) -> None:
        path = f"/api/federation-ok?server_name={HEALTHY}"
        self.assertEqual("text/plain", self.exporter.get(path).headers["Content-Type"])
        for path in ("/api/federation-ok", "/api/report"):
            options = self.exporter.request("OPTIONS", path)
            self.assertEqual((200, b""), (options.status, options.body))
            self.assertEqual("*", options.headers["Access-Control-Allow-Origin"])
            self.assertEqual(400, self.exporter.get(path).status)
            self.assertEqual(405, self.exporter.request("POST", path).status)
            self.assertEqual(404, self.exporter.get(f"{path}?server_name=matrix.org").status)


class HostileTest(WorldTestCase):
    """A homeserver that says what breaks careless JSON, HTML and metrics."""
    exporter: Exporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.authority.issue("</script>\"\\", HEALTHY, file=HEALTHY)
        cls.nginx.reload()
        cls.enterClassContext(HostileHomeserver(HEALTHY, "127.0.2.3"))
        cls.exporter = cls.enterClassContext(Exporter(cls.configure(HEALTHY)))
        eventually(lambda: cls.exporter.probes(HEALTHY) >= 1, "a probe",
                   explain=cls.exporter.log)

    def test_everything_stays_json(self) -> None:
        for path in ("/api/v1/servers", f"/api/v1/servers/{HEALTHY}",
                     f"/api/report?server_name={HEALTHY}"):
            self.assertTrue(json.loads(self.exporter.get(path).body), path)

    def test_the_keys_are_still_as_they_were_served(self) -> None:
        report = json.loads(self.exporter.get(f"/api/report?server_name={HEALTHY}").body)
        for each in report["ConnectionReports"].values():
            self.assertEqual({HOSTILE: HOSTILE}, each["Keys"]["unsigned"])
        self.assertTrue(report["FederationOK"])


class BlackboxTest(ApiTestCase):
    """A Prometheus that scrapes /probe as it scraped blackbox_exporter, and its usual alerts."""
    prometheus: Prometheus

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.prometheus = cls.enterClassContext(Prometheus(
            cls.directory / "prometheus", f"{ADDRESS}:{PORT}", "prometheus-blackbox.yml",
            probed=", ".join((*SERVERS, "attacker.test"))))
        eventually(lambda: len(cls.prometheus.rows("up == 1")) == len(SERVERS), "every scrape",
                   explain=cls.prometheus.log)

    def values(self, expression: str) -> dict[str, float]:
        return {row["metric"]["instance"]: float(row["value"][1])
                for row in self.prometheus.rows(expression)}

    def test_probe_failed_alerts_of_those_that_nobody_can_reach(self) -> None:
        self.assertEqual({EXPIRED: 0, NO_SUCH_NAME: 0}, self.values("probe_success == 0"))

    def test_certificate_alerts_of_the_one_that_expired(self) -> None:
        for expression in ("probe_ssl_earliest_cert_expiry - time() < 86400 * 21",
                           "round((probe_ssl_earliest_cert_expiry - time()) / 86400, 0.1) < 3",
                           "(probe_ssl_earliest_cert_expiry - time()) / 86400 <= 0"):
            self.assertEqual({EXPIRED}, self.values(expression).keys(), expression)

    def test_expiry_is_that_of_the_certificate(self) -> None:
        self.assertEqual(
            {name: unix_time(self.certificates[name].leaf.not_valid_after)
             for name in (HEALTHY, EXPIRED, IPV6_BROKEN)},
            self.values("probe_ssl_earliest_cert_expiry"))
        self.assertEqual({HEALTHY, IPV6_BROKEN},
                         self.values("probe_ssl_last_chain_expiry_timestamp_seconds").keys())

    def test_status_and_slowness_alerts_know_their_metrics(self) -> None:
        self.assertEqual(
            {NO_SUCH_NAME},
            self.values("probe_http_status_code <= 199 or probe_http_status_code >= 400").keys())
        self.assertEqual({}, self.values("avg_over_time(probe_http_duration_seconds[1m]) > 10"))

    def test_what_is_not_configured_cannot_be_scraped(self) -> None:
        eventually(lambda: self.values("up == 0").keys() == {"attacker.test"},
                   "only the scrape of a stranger fails", explain=self.prometheus.log)
        response = self.exporter.get("/probe?target=127.0.0.1:22")
        self.assertEqual(404, response.status)
        self.assertIn(b"not a configured homeserver", response.body)


if __name__ == "__main__":
    unittest.main()
