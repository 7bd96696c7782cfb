"""A closed world: the names, servers and clock of one vector, running."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from .dns_server import DnsServer
from .homeserver import Connection, Context, Homeserver, parse_listen
from .keys import SigningKey
from .pki import Pki


class World:
    """Starts what `dns` and `servers` describe, inside the namespace of this process."""

    def __init__(
        self,
        dns: Mapping[str, Any],
        servers: Sequence[Mapping[str, Any]],
        pki: Pki,
        signing_key: SigningKey,
        server_name: str = "",
        now_ms: Callable[[], int] | None = None,
    ) -> None:
        context = Context(pki, signing_key, server_name, now_ms or system_clock_ms)
        self.dns = DnsServer(dns)
        self.homeservers = [Homeserver(entry, context) for entry in servers]
        self._running = contextlib.ExitStack()

    def __enter__(self) -> World:
        with contextlib.ExitStack() as starting:
            starting.enter_context(self.dns)
            for homeserver in self.homeservers:
                starting.enter_context(homeserver)
            self._running = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def connections(self) -> list[Connection]:
        return [
            connection for homeserver in self.homeservers for connection in homeserver.connections
        ]


def addresses_of(dns: Mapping[str, Any], servers: Sequence[Mapping[str, Any]]) -> set[str]:
    """Every address that the world speaks of, whether something listens there or not."""
    found = {parse_listen(entry["listen"])[0] for entry in servers}
    for sets in dns.values():
        for record_type in ("A", "AAAA"):
            found.update((sets or {}).get(record_type) or [])
            for turn in ((sets or {}).get("in_turn") or {}).get(record_type) or []:
                found.update(turn)
    return found


def clock_starting_at(now_ms: int) -> Callable[[], int]:
    """A clock that shows `now_ms` now, and goes on."""
    started = time.monotonic()
    return lambda: now_ms + int((time.monotonic() - started) * 1000)


def system_clock_ms() -> int:
    return int(time.time() * 1000)
