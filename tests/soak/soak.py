#!/usr/bin/python3
"""Many homeservers, a third of them misbehaving, and a machine that misbehaves as well.

    soak.py [--minutes 20] [--servers 1000] [--seed N] [--interval SECONDS]

The daemon probes them every few seconds while its descriptors run out, its name server is killed
or freezes, its clock jumps, its configuration is reloaded every second, good or broken, and slow
clients ask for its metrics. Every scrape is held against what has to be true then (invariants.py).
Ends with the figures, and with exit status 1 when anything was violated. Needs root; runs in
namespaces of its own. The same seed gives the same faults at the same times.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent), str(PROJECT / "bench")]

from configurations import ConfigurationFile  # noqa: E402  (beside this file)
from daemon import LISTEN, Daemon  # noqa: E402
from farm import sandbox  # noqa: E402
from farm.make_farm import DNS_ADDRESS  # noqa: E402
from farm.programs import Program, wait_for  # noqa: E402
from invariants import Expectations, Invariants, Limits  # noqa: E402
from machine_faults import Episode, Injector, schedule  # noqa: E402
from population import BLACK_HOLE, UNREACHABLE_NETWORK, Population, populate  # noqa: E402
from reading import Reading  # noqa: E402
from slow_clients import SlowClients  # noqa: E402

BINARY = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                             PROJECT / "build/release/matrix-federation-exporter"))  # fmt: skip
TIMEOUT_SECONDS = 4
TICK_SECONDS = 1.0
BROKEN_SHARE = 0.25  # of the reloads
SETTLE_SECONDS = 90
MEMORY_GROWTH = 1.1
MEMORY_SLACK_MEGABYTES = 24
DESCRIPTORS_SLACK = 2  # at rest: what the resolver may keep open


class NameServer:
    """The name server's process, which is killed and started again."""

    def __init__(self, directory: Path, seed: str) -> None:
        self._arguments: list[str | Path] = [
            sys.executable, HERE / "name_server.py", directory, DNS_ADDRESS, seed]  # fmt: skip
        self._log = directory / "name-server.log"
        self.start()

    def start(self) -> None:
        self._program = Program(self._arguments, self._log)

    def pid(self) -> int:
        return self._program.process.pid

    def restart(self) -> None:
        self._program.process.wait()
        self.start()

    def stop(self) -> None:
        self._program.__exit__()


class Soak:
    """One run, from the first probe to the last."""

    def __init__(self, options: argparse.Namespace, directory: Path) -> None:
        self.dice = random.Random(options.seed)
        self.seconds = options.minutes * 60
        self.population: Population = populate(directory, options.servers, self.dice)
        self.limits = Limits(options.interval, TIMEOUT_SECONDS, max(64, options.servers // 4))
        names = self.population.names
        self.file = ConfigurationFile(directory / "config.yaml", self._settings(), names,
                                      resting=min(self.population.healthy))  # fmt: skip
        self.expected = Expectations(self.population, self.file.permanent, self.limits)
        self.invariants = Invariants(self.expected)
        self.directory = directory
        self.counts: Counter[str] = Counter()
        self.memory: list[float] = []
        self.at_rest: tuple[int, int] = (0, 0)  # descriptors before and after
        self.slowest_scrape = 0.0

    def _settings(self) -> dict[str, object]:
        pace = f"{self.limits.interval:g}s"
        return {
            "probe": {"interval": pace, "failure_interval": pace, "timeout": f"{TIMEOUT_SECONDS}s",
                      "max_in_flight": self.limits.max_in_flight},
            "dns": {"servers": [f"{DNS_ADDRESS}:53"], "timeout": "1s", "attempts": 2},
            "tls": {"ca_file": str(self.population.trust_store)},
            "network": {"deny": []},
        }  # fmt: skip

    def run(self, seed: str) -> None:
        nginx = Program(["nginx", "-c", self.directory / "nginx.conf"],
                        self.directory / "nginx.log")  # fmt: skip
        odd = Program([sys.executable, HERE / "faulty_servers.py", self.directory, seed],
                      self.directory / "faulty-servers.log")  # fmt: skip
        name_server = NameServer(self.directory, seed)
        with nginx, odd, Daemon(BINARY, self.file.file, self.directory) as daemon:
            self.daemon = daemon
            before = self._rest()
            self._work()
            self._storm(name_server)
            self._settle()
            self.at_rest = (before, self._rest())
            self._reload_with(self.file.full.text)  # so that the end comes in mid-flight
            wait_for(lambda: self._scrape().own("probes_in_flight") > 0, "probes", SETTLE_SECONDS)
        if daemon.status != 0:
            self.invariants.violate("end", f"exit status {daemon.status}")
        if defects := daemon.defects():
            self.invariants.violate("end", defects)

    def _rest(self) -> int:
        """The number of descriptors while one homeserver is watched that is not due."""
        self.expected.acceptable = {self.file.full.names, self.file.at_rest.names}
        self._reload_with(self.file.at_rest.text)
        wait_for(lambda: self._scrape().servers == self.file.at_rest.names
                 and self._scrape().own("probes_in_flight") == 0, "rest", SETTLE_SECONDS)
        fewest = self.daemon.descriptors()
        for _ in range(20):  # connections that were closed a moment ago
            time.sleep(0.1)
            fewest = min(fewest, self.daemon.descriptors())
        return fewest

    def _reload_with(self, text: str) -> None:
        self.file.file.write_text(text, encoding="latin-1")
        self.daemon.hang_up()

    def _work(self) -> None:
        """All homeservers have been probed, and the healthy ones are called so."""
        self._reload_with(self.file.full.text)
        everyone = self.file.full.names
        wait_for(lambda: self._probed(self._scrape()) >= everyone, "a first round",
                 SETTLE_SECONDS + 3 * self.limits.until_probed_again)  # fmt: skip
        wait_for(lambda: self._all_healthy(self._scrape()), "health before the storm",
                 SETTLE_SECONDS + 3 * self.limits.until_probed_again)  # fmt: skip
        self.expected.acceptable = {each.names for each in self.file.alternatives}
        self.invariants.forget_progress()

    def _all_healthy(self, reading: Reading) -> bool:
        successes = reading.of_servers("probe_success")
        return all(successes.get(name) == 1 for name in self.population.healthy)

    @staticmethod
    def _probed(reading: Reading) -> set[str]:
        return {name for name, count in reading.of_servers("probes_total").items() if count}

    def _storm(self, name_server: NameServer) -> None:
        injector = Injector(self.daemon.process.pid, self.daemon.clock_file, name_server.restart,
                            name_server.pid, self.dice)  # fmt: skip
        begin = time.monotonic()
        end = begin + self.seconds
        episodes = schedule(self.dice, begin + 5, end - 15)
        coming, current = next(episodes, None), None
        with SlowClients(LISTEN, random.Random(self.dice.random())):
            while time.monotonic() < end:
                moment = time.monotonic()
                if current is not None and moment >= current.end:
                    injector.end(current.kind)
                    current = None
                if current is None and coming is not None and moment >= coming.begin:
                    current, coming = self._begin(coming, injector), next(episodes, None)
                self._reload()
                self._look(current)
                time.sleep(max(0.0, moment + TICK_SECONDS - time.monotonic()))

    def _begin(self, episode: Episode, injector: Injector) -> Episode:
        injector.begin(episode.kind)
        self.expected.episodes.append(episode)
        self.counts[episode.kind] += 1
        return episode

    def _reload(self) -> None:
        if self.dice.random() < BROKEN_SHARE:
            self.file.break_it(self.dice)
            self.counts["broken reloads"] += 1
        else:
            self.file.install(self.dice.choice(self.file.alternatives))
            self.counts["good reloads"] += 1
        self.daemon.hang_up()

    def _look(self, current: Episode | None) -> None:
        if not self.daemon.alive:
            raise RuntimeError(f"the daemon has ended: {self.daemon.log.read_text()[-3000:]}")
        self.memory.append(self.daemon.memory_megabytes())
        reading = self.daemon.scrape()
        if reading is not None:
            self._judge(reading)
        elif current is not None and current.kind == "descriptors":
            self.counts["scrapes without a descriptor"] += 1
        else:
            self.invariants.violate("answer", "a scrape was not answered")

    def _judge(self, reading: Reading) -> None:
        self.counts["scrapes"] += 1
        self.slowest_scrape = max(self.slowest_scrape, reading.seconds)
        self.counts["refused configurations seen"] += (
            reading.own("config_last_reload_successful") == 0)  # fmt: skip
        self.invariants.judge(reading)

    def _scrape(self) -> Reading:
        reading = self.daemon.scrape()
        if reading is None:
            raise RuntimeError("no answer in a quiet moment")
        return reading

    def _settle(self) -> None:
        """The storm is over: everything works again, and every healthy homeserver is called so."""
        self.file.install(self.file.full)
        self.daemon.hang_up()

        def all_is_well() -> bool:
            reading = self._scrape()
            self.invariants.judge(reading)
            return (
                reading.own("config_last_reload_successful") == 1
                and reading.servers == self.file.full.names
                and self._all_healthy(reading)
            )

        # Whoever came in with the last reload waits for a whole round.
        wait_for(all_is_well, "all healthy homeservers are called healthy",
                 SETTLE_SECONDS + 3 * self.limits.until_probed_again)  # fmt: skip
        reading = self._scrape()
        self.counts["probes"] = int(reading.own("probes_finished_total"))

    def flatness(self) -> None:
        third = max(1, len(self.memory) // 3)
        early, late = max(self.memory[:third]), max(self.memory[-third:])
        if late > early * MEMORY_GROWTH + MEMORY_SLACK_MEGABYTES:
            self.invariants.violate("memory", f"grew from {early:.0f} to {late:.0f} MB")
        before, after = self.at_rest
        if after > before + DESCRIPTORS_SLACK:
            self.invariants.violate(
                "descriptors", f"{before} at rest before, {after} afterwards")
        print(f"memory: at most {early:.0f} MB in the first third, {late:.0f} MB in the last")
        print(f"descriptors at rest: {before} before, {after} afterwards")


def prepare_network() -> None:
    for command in (f"address add {BLACK_HOLE}/32 dev lo",
                    f"route add unreachable {UNREACHABLE_NETWORK}"):  # fmt: skip
        subprocess.run(["ip", *command.split()], check=True)
    sandbox.drop_packets_to(BLACK_HOLE)


def say(soak: Soak) -> None:
    for what, count in sorted(soak.counts.items()):
        print(f"{what}: {count}")
    print(f"slowest scrape: {soak.slowest_scrape:.2f} s")
    print(f"longest time without a probe: {soak.invariants.longest_without_probe:.0f} s")
    print(f"what healthy homeservers were called: {soak.invariants.reasons_of_healthy}")
    print(f"violations: {dict(soak.invariants.counted)}")
    for violation in soak.invariants.violations:
        print(f"  {violation}")


def run_measured(soak: Soak, seed: str, keep_log: Callable[[], None]) -> bool:
    try:
        soak.run(seed)
        soak.flatness()
    except (RuntimeError, TimeoutError) as error:
        soak.invariants.violate("course", str(error))
    say(soak)
    if soak.invariants.counted:
        keep_log()
    return not soak.invariants.counted


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--servers", type=int, default=1000)
    parser.add_argument("--interval", type=float, default=6, metavar="SECONDS")
    parser.add_argument("--seed", default=str(random.randrange(10**6)))
    options = parser.parse_args()
    sandbox.enter()
    print(f"seed {options.seed}", flush=True)
    prepare_network()
    with tempfile.TemporaryDirectory(prefix="soak-") as name:
        directory = Path(name)

        def show_log() -> None:
            for log in ("name-server.log", "faulty-servers.log", "nginx.log", "daemon.log"):
                with contextlib.suppress(OSError):
                    print(f"{log}:\n{(directory / log).read_text(errors='replace')[-3000:]}")

        return 0 if run_measured(Soak(options, directory), options.seed, show_log) else 1


if __name__ == "__main__":
    sys.exit(main())
