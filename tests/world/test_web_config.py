"""The web configuration with those who know it: curl, openssl, promtool and Prometheus."""

import contextlib
import crypt
import http.client
import socket
import ssl
import subprocess
import threading
import unittest
from pathlib import Path
from typing import Any

import yaml

from fixtures.exporter import ADDRESS, PORT, Exporter, Response, command
from fixtures.pki import ServerCertificate
from fixtures.process import run
from fixtures.prometheus import Prometheus
from fixtures.waiting import eventually
from fixtures.world import NetworkTestCase

NAME = "exporter.test"
HEALTH_PORT = 10449
SALT = "$2y$10$abcdefghijklmnopqrstuu"
HOSTILE_ADDRESS = "127.0.0.9"
HOSTILE_CLIENTS = 1000


class ProtectedExporter(Exporter):
    """The daemon behind TLS: the fixture's own questions go to its health port."""

    def __init__(self, configuration: Path, web_config: Path, *flags: str):
        super().__init__(configuration, f"--web.config.file={web_config}",
                         f"--web.health-listen-address={ADDRESS}:{HEALTH_PORT}", *flags)

    def get(self, path: str, **headers: str) -> Response:
        connection = http.client.HTTPConnection(ADDRESS, HEALTH_PORT, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())


class ProtectedTestCase(NetworkTestCase):
    """Base: a configuration, a certificate of the exporter and one of a scraper."""
    certificate: ServerCertificate
    scraper: ServerCertificate

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.certificate = cls.authority.issue(NAME, days=30)
        cls.scraper = cls.authority.issue("scraper.test", client=True)

    @classmethod
    def write_web_config(cls, **sections: Any) -> Path:
        """Where it stands beside certificates, so that their names are relative."""
        file = cls.authority.directory / "web-config.yml"
        temporary = file.with_suffix(".new")
        temporary.write_text(yaml.safe_dump(sections))
        temporary.rename(file)
        return file

    @classmethod
    def tls(cls, **keys: Any) -> dict[str, Any]:
        return {"cert_file": cls.certificate.chain.name, "key_file": cls.certificate.key.name,
                **keys}

    def curl(self, path: str, *arguments: str | Path,
             scheme: str = "https") -> subprocess.CompletedProcess[str]:
        return run(["curl", "--silent", "--show-error", "--include", "--noproxy", "*",
                    "--resolve", f"{NAME}:{PORT}:{ADDRESS}", "--cacert", self.authority.root,
                    *arguments, f"{scheme}://{NAME}:{PORT}{path}"], seconds=20)

    def status(self, path: str, *arguments: str | Path, scheme: str = "https") -> int:
        """Of the answer; 0 when there was none."""
        head = self.curl(path, *arguments, scheme=scheme).stdout.split(maxsplit=2)
        return int(head[1]) if head else 0


class UsersTest(ProtectedTestCase):
    """TLS and passwords."""
    sections: dict[str, Any]
    web_config: Path
    exporter: ProtectedExporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.sections = {
            "tls_server_config": cls.tls(),
            "http_server_config": {"http2": True, "headers": {"X-Frame-Options": "deny"}},
            "basic_auth_users": {"alice": crypt.crypt("secret", SALT)},
        }
        cls.web_config = cls.write_web_config(**cls.sections)
        cls.exporter = cls.enterClassContext(
            ProtectedExporter(cls.configure("down.test"), cls.web_config))

    def tearDown(self) -> None:
        self.write_web_config(**self.sections)

    def served_certificate(self) -> bytes | None:
        context = ssl.create_default_context(cafile=str(self.authority.root))
        with socket.create_connection((ADDRESS, PORT), timeout=10) as plain, \
                context.wrap_socket(plain, server_hostname=NAME) as tls:
            return tls.getpeercert(binary_form=True)

    def test_promtool_finds_the_same_file_right(self) -> None:
        result = run(["promtool", "check", "web-config", self.web_config], seconds=20)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_the_password_opens(self) -> None:
        answer = self.curl("/metrics", "--user", "alice:secret").stdout
        self.assertIn("200 OK", answer)
        self.assertIn("X-Frame-Options: deny", answer)
        self.assertIn("matrix_federation_target_info", answer)

    def test_nothing_else_opens(self) -> None:
        for user in ("alice:wrong", "alice:", "bob:secret", ":"):
            self.assertEqual(401, self.status("/metrics", "--user", user), user)
        self.assertEqual(401, self.status("/metrics"))

    def test_http2_is_not_spoken(self) -> None:
        answer = self.curl("/-/ready", "--http2", "--user", "alice:secret").stdout
        self.assertTrue(answer.startswith("HTTP/1.1 200"), answer)

    def test_a_client_without_tls_is_told(self) -> None:
        answer = self.curl("/metrics", scheme="http").stdout
        self.assertIn("400 Bad Request", answer)
        self.assertIn("https://", answer)

    def test_health_has_a_port_of_its_own_and_nothing_else_is_there(self) -> None:
        self.assertEqual(200, self.exporter.get("/-/healthy").status)
        self.assertEqual(200, self.exporter.get("/-/ready").status)
        self.assertEqual(404, self.exporter.get("/metrics").status)

    def test_a_healthcheck_needs_that_port_where_there_are_passwords(self) -> None:
        refused = command("healthcheck", f"--web.config.file={self.web_config}")
        self.assertEqual(1, refused.returncode)
        self.assertRegex(refused.stderr, "https://.*401: .*password.*--web.health-listen-address")
        accepted = command("healthcheck", f"--web.config.file={self.web_config}",
                           f"--web.health-listen-address={ADDRESS}:{HEALTH_PORT}")
        self.assertEqual(0, accepted.returncode, accepted.stderr)

    def test_a_renewed_certificate_is_served_without_a_restart(self) -> None:
        before = self.served_certificate()
        self.authority.issue(NAME, days=60)
        self.assertNotEqual(before, self.served_certificate())

    def test_a_changed_password_counts_at_once(self) -> None:
        self.assertEqual(200, self.status("/", "--user", "alice:secret"))
        self.write_web_config(**self.sections
                              | {"basic_auth_users": {"alice": crypt.crypt("other", SALT)}})
        self.assertEqual(401, self.status("/", "--user", "alice:secret"))
        self.assertEqual(200, self.status("/", "--user", "alice:other"))

    def test_a_broken_file_leaves_the_former_one_in_force(self) -> None:
        self.web_config.write_text("basic_auth_users: [")
        self.assertEqual(401, self.status("/"))
        self.assertEqual(200, self.status("/", "--user", "alice:secret"))
        self.assertEqual(1, self.exporter.log().count("not YAML"), self.exporter.log())

    def test_an_emptied_file_opens_nothing(self) -> None:
        self.web_config.write_text("")
        self.assertEqual(401, self.status("/"))
        self.assertIn("takes a restart", self.exporter.log())

    def test_prometheus_scrapes_and_misses_nothing_of_a_renewal(self) -> None:
        """The connection that it keeps is closed instead of an answer, and it asks on another one."""
        scrape = (f"{{scheme: https, tls_config: {{ca_file: {self.authority.root}, "
                  f"server_name: {NAME}}}, basic_auth: {{username: alice, password: secret}}}}")
        with Prometheus(self.directory / "prometheus", f"{ADDRESS}:{PORT}",
                        scrape=scrape) as prometheus:
            for _ in range(3):
                scrapes = prometheus.query("count_over_time(up[1h])").get("", 0)
                self.authority.issue(NAME, days=60)
                eventually(lambda: prometheus.query("count_over_time(up[1h])").get("", 0) > scrapes + 1,
                           "two further scrapes", explain=prometheus.log)
            self.assertEqual({"": 1}, prometheus.query("min_over_time(up[1h])"))

    def test_clients_that_do_nothing_delay_neither_a_scrape_nor_a_probe(self) -> None:
        with contextlib.ExitStack() as hostile:
            for number in range(HOSTILE_CLIENTS):
                client = hostile.enter_context(socket.socket())
                client.bind((HOSTILE_ADDRESS, 0))
                client.connect((ADDRESS, PORT))
                # Nothing, the beginning of a handshake, and what is neither.
                with contextlib.suppress(OSError):
                    client.send((b"", b"\x16\x03\x01", b"GET / HTTP/1.1\r\n")[number % 3])
            for _ in range(3):
                self.assertEqual(200, self.status("/metrics", "--user", "alice:secret",
                                                  "--max-time", "5"))
            self.assertEqual(200, self.exporter.get("/-/healthy").status)
            count = 'matrix_federation_probes_total{server_name="down.test"}'
            before = self.sample(count)
            eventually(lambda: self.sample(count) > before, "a further probe")

    def sample(self, series: str) -> float:
        lines = self.curl("/metrics", "--user", "alice:secret").stdout.splitlines()
        return next((float(line.split()[-1]) for line in lines if line.startswith(series)), 0)

    def test_guesses_delay_no_scrape(self) -> None:
        self.assertEqual(200, self.status("/", "--user", "alice:secret"))
        guesses = [threading.Thread(target=self.status, args=("/", "--user", f"alice:{number}"))
                   for number in range(20)]
        for guess in guesses:
            guess.start()
        self.assertEqual(200, self.status("/", "--user", "alice:secret", "--max-time", "5"))
        for guess in guesses:
            guess.join()


class ClientCertificatesTest(ProtectedTestCase):
    """TLS with certificates of clients."""
    keys: dict[str, Any]
    exporter: ProtectedExporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.keys = cls.tls(client_ca_file=cls.authority.root.name, min_version="TLS13",
                           client_auth_type="RequireAndVerifyClientCert")
        cls.exporter = cls.enterClassContext(ProtectedExporter(
            cls.configure("down.test"), cls.write_web_config(
                tls_server_config=cls.keys | {"client_allowed_sans": ["scraper.test"]})))

    def status_with(self, certificate: ServerCertificate) -> int:
        return self.status("/metrics", "--cert", certificate.chain, "--key", certificate.key)

    def test_promtool_finds_the_same_file_right(self) -> None:
        file = self.authority.directory / "without-names.yml"
        # The promtool of Debian 12 is older than client_allowed_sans.
        file.write_text(yaml.safe_dump({"tls_server_config": self.keys}))
        result = run(["promtool", "check", "web-config", file], seconds=20)
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_the_scraper_gets_in(self) -> None:
        self.assertEqual(200, self.status_with(self.scraper))

    def test_others_do_not(self) -> None:
        self.assertEqual(0, self.status("/metrics"), "without a certificate")
        for certificate in (
                self.authority.issue("other.test", client=True),
                self.authority.issue("scraper.test", file="a-servers"),
                self.authority.issue("scraper.test", client=True, days=-1, file="expired")):
            self.assertEqual(0, self.status_with(certificate), certificate.chain.name)

    def test_a_healthcheck_has_none_and_needs_the_port_without_tls(self) -> None:
        web_config = f"--web.config.file={self.authority.directory / 'web-config.yml'}"
        refused = command("healthcheck", web_config)
        self.assertEqual(1, refused.returncode, refused.stdout)
        self.assertIn("https://127.0.0.1:10448/-/healthy: ", refused.stderr)
        accepted = command("healthcheck", web_config,
                           f"--web.health-listen-address={ADDRESS}:{HEALTH_PORT}")
        self.assertEqual(0, accepted.returncode, accepted.stderr)

    def test_an_older_version_of_tls_is_refused(self) -> None:
        result = run(["openssl", "s_client", "-connect", f"{ADDRESS}:{PORT}", "-tls1_2"],
                     seconds=20)
        self.assertIn("alert protocol version", result.stderr)


class TlsOnlyTest(ProtectedTestCase):
    """TLS without passwords."""

    def test_a_healthcheck_speaks_it_whatever_name_is_in_the_certificate(self) -> None:
        web_config = self.write_web_config(tls_server_config=self.tls())
        with ProtectedExporter(self.configure("down.test"), web_config):
            result = command("healthcheck", f"--web.config.file={web_config}")
        self.assertEqual((0, "healthy\n", ""), (result.returncode, result.stdout, result.stderr))


class FlagsTest(NetworkTestCase):
    """Paths, reloading and limits by flags."""

    def test_everything_lies_below_the_path_of_the_external_url(self) -> None:
        configuration = self.configure("down.test")
        with PrefixedExporter(configuration,
                              "--web.external-url=https://example.org/federation/") as exporter:
            self.assertEqual(404, exporter.get_at("/metrics").status)
            self.assertEqual(200, exporter.get("/metrics").status)
            self.assertIn(b'href="metrics"', exporter.get("/").body)

    def test_a_post_reloads(self) -> None:
        configuration = self.configure("down.test")
        with Exporter(configuration) as exporter:
            self.configure("down.test", "another.test")
            self.assertEqual(405, exporter.get("/-/reload").status)
            self.assertEqual(200, self.post(exporter))
            self.assertTrue(exporter.samples_of("another.test"), exporter.log())

    def test_a_post_for_a_broken_configuration_is_answered_with_its_mistakes(self) -> None:
        configuration = self.configure("down.test")
        with Exporter(configuration) as exporter:
            configuration.write_text("probe: {intervall: 5m}\nhomeservers: [another.test]\n")
            answer = exporter.request("POST", "/-/reload")
            self.assertEqual(500, answer.status)
            self.assertIn(f"{configuration}:1:9: probe.intervall: unknown key",
                          answer.body.decode())
            self.assertTrue(exporter.samples_of("down.test"))

    def test_a_post_can_be_forbidden(self) -> None:
        with Exporter(self.configure("down.test"), "--web.enable-lifecycle=false") as exporter:
            self.assertEqual(403, self.post(exporter))

    def test_a_page_of_another_site_cannot_post(self) -> None:
        with Exporter(self.configure("down.test")) as exporter:
            self.assertEqual(403, self.post(exporter, {"Sec-Fetch-Site": "cross-site"}))

    def test_a_page_of_the_external_url_can(self) -> None:
        with Exporter(self.configure("down.test"), "--web.route-prefix=/",
                      "--web.external-url=https://example.org/federation/") as exporter:
            self.assertEqual(200, self.post(exporter, {"Origin": "https://example.org"}))
            self.assertEqual(403, self.post(exporter, {"Origin": "https://example.net"}))

    def test_a_wrong_web_configuration_is_found_before_the_start(self) -> None:
        configuration = self.configure("down.test")
        wrong = self.directory / "wrong.yml"
        wrong.write_text("basic_auth_users:\n  alice: secret\n")
        for flag in ("--config.check", "--log.level=info"):
            result = command(f"--config.file={configuration}", f"--web.config.file={wrong}", flag)
            self.assertEqual(1, result.returncode)
            self.assertIn("wrong.yml:2:10: basic_auth_users.alice: no bcrypt hash", result.stderr)

    @staticmethod
    def post(_: Exporter, headers: dict[str, str] | None = None) -> int:
        connection = http.client.HTTPConnection(ADDRESS, PORT, timeout=10)
        with contextlib.closing(connection):
            connection.request("POST", "/-/reload", headers=headers or {})
            return connection.getresponse().status


class PrefixedExporter(Exporter):
    """The daemon below /federation."""

    def get(self, path: str, **headers: str) -> Response:
        return super().get("/federation" + path, **headers)

    def get_at(self, path: str) -> Response:
        return super().get(path)


if __name__ == "__main__":
    unittest.main()
