"""The dashboards of deploy/grafana as tests see them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
FILES = sorted((PROJECT / "deploy/grafana").glob("*.json"))
VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::\w+)?\})")
Json = dict[str, Any]


@dataclass(frozen=True)
class Target:
    """One query of a panel, or of an annotation."""
    panel: str
    expression: str
    legend: str
    instant: bool

    def filled(self, choices: Mapping[str, str]) -> str:
        """As Grafana sends it to Prometheus; a variable that nobody defines is an error."""
        return filled(self.expression, choices)


class Page:
    """One dashboard."""

    def __init__(self, file: Path):
        self.file = file
        self.json: Json = json.loads(file.read_text())

    @property
    def variables(self) -> dict[str, Json]:
        return {each["name"]: each for each in self.json["templating"]["list"]}

    def panels(self) -> list[Json]:
        """Without rows, but with what lies in collapsed ones."""
        inside = [each for row in self.json["panels"] for each in row.get("panels", [])]
        return [each for each in self.json["panels"] + inside if each["type"] != "row"]

    def targets(self) -> Iterator[Target]:
        for panel in self.panels():
            for each in panel["targets"]:
                yield Target(panel["title"], each["expr"], each["legendFormat"], each["instant"])
        for each in self.json["annotations"]["list"]:
            yield Target(f"annotation {each['name']}", each["expr"], each["textFormat"], False)


def filled(text: str, choices: Mapping[str, str]) -> str:
    return VARIABLE.sub(lambda match: choices[match[1] or match[2]], text)


def pages() -> list[Page]:
    assert FILES, "no dashboards in deploy/grafana"
    return [Page(file) for file in FILES]
