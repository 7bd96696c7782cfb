"""The homeservers of the demonstration: what each is about, and the world that makes it so."""

from __future__ import annotations

import dataclasses
import datetime
import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

from lab.homeserver import KEYS_PATH
from lab.keys import SigningKey, server_keys

DOMAIN = "demo.example"
WELL_KNOWN_PATH = "/.well-known/matrix/server"
# One moment for all: servers with equal descriptions then share one certificate.
STARTED = datetime.datetime.now(datetime.timezone.utc)
JSON_TYPE = {"Content-Type": "application/json"}


@dataclasses.dataclass(frozen=True)
class Story:
    """One homeserver. `reason` is why federation fails, None where it works."""

    server_name: str
    about: str
    reason: str | None
    dns: Mapping[str, Any]
    servers: Sequence[Mapping[str, Any]]


def all_stories(signing_key: SigningKey) -> list[Story]:
    return [
        delegated(),
        delegated_with_srv(),
        srv("srv", "_matrix-fed._tcp", "SRV record _matrix-fed._tcp (step 4)", 40),
        srv("old-srv", "_matrix._tcp", "only the deprecated SRV record _matrix._tcp (step 5)", 50),
        direct("direct", "no delegation: port 8448 of its own name (step 6)", 60),
        explicit_port(),
        direct(
            "expired",
            "its certificate expired yesterday",
            80,
            reason="tls_cert_expired",
            certificate={"not_after": days_from_now(-1)},
        ),
        direct(
            "expiring",
            "works, but its certificate expires in three days",
            90,
            certificate={"not_after": days_from_now(3)},
        ),
        direct(
            "no-chain",
            "does not send its intermediate certificate",
            100,
            reason="tls_cert_incomplete_chain",
            certificate={"chain": "missing_intermediate"},
        ),
        direct(
            "wrong-name",
            "its certificate is for another name",
            110,
            reason="tls_cert_name_mismatch",
            certificate={"dns": [f"elsewhere.{DOMAIN}"]},
        ),
        direct("half", "works over IPv4; its IPv6 address refuses", 120, ipv6="2001:db8::120"),
        html_for_well_known(),
        bad_signature(signing_key),
    ]


def delegated() -> Story:
    name, target = f"delegated.{DOMAIN}", f"matrix.delegated.{DOMAIN}"
    return Story(
        name,
        f".well-known delegates to {target}:443 (step 3.2)",
        None,
        {name: {"A": ["192.0.2.20"]}, target: {"A": ["192.0.2.21"], "AAAA": ["2001:db8::21"]}},
        [
            well_known("192.0.2.20", name, f"{target}:443"),
            homeserver("192.0.2.21:443", name, target, host=f"{target}:443"),
            homeserver("[2001:db8::21]:443", name, target, host=f"{target}:443"),
        ],
    )


def delegated_with_srv() -> Story:
    name, target = f"delegated-srv.{DOMAIN}", f"matrix.delegated-srv.{DOMAIN}"
    node = f"node1.{DOMAIN}"
    return Story(
        name,
        f".well-known names {target}, its SRV record {node} (step 3.3)",
        None,
        {
            name: {"A": ["192.0.2.30"]},
            f"_matrix-fed._tcp.{target}": srv_record(8443, node),
            node: {"A": ["192.0.2.31"]},
        },
        [well_known("192.0.2.30", name, target), homeserver("192.0.2.31:8443", name, target)],
    )


def srv(label: str, service: str, about: str, number: int) -> Story:
    name, node, address = f"{label}.{DOMAIN}", f"node.{label}.{DOMAIN}", f"192.0.2.{number}"
    return Story(
        name,
        about,
        None,
        {name: {}, f"{service}.{name}": srv_record(8443, node), node: {"A": [address]}},
        [homeserver(f"{address}:8443", name, name)],
    )


def direct(
    label: str,
    about: str,
    number: int,
    reason: str | None = None,
    certificate: Mapping[str, Any] | None = None,
    ipv6: str | None = None,
) -> Story:
    name, address = f"{label}.{DOMAIN}", f"192.0.2.{number}"
    records = {"A": [address], "AAAA": [ipv6] if ipv6 else []}
    server = homeserver(f"{address}:8448", name, name, certificate=certificate)
    return Story(name, about, reason, {name: records}, [server])


def explicit_port() -> Story:
    host = f"port.{DOMAIN}"
    name = f"{host}:8449"
    server = homeserver("192.0.2.70:8449", name, host, host=name)
    about = "the port is part of its server name (step 2)"
    return Story(name, about, None, {host: {"A": ["192.0.2.70"]}}, [server])


def html_for_well_known() -> Story:
    """What a single-page application does to .well-known."""
    name = f"html.{DOMAIN}"
    page = {
        "host": name,
        "path": WELL_KNOWN_PATH,
        "status": 200,
        "headers": {"Content-Type": "text/html"},
        "body": "<!doctype html><title>Chat</title>",
    }
    web = {"listen": "192.0.2.130:443", "cert": valid_certificate(name), "http": [page]}
    return Story(
        name,
        "serves a web page as .well-known; works on port 8448 all the same",
        None,
        {name: {"A": ["192.0.2.130"]}},
        [web, homeserver("192.0.2.130:8448", name, name)],
    )


def bad_signature(signing_key: SigningKey) -> Story:
    name = f"bad-signature.{DOMAIN}"
    keys = server_keys(name, signing_key, int(time.time() * 1000))
    keys["valid_until_ts"] += 1  # after signing
    forged = {
        "host": name,
        "path": KEYS_PATH,
        "status": 200,
        "headers": JSON_TYPE,
        "body": json.dumps(keys),
    }
    server = homeserver("192.0.2.140:8448", name, name, more_routes=[forged])
    about = "the signature of its keys does not verify"
    return Story(name, about, "keys_invalid_signature", {name: {"A": ["192.0.2.140"]}}, [server])


def homeserver(
    listen: str,
    server_name: str,
    certificate_name: str,
    host: str | None = None,
    certificate: Mapping[str, Any] | None = None,
    more_routes: Sequence[Mapping[str, Any]] = (),
) -> Mapping[str, Any]:
    good = {"host": host or certificate_name, "federation": "good", "server_name": server_name}
    return {
        "listen": listen,
        "cert": {**valid_certificate(certificate_name), **(certificate or {})},
        "http": [*more_routes, good],
    }


def well_known(address: str, name: str, m_server: str) -> Mapping[str, Any]:
    route = {
        "host": name,
        "path": WELL_KNOWN_PATH,
        "status": 200,
        "headers": JSON_TYPE,
        "body": json.dumps({"m.server": m_server}),
    }
    return {"listen": f"{address}:443", "cert": valid_certificate(name), "http": [route]}


def srv_record(port: int, target: str) -> Mapping[str, Any]:
    return {"SRV": [{"priority": 10, "weight": 0, "port": port, "target": f"{target}."}]}


def valid_certificate(name: str) -> Mapping[str, Any]:
    return {
        "dns": [name],
        "not_before": days_from_now(-30),
        "not_after": days_from_now(60),
    }


def days_from_now(days: int) -> str:
    return (STARTED + datetime.timedelta(days=days)).isoformat()
