"""The catalogue of faults: reads catalogue/*.yaml into worlds to build and reports to expect.

The healthy world that every fault departs from: example.org has the address 192.0.2.10, its website
answers 404 for .well-known on port 443, its homeserver is in order on port 8448. `homeserver` and
`website` of a fault change these two, `servers` adds others, `none` leaves one out. Times are
relative to the moment of the check: "-3d", "+1h".
"""

from __future__ import annotations

import copy
import dataclasses
import datetime
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

DIRECTORY = Path(__file__).resolve().parent / "catalogue"
# In the order of the documentation.
FAMILIES = (
    "names", "well_known", "dns", "srv", "connection", "tls", "certificates", "http", "keys",
    "version", "proxies", "expectations", "surroundings", "precedence", "fine",
)  # fmt: skip
NAME = "example.org"
ADDRESS = "192.0.2.10"
KEYS_PATH = "/_matrix/key/v2/server"
VERSION_PATH = "/_matrix/federation/v1/version"
WELL_KNOWN_PATH = "/.well-known/matrix/server"
JSON_TYPE = {"Content-Type": "application/json"}
CHECK_TIMEOUT_SECONDS = 30  # the program's own default for probe.timeout
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
FAULT_KEYS = {
    "id", "fault", "server_name", "dns", "homeserver", "website", "servers", "firewall",
    "ip_versions", "descriptors", "config", "expected", "stuck", "pending", "mft", "rft",
    "blackbox_target", "probes", "expect",
}  # fmt: skip
EXPECTED_KEYS = {
    "works", "check", "reason", "detail", "warnings", "well_known", "addresses", "version",
    "attempts", "connections", "failing", "truncated",
}  # fmt: skip
# What a server's description has beyond the lab's own keys.
OWN_KEYS = {
    "name", "host", "keys", "key_answer", "version_answer", "well_known", "ladder", "clock", "manner",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Fault:
    """One entry: a sentence for people, a world, and what the report has to say of it."""

    id: str
    family: str
    fault: str
    server_name: str
    dns: Mapping[str, Any]
    servers: Sequence[Mapping[str, Any]]
    expected: Mapping[str, Any]
    firewall: Sequence[str] = ()
    ip_versions: Sequence[int] = (4, 6)
    descriptors: int | None = None  # how many files and sockets the program may have open
    config: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    expect: Mapping[str, Any] | None = None  # what the operator expects beyond working federation
    probes: int | None = None  # in a row, by the daemon; otherwise one by `check`
    stuck: bool = False  # its servers hold clients for as long as these let them
    pending: str | None = None  # why it is not run
    mft: str | None = None
    rft: str | None = None
    blackbox_target: str | None = None

    @property
    def timeout_seconds(self) -> float:
        probe = self.config.get("probe") or {}
        return seconds(probe["timeout"]) if "timeout" in probe else CHECK_TIMEOUT_SECONDS

    @property
    def settings(self) -> Mapping[str, Any]:
        """Of the program, above those that make the world all there is."""
        server: dict[str, Any] = {"server_name": self.server_name}
        if self.expect is not None:
            server["expect"] = self.expect
        if self.probes is not None:
            server["interval"] = server["failure_interval"] = "1s"
        return {**self.config, "homeservers": [server]} if len(server) > 1 else self.config

    @property
    def words(self) -> set[str]:
        """Every reason and warning that it makes the program say."""
        expected = self.expected
        found = {expected.get("reason"), expected.get("well_known"), expected.get("version")}
        found.update((expected.get("addresses") or {}).values())
        found.update(expected.get("warnings") or [])
        found.update((expected.get("failing") or {}).values())
        return found - {None}


@dataclasses.dataclass(frozen=True)
class Family:
    """The faults of one file; `mft`, `rft` and `blackbox_target` hold where a fault has no own."""

    title: str
    about: str
    faults: Sequence[Fault]


def read_all(now_ms: int) -> list[Family]:
    """The whole catalogue, for checks that happen at `now_ms`."""
    return [read_family(name, now_ms) for name in FAMILIES]


def read_family(name: str, now_ms: int) -> Family:
    text = (DIRECTORY / f"{name}.yaml").read_text(encoding="utf-8")
    document = yaml.load(text, Loader=yaml.CSafeLoader)
    defaults = {key: document.get(key) for key in ("mft", "rft", "blackbox_target")}
    faults = [
        read_fault({**defaults, **entry}, name, now_ms) for entry in document["faults"]
    ]
    return Family(document["title"], document["about"], faults)


def read_fault(entry: Mapping[str, Any], family: str, now_ms: int) -> Fault:
    check_keys(f"fault {entry.get('id')}", entry, FAULT_KEYS)
    check_keys(f"expected of {entry['id']}", entry["expected"], EXPECTED_KEYS)
    entry = copy.deepcopy(dict(entry))
    homeserver, website = entry.pop("homeserver", {}), entry.pop("website", {})
    descriptions = list(entry.pop("servers", []))
    if website != "none":
        answer = {} if "well_known" in website or "behaviour" in website else {"status": 404}
        site = {"listen": f"{ADDRESS}:443", "well_known": answer, **website}
        descriptions.insert(0, site)
    if homeserver != "none":
        descriptions.insert(0, {"listen": f"{ADDRESS}:8448", **homeserver})
    servers = [server_entry(each, now_ms) for each in descriptions]
    entry["expected"].setdefault("works", "reason" not in entry["expected"])
    entry.setdefault("server_name", NAME)
    entry.setdefault("dns", {NAME: {"A": [ADDRESS]}})
    return Fault(family=family, servers=servers, **entry)


# From a description to what the lab builds.


def server_entry(description: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    entry = {key: value for key, value in description.items() if key not in OWN_KEYS}
    name = description.get("name", NAME)
    entry["cert"] = certificate(name, entry.get("cert") or {}, now_ms)
    if "cert_by_sni" in entry:
        entry["cert_by_sni"] = {
            sni: certificate(name, spec, now_ms) for sni, spec in entry["cert_by_sni"].items()
        }
    if "clock" in description:
        entry["clock_offset_s"] = seconds(description["clock"])
    host = description.get("host", name)
    entry["http"] = [*(entry.get("http") or []), *routes(description, host, now_ms)]
    return entry


def certificate(name: str, spec: Mapping[str, Any], now_ms: int) -> dict[str, Any]:
    is_address = re.fullmatch(r"[0-9.]+|.*:.*", name) is not None
    names: dict[str, Any] = {"ip": [name]} if is_address else {"dns": [name]}
    return {
        **names,
        **spec,
        "not_before": moment(spec.get("not_before", "-30d"), now_ms),
        "not_after": moment(spec.get("not_after", "+60d"), now_ms),
    }


def routes(description: Mapping[str, Any], host: str, now_ms: int) -> list[dict[str, Any]]:
    """The answers of a website, or of a homeserver."""
    if "well_known" in description:
        if "ladder" in description:
            return ladder(host, description["ladder"], description["well_known"])
        return [fixed(host, WELL_KNOWN_PATH, description["well_known"])]
    found = []
    for key, path in (("key_answer", KEYS_PATH), ("version_answer", VERSION_PATH)):
        if key in description:
            found.append(fixed(host, path, description[key]))
    good: dict[str, Any] = {"host": host, "federation": "good"}
    if "manner" in description:
        good["manner"] = description["manner"]
    if "keys" in description:
        keys = description["keys"]
        good["keys"] = (
            [with_times(each, now_ms) for each in keys]
            if isinstance(keys, list)
            else with_times(keys, now_ms)
        )
    return [*found, good]


def with_times(keys: Mapping[str, Any], now_ms: int) -> Mapping[str, Any]:
    if "valid_for" not in keys:
        return keys
    deviation = dict(keys)
    until = now_ms + 1000 * seconds(deviation.pop("valid_for"))
    return {**deviation, "members": {"valid_until_ts": until, **deviation.get("members", {})}}


def fixed(host: str, path: str, answer: Mapping[str, Any]) -> dict[str, Any]:
    """One answer; a `body` that is no text is written as JSON."""
    return {"host": host, "path": path, "status": 200, "headers": JSON_TYPE, "body": "", **answer}


def ladder(host: str, hops: int, last: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each redirect leads to a path one letter longer, and the last one to an answer."""
    paths = [WELL_KNOWN_PATH] + ["/a" + "a" * hop for hop in range(hops)]
    found = [
        fixed(host, path, {"status": 302, "headers": {"Location": following}})
        for path, following in zip(paths, paths[1:])
    ]
    return [*found, fixed(host, paths[-1], last)]


def moment(relative: str, now_ms: int) -> str:
    then = now_ms / 1000 + seconds(relative)
    return datetime.datetime.fromtimestamp(then, datetime.timezone.utc).isoformat()


def seconds(text: str) -> int:
    """Of "30s", "+1h" or "-3d"."""
    match = re.fullmatch(r"([+-]?\d+)([smhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no time such as -3d, +1h or 30s")
    return int(match[1]) * UNITS[match[2]]


def check_keys(what: str, entry: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(entry) - known:
        raise ValueError(f"{what}: unknown keys {sorted(unknown)}")
