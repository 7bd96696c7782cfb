"""What has to hold at every scrape, whatever happens to the machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from machine_faults import EXCUSES, Episode
from population import Population
from reading import SERVER, Reading, server_of

# A busy machine delays the end of a probe, or its start, by this much at most.
GRACE_SECONDS = 10.0
REMEMBERED = 5  # violations of each rule
LONG_AGO = -1e9


@dataclass
class Limits:
    """Of the configurations in use."""

    interval: float
    timeout: float
    max_in_flight: int

    @property
    def until_probed_again(self) -> float:
        """A regular probe comes after one and a half intervals at the latest."""
        return 1.5 * self.interval + self.timeout + GRACE_SECONDS


@dataclass
class Expectations:
    """What may be seen, kept up to date by who makes it happen."""

    population: Population
    permanent: frozenset[str]  # homeservers that no reload removes
    limits: Limits
    acceptable: set[frozenset[str]] = field(default_factory=set)  # lists that may be in force
    episodes: list[Episode] = field(default_factory=list)

    def excuses(self, moment: float) -> frozenset[str]:
        """Reasons that a healthy homeserver may show now: a verdict stays until the next probe."""
        found: set[str] = set()
        for episode in self.episodes:
            if episode.begin <= moment <= episode.end + self.limits.until_probed_again:
                found |= EXCUSES[episode.kind]
        return frozenset(found)

    def describe(self, moment: float) -> str:
        """When that is, for someone who looks for the cause."""
        past = [episode for episode in self.episodes if episode.begin <= moment]
        if not past:
            return f"at {moment:.0f} s, before any fault"
        last = past[-1]
        return f"at {moment:.0f} s, after {last.kind} from {last.begin:.0f} to {last.end:.0f} s"


class Invariants:
    """Judges one reading after the other; what was violated is remembered."""

    def __init__(self, expected: Expectations) -> None:
        self.violations: list[str] = []
        self.counted: Counter[str] = Counter()  # by rule
        self.reasons_of_healthy: dict[str, int] = {}
        self._expected = expected
        self._previous: Reading | None = None
        self._probes: dict[str, tuple[float, float]] = {}  # count, and when it last changed
        self.longest_without_probe = 0.0

    def judge(self, reading: Reading) -> None:
        for rule in (self._form, self._sums, self._servers, self._counters, self._progress,
                     self._verdicts, self._durations):  # fmt: skip
            for violation in rule(reading):
                self.violate(rule.__name__.strip("_"), violation)
        self._previous = reading

    def violate(self, rule: str, text: str) -> None:
        self.counted[rule] += 1
        if self.counted[rule] <= REMEMBERED:
            self.violations.append(f"{rule}: {text}")

    def forget_progress(self) -> None:
        """The homeservers have just been removed and added again."""
        self._probes.clear()
        self._previous = None

    def _form(self, reading: Reading) -> Iterator[str]:
        yield from reading.mistakes_of_form()

    def _sums(self, reading: Reading) -> Iterator[str]:
        started, finished = reading.own("probes_started_total"), reading.own("probes_finished_total")
        in_flight = reading.own("probes_in_flight")
        if started != finished + in_flight:
            yield f"{started} started, {finished} finished, {in_flight} in flight"
        if not 0 <= in_flight <= self._expected.limits.max_in_flight:
            yield f"{in_flight} in flight"
        targets = reading.own("targets")
        if targets != len(reading.servers):
            yield f"{targets} targets, and {len(reading.servers)} series of target_info"
        failures = reading.of_servers("probe_failures_total")
        for name, probes in reading.of_servers("probes_total").items():
            if failures[name] > probes:
                yield f"{name}: {failures[name]} of {probes} probes failed"

    def _servers(self, reading: Reading) -> Iterator[str]:
        """Only what is configured; a list in force changes only to one that was asked for."""
        if reading.servers not in self._expected.acceptable:
            sizes = sorted(len(names) for names in self._expected.acceptable)
            yield f"{len(reading.servers)} homeservers; lists that may be in force have {sizes}"
        for family, series in reading.families.items():
            if family.startswith(SERVER):
                strangers = {server_of(labels) for labels in series} - reading.servers - {""}
                if strangers:
                    yield f"{family} of {sorted(strangers)[:3]}, which is not configured"

    def _counters(self, reading: Reading) -> Iterator[str]:
        if self._previous is None:
            return
        for family in reading.counters:
            before = self._previous.families.get(family, {})
            now = reading.families.get(family, {})
            for labels, value in before.items():
                name = server_of(labels)
                if name and name not in self._expected.permanent:
                    continue
                if now.get(labels, -1) < value:
                    yield f"{family}{{{labels} fell from {value} to {now.get(labels)}"

    def _progress(self, reading: Reading) -> Iterator[str]:
        probes = reading.of_servers("probes_total")
        for name in self._expected.permanent:
            count, since = self._probes.get(name, (-1, reading.moment))
            if probes.get(name, 0) != count:
                self._probes[name] = (probes.get(name, 0), reading.moment)
                continue
            waited = reading.moment - since
            self.longest_without_probe = max(self.longest_without_probe, waited)
            if waited > self._expected.limits.until_probed_again:
                yield f"{name} has not been probed for {waited:.0f} s"

    def _verdicts(self, reading: Reading) -> Iterator[str]:
        population, excuses = self._expected.population, self._expected.excuses(reading.moment)
        for name, reason in reading.failures().items():
            if name not in population.healthy:
                continue
            self.reasons_of_healthy[reason] = self.reasons_of_healthy.get(reason, 0) + 1
            if reason not in excuses:
                seconds = reading.of_servers("probe_duration_seconds").get(name, 0.0)
                yield (
                    f"{name} is healthy and is called {reason} after {seconds:.1f} s, which "
                    f"nothing excuses {self._expected.describe(reading.moment)}"
                )
        for name, success in reading.of_servers("probe_success").items():
            if success == 1 and name in population.broken:
                yield f"{name} is broken and is called healthy"

    def _durations(self, reading: Reading) -> Iterator[str]:
        longest = self._expected.limits.timeout + GRACE_SECONDS
        for name, seconds in reading.of_servers("probe_duration_seconds").items():
            if seconds > longest:
                yield f"a probe of {name} took {seconds:.1f} s"
