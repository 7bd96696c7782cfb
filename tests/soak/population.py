"""Who is in the soak: two thirds healthy homeservers, one third that misbehaves."""

from __future__ import annotations

import datetime
import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from farm.make_farm import make_farm
from lab.pki import Pki

# The same on every connection or for every question, each from an address or a name of its own.
SERVER_FAULTS = (
    "silence", "reset", "reset_in_handshake", "close_in_handshake", "garbage", "plain_http",
    "expired", "wrong_name", "self_signed", "untrusted", "without_intermediate",
    "close_after_handshake", "silence_after_handshake", "slow_head", "slow_body", "endless_head",
    "endless_body", "html", "not_found", "unavailable", "redirect_loop", "cut_short", "empty",
    "deep_json", "wrong_signature", "keys_of_another",
)  # fmt: skip
DNS_FAULTS = (
    "servfail", "refused", "nxdomain", "no_data", "no_answer", "malformed", "black_hole",
    "unreachable",
)  # fmt: skip
DOMAIN = "odd.test"
PORTS = (443, 8448)
ERRATIC_ADDRESSES = tuple(f"127.30.0.{number}" for number in range(1, 5))
BLACK_HOLE = "192.0.2.1"  # routed to where nobody is
UNREACHABLE_NETWORK = "198.51.100.0/24"
UNREACHABLE = "198.51.100.1"
BAD_CERTIFICATES: dict[str, dict[str, Any]] = {
    "healthy": {},
    "expired": {"not_before": -90, "not_after": -1},
    "wrong_name": {"dns": ["elsewhere.test"]},
    "self_signed": {"issuer": "self", "cn": DOMAIN},
    "untrusted": {"issuer": "private_ca"},
    "without_intermediate": {"chain": "missing_intermediate"},
}


def address_of(fault: str) -> str:
    return f"127.31.0.{SERVER_FAULTS.index(fault) + 1}"


@dataclass(frozen=True)
class Population:
    """The names by what is known of them. An erratic one may be anything, also healthy."""

    healthy: frozenset[str]
    broken: frozenset[str]
    erratic: frozenset[str]
    trust_store: Path

    @property
    def names(self) -> list[str]:
        return sorted(self.healthy | self.broken | self.erratic)


def populate(directory: Path, count: int, dice: random.Random) -> Population:
    """Writes what nginx, the faulty servers and the name server need into `directory`."""
    make_farm(directory, count * 2 // 3, "p256")
    farm = json.loads((directory / "farm.json").read_text())
    hosts: dict[str, dict[str, str]] = {}
    for server in farm:
        for name in (server["name"], f"matrix.{server['name']}"):
            hosts[name] = {"address": server["address"]}
    healthy = {server["name"] for server in farm if server["certificate"] == "healthy"}
    odd = misbehaving(count - len(farm), dice)
    hosts.update(odd)
    erratic = {name for name, host in odd.items() if "erratic" in host}
    broken = {server["name"] for server in farm} - healthy | set(odd) - erratic
    (directory / "hosts.json").write_text(json.dumps(hosts))
    trust_store = write_certificates(directory)
    return Population(frozenset(healthy), frozenset(broken), frozenset(erratic), trust_store)


def misbehaving(count: int, dice: random.Random) -> dict[str, dict[str, str]]:
    """Half with a fault of their own, half with another fault at every connection."""
    hosts: dict[str, dict[str, str]] = {}
    for number in range(count):
        name = f"odd{number:05}.{DOMAIN}"
        if number % 2 == 0:
            hosts[name] = {"erratic": dice.choice(ERRATIC_ADDRESSES)}
            continue
        fault = dice.choice(SERVER_FAULTS + DNS_FAULTS)
        is_of_server = fault in SERVER_FAULTS
        hosts[name] = {"address": address_of(fault)} if is_of_server else {"fault": fault}
    return hosts


def write_certificates(directory: Path) -> Path:
    """The certificates of the misbehaving; returns the file of all roots to be trusted."""
    pki = Pki(directory)
    files = {}
    for kind, spoilt in BAD_CERTIFICATES.items():
        spec = {"dns": [f"*.{DOMAIN}"], "not_before": -30, "not_after": 60, **spoilt}
        for edge in ("not_before", "not_after"):
            spec[edge] = days_from_now(spec[edge])
        files[kind] = str(pki.chain_file(spec))
    (directory / "certificates.json").write_text(json.dumps(files))
    trust_store = directory / "roots.pem"
    trust_store.write_bytes((directory / "root.pem").read_bytes() + pki.trust_store.read_bytes())
    return trust_store


def days_from_now(days: int) -> str:
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.isoformat()
