"""A restart loses nothing: results, counters and what was seen before are in the state file."""

import contextlib
import signal
import subprocess
import unittest
from collections.abc import Iterator
from pathlib import Path

from fixtures import exposition
from fixtures.exporter import Exporter, command, settings, write_settings
from fixtures.homeserver import StandInHomeserver
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase
from lab import faketime

WORKING, FAILING = "example-b.test", "down.test"
OWN = "matrix_federation_exporter_state_file_"
REUSED = 'warning_info{warning="keys_key_id_reused"}'
FULL_BYTES = 256 * 1024


class StateTestCase(WorldTestCase):
    """A daemon that can be stopped and started again."""
    homeserver: StandInHomeserver

    def setUp(self) -> None:
        self.homeserver = self.enterContext(StandInHomeserver(WORKING, "127.0.2.3"))
        self.state = self.directory / self._testMethodName
        self.state.mkdir()
        self.configure_anew(WORKING, FAILING)

    def configure_anew(self, *homeservers: str, **probe: str) -> None:
        """Nobody is probed twice within a test, save with shorter intervals."""
        values = settings(self.authority.root, homeservers)
        values["probe"].update({"interval": "1h", "failure_interval": "1h", **probe})
        self.configuration = write_settings(self.state.with_suffix(".yaml"), values)

    def daemon(self, **environment: str) -> Exporter:
        return Exporter(self.configuration,
                        environment={"STATE_DIRECTORY": str(self.state), **environment})

    @contextlib.contextmanager
    def probed(self, *homeservers: str, **environment: str) -> Iterator[Exporter]:
        """A run in which these have been probed."""
        with self.daemon(**environment) as exporter:
            for name in homeservers:
                eventually(lambda name=name: exporter.probes(name) >= 1, f"a probe of {name}",
                           explain=exporter.log)
            yield exporter

    def first_run(self) -> dict[str, exposition.Samples]:
        """Both are probed once; what the daemon says of them when it stops."""
        with self.probed(WORKING, FAILING) as exporter:
            return {name: exporter.samples_of(name) for name in (WORKING, FAILING)}


class RestartTest(StateTestCase):
    """What alerts live on is there at the first scrape, before any probe has ended."""

    def test_every_sample_is_as_before(self) -> None:
        before = self.first_run()
        with self.daemon() as exporter:
            samples = exporter.samples()
        self.assertEqual(1, before[WORKING]["probe_success"])
        self.assertEqual(0, before[FAILING]["probe_success"])
        for name, own in before.items():
            self.assertEqual(own, exposition.of_server(samples, name))
        self.assertEqual(0, samples["matrix_federation_exporter_probes_started_total"])

    def test_failures_are_counted_on(self) -> None:
        self.configure_anew(FAILING, interval="1s", failure_interval="1s")
        with self.daemon() as exporter:
            exporter.wait_for_probes(FAILING, 2)
            before = exporter.samples_of(FAILING)
        with self.daemon() as exporter:
            self.assertLessEqual(before["probe_consecutive_failures"],
                                 exporter.samples_of(FAILING)["probe_consecutive_failures"])
            exporter.wait_for_probes(FAILING)
            after = exporter.samples_of(FAILING)
        self.assertGreater(after["probes_total"], before["probes_total"])
        self.assertEqual(after["probes_total"], after["probe_consecutive_failures"])
        self.assertEqual(before["probe_last_state_change_timestamp_seconds"],
                         after["probe_last_state_change_timestamp_seconds"])

    def test_a_key_that_came_back_as_another_one_is_found_out(self) -> None:
        self.configure_anew(WORKING, interval="1s")
        with self.daemon() as exporter:
            # The second probe is the first to compare keys with earlier ones.
            exporter.wait_for_probes(WORKING, 2)
            self.assertNotIn(REUSED, exporter.samples_of(WORKING))
        self.homeserver.change_key()
        with self.daemon() as exporter:
            eventually(lambda: REUSED in exporter.samples_of(WORKING), "the reused key is found",
                       explain=exporter.log)
            self.assertEqual(1, exporter.samples_of(WORKING)["signing_key_changes_total"])

    def test_nothing_counts_as_changed_that_stayed(self) -> None:
        self.configure_anew(WORKING, interval="1s")
        with self.probed(WORKING):
            pass
        with self.daemon() as exporter:
            exporter.wait_for_probes(WORKING)
            changes = {key: value for key, value in exporter.samples_of(WORKING).items()
                       if "_changes_total" in key}
        self.assertEqual({0.0}, set(changes.values()), changes)

    def test_a_new_homeserver_is_probed_at_once(self) -> None:
        self.first_run()
        self.configure_anew(WORKING, FAILING, "silent.test", timeout="1s")
        with self.probed("silent.test") as exporter:
            self.assertEqual(1, exporter.probes(WORKING))

    def test_who_is_no_longer_configured_is_forgotten(self) -> None:
        self.first_run()
        self.configure_anew(FAILING)
        with self.daemon():
            pass
        self.configure_anew(WORKING, FAILING)
        with self.daemon() as exporter:
            self.assertEqual(1, exporter.probes(FAILING))
            eventually(lambda: exporter.probes(WORKING) == 1, "a first probe")

    def test_a_result_grows_old_meanwhile(self) -> None:
        self.configure_anew(FAILING, stale_after="1s")
        with self.probed(FAILING) as exporter:
            eventually(lambda: "probe_success" not in exporter.samples_of(FAILING), "it is old")
        with self.daemon() as exporter:
            samples = exporter.samples_of(FAILING)
        self.assertNotIn("probe_success", samples)
        self.assertEqual(1, samples["probe_consecutive_failures"])

    def test_a_clock_that_was_ahead_does_no_harm(self) -> None:
        with self.probed(FAILING, **faketime.shifted("+10d")):
            pass
        with self.daemon() as exporter:
            self.assertEqual(0, exporter.samples_of(FAILING)["probe_success"])
            self.assertIn("the clock was set back", exporter.log())

    def test_without_a_state_file_it_starts_anew(self) -> None:
        self.first_run()
        with Exporter(self.configuration) as exporter:
            self.assertNotIn(OWN + "write_failures_total", exporter.samples())
            eventually(lambda: exporter.probes(FAILING) == 1, "a first probe")


class DamageTest(StateTestCase):
    """Whatever happens to the file, the daemon runs."""

    def file(self) -> Path:
        return self.state / "state"

    def test_a_damaged_file_is_set_aside(self) -> None:
        self.first_run()
        damaged = bytearray(self.file().read_bytes())
        damaged[len(damaged) // 2] ^= 1
        self.file().write_bytes(damaged)
        with self.probed(WORKING, FAILING) as exporter:
            self.assertIn("its checksum is wrong", exporter.log())
        self.assertEqual(bytes(damaged), (self.state / "state.damaged").read_bytes())
        self.assertTrue(self.file().exists())

    def test_a_file_of_a_newer_program_is_set_aside(self) -> None:
        self.file().write_bytes(b"MFE-STATE\n\x63\0\0\0from the future")
        with self.daemon() as exporter:
            self.assertIn("a newer program has written it", exporter.log())
        self.assertTrue((self.state / "state.newer-version-99").exists())

    def test_a_second_daemon_refuses_the_file_of_the_first(self) -> None:
        with self.daemon():
            second = command(f"--config.file={self.configuration}",
                             "--web.listen-address=127.0.0.1:0", f"--state.file={self.file()}")
        self.assertEqual(1, second.returncode)
        self.assertIn("another matrix-federation-exporter uses the state file", second.stderr)

    def test_a_daemon_that_is_killed_while_it_writes_leaves_a_whole_file(self) -> None:
        names = [f"hs{number}.nowhere.test" for number in range(1000)]
        self.configure_anew(*names)
        with self.daemon() as exporter:
            eventually(lambda: self.remembered(exporter) == len(names), "all are probed")
        killed = 0
        for _ in range(40):
            killed += self.kill_while_it_writes()
            with self.daemon() as exporter:
                self.assertEqual(len(names), self.remembered(exporter), exporter.log())
            if killed == 5:
                return
        self.fail(f"caught it writing {killed} times only")

    def kill_while_it_writes(self) -> bool:
        """Whether it was still writing."""
        exporter = self.daemon()
        exporter.signal(signal.SIGTERM)
        begun = self.state / "state.tmp"
        while exporter.is_running() and not begun.exists():
            pass
        exporter.signal(signal.SIGKILL)
        exporter.wait(seconds=10)
        return begun.exists()

    @staticmethod
    def remembered(exporter: Exporter) -> float:
        return sum(value for key, value in exporter.samples().items()
                   if key.startswith("matrix_federation_probes_total"))


class DiskTest(StateTestCase):
    """The disk is full, or cannot be written."""

    def setUp(self) -> None:
        super().setUp()
        # Seen by this process and its children only.
        self.mount("-t", "tmpfs", "-o", f"size={FULL_BYTES}", "tmpfs", self.state)
        self.addCleanup(subprocess.run, ["umount", self.state], check=True)

    @staticmethod
    def mount(*arguments: str | Path) -> None:
        subprocess.run(["mount", *arguments], check=True)

    def failures(self, exporter: Exporter) -> float:
        return exporter.samples()[OWN + "write_failures_total"]

    def test_a_full_disk_costs_only_what_is_new(self) -> None:
        before = self.first_run()
        ballast = self.state / "ballast"
        with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
            while file.write(bytes(4096)):
                pass
        with self.daemon() as exporter:
            pass
        self.assertIn("No space left on device", exporter.log())
        self.assertFalse((self.state / "state.tmp").exists())
        ballast.unlink()
        with self.daemon() as exporter:
            self.assertEqual(before[FAILING], exporter.samples_of(FAILING))
            written = exporter.samples()[OWN + "last_write_timestamp_seconds"]
        self.assertGreater(written, 0)

    def test_a_read_only_disk_is_said_once_and_read_nevertheless(self) -> None:
        before = self.first_run()
        (self.state / "state.lock").unlink()
        self.mount("-o", "remount,ro", self.state)
        with self.daemon() as exporter:
            self.assertEqual(before[WORKING], exporter.samples_of(WORKING))
            self.assertEqual(1, self.failures(exporter))
        self.assertEqual(1, exporter.log().count("the state file cannot be written"))
        self.assertIn("Read-only file system", exporter.log())


if __name__ == "__main__":
    unittest.main()
