"""`healthcheck`, as container engines ask it, of a daemon that is well, and of one that is not."""

import time
import unittest

from fixtures.exporter import ADDRESS, Exporter, command
from fixtures.world import NetworkTestCase

HEALTH = f"--web.health-listen-address={ADDRESS}:10449"
SECONDS_MAX = 10  # for an answer within 5 s on a busy machine


class HealthcheckTest(NetworkTestCase):
    """Without TLS; with it: test_web_config.py."""

    def daemon(self, *flags: str) -> Exporter:
        return self.enterContext(Exporter(self.configure("down.test"), *flags))

    def assert_healthy(self, *flags: str) -> None:
        result = command("healthcheck", *flags)
        self.assertEqual((0, "healthy\n", ""), (result.returncode, result.stdout, result.stderr))

    def assert_unhealthy(self, fragment: str, *flags: str) -> None:
        began = time.monotonic()
        result = command("healthcheck", *flags)
        self.assertLess(time.monotonic() - began, SECONDS_MAX)
        self.assertEqual((1, ""), (result.returncode, result.stdout))
        self.assertRegex(result.stderr, rf"\Ahttps?://\S+/-/healthy: .*{fragment}.*\n\Z")

    def test_a_daemon_that_is_well(self) -> None:
        self.daemon()
        self.assert_healthy()

    def test_a_daemon_with_an_address_for_health(self) -> None:
        self.daemon(HEALTH)
        self.assert_healthy(HEALTH)

    def test_a_daemon_that_serves_it_elsewhere(self) -> None:
        self.daemon()
        self.assert_unhealthy("404", "--web.route-prefix=/federation")

    def test_nobody_listens(self) -> None:
        self.assert_unhealthy("connect")

    def test_a_daemon_that_does_not_answer_costs_seconds(self) -> None:
        daemon = self.daemon()
        with daemon.paused():
            self.assert_unhealthy("[Tt]imeout")


if __name__ == "__main__":
    unittest.main()
