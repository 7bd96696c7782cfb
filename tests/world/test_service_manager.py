"""systemd, as the daemon sees it: a socket that hears how it is."""

import contextlib
import signal
import socket
import time
import unittest
from collections.abc import Iterator
from pathlib import Path

from fixtures.exporter import ADDRESS, PORT, Exporter, command, settings, write_settings
from fixtures.freeze import frozen, threads_named
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

WATCHDOG_SECONDS = 4


class Notifications:
    """The socket of $NOTIFY_SOCKET."""

    def __init__(self, path: Path):
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(20)

    def close(self) -> None:
        self._socket.close()

    def until(self, beginning: str) -> str:
        """The next message that begins so; those before it are passed over."""
        while not (message := self._socket.recv(4096).decode()).startswith(beginning):
            pass
        return message

    def fall_silent(self, seconds: float) -> bool:
        """Whether nothing comes for so long, within several times that."""
        deadline = time.monotonic() + 4 * seconds
        self._socket.settimeout(seconds)
        try:
            while time.monotonic() < deadline:
                self._socket.recv(4096)
            return False
        except TimeoutError:
            return True
        finally:
            self._socket.settimeout(20)


class ServiceManagerTest(WorldTestCase):
    """What `systemctl status` and the watchdog live on."""

    @contextlib.contextmanager
    def daemon(self, threads: int = 1, **environment: str) -> Iterator[
            tuple[Exporter, Notifications]]:
        notifications = Notifications(self.directory / f"{self._testMethodName}.socket")
        self.addCleanup(notifications.close)
        values = settings(self.authority.root, ["example-b.test", "down.test"])
        values["probe"]["threads"] = threads
        self.file = write_settings(self.directory / f"{self._testMethodName}.yaml", values)
        variables = {"NOTIFY_SOCKET": str(notifications.path), **environment}
        with Exporter(self.file, environment=variables) as exporter:
            yield exporter, notifications

    def test_it_is_ready_once_it_listens_and_says_when_it_stops(self) -> None:
        with self.daemon() as (_, notifications):
            notifications.until("READY=1")
        notifications.until("STOPPING=1")

    def test_a_reload_begins_and_ends(self) -> None:
        with self.daemon() as (exporter, notifications):
            notifications.until("READY=1")
            exporter.signal(signal.SIGHUP)
            self.assertIn("\nMONOTONIC_USEC=", notifications.until("RELOADING=1"))
            notifications.until("READY=1")

    def test_a_refused_reload_ends_too(self) -> None:
        with self.daemon() as (exporter, notifications):
            notifications.until("READY=1")
            self.file.write_text("homeservers: [")
            exporter.signal(signal.SIGHUP)
            notifications.until("RELOADING=1")
            notifications.until("READY=1")

    def test_its_status_says_how_many_homeservers_cannot_be_reached(self) -> None:
        with self.daemon() as (_, notifications):
            notifications.until("STATUS=2 of 2 homeservers cannot be reached")

    def test_the_watchdog_is_fed_while_the_loops_run(self) -> None:
        with self.daemon(WATCHDOG_USEC="2000000") as (_, notifications):
            for _ in range(3):
                notifications.until("WATCHDOG=1")

    def test_one_frozen_probe_loop_of_two_brings_the_watchdog(self) -> None:
        with self.two_loops() as (exporter, notifications, loop):
            with frozen(loop):
                self.assertTrue(notifications.fall_silent(WATCHDOG_SECONDS), "it is fed all the same")
            notifications.until("WATCHDOG=1")
            self.assertTrue(exporter.is_running())

    def test_one_frozen_probe_loop_of_two_is_unhealthy_until_it_goes_on(self) -> None:
        with self.two_loops() as (exporter, _, loop):
            def health() -> int:
                return exporter.get("/-/healthy").status
            with frozen(loop):
                eventually(lambda: health() == 503, "it is unhealthy", seconds=60)
                asked = command("healthcheck", f"--web.listen-address={ADDRESS}:{PORT}")
                self.assertEqual(1, asked.returncode)
                self.assertRegex(asked.stderr, "503: a probe loop")
            eventually(lambda: health() == 200, "it is healthy again")

    @contextlib.contextmanager
    def two_loops(self) -> Iterator[tuple[Exporter, Notifications, int]]:
        """With the second one's thread."""
        with self.daemon(threads=2, WATCHDOG_USEC=f"{WATCHDOG_SECONDS}000000") as (exporter, heard):
            def loops() -> list[int]:
                return threads_named(exporter.pid, "probe")
            eventually(lambda: len(loops()) == 2, "two threads that have named themselves")
            yield exporter, heard, loops()[1]


if __name__ == "__main__":
    unittest.main()
