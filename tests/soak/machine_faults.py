"""What goes wrong with the machine itself, one thing at a time, on a schedule from the seed."""

from __future__ import annotations

import os
import random
import resource
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# What a healthy homeserver may be called meanwhile: never by a word that blames it.
DNS_IS_AWAY = frozenset({
    "dns_timeout", "dns_servfail", "dns_refused", "srv_lookup_timeout", "srv_lookup_servfail",
    "srv_lookup_refused", "probe_timeout",
})  # fmt: skip
EXCUSES = {
    "descriptors": frozenset({"internal_error"}),
    "dns_killed": DNS_IS_AWAY,
    "dns_frozen": DNS_IS_AWAY,
    "clock": frozenset[str](),
}
LENGTHS = (5.0, 12.0)  # seconds of a fault
PAUSES = (4.0, 15.0)  # seconds without one
CLOCK_STEPS = tuple(f"{sign}{hours}h" for sign in "+-" for hours in (1, 3, 6))


@dataclass(frozen=True)
class Episode:
    """One fault and when it is in force, in seconds since the start."""

    kind: str
    begin: float
    end: float


def schedule(dice: random.Random, first: float, last: float) -> Iterator[Episode]:
    """Every kind once in random order, then again, as long as there is time."""
    moment = first
    while True:
        for kind in dice.sample(sorted(EXCUSES), len(EXCUSES)):
            end = moment + dice.uniform(*LENGTHS)
            if end > last:
                return
            yield Episode(kind, moment, end)
            moment = end + dice.uniform(*PAUSES)


class Injector:
    """Begins and ends episodes; the daemon and the name server are those given."""

    def __init__(
        self, daemon_pid: int, clock_file: Path, restart_dns: Callable[[], None],
        dns_pid: Callable[[], int], dice: random.Random,
    ) -> None:  # fmt: skip
        self._daemon_pid = daemon_pid
        self._clock_file = clock_file
        self._restart_dns = restart_dns
        self._dns_pid = dns_pid
        self._dice = dice
        self._limits = resource.prlimit(daemon_pid, resource.RLIMIT_NOFILE)

    def begin(self, kind: str) -> None:
        if kind == "descriptors":
            self._limit_descriptors()
        elif kind == "dns_killed":
            os.kill(self._dns_pid(), signal.SIGKILL)
        elif kind == "dns_frozen":
            os.kill(self._dns_pid(), signal.SIGSTOP)
        else:
            set_clock(self._clock_file, self._dice.choice(CLOCK_STEPS))

    def end(self, kind: str) -> None:
        if kind == "descriptors":
            resource.prlimit(self._daemon_pid, resource.RLIMIT_NOFILE, self._limits)
        elif kind == "dns_killed":
            self._restart_dns()
        elif kind == "dns_frozen":
            os.kill(self._dns_pid(), signal.SIGCONT)
        else:
            set_clock(self._clock_file, "+0")

    def _limit_descriptors(self) -> None:
        """Sometimes nothing can be opened at all, sometimes a little."""
        opened = len(os.listdir(f"/proc/{self._daemon_pid}/fd"))
        limit = self._dice.choice((8, opened, opened + self._dice.randint(1, 20)))
        resource.prlimit(self._daemon_pid, resource.RLIMIT_NOFILE, (limit, self._limits[1]))


def set_clock(file: Path, offset: str) -> None:
    beside = file.with_suffix(".new")
    beside.write_text(offset + "\n")
    os.replace(beside, file)
