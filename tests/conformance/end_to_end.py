#!/usr/bin/python3
"""Runs the program against the world of every conformance vector that a `check` can show.

    end_to_end.py --binary build/release/matrix-federation-exporter [--vectors FILE] [ID...]

Each vector gets a network namespace, a name server and homeservers of its own; the program gets the
vector's clock. Compared are the program's report and what the homeservers saw of it. Exit status: 0
when every case holds, 1 when one does not or when there was none.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime
import functools
import ipaddress
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from lab import faketime, namespace, program  # noqa: E402  (the lab is found beside this file)
from lab.dns_server import Query  # noqa: E402
from lab.homeserver import KEYS_PATH, VERSION_PATH, Connection  # noqa: E402
from lab.keys import SigningKey  # noqa: E402
from lab.parallel import Failed, Runner  # noqa: E402
from lab.pki import Pki  # noqa: E402
from lab.world import World, addresses_of, clock_starting_at  # noqa: E402

WELL_KNOWN_PATH = "/.well-known/matrix/server"
CASE_DEADLINE_SECONDS = 75
WEEK_MS = 7 * 24 * 60 * 60 * 1000
DAY_MS = 24 * 60 * 60 * 1000
SRV_PREFIXES = ("_matrix-fed._tcp.", "_matrix._tcp.")


@dataclasses.dataclass(frozen=True)
class Case:
    """One vector, as a world to build and a report to expect."""

    id: str
    server_name: str
    now_ms: int
    dns: Mapping[str, Any]
    servers: Sequence[Mapping[str, Any]]
    expected: Mapping[str, Any]
    kind: str  # network, server_name, keys, version, cache


@dataclasses.dataclass(frozen=True)
class Run:
    """What came out of one run of the program, and what its peers saw."""

    exit_status: int
    report: Mapping[str, Any]
    connections: Sequence[Connection]
    queries: Sequence[Query]


class Differences:
    """Collects what is not as expected, one line per field."""

    def __init__(self, expected: Mapping[str, Any]) -> None:
        self.lines: list[str] = []
        self._free = set(expected.get("not_compared") or [])
        self._alternatives = expected.get("alternatives") or {}

    def compare(self, field: str, expected: Any, actual: Any) -> None:
        if field in self._free:
            return
        if actual != expected and actual not in (self._alternatives.get(field) or []):
            self.lines.append(f"{field}: expected {expected!r}, got {actual!r}")

    def require(self, field: str, holds: bool, otherwise: str) -> None:
        if field not in self._free and not holds:
            self.lines.append(f"{field}: {otherwise}")


# From a vector to a case.


def case_of(vector: Mapping[str, Any], meta: Mapping[str, Any]) -> Case | None:
    """None for vectors about functions that no report shows (canonical JSON, comparisons)."""
    given, expected = vector["input"], vector["expected"]
    now_ms = given.get("now_ms", meta["now_ms"])

    def case(kind: str, server_name: str, dns: Any, servers: Any) -> Case:
        return Case(vector["id"], server_name, now_ms, dns, servers, expected, kind)

    if "servers" in given:
        return case("network", given["server_name"], given["dns"], given["servers"])
    if "keys_response" in given:
        name = given["server_name"]
        route = {"host": name, "path": KEYS_PATH, **given["keys_response"]}
        good = {"host": name, "federation": "good"}
        return case("keys", name, *direct_world(name, now_ms, [route, good]))
    if "version_response" in given:
        name = given.get("server_name", "example.org")
        route = {"host": name, "path": VERSION_PATH, **given["version_response"]}
        keys = {"host": name, "federation": "keys_only"}
        return case("version", name, *direct_world(name, now_ms, [route, keys]))
    if "wellknown_response" in given:
        return case("cache", "example.org", *delegating_world(now_ms, given["wellknown_response"]))
    if vector["area"] == "server_name":
        return case("server_name", given["server_name"], {}, [])
    return None


def direct_world(name: str, now_ms: int, routes: list[Mapping[str, Any]]) -> tuple[Any, Any]:
    """One homeserver that step 6 finds; only its answers are of interest."""
    server = {"listen": "192.0.2.10:8448", "cert": certificate(name, now_ms), "http": routes}
    return {name: {"A": ["192.0.2.10"]}}, [server]


def delegating_world(now_ms: int, response: Mapping[str, Any]) -> tuple[Any, Any]:
    """example.org answers for .well-known; federation works wherever that leads."""

    def server(listen: str, name: str, route: Mapping[str, Any]) -> Mapping[str, Any]:
        return {"listen": listen, "cert": certificate(name, now_ms), "http": [route]}

    served = {"host": "example.org", "path": WELL_KNOWN_PATH, **response}
    delegated = {"host": "matrix.example.org:443", "federation": "good"}
    direct = {"host": "example.org", "federation": "good"}
    dns = {"example.org": {"A": ["192.0.2.10"]}, "matrix.example.org": {"A": ["192.0.2.20"]}}
    return dns, [
        server("192.0.2.10:443", "example.org", served),
        server("192.0.2.20:443", "matrix.example.org", delegated),
        server("192.0.2.10:8448", "example.org", direct),
    ]


def certificate(name: str, now_ms: int) -> Mapping[str, Any]:
    return {
        "dns": [name],
        "not_before": moment(now_ms - 30 * DAY_MS).isoformat(),
        "not_after": moment(now_ms + 60 * DAY_MS).isoformat(),
    }


def moment(milliseconds: int) -> datetime.datetime:
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)


# Running one case; in a process of its own, which the namespace dies with.


def run_case(case: Case, binary: Path, pki: Pki, signing_key: SigningKey) -> Run:
    namespace.enter(addresses_of(case.dns, case.servers), everything_local=True)
    clock = clock_starting_at(case.now_ms)
    with World(case.dns, case.servers, pki, signing_key, case.server_name, clock) as world:
        config = pki.directory / f"config-{case.id}.yaml"
        status, report = program.check(
            binary, program.settings_of(pki.trust_store), config, case.server_name, case.now_ms
        )
        queries = list(world.dns.queries)
        connections = world.connections
    return Run(status, report, connections, queries)


# Comparing.


def differences(case: Case, run: Run) -> list[str]:
    found = Differences(case.expected)
    {
        "network": compare_network,
        "server_name": compare_server_name,
        "keys": compare_keys,
        "version": compare_version,
        "cache": compare_cache,
    }[case.kind](case, run, found)
    found.compare("report.server_name", case.server_name, run.report.get("server_name"))
    found.compare("exit status", 0 if run.report.get("federation_ok") else 2, run.exit_status)
    return found.lines


def compare_network(case: Case, run: Run, found: Differences) -> None:
    expected, report = case.expected, run.report
    discovery = report.get("discovery") or {}
    for field in ("federation_ok", "reason"):
        if field in expected:
            found.compare(field, expected[field], report.get(field))
    for field in ("step", "host_header", "sni", "cert_name"):
        if field in expected:
            found.compare(field, expected[field], discovery.get(field))
    for field, value in (expected.get("wellknown") or {}).items():
        actual = (discovery.get("well_known") or {}).get(field)
        found.compare(f"wellknown.{field}", value, actual)
    compare_warnings(expected, report, found)
    if "connect" in expected:
        compare_connect(expected, report.get("endpoints") or [], found)
        compare_peers(case, run, found)
    if "version_ok" in expected:
        version = first_endpoint(report).get("version") or {}
        found.compare("version_ok", expected["version_ok"], version.get("ok"))
        found.compare("version_reason", expected.get("version_reason"), version.get("reason"))


def compare_warnings(
    expected: Mapping[str, Any], report: Mapping[str, Any], found: Differences
) -> None:
    """Those expected must be there; the program may find more."""
    actual = {warning["code"] for warning in report.get("warnings") or []}
    missing = sorted(set(expected.get("warnings") or []) - actual)
    found.require("warnings", not missing, f"missing {missing}, got {sorted(actual)}")


def compare_connect(
    expected: Mapping[str, Any], endpoints: Sequence[Mapping[str, Any]], found: Differences
) -> None:
    """The program probes every address; a homeserver would stop at the first that works."""
    wanted = [normal_address(address) for address in expected["connect"]]
    probed = [normal_address(endpoint["address"]) for endpoint in endpoints]
    if expected.get("connect_unordered"):
        found.compare("connect", sorted(wanted), sorted(probed))
        return
    if not expected["federation_ok"]:
        found.compare("connect", wanted, probed)
        return
    found.compare("connect", wanted, probed[: len(wanted)])
    works = [endpoint.get("ok") for endpoint in endpoints[: len(wanted)]]
    found.compare("connect (ok)", [False] * (len(wanted) - 1) + [True], works)


def compare_peers(case: Case, run: Run, found: Differences) -> None:
    """What the homeservers and the name server saw agrees with the vector and the report."""
    expected = case.expected
    destinations = {normal_address(address) for address in expected["connect"]}
    at_destination = [
        connection
        for connection in run.connections
        if connection.saw_client_hello and normal_address(connection.listen) in destinations
    ]
    if at_destination and "sni" in expected:
        seen = [lower(connection.sni) for connection in at_destination]
        found.require("SNI received", lower(expected["sni"]) in seen, f"only {seen}")
    asked_for_keys = [
        (lower(connection.sni), request.host)
        for connection in run.connections
        for request in connection.requests
        if request.path in (KEYS_PATH, VERSION_PATH)
    ]
    if "host_header" in expected and "sni" in expected:
        right = (lower(expected["sni"]), expected["host_header"])
        wrong = [pair for pair in asked_for_keys if pair != right]
        found.require("SNI and Host received", not wrong, f"expected only {right}, got {wrong}")
    if expected["federation_ok"]:
        found.require("keys request", bool(asked_for_keys), "no homeserver was asked for its keys")
    compare_lookups(case, run, found)


def compare_lookups(case: Case, run: Run, found: Differences) -> None:
    attempted = (case.expected.get("wellknown") or {}).get("attempted")
    if attempted is False:
        asked = [
            connection.listen
            for connection in run.connections
            if any(request.path == WELL_KNOWN_PATH for request in connection.requests)
        ]
        found.require("wellknown.attempted", not asked, f"{asked} was asked for {WELL_KNOWN_PATH}")
    reported = {
        lookup["name"].lower()
        for member in ("srv", "leftover_srv")
        for lookup in (run.report.get("discovery") or {}).get(member) or []
    }
    queried = {query.name.lower() for query in run.queries if query.type == "SRV"}
    found.compare("SRV lookups reported", sorted(queried), sorted(reported))
    if case.expected.get("step") in ("1", "2", "3.1", "3.2"):
        # Beside a .well-known file the server name's own records are looked at, but not followed.
        leftovers = {prefix + case.server_name.lower() for prefix in SRV_PREFIXES}
        may_ask = leftovers if case.expected["step"].startswith("3") else set()
        found.compare("SRV queries", [], sorted(queried - may_ask))
    for name, sets in case.dns.items():
        transports = {query.transport for query in run.queries if query.name.lower() == name}
        if (sets or {}).get("truncate_udp") and transports:
            found.require("truncated answer", "tcp" in transports, f"{name} not asked over TCP")


def compare_server_name(case: Case, run: Run, found: Differences) -> None:
    expected, report = case.expected, run.report
    discovery = report.get("discovery") or {}
    reason = report.get("reason") or ""
    compare_warnings(expected, report, found)
    if not expected["valid"]:
        # Any reason of the family is acceptable, says meta.conventions.
        found.require("reason", reason.startswith("server_name_"), f"got {reason!r}")
        found.compare("step", None, discovery.get("step"))
        found.compare("federation_ok", False, report.get("federation_ok"))
        return
    found.require("reason", not reason.startswith("server_name_"), f"valid, but {reason}")
    found.compare("host", expected["host"], discovery.get("host"))
    found.compare("host_header", case.server_name, discovery.get("host_header"))
    literal = expected["host_type"] != "dns"
    if literal or expected["port"] is not None:
        found.compare("step", "1" if literal else "2", discovery.get("step"))
        found.compare("port", expected["port"] or 8448, discovery.get("port"))


def compare_keys(case: Case, run: Run, found: Differences) -> None:
    expected, report = case.expected, run.report
    keys = first_endpoint(report).get("keys") or {}
    found.compare("keys_ok", expected["keys_ok"], keys.get("ok"))
    found.compare("reason", expected["reason"], keys.get("reason"))
    found.compare("federation_ok", expected["keys_ok"], report.get("federation_ok"))
    found.compare("reason", expected["reason"], report.get("reason"))
    if expected["keys_ok"] or expected["verified_key_ids"]:
        verified = sorted(keys.get("verified_key_ids") or [])
        found.compare("verified_key_ids", sorted(expected["verified_key_ids"]), verified)
    compare_validity(case, keys.get("valid_until"), found)
    compare_warnings(expected, report, found)


def compare_validity(case: Case, actual: str | None, found: Differences) -> None:
    expected = case.expected["effective_valid_until_ts"]
    if expected is None or actual is None:
        found.compare("effective_valid_until_ts", expected, actual)
        return
    actual_ms = round(datetime.datetime.fromisoformat(actual).timestamp() * 1000)
    if expected == case.now_ms + WEEK_MS:
        # The program's clock has gone on since the vector's moment.
        late = actual_ms - expected
        holds = -1000 < late <= CASE_DEADLINE_SECONDS * 1000
        found.require("effective_valid_until_ts", holds, f"{late} ms off")
        return
    precision = 1 if "." in actual else 1000
    found.compare("effective_valid_until_ts", expected // precision, actual_ms // precision)


def compare_version(case: Case, run: Run, found: Differences) -> None:
    expected, report = case.expected, run.report
    version = first_endpoint(report).get("version") or {}
    found.compare("version_ok", expected["version_ok"], version.get("ok"))
    found.compare("reason", expected["reason"], version.get("reason"))
    found.compare("name", expected["name"], version.get("name"))
    found.compare("version", expected["version"], version.get("version"))
    found.compare("federation_ok", True, report.get("federation_ok"))
    compare_warnings(expected, report, found)


def compare_cache(case: Case, run: Run, found: Differences) -> None:
    expected = case.expected
    well_known = (run.report.get("discovery") or {}).get("well_known") or {}
    found.compare("outcome", expected["outcome"], well_known.get("outcome"))
    effective, actual = expected["cache"]["effective_s"], well_known.get("cache_lifetime_seconds")
    if expected["outcome"] == "ok":
        # An Expires date draws nearer while the program runs.
        holds = actual is not None and effective - CASE_DEADLINE_SECONDS <= actual <= effective
        found.require("cache.effective_s", holds, f"expected {effective}, got {actual!r}")
    else:
        # For an error the vector states an upper bound.
        holds = actual is None or actual <= effective
        found.require("cache.effective_s", holds, f"expected at most {effective}, got {actual!r}")
    found.compare("federation_ok", True, run.report.get("federation_ok"))


def first_endpoint(report: Mapping[str, Any]) -> Mapping[str, Any]:
    endpoints: Sequence[Mapping[str, Any]] = report.get("endpoints") or [{}]
    return endpoints[0]


def normal_address(address: str) -> str:
    host, _, port = address.rpartition(":")
    return f"{ipaddress.ip_address(host.strip('[]'))} {port}"


def lower(name: str | None) -> str | None:
    return None if name is None else name.lower()


def differences_of(case: Case, binary: Path, pki: Pki, key: SigningKey) -> list[str]:
    """The body of a case's process."""
    return differences(case, run_case(case, binary, pki, key))


def main() -> int:
    parser = argparse.ArgumentParser(description="conformance vectors, end to end")
    parser.add_argument("--binary", type=Path, required=True)
    parser.add_argument("--vectors", type=Path, default=HERE / "vectors.yaml")
    parser.add_argument("--jobs", type=int, default=4, help="cases at once (default %(default)s)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="run these vectors only")
    options = parser.parse_args()
    document = yaml.load(options.vectors.read_bytes(), Loader=yaml.CSafeLoader)
    unknown = set(options.ids) - {v["id"] for v in document["vectors"]}
    if unknown:
        parser.error(f"no such vectors: {sorted(unknown)}")
    vectors = [v for v in document["vectors"] if not options.ids or v["id"] in options.ids]
    cases = [case for v in vectors if (case := case_of(v, document["meta"])) is not None]
    signing = document["meta"]["signing"]
    key = SigningKey(signing["seed_base64"], signing["key_id"])
    if not os.access(options.binary, os.X_OK):
        parser.error(f"{options.binary} is not a program")
    faketime.shared_object()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="conformance-") as directory:
        pki = Pki(Path(directory))
        binary = options.binary.resolve()
        body = functools.partial(differences_of, binary=binary, pki=pki, key=key)
        runner = Runner(body, options.jobs, CASE_DEADLINE_SECONDS)
        with contextlib.closing(runner.run(cases)) as results:
            for case, result, seconds in results:
                lines = [str(result)] if isinstance(result, Failed) else result
                failed += bool(lines)
                print(f"{'FAIL' if lines else 'ok':4} {case.id} ({seconds:.1f} s)", flush=True)
                for line in lines:
                    print(f"       {line}", flush=True)
    print(
        f"{len(cases) - failed} ok, {failed} failed,"
        f" {len(vectors) - len(cases)} not visible in a report"
    )
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
