"""The daemon as a process and as a web server."""

import gzip
import signal
import socket
import unittest

from fixtures.exporter import Exporter, settings, write_settings
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

SILENT = ("127.0.9.2", 8448)


class WebTest(WorldTestCase):
    """What it answers; its only homeserver is unreachable, which is no concern of these tests."""
    exporter: Exporter

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.exporter = cls.enterClassContext(Exporter(cls.configure("down.test")))
        cls.exporter.wait_for_probes("down.test")

    def test_metrics_have_the_content_type_of_the_text_format(self) -> None:
        self.assertEqual("text/plain; version=0.0.4; charset=utf-8",
                         self.exporter.get("/metrics").headers["Content-Type"])

    def test_metrics_are_compressed_when_asked(self) -> None:
        answer = self.exporter.get("/metrics", Accept_Encoding="gzip")
        self.assertEqual("gzip", answer.headers["Content-Encoding"])
        self.assertIn(b"matrix_federation_target_info", gzip.decompress(answer.body))

    def test_metrics_are_plain_when_compression_is_not_asked_for(self) -> None:
        answer = self.exporter.get("/metrics")
        self.assertIsNone(answer.headers["Content-Encoding"])
        self.assertIn(b"matrix_federation_target_info", answer.body)

    def test_healthy(self) -> None:
        self.assertEqual(200, self.exporter.get("/-/healthy").status)

    def test_ready(self) -> None:
        self.assertEqual(200, self.exporter.get("/-/ready").status)

    def test_an_unknown_path_is_answered_with_the_known_ones(self) -> None:
        answer = self.exporter.get("/metric")
        self.assertEqual(404, answer.status)
        for path in ("/metrics", "/-/healthy", "/-/ready"):
            self.assertIn(path, answer.body.decode())


class ProbeInFlightTest(WorldTestCase):
    """A homeserver that accepts connections and never speaks keeps a probe in flight."""

    def setUp(self) -> None:
        self.enterContext(socket.create_server(SILENT))
        self.exporter = self.enterContext(Exporter(self.configure("silent.test")))
        eventually(lambda: self.in_flight() > 0, "a probe in flight", explain=self.exporter.log)

    def in_flight(self) -> float:
        return self.exporter.samples()["matrix_federation_exporter_probes_in_flight"]

    def assert_ends_after(self, signal_number: int) -> None:
        self.exporter.signal(signal_number)
        self.assertEqual(0, self.exporter.wait(seconds=5), self.exporter.log())

    def test_sigterm_ends_the_daemon_in_the_middle_of_a_probe(self) -> None:
        self.assert_ends_after(signal.SIGTERM)

    def test_sigint_ends_it_likewise(self) -> None:
        self.assert_ends_after(signal.SIGINT)

    def test_metrics_do_not_wait_for_the_probe(self) -> None:
        samples = self.exporter.samples()
        self.assertGreater(self.in_flight(), 0, "the probe ended before the answer")
        self.assertIn('matrix_federation_target_info{group="",server_name="silent.test"}', samples)


class StaleResultTest(WorldTestCase):
    """A result grows old when the next probe is far away."""

    def test_old_results_are_withheld_and_their_age_stays(self) -> None:
        values = settings(self.authority.root, ["down.test"])
        values["probe"].update(interval="1h", failure_interval="1h", stale_after="2s")
        configuration = write_settings(self.directory / "config.yaml", values)
        with Exporter(configuration) as exporter:
            eventually(lambda: "probe_success" in exporter.samples_of("down.test"), "a result")
            eventually(lambda: "probe_success" not in exporter.samples_of("down.test"),
                       "the result is withheld")
            samples = exporter.samples_of("down.test")
        self.assertEqual(1, samples["probes_total"])
        self.assertIn("probe_last_timestamp_seconds", samples)
        self.assertNotIn('check_success{check="destination_accepts_connections"}', samples)


class SilentResolverTest(WorldTestCase):
    """The DNS server does not answer."""

    def test_sigterm_ends_the_daemon_in_the_middle_of_a_lookup(self) -> None:
        with self.bind.paused(), Exporter(self.configure("example-b.test")) as exporter:
            eventually(lambda: exporter.samples()["matrix_federation_exporter_probes_in_flight"],
                       "a probe in flight", explain=exporter.log)
            exporter.signal(signal.SIGTERM)
            self.assertEqual(0, exporter.wait(seconds=5), exporter.log())


if __name__ == "__main__":
    unittest.main()
