"""One scrape of /metrics, read once: its series by family, quickly."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

NAME = re.compile(r'server_name="([^"]*)"')
SAMPLE = re.compile(r'[a-zA-Z_:][\w:]*(?:\{(?:\w+="(?:[^"\\]|\\.)*",?)*\})? \S+')
SERVER = "matrix_federation_"
OWN = "matrix_federation_exporter_"


@dataclass(frozen=True)
class Reading:
    """The text of a scrape, when it was asked for (steady clock), and how long that took."""

    text: str
    moment: float
    seconds: float

    @cached_property
    def lines(self) -> list[str]:
        return [line for line in self.text.splitlines() if not line.startswith("#")]

    @cached_property
    def counters(self) -> set[str]:
        return set(re.findall(r"^# TYPE (\w+) counter$", self.text, re.MULTILINE))

    @cached_property
    def families(self) -> dict[str, dict[str, float]]:
        """{family: {labels: value}}."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for line in self.lines:
            series, _, value = line.rpartition(" ")
            family, _, labels = series.partition("{")
            found[family][labels] = float(value)
        return dict(found)

    def own(self, name: str) -> float:
        """A metric of the exporter itself, without labels."""
        return self.families[OWN + name][""]

    def of_servers(self, name: str) -> dict[str, float]:
        """A family with one series for each homeserver, by server name."""
        return {server_of(labels): value
                for labels, value in self.families.get(SERVER + name, {}).items()}  # fmt: skip

    @cached_property
    def servers(self) -> frozenset[str]:
        return frozenset(self.of_servers("target_info"))

    def failures(self) -> dict[str, str]:
        """The reason of each failing homeserver."""
        found = {}
        for labels in self.families.get(SERVER + "probe_failure_info", {}):
            match = re.search(r'reason="([^"]*)"', labels)
            found[server_of(labels)] = match[1] if match else ""
        return found

    def mistakes_of_form(self) -> list[str]:
        """Lines that are no samples, and series that appear twice."""
        wrong = [f"not a sample: {line}" for line in self.lines if not SAMPLE.fullmatch(line)]
        series = [line.rpartition(" ")[0] for line in self.lines]
        if len(set(series)) != len(series):
            wrong.append(f"{len(series) - len(set(series))} series appear twice")
        types = re.findall(r"^# TYPE (\w+) ", self.text, re.MULTILINE)
        if len(set(types)) != len(types):
            wrong.append("a family appears twice")
        return wrong


def server_of(labels: str) -> str:
    match = NAME.search(labels)
    return match[1] if match else ""
