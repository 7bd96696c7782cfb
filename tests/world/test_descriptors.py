"""The limit of open files: taken as far as it goes, and outlived."""

import contextlib
import http.client
import itertools
import os
import resource
import socket
import unittest
from collections.abc import Iterator

from fixtures import exporter, exposition
from fixtures.exporter import Exporter
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

CAUSE = 'probe_failure_info{check="destination_resolves",reason="internal_error"}'
WARNING = "the limit of open files is too low"


class LimitAtTheStartTest(WorldTestCase):
    """What the daemon makes of the limits that it is given."""

    def start(self, soft: int, hard: int) -> Exporter:
        return self.enterContext(Exporter(self.configure("down.test"),
                                          wrapper=["prlimit", f"--nofile={soft}:{hard}"]))

    def test_the_daemon_takes_what_it_may_have(self) -> None:
        daemon = self.start(100, 2000)
        self.assertEqual(2000, daemon.samples()["process_max_fds"])
        self.assertNotIn(WARNING, daemon.log())

    def test_the_log_says_once_that_it_is_too_little(self) -> None:
        self.assertEqual(1, self.start(100, 200).log().count(WARNING))


class NoDescriptorLeftTest(WorldTestCase):
    """Who is connected sees what goes on meanwhile; who comes meanwhile waits."""

    def setUp(self) -> None:
        self.daemon = self.enterContext(Exporter(self.configure("down.test")))
        self.daemon.wait_for_probes("down.test")
        self.connection = self.enterContext(contextlib.closing(
            http.client.HTTPConnection(exporter.ADDRESS, exporter.PORT, timeout=10)))
        self.samples()

    def samples(self) -> exposition.Samples:
        """By the connection that is open already."""
        self.connection.request("GET", "/metrics")
        text = self.connection.getresponse().read().decode()
        return exposition.of_server(exposition.parse(text), "down.test")

    @contextlib.contextmanager
    def no_descriptor_left(self) -> Iterator[None]:
        former = resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE)
        try:
            # Again and again: a probe that was under way gives back what it had.
            eventually(lambda: self.forbid_more(former[1]) or CAUSE in self.samples(),
                       "the daemon blames itself", explain=self.daemon.log)
            yield
        finally:
            resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, former)

    def forbid_more(self, hard: int) -> None:
        taken = {int(name) for name in os.listdir(f"/proc/{self.daemon.pid}/fd")}
        lowest_free = next(number for number in itertools.count() if number not in taken)
        resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, (lowest_free, hard))

    def test_the_next_probe_is_sound(self) -> None:
        with self.no_descriptor_left():
            pass
        eventually(lambda: CAUSE not in self.samples(), "a sound probe", explain=self.daemon.log)

    def test_a_client_that_comes_meanwhile_is_served_afterwards(self) -> None:
        with self.no_descriptor_left():
            client = self.enterContext(
                socket.create_connection((exporter.ADDRESS, exporter.PORT), timeout=20))
            client.sendall(b"GET /-/healthy HTTP/1.1\r\nHost: a\r\n\r\n")
            self.samples()
        self.assertEqual(b"HTTP/1.1 200 OK", client.recv(15))


if __name__ == "__main__":
    unittest.main()
