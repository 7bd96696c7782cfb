"""The configuration file of the soak: several valid ones, and broken ones in between."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

PARTS = 10  # of these parts of the names, one is missing or changed at a time


@dataclass(frozen=True)
class Configuration:
    """A valid file and the homeservers in it."""

    text: str
    names: frozenset[str]


class ConfigurationFile:
    """The file that the daemon reads, and what may be in it."""

    def __init__(
        self, file: Path, settings: dict[str, Any], names: Sequence[str], resting: str
    ) -> None:
        self.file = file
        parts = [set(names[part::PARTS]) for part in range(PARTS)]
        everyone = set(names)
        changed = {name: {"group": "changed", "failure_interval": "4s"} for name in parts[2]}
        other_network = {"dns": {**settings["dns"], "attempts": 2}, "metrics": {"per_address": True}}
        self.full = valid(settings, everyone, {})
        self.alternatives = [
            self.full,
            valid(settings, everyone - parts[0], {}),
            valid(settings, everyone - parts[1], changed),
            valid({**settings, **other_network}, everyone - parts[0], {}),
        ]
        # The homeservers that are in all of these.
        self.permanent = frozenset(everyone - parts[0] - parts[1])
        self.at_rest = valid(settings, {resting}, {resting: {"interval": "1d"}})
        self._broken = [
            self.full.text + "intervall: 5m\n",
            self.full.text + "- [\n",
            self.full.text + f"  - {names[0]}\n",
            "homeservers: nobody\n",
            "\0\xff",
        ]
        self.install(self.at_rest)

    def install(self, configuration: Configuration) -> None:
        self._write(configuration.text)

    def break_it(self, dice: random.Random) -> None:
        """Leaves something that cannot be loaded, or nothing at all."""
        text = dice.choice([*self._broken, None])
        if text is None:
            self.file.unlink(missing_ok=True)
        else:
            self._write(text)

    def _write(self, text: str) -> None:
        beside = self.file.with_suffix(".new")
        beside.write_text(text, encoding="latin-1")
        os.replace(beside, self.file)


def valid(
    settings: dict[str, Any], names: set[str], own: dict[str, dict[str, Any]]
) -> Configuration:
    """A configuration of these homeservers; `own` holds what some of them have of their own."""
    entries = [
        {"server_name": name, **own[name]} if name in own else name for name in sorted(names)
    ]
    # The list comes last: what is appended to the text stands behind it.
    text = yaml.safe_dump(settings, sort_keys=False)
    return Configuration(
        text + yaml.safe_dump({"homeservers": entries}, indent=2), frozenset(names)
    )
