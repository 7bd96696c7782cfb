"""docs/migration.md: the before and the after of its sections, run as they stand there."""

import contextlib
import http.client
import json
import os
import re
import unittest
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from fixtures.exporter import ADDRESS, PORT, PROJECT, Exporter, settings, write_settings
from fixtures.homeserver import StandInHomeserver
from fixtures.process import Process
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import CERTIFICATE_DAYS, WorldTestCase

DOCUMENT = (PROJECT / "docs/migration.md").read_text()
BLACKBOX_EXPORTER = "prometheus-blackbox-exporter"
JSON_EXPORTER = Path(os.environ.get("HELM_TOOLS", PROJECT / "build/helm")) / "json_exporter"
BLACKBOX_PORT = 9115
JSON_EXPORTER_PORT = 7979
HEALTHY = "example-b.test"
EXPIRED = "example-e.test"
URLS = {HEALTHY: f"https://{HEALTHY}/_matrix/federation/v1/version",
        EXPIRED: f"https://{EXPIRED}:8448/_matrix/federation/v1/version"}


def files() -> dict[str, list[str]]:
    """The configurations of the document, each under the name that its first line has."""
    found: dict[str, list[str]] = {}
    for block in re.findall(r"^```yaml\n(.*?)^```$", DOCUMENT, re.DOTALL | re.MULTILINE):
        for name, text in re.findall(r"^# (\S+\.y\w+)\n((?:(?!# ).*\n)*)", block, re.MULTILINE):
            found.setdefault(name, []).append(text)
    return found


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(ADDRESS, port, timeout=10)
    with contextlib.closing(connection):
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


class MigrationTestCase(WorldTestCase):
    """A homeserver that works, one whose certificate has expired, and the exporter as in the document."""
    certificate_days = {**CERTIFICATE_DAYS, EXPIRED: -1}
    exporter: Exporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(StandInHomeserver(HEALTHY, "127.0.2.3"))
        cls.enterClassContext(StandInHomeserver(EXPIRED, "127.0.5.3"))
        [after] = files()["config.yaml"]
        assert list(yaml.safe_load(after)) == ["homeservers"]
        cls.exporter = cls.enterClassContext(Exporter(write_settings(
            cls.directory / "config.yaml", settings(cls.authority.root, [HEALTHY, EXPIRED]))))
        for name in (HEALTHY, EXPIRED):
            eventually(lambda name=name: cls.exporter.probes(name) >= 1, f"a probe of {name}",
                       explain=cls.exporter.log)

    @classmethod
    def started(cls, program: str | Path, configuration: str, port: int) -> Process:
        """An exporter of others, with a configuration of the document; it trusts whom the world trusts."""
        file = cls.directory / configuration
        [text] = files()[configuration]
        file.write_text(text)
        process = cls.enterClassContext(Process(
            ["env", f"SSL_CERT_FILE={cls.authority.root}", program, f"--config.file={file}",
             f"--web.listen-address={ADDRESS}:{port}"], log=file.with_suffix(".log")))
        process.until(lambda: get(port, "/metrics")[0] == 200, f"{program} is ready")
        return process


class FromBlackboxExporterTest(MigrationTestCase):
    """One Prometheus scrapes both."""
    prometheus: Prometheus

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.started(BLACKBOX_EXPORTER, "blackbox.yml", BLACKBOX_PORT)
        cls.prometheus = cls.enterClassContext(Prometheus(
            cls.directory / "prometheus", "", "prometheus-migration.yml",
            jobs=json.dumps(cls.jobs())))
        eventually(lambda: len(cls.prometheus.rows("up == 1")) == 3, "every scrape",
                   explain=cls.prometheus.log)

    @staticmethod
    def jobs() -> list[dict[str, Any]]:
        before, after = (yaml.safe_load(text)["scrape_configs"] for text in files()["prometheus.yml"])
        [targets] = before[0]["static_configs"]
        assert targets == {"targets": [URLS[HEALTHY].replace(HEALTHY, "example.org")]}
        targets["targets"] = list(URLS.values())
        return [*before, *after]

    def found(self, expression: str) -> dict[str, float]:
        """Values by server name, for which the one before has URLs."""
        names = {url: name for name, url in URLS.items()}
        return {row["metric"].get("server_name") or names[row["metric"]["instance"]]:
                float(row["value"][1]) for row in self.prometheus.rows(expression)}

    def test_what_stood_in_one_metric_stands_in_the_other(self) -> None:
        of_federation = 'matrix_federation_{}{{server_name="' + HEALTHY + '",{}}}'
        for before, after, labels in (
                ("probe_success", "probe_success", ""),
                ("probe_http_status_code", "http_status_code", 'endpoint="version"'),
                ("probe_ssl_earliest_cert_expiry",
                 "tls_earliest_certificate_expiry_timestamp_seconds", 'role="federation"'),
                ('probe_tls_version_info{version="TLS 1.3"}', "tls_info", 'version="TLS 1.3"')):
            with self.subTest(before):
                shown = self.found(of_federation.format(after, labels))
                self.assertEqual({HEALTHY}, shown.keys())
                self.assertEqual(self.found(f"{before} and on (instance) probe_success == 1"), shown)

    def test_the_expressions_after_find_whom_those_before_found(self) -> None:
        text = re.sub(r"```.*?```", "", DOCUMENT, flags=re.DOTALL)
        lines = re.findall(r"^    (\S.*?) *(?:# \w+)?$", text, re.MULTILINE)
        self.assertEqual(4, len(lines))
        for before, after in zip(lines[0::2], lines[1::2]):
            with self.subTest(before):
                self.assertLessEqual(self.found(before).keys(), self.found(after).keys())
        self.assertEqual([{EXPIRED}] * 2, [set(self.found(after)) for after in lines[1::2]])

    def test_the_date_of_an_expired_certificate_is_seen_after_and_was_not_before(self) -> None:
        self.assertEqual({HEALTHY}, self.found("probe_ssl_earliest_cert_expiry").keys())
        self.assertLessEqual({EXPIRED}, self.found(
            "matrix_federation_tls_earliest_certificate_expiry_timestamp_seconds").keys())


@unittest.skipUnless(JSON_EXPORTER.exists(),
                     f"there is no {JSON_EXPORTER}; scripts/install-helm builds it, with Go")
class FromJsonExporterTest(MigrationTestCase):
    """The public tester is not asked: this exporter's report has the same form."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.started(JSON_EXPORTER, "json_exporter.yml", JSON_EXPORTER_PORT)

    def value_before(self, url: str) -> float | None:
        """None where the series is missing."""
        _, text = get(JSON_EXPORTER_PORT, f"/probe?module=federation&target={quote(url, safe='')}")
        found = re.search(r"^matrix_federation_ok (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def test_what_stood_in_one_metric_stands_in_the_other(self) -> None:
        for name, works in ((HEALTHY, 1), (EXPIRED, 0)):
            with self.subTest(name):
                self.assertEqual(works, self.value_before(
                    f"http://{ADDRESS}:{PORT}/api/report?server_name={name}"))
                self.assertEqual(works, self.exporter.samples_of(name)["all_addresses_success"])

    def test_the_series_is_missing_where_nobody_answers(self) -> None:
        self.assertIsNone(self.value_before(f"http://{ADDRESS}:9/api/report?server_name={HEALTHY}"))


if __name__ == "__main__":
    unittest.main()
