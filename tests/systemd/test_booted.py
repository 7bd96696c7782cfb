"""The service in a real systemd: a Debian that boots, and nothing in between."""

import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from machine import booted, make_root, skip_where_it_cannot_boot, wait_until

UNITS = Path(__file__).parents[2] / "deploy/systemd"
SERVICE = "matrix-federation-exporter.service"
SOCKET = "matrix-federation-exporter.socket"
METRICS = "http://127.0.0.1:10448/metrics"
HTTPS = METRICS.replace("http:", "https:")
RELOADED_AT = "matrix_federation_exporter_config_last_reload_success_timestamp_seconds"
AN_HOUR = 3600.0
# Where everybody may write, as far as the permissions of files go.
OPEN_TO_ALL = ("/srv/open", "/opt/open", "/var/open")
# A watchdog that comes soon, and a look from inside the sandbox: what can be written, and whether
# what others have in /tmp is seen.
DROP_IN = f"""[Service]
WatchdogSec=2s
ExecStartPre=/bin/sh -c 'for place in / /etc /etc/matrix-federation-exporter /usr /usr/bin /var /var/lib /root /home /run /dev/shm {" ".join(OPEN_TO_ALL)}; do touch $$place/written 2>/dev/null && echo $$place >>$$STATE_DIRECTORY/writable; done; touch /tmp/of-the-service; ls /tmp >$$STATE_DIRECTORY/seen; touch $$STATE_DIRECTORY/written'
"""
# As docs/web.md and docs/install.md have it.
CREDENTIALS = f"/run/credentials/{SERVICE}"
KEYS = "/etc/letsencrypt/live/exporter"
WITH_CREDENTIALS = f"""[Service]
LoadCredential=web.yaml:/etc/matrix-federation-exporter/web.yaml
LoadCredential=tls.crt:{KEYS}/fullchain.pem
LoadCredential=tls.key:{KEYS}/privkey.pem
"""
ON_LOOPBACK = """[Socket]
ListenStream=
ListenStream=127.0.0.1:10448
"""
WEB_CONFIGURATION = "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n"


def configuration(names: str, interval: str = "5m", threads: int = 1) -> str:
    return (f"probe: {{interval: {interval}, failure_interval: {interval}, threads: {threads}}}\n"
            f"network: {{deny: []}}\nhomeservers: [{names}]\n")


def install(root: Path) -> None:
    """The program, the libraries that it needs and the root lacks, units and configuration."""
    program = Path(os.environ["MATRIX_FEDERATION_EXPORTER"])
    subprocess.run(["install", "-m755", "-s", program, root / "usr/bin/matrix-federation-exporter"],
                   check=True)
    listed = subprocess.run(["ldd", program], check=True, capture_output=True, text=True).stdout
    for library in re.findall(r"=> (/\S+)", listed):
        if not (root / library[1:]).exists():
            (root / library[1:]).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(library, root / library[1:])
    for unit in UNITS.iterdir():
        shutil.copy(unit, root / "etc/systemd/system")
    (root / "etc/matrix-federation-exporter").mkdir()
    for place in OPEN_TO_ALL:
        (root / place[1:]).mkdir()
        (root / place[1:]).chmod(0o777)
    drop_in = root / f"etc/systemd/system/{SERVICE}.d"
    drop_in.mkdir()
    (drop_in / "test.conf").write_text(DROP_IN)


class BootedTest(unittest.TestCase):
    """One machine for all stories; each begins with a fresh start of the service."""
    certificates = 0

    @classmethod
    def setUpClass(cls) -> None:
        skip_where_it_cannot_boot()
        cls.root = make_root(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        install(cls.root)
        cls.machine = cls.enterClassContext(booted(cls.root))

    def setUp(self) -> None:
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "stop", SOCKET, SERVICE)
        self.machine.run("systemctl", "reset-failed")
        self.configure("127.0.0.1:8448")
        self.machine.run("systemctl", "start", SERVICE)

    def configure(self, names: str, **settings: str | int) -> None:
        (self.root / "etc/matrix-federation-exporter/config.yaml").write_text(
            configuration(names, **settings))

    def restart_with(self, names: str, **settings: str | int) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.configure(names, **settings)
        self.machine.run("systemctl", "start", SERVICE)

    def state(self) -> Path:
        return self.root / "var/lib/private/matrix-federation-exporter"

    def main_pid(self) -> str:
        return self.machine.shows(SERVICE, "MainPID")

    def wait_for_sample(self, pattern: str) -> None:
        wait_until(lambda: re.search(pattern, self.machine.fetch(METRICS), re.M) is not None, pattern)

    def reload(self, url: str = METRICS, authority: Path | str = "") -> None:
        """Of an unchanged file: a changed one would be loaded without it."""
        before = self.machine.sample(RELOADED_AT, url, authority)
        self.assertGreater(before, 0)
        self.machine.run("systemctl", "reload", SERVICE)
        wait_until(lambda: self.machine.sample(RELOADED_AT, url, authority) > before, "a reload")

    def renew_certificate(self) -> Path:
        """The key is for root only, and so is its directory. Returns a copy of the certificate."""
        keys = self.root / KEYS[1:]
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                        "ec_paramgen_curve:prime256v1", "-noenc", "-days", "1", "-subj", "/CN=exporter",
                        "-addext", "subjectAltName=IP:127.0.0.1",
                        "-keyout", keys / "privkey.pem", "-out", keys / "fullchain.pem"],
                       check=True, capture_output=True)
        (keys / "privkey.pem").chmod(0o600)
        self.certificates += 1
        return Path(shutil.copy(keys / "fullchain.pem",
                                self.root.parent / f"certificate-{self.certificates}.pem"))

    def load_credentials(self) -> None:
        """What the documents tell administrators to write."""
        web = self.root / "etc/matrix-federation-exporter/web.yaml"
        web.write_text(WEB_CONFIGURATION)
        web.chmod(0o600)
        flags = self.root / "etc/default/matrix-federation-exporter"
        flags.write_text(f"ARGS=--web.config.file={CREDENTIALS}/web.yaml\n")
        drop_in = self.root / f"etc/systemd/system/{SERVICE}.d/credentials.conf"
        drop_in.write_text(WITH_CREDENTIALS)
        for file in (web, flags, drop_in):
            self.addCleanup(file.unlink)
        self.machine.run("systemctl", "daemon-reload")

    def test_it_probes(self) -> None:
        self.wait_for_sample(r'^matrix_federation_probe_success{server_name="127.0.0.1:8448"} 0$')

    def test_it_says_when_it_started(self) -> None:
        """ProcSubset= hides most of /proc from it; alerts compare with this time."""
        start = self.machine.sample("process_start_time_seconds", METRICS)
        self.assertAlmostEqual(start, time.time(), delta=AN_HOUR)

    def test_nobody_reloads_it_through_the_network(self) -> None:
        self.assertIn(" --web.enable-lifecycle=false ", self.flags())
        (self.root / "etc/default/matrix-federation-exporter").write_text(
            'ARGS="--log.level=debug"\n')
        self.addCleanup((self.root / "etc/default/matrix-federation-exporter").unlink)
        self.machine.run("systemctl", "restart", SERVICE)
        self.assertIn(" --web.enable-lifecycle=false --log.level=debug ", self.flags())

    def flags(self) -> str:
        command = (self.machine.run("sh", "-c", f"tr '\\0' ' ' </proc/{self.main_pid()}/cmdline"))
        return f" {command} "

    def test_its_status_is_a_sentence_about_the_homeservers(self) -> None:
        sentence = "The homeserver cannot be reached"
        wait_until(lambda: self.machine.shows(SERVICE, "StatusText") == sentence, sentence)

    def test_it_follows_a_changed_file_by_itself(self) -> None:
        pid = self.main_pid()
        self.configure("'127.0.0.1:8448', '127.0.0.2:8448'")
        self.wait_for_sample(r'server_name="127.0.0.2:8448"')
        self.assertEqual(self.main_pid(), pid)

    def test_it_reloads(self) -> None:
        pid = self.main_pid()
        self.reload()
        self.assertEqual(self.main_pid(), pid)

    def test_the_watchdog_restarts_it_when_it_is_frozen(self) -> None:
        pid = self.main_pid()
        self.machine.run("sh", "-c", f"kill -STOP {pid}")
        wait_until(lambda: self.main_pid() not in ("0", pid)
                   and self.machine.shows(SERVICE, "ActiveState") == "active", "a new process")
        self.wait_for_sample(r"^matrix_federation_probe_success")
        self.assertIn("Watchdog timeout",
                      self.machine.run("journalctl", "--no-pager", "-u", SERVICE))

    def test_it_stops_cleanly(self) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.assertEqual(self.machine.shows(SERVICE, "Result"), "success")
        self.assertEqual(self.machine.shows(SERVICE, "ExecMainStatus"), "0")

    def test_it_keeps_its_results_over_a_restart(self) -> None:
        of_server = '{server_name="127.0.0.1:8448"}'
        # More than a daemon can have made by itself until its first scrape.
        several = rf"^matrix_federation_probes_total{of_server} ([3-9]|\d\d+)$"
        self.restart_with("127.0.0.1:8448", interval="1s")
        self.wait_for_sample(several)
        self.restart_with("127.0.0.1:8448", interval="1h")
        first_scrape = "\n".join(line for line in self.machine.fetch(METRICS).splitlines()
                                 if of_server in line)
        self.assertRegex(first_scrape, re.compile(several, re.M))
        self.assertIn(f"matrix_federation_probe_success{of_server} 0", first_scrape.splitlines())

    def test_it_has_room_for_as_many_probe_loops_as_may_be_configured(self) -> None:
        self.restart_with("127.0.0.1:8448", threads=64)
        self.wait_for_sample(r'^matrix_federation_probe_success{server_name="127.0.0.1:8448"} 0$')
        threads = self.machine.run("ls", f"/proc/{self.main_pid()}/task").split()
        self.assertGreater(len(threads), 64)
        # Not every machine inside a machine enforces it.
        self.assertLess(len(threads), int(self.machine.shows(SERVICE, "TasksMax")))

    def test_a_broken_configuration_keeps_it_from_starting_and_is_in_the_journal(self) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.configure("'127.0.0.1:99999'")
        started = self.machine.run("systemctl", "start", SERVICE, check=False)
        self.assertIn("failed", started)
        self.assertRegex(self.machine.run("journalctl", "--no-pager", "-u", SERVICE),
                         r"config.yaml:3:15: .*127\.0\.0\.1:99999")

    def test_it_can_write_to_its_directory_and_nowhere_else(self) -> None:
        self.assertTrue((self.state() / "written").exists())
        writable = self.state() / "writable"
        self.assertFalse(writable.exists(), writable.exists() and writable.read_text())

    def test_its_tmp_is_its_own(self) -> None:
        self.machine.run("touch", "/tmp/of-others")
        self.machine.run("systemctl", "restart", SERVICE)
        seen = (self.state() / "seen").read_text().split()
        self.assertEqual(["of-the-service"], seen)
        self.assertNotIn("of-the-service", self.machine.run("ls", "/tmp").split())

    def test_it_has_no_privileges(self) -> None:
        status = self.machine.run("cat", f"/proc/{self.main_pid()}/status")
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1",
                     "Seccomp:\t2"):
            self.assertIn(line, status)
        self.assertNotRegex(status, r"(?m)^Uid:\t0\b")

    def test_it_serves_tls_with_a_key_that_only_root_may_read(self) -> None:
        certificate = self.renew_certificate()
        self.load_credentials()
        self.machine.run("systemctl", "restart", SERVICE)
        self.assertIn("build_info", self.machine.fetch(HTTPS, certificate))

    def test_a_renewed_key_is_in_force_after_a_try_restart(self) -> None:
        former = self.renew_certificate()
        self.load_credentials()
        self.machine.run("systemctl", "restart", SERVICE)
        renewed = self.renew_certificate()
        self.assertIn("build_info", self.machine.fetch(HTTPS, former))
        self.machine.run("systemctl", "try-restart", SERVICE)
        self.assertIn("build_info", self.machine.fetch(HTTPS, renewed))

    def test_a_reload_goes_on_with_the_credentials(self) -> None:
        certificate = self.renew_certificate()
        self.load_credentials()
        self.machine.run("systemctl", "restart", SERVICE)
        self.reload(HTTPS, certificate)

    def test_another_root_that_does_not_boot_is_a_failure_and_no_skip(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            root = make_root(Path(directory))
            (root / "usr/lib/systemd/systemd").unlink()
            try:
                with booted(root):
                    outcome = "booted"
            except (AssertionError, unittest.SkipTest) as error:
                outcome = f"{type(error).__name__}: {error}"
        self.assertRegex(outcome, r"\AAssertionError: \S+ does not boot: ")

    def test_the_socket_unit_listens_where_its_drop_in_says_and_nowhere_else(self) -> None:
        drop_in = self.root / f"etc/systemd/system/{SOCKET}.d/override.conf"
        drop_in.parent.mkdir()
        drop_in.write_text(ON_LOOPBACK)
        self.addCleanup(shutil.rmtree, drop_in.parent)
        self.machine.run("systemctl", "daemon-reload")
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "start", SOCKET)
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.assertEqual("", self.machine.fetch(METRICS.replace("127.0.0.1", "127.0.0.2")))

    def test_the_socket_unit_starts_it_with_the_first_scrape(self) -> None:
        self.machine.run("systemctl", "stop", SERVICE)
        self.machine.run("systemctl", "start", SOCKET)
        self.wait_for_sample(r"^matrix_federation_exporter_build_info")
        self.assertEqual(self.machine.shows(SERVICE, "ActiveState"), "active")


if __name__ == "__main__":
    unittest.main()
