#!/usr/bin/python3
"""The name server of the soak: quick for the healthy, and what the dice say for the others.

    name_server.py DIRECTORY ADDRESS SEED
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import cast

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "bench")]

from lab import dns_server as dns  # noqa: E402  (the lab is found beside this directory)
from population import BLACK_HOLE, DNS_FAULTS, UNREACHABLE  # noqa: E402

FAULTY_ANSWERS = 0.2  # of those to questions about an erratic homeserver
CODES = {"servfail": dns.SERVFAIL, "refused": dns.REFUSED, "nxdomain": dns.NXDOMAIN}
ADDRESSES = {"black_hole": BLACK_HOLE, "unreachable": UNREACHABLE}


class NameServer(asyncio.DatagramProtocol):
    """Answers over UDP."""

    def __init__(self, hosts: dict[str, dict[str, str]], dice: random.Random) -> None:
        self._hosts = hosts
        self._dice = dice
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        response = self.respond(dns.parse_question(data))
        if response is not None and self._transport is not None:
            self._transport.sendto(response, addr)

    def error_received(self, _: Exception) -> None:
        """Whoever asked is gone; that is no concern of ours."""

    def respond(self, question: dns.Question) -> bytes | None:
        name = question.name.lower()
        base = name.split("._tcp.", 1)[-1]
        host = self._hosts.get(base)
        if host is None:
            return dns.encode_response(question, dns.NXDOMAIN, (), 0)
        fault = host.get("fault")
        if "erratic" in host and self._dice.random() < FAULTY_ANSWERS:
            fault = self._dice.choice(DNS_FAULTS)
        if fault == "no_answer":
            return None
        if fault == "malformed":
            return dns.encode_response(question, dns.NOERROR, (b"\xc0\xff broken",), 0)
        if fault in CODES:
            return dns.encode_response(question, CODES[fault], (), 0)
        if name != base:
            return dns.encode_response(question, dns.NXDOMAIN, (), 0)
        if fault == "no_data" or question.type_number != dns.TYPES["A"]:
            return dns.encode_response(question, dns.NOERROR, (), 0)
        address = ADDRESSES.get(fault or "") or host.get("address") or host["erratic"]
        record = dns.encode_record(question.name, "A", address)
        return dns.encode_response(question, dns.NOERROR, (record,), 0)


async def serve(directory: Path, address: str, seed: str) -> None:
    hosts = json.loads((directory / "hosts.json").read_text())
    server = NameServer(hosts, random.Random(seed))
    loop = asyncio.get_running_loop()
    await loop.create_datagram_endpoint(lambda: server, local_addr=(address, 53))
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
