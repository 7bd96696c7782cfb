#!/usr/bin/python3
"""Runs the program against the world of every fault of the catalogue.

    run.py --binary build/release/matrix-federation-exporter [--record] [ID...]

Every fault gets a network namespace, a name server and servers of its own. Compared are the report
with what the catalogue expects, what the program says with what it said before (recorded/said.yaml,
which --record writes anew), and the words that the faults cover with those that the program has.
Exit status: 0 when all of it holds.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import functools
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import catalogue  # noqa: E402
from catalogue import Fault  # noqa: E402
from lab import namespace, program  # noqa: E402  (the lab is found beside this file)
from lab.keys import SigningKey  # noqa: E402
from lab.parallel import Failed, Runner  # noqa: E402
from lab.pki import Pki  # noqa: E402
from lab.world import World, addresses_of, clock_starting_at  # noqa: E402

SAID = HERE / "recorded" / "said.yaml"
UNCOVERED = HERE / "uncovered.yaml"
NOW_MS = 1_800_000_000_000  # 2027-01-15 08:00 UTC, as in the conformance vectors
FAULT_DEADLINE_SECONDS = 75
GRACE_SECONDS = 2  # beyond probe.timeout, on a machine that does other things as well
SIGNING_SEED = "YJDBA9Xnr2sVqXD9Vj7XVUnmFZcZrlw8Md7kMW+3XA1"  # the specification's
WORD = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
VOLATILE = re.compile(
    r"\b[0-9a-f]{36,40}\b|\d+(?= seconds (?:ahead|behind))|Connection reset by peer|the connection was closed"
)
# The name itself, and the operator's own configuration, are nobody's answer.
ASKING_NOBODY = {"names", "expectations"}
# Whom was asked: an address or a name of the worlds, or the server name that was given.
ASKED = re.compile(r"192\.0\.2\.|198\.51\.100\.|203\.0\.113\.|2001:db8:|127\.0\.0\.|example")


@dataclasses.dataclass(frozen=True)
class Run:
    """What came out of one run of the program, and how often each server was connected to."""

    exit_status: int
    report: Mapping[str, Any]
    connections: Mapping[str, int]


@dataclasses.dataclass(frozen=True)
class Result:
    """What is not as expected, and what the program said."""

    differences: Sequence[str]
    said: Mapping[str, Any]


# Running one fault; in a process of its own.


def result_of(fault: Fault, binary: Path, pki: Pki, key: SigningKey) -> Result:
    run = run_fault(fault, binary, pki, key)
    return Result(list(differences(fault, run)), said_in(run.report))


def run_fault(fault: Fault, binary: Path, pki: Pki, key: SigningKey) -> Run:
    addresses = addresses_of(fault.dns, fault.servers)
    namespace.enter(addresses, everything_local=True, ip_versions=fault.ip_versions)
    if fault.firewall:
        namespace.filter_packets(fault.firewall)
    servers = [each for each in fault.servers if has_ip_version(each, fault.ip_versions)]
    clock = clock_starting_at(NOW_MS)
    settings = program.settings_of(pki.trust_store, fault.settings)
    config = pki.directory / f"config-{fault.id}.yaml"
    name = fault.server_name
    few = f"--nofile={fault.descriptors}"
    wrapper = ["prlimit", few] if fault.descriptors is not None else []
    with World(fault.dns, servers, pki, key, fault.server_name, clock) as world:
        if fault.probes is not None:
            report = program.watch(binary, settings, config, name, NOW_MS, fault.probes)
            status = 0 if report["federation_ok"] else 2
        else:
            status, report = program.check(binary, settings, config, name, NOW_MS, wrapper)
        connections = Counter(connection.listen for connection in world.connections)
    return Run(status, report, connections)


def has_ip_version(server: Mapping[str, Any], ip_versions: Sequence[int]) -> bool:
    return (6 if server["listen"].startswith("[") else 4) in ip_versions


def without_chance(said: Any) -> str:
    """Without what differs from run to run: serial numbers, seconds, the reset that outruns an end."""
    return VOLATILE.sub("…", yaml.safe_dump(said, allow_unicode=True, width=10_000))


def said_in(report: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that is wrong, as the program puts it."""
    failing = [check for check in report["checks"] if check["status"] == "fail"]
    keys = ("name", "severity", "reason", "detail")
    return {
        "works": report["federation_ok"],
        "checks": [{key: check[key] for key in keys} for check in failing],
        "warnings": [
            {key: warning[key] for key in ("code", "detail")} for warning in report["warnings"]
        ],
    }


# Comparing.


def differences(fault: Fault, run: Run) -> Sequence[str]:
    """One line for each thing that is not as the catalogue says."""
    report, lines = run.report, []
    for what, expected, actual in facts(fault, run):
        if expected != actual:
            lines.append(f"{what}: expected {expected!r}, got {actual!r}")
    detail = report.get("detail") or ""
    pattern = fault.expected.get("detail")
    subject = detail or " ".join(said["detail"] or "" for said in said_in(report)["warnings"])
    if pattern is not None and re.search(pattern, subject) is None:
        lines.append(f"detail: {subject!r} does not match {pattern!r}")
    if detail and fault.family not in ASKING_NOBODY and ASKED.search(detail) is None:
        lines.append(f"detail: {detail!r} does not say who was asked")
    limit = fault.timeout_seconds + GRACE_SECONDS
    if report["duration_seconds"] > limit:
        lines.append(f"took {report['duration_seconds']} s, more than {limit} s")
    return lines


def facts(fault: Fault, run: Run) -> list[tuple[str, Any, Any]]:
    """Each with its name, as expected and as it is."""
    expected, report = fault.expected, run.report
    failing = {
        check["name"]: check["reason"]
        for check in report["checks"]
        if check["status"] == "fail" and check["severity"] == "error"
    }
    endpoints = {endpoint["address"]: endpoint for endpoint in report.get("endpoints") or []}
    well_known = (report.get("discovery") or {}).get("well_known") or {}
    version = (next(iter(endpoints.values()), {}).get("version") or {}).get("reason")
    warnings = sorted({warning["code"] for warning in report["warnings"]})
    absent = not well_known.get("status") == 404
    found = [
        ("works", expected["works"], report["federation_ok"]),
        ("reason", expected.get("reason"), report.get("reason")),
        ("check", expected.get("check"), next(iter(failing), None)),
        ("exit status", 0 if expected["works"] else 2, run.exit_status),
        ("warnings", sorted(expected.get("warnings") or []), warnings),
        ("well_known", expected.get("well_known"), well_known.get("reason") if absent else None),
    ]
    if "failing" in expected:
        found.append(("failing", list(expected["failing"].items()), list(failing.items())))
    if "version" in expected:
        found.append(("version", expected["version"], version))
    if "truncated" in expected:
        found.append(("truncated", expected["truncated"], report.get("endpoints_truncated")))
    for address, reason in (expected.get("addresses") or {}).items():
        found.append((address, reason, endpoints.get(address, {}).get("reason")))
    for asked, attempts in (expected.get("attempts") or {}).items():
        found.append((f"attempts at {asked}", attempts, attempts_in(report).get(asked)))
    for listen, count in (expected.get("connections") or {}).items():
        found.append((f"connections to {listen}", count, run.connections.get(listen, 0)))
    return found


def attempts_in(report: Mapping[str, Any]) -> dict[str, int]:
    """By address, by host and by the name of an SRV record."""
    discovery = report.get("discovery") or {}
    asked = {
        "address": [*report["endpoints"], *(discovery["well_known"].get("addresses") or [])],
        "host": discovery.get("hosts") or [],
        "name": discovery.get("srv") or [],
    }
    found = {each[key]: each["attempts"] for key, those in asked.items() for each in those}
    return {".well-known": discovery["well_known"].get("attempts", 0), **found}


# All faults together.


def uncovered(binary: Path, faults: Sequence[Fault]) -> list[str]:
    """Where the faults' words and the program's are not the same."""
    printed = subprocess.run(
        [binary, "--print-reasons"], capture_output=True, text=True, check=True
    ).stdout
    words = set(WORD.findall(printed)) - {"word"}
    covered = {word for fault in faults if fault.pending is None for word in fault.words}
    excused = set(yaml.safe_load(UNCOVERED.read_text(encoding="utf-8")) or {})
    lines = [f"{word}: no fault makes the program say it" for word in words - covered - excused]
    lines += [f"{word}: the program does not have this word" for word in covered - words]
    lines += [f"{word}: excused, yet covered" for word in excused & covered]
    lines += [f"{word}: excused, yet unknown to the program" for word in excused - words]
    return sorted(lines)


def read_said() -> dict[str, Any]:
    if not SAID.exists():
        return {}
    return yaml.load(SAID.read_bytes(), Loader=yaml.CSafeLoader) or {}


def write_said(said: Mapping[str, Any], faults: Sequence[Fault]) -> None:
    """In the catalogue's order; what is no longer in the catalogue goes."""
    ordered = {fault.id: said[fault.id] for fault in faults if fault.id in said}
    text = yaml.safe_dump(ordered, sort_keys=False, allow_unicode=True, width=100)
    SAID.parent.mkdir(exist_ok=True)
    SAID.write_text("# What the program says of each fault. Written by run.py --record.\n" + text)


def main() -> int:
    parser = argparse.ArgumentParser(description="the catalogue of faults")
    parser.add_argument(
        "--binary", type=Path, default=os.environ.get("MATRIX_FEDERATION_EXPORTER")
    )
    parser.add_argument("--jobs", type=int, default=12, help="at once (default %(default)s)")
    parser.add_argument("--record", action="store_true", help="write recorded/said.yaml anew")
    parser.add_argument("ids", nargs="*", metavar="ID", help="run these faults only")
    options = parser.parse_args()
    if options.binary is None or not os.access(options.binary, os.X_OK):
        parser.error(f"--binary {options.binary} is not a program")
    everything = [fault for family in catalogue.read_all(NOW_MS) for fault in family.faults]
    ids = [fault.id for fault in everything]
    if repeated := [name for name, count in Counter(ids).items() if count > 1]:
        parser.error(f"repeated in the catalogue: {repeated}")
    if unknown := set(options.ids) - set(ids):
        parser.error(f"no such faults: {sorted(unknown)}")
    faults = [fault for fault in everything if not options.ids or fault.id in options.ids]
    binary = options.binary.resolve()
    before = read_said()
    said = run_all([fault for fault in faults if fault.pending is None], binary, options.jobs)
    wrong = [line for fault in said for line in said[fault].differences]
    changed = [
        name
        for name in said
        if without_chance(said[name].said) != without_chance(before.get(name))
    ]
    if options.record:
        write_said({**before, **{name: dict(said[name].said) for name in changed}}, everything)
    else:
        wrong += changed
        for name in changed:
            print(f"{name}: says something else than recorded:\n{show(said[name].said)}")
    if not options.ids:
        gaps = uncovered(binary, everything)
        wrong += gaps
        print(*gaps, sep="\n")
    pending = [fault for fault in faults if fault.pending is not None]
    for fault in pending:
        print(f"not run: {fault.id} ({fault.pending})")
    print(f"{len(said)} faults, {len(wrong)} differences, {len(pending)} not run")
    return 1 if wrong or not said else 0


def run_all(faults: Sequence[Fault], binary: Path, jobs: int) -> dict[str, Result]:
    """Prints each fault as it ends. The slow ones begin first."""
    results: dict[str, Result] = {}
    slow_first = sorted(faults, key=lambda fault: "probe" not in fault.config)
    with tempfile.TemporaryDirectory(prefix="faults-") as directory:
        pki = Pki(Path(directory))
        key = SigningKey(SIGNING_SEED, "ed25519:1")
        body = functools.partial(result_of, binary=binary, pki=pki, key=key)
        runner = Runner(body, jobs, FAULT_DEADLINE_SECONDS)
        with contextlib.closing(runner.run(slow_first)) as ended:
            for fault, result, took in ended:
                if isinstance(result, Failed):
                    result = Result([str(result)], {})
                results[fault.id] = result
                outcome = "FAIL" if result.differences else "ok"
                print(f"{outcome:4} {fault.id} ({took:.1f} s)", flush=True)
                print(*(f"       {line}\n" for line in result.differences), sep="", end="")
    return results


def show(said: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(said), sort_keys=False, allow_unicode=True, width=100)


if __name__ == "__main__":
    sys.exit(main())
