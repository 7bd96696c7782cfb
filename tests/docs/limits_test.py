#!/usr/bin/python3
"""docs/limits.md and the constants of the code are the same, value by value."""

from __future__ import annotations

import re
import unittest
from collections import defaultdict
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
DOCUMENT = PROJECT / "docs" / "limits.md"
ROW = re.compile(r"^\| `(\w+)` \| ([^|]+) \|", re.MULTILINE)
CONSTANT = re.compile(r"constexpr\s+[\w:<>]+\s+(k\w+)\s*(?:=\s*([^;]+)|\{([^;]+)\});")
TABLE = re.compile(r"^(\|[^\n]+)\n\|[-|]+\n((?:\|[^\n]+\n)+)", re.MULTILINE)
MEMBER = re.compile(r"^  [\w:]+ (\w+)(?: = ([^;]+)|\{([^}]+)\});", re.MULTILINE)
IS_A_BOUND = re.compile(r"k\w+(Max|MaxSeconds|Advised|Timeout)")
# Of what the program itself writes: nothing comes from outside.
OWN = {"kPlainIntegerMax", "kTotalMax", "kElementsShownMax", "kAddressesNamedMax"}
UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "s": 1, "days": 1, "hour": 1}


def value_of(expression: str) -> float:
    """Of a constant such as `std::size_t{64} * 1024` or `std::chrono::days(7)`."""
    plain = re.sub(r"[\w:]+[{(]([\w']+)[})]", r"\1", expression.replace("'", ""))
    if re.fullmatch(r"[\w.\s*+<()-]+", plain) is None:
        raise ValueError(f"{expression!r} cannot be compared")
    return float(eval(plain, {"__builtins__": {}}))  # noqa: S307  (our own source, digits only)


def value_told(text: str) -> float:
    number, _, unit = text.strip().partition(" ")
    return float(number) * UNITS.get(unit, 1)


def cells_of(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip()[1:-1].split("|")]


def constants() -> dict[str, list[str]]:
    """Every one with its values: a name may stand in several files."""
    found: dict[str, list[str]] = defaultdict(list)
    for directory in ("include", "src"):
        for file in sorted((PROJECT / directory).rglob("*.[hc]*")):
            text = file.read_text(encoding="utf-8")
            for name, assigned, braced in CONSTANT.findall(text):
                found[name].append(assigned or braced)
    options = (PROJECT / "src/web/server.h").read_text(encoding="utf-8")
    begin = options.index("struct ServerOptions")
    for name, assigned, braced in MEMBER.findall(options[begin : options.index("\n};", begin)]):
        found[name].append(assigned or braced)
    return found


class LimitsTest(unittest.TestCase):
    def setUp(self) -> None:
        document = DOCUMENT.read_text(encoding="utf-8")
        self.tables = TABLE.findall(document)
        self.told: dict[str, list[str]] = defaultdict(list)
        for name, value in ROW.findall(document):
            self.told[name].append(value)
        self.code = constants()

    def test_every_bound_of_the_code_is_told(self) -> None:
        bounds = {name for name in self.code if IS_A_BOUND.fullmatch(name)} - OWN
        self.assertEqual(set(), bounds - set(self.told))

    def test_what_is_told_exists(self) -> None:
        self.assertEqual(set(), set(self.told) - set(self.code))

    def test_the_values_are_the_same(self) -> None:
        for name, texts in self.told.items():
            with self.subTest(name):
                self.assertEqual(sorted(map(value_of, self.code[name])), sorted(map(value_told, texts)))

    def test_every_bound_has_a_reason(self) -> None:
        told = sum(map(len, self.told.values()))
        self.assertEqual(told, sum(len(rows.splitlines()) for _, rows in self.tables))
        for heading, rows in self.tables:
            columns = cells_of(heading)
            self.assertIn("why", columns, heading)
            for row in rows.splitlines():
                with self.subTest(row):
                    cells = cells_of(row)
                    self.assertEqual(len(columns), len(cells))
                    self.assertNotEqual("", cells[columns.index("why")])


if __name__ == "__main__":
    unittest.main()
