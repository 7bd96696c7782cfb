"""A DNS server that answers like a recursive resolver whose whole world is one mapping."""

from __future__ import annotations

import dataclasses
import ipaddress
import socket
import socketserver
import struct
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .dns_faults import TRUNCATED_FLAG, WIRE_FAULTS

TYPES = {"A": 1, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33}
TYPE_NAMES = {number: name for name, number in TYPES.items()}
TYPE_OPT = 41
CLASS_IN = 1
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, NOTAUTH = 0, 1, 2, 3, 4, 5, 9
FAILURES = {
    "SERVFAIL": SERVFAIL, "REFUSED": REFUSED, "FORMERR": FORMERR, "NOTIMP": NOTIMP, "NOTAUTH": NOTAUTH,
}  # fmt: skip
NO_EDNS = "NO_EDNS"  # an error of questions with EDNS only
RESPONSE_FLAGS = 0x8180  # a response, recursion desired and available
TTL_SECONDS = 60
PLAIN_UDP_SIZE = 512
OUR_UDP_SIZE = 1232
MAX_ALIASES = 16
# `in_turn`: {type: [values of the first answer, of the second, …]}; the last one stays. `first`:
# how many questions of each type get the errors; those that follow get none.
NAME_KEYS = {
    "A", "AAAA", "CNAME", "SRV", "MX", "TXT", "errors", "first", "truncate_udp", "in_turn",
}  # fmt: skip


@dataclass(frozen=True)
class Query:
    """One question as it arrived; the name as the client wrote it, without the final dot."""

    name: str
    type: str
    transport: str


@dataclass(frozen=True)
class Question:
    """The parsed part of a query that an answer depends on."""

    identifier: int
    name: str
    type_number: int
    wire: bytes
    udp_size: int | None


@dataclass(frozen=True)
class Answer:
    """What the mapping says to a question, before it is put on a wire."""

    rcode: int
    records: tuple[bytes, ...]
    truncate_udp: bool
    wire_fault: str | None = None


class DnsServer:
    """Serves `records` (the vectors' `dns` mapping) on UDP and TCP; remembers every query."""

    def __init__(
        self, records: Mapping[str, Any], address: str = "127.0.0.53", port: int = 53
    ) -> None:
        self.queries: list[Query] = []
        self._lock = threading.Lock()
        self._turns: Counter[tuple[str, str]] = Counter()
        self._failed: Counter[tuple[str, str]] = Counter()
        self._names = {name.rstrip(".").lower(): sets or {} for name, sets in records.items()}
        for name, sets in self._names.items():
            unknown = set(sets) - NAME_KEYS
            if unknown:
                raise ValueError(f"dns {name}: unknown keys {sorted(unknown)}")
        handlers = _handlers_of(self)
        self._servers = (
            _ThreadingUdpServer((address, port), handlers[0]),
            _ThreadingTcpServer((address, port), handlers[1]),
        )

    def __enter__(self) -> DnsServer:
        for server in self._servers:
            threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in self._servers:
            server.shutdown()
            server.server_close()

    def respond(self, packet: bytes, transport: str) -> bytes | None:
        """The response to one query; None where the client must hear nothing."""
        question = parse_question(packet)
        type_name = TYPE_NAMES.get(question.type_number, f"TYPE{question.type_number}")
        self.queries.append(Query(question.name, type_name, transport))
        answer = self._look_up(question.name, type_name)
        if answer is None:
            return None
        if answer.wire_fault is not None:
            plain = dataclasses.replace(question, udp_size=None)
            if answer.wire_fault == NO_EDNS:
                knows = question.udp_size is None
                return encode_response(plain, NOERROR if knows else FORMERR, answer.records if knows else (), 0)
            response = encode_response(plain, answer.rcode, answer.records, 0)
            spoil = WIRE_FAULTS[answer.wire_fault]
            return spoil(response, question.wire, question.type_number, transport)
        response = encode_response(question, answer.rcode, answer.records, 0)
        limit = max(question.udp_size or 0, PLAIN_UDP_SIZE)
        if transport == "udp" and (answer.truncate_udp or len(response) > limit):
            return encode_response(question, answer.rcode, (), TRUNCATED_FLAG)
        return response

    def _look_up(self, name: str, type_name: str) -> Answer | None:
        """Follows aliases as a resolver does; the last name decides the code."""
        records: list[bytes] = []
        truncate = False
        for _ in range(MAX_ALIASES):
            sets = self._names.get(name.lower())
            if sets is None:
                return Answer(NXDOMAIN, tuple(records), truncate)
            truncate = truncate or bool(sets.get("truncate_udp"))
            error = self._error(name.lower(), sets, type_name)
            if error == "TIMEOUT":
                return None
            if error in FAILURES:
                return Answer(FAILURES[error], (), truncate)
            alias = sets.get("CNAME")
            if alias is None or type_name == "CNAME" or error == "NODATA":
                values = [] if error == "NODATA" else self._values(name, sets, type_name)
                ttl = 0 if "in_turn" in sets else TTL_SECONDS
                records += [encode_record(name, type_name, value, ttl) for value in values]
                return Answer(NOERROR, tuple(records), truncate, wire_fault_of(name, error))
            target = _as_list(alias)[0]
            records.append(encode_record(name, "CNAME", target))
            name = target.rstrip(".")
        return Answer(SERVFAIL, (), truncate)

    def _error(self, name: str, sets: Mapping[str, Any], type_name: str) -> str | None:
        error: str | None = (sets.get("errors") or {}).get(type_name)
        if error is None or "first" not in sets:
            return error
        with self._lock:
            self._failed[name, type_name] += 1
            return error if self._failed[name, type_name] <= sets["first"] else None

    def _values(self, name: str, sets: Mapping[str, Any], type_name: str) -> list[Any]:
        """The records; where they change from answer to answer, those whose turn it is."""
        turns = (sets.get("in_turn") or {}).get(type_name)
        if turns is None:
            return _as_list(sets.get(type_name))
        with self._lock:
            turn = self._turns[name, type_name]
            self._turns[name, type_name] += 1
        return list(turns[min(turn, len(turns) - 1)])


def wire_fault_of(name: str, error: str | None) -> str | None:
    if error in (None, "NODATA"):
        return None
    if error not in (*WIRE_FAULTS, NO_EDNS):
        raise ValueError(f"dns {name}: unknown error {error!r}")
    return error


def parse_question(packet: bytes) -> Question:
    identifier, _, _, _, _, additional = struct.unpack_from("!6H", packet)
    labels, position = [], 12
    while (length := packet[position]) != 0:
        labels.append(packet[position + 1 : position + 1 + length].decode("latin-1"))
        position += 1 + length
    type_number, _ = struct.unpack_from("!HH", packet, position + 1)
    end = position + 5
    udp_size = None
    if additional and packet[end] == 0:
        opt_type, opt_size = struct.unpack_from("!HH", packet, end + 1)
        udp_size = opt_size if opt_type == TYPE_OPT else None
    return Question(identifier, ".".join(labels), type_number, packet[12:end], udp_size)


def encode_response(
    question: Question, rcode: int, records: tuple[bytes, ...], extra_flags: int
) -> bytes:
    # A negative answer carries the SOA that bounds how long it may be remembered (RFC 2308).
    negative = rcode in (NOERROR, NXDOMAIN) and not records and not extra_flags
    authority = [encode_soa()] if negative or rcode == NXDOMAIN else []
    additional = []
    if question.udp_size is not None:
        additional.append(b"\0" + struct.pack("!HHIH", TYPE_OPT, OUR_UDP_SIZE, 0, 0))
    header = struct.pack(
        "!6H",
        question.identifier,
        RESPONSE_FLAGS | extra_flags | rcode,
        1,
        len(records),
        len(authority),
        len(additional),
    )
    return b"".join((header, question.wire, *records, *authority, *additional))


def encode_record(name: str, type_name: str, value: Any, ttl: int = TTL_SECONDS) -> bytes:
    return _resource(encode_name(name), TYPES[type_name], ttl, encode_data(type_name, value))


def encode_soa() -> bytes:
    numbers = struct.pack("!5I", 1, 3600, 600, 86400, TTL_SECONDS)
    data = encode_name(".") * 2 + numbers
    return _resource(encode_name("."), TYPES["SOA"], TTL_SECONDS, data)


def encode_data(type_name: str, value: Any) -> bytes:
    if type_name in ("A", "AAAA"):
        return bytes(ipaddress.ip_address(value).packed)
    if type_name == "SRV":
        numbers = struct.pack("!3H", value["priority"], value["weight"], value["port"])
        return numbers + encode_name(value["target"])
    if type_name == "CNAME":
        return encode_name(value)
    if type_name == "MX":
        return struct.pack("!H", 10) + encode_name(value)
    text = str(value).encode()
    return bytes([len(text)]) + text


def encode_name(name: str) -> bytes:
    labels = [label.encode("latin-1") for label in name.rstrip(".").split(".") if label]
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def _resource(owner: bytes, type_number: int, ttl: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", type_number, CLASS_IN, ttl, len(data)) + data


def _as_list(value: Any) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, (list, tuple)) else [value]


class _ThreadingUdpServer(socketserver.ThreadingUDPServer):
    daemon_threads = True
    max_packet_size = 4096


class _ThreadingTcpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


def _handlers_of(
    dns: DnsServer,
) -> tuple[type[socketserver.BaseRequestHandler], type[socketserver.BaseRequestHandler]]:
    class UdpHandler(socketserver.BaseRequestHandler):
        """One datagram."""

        def handle(self) -> None:
            packet, udp_socket = self.request
            response = dns.respond(packet, "udp")
            if response is not None:
                udp_socket.sendto(response, self.client_address)

    class TcpHandler(socketserver.StreamRequestHandler):
        """One connection with any number of queries, each with its length in front."""

        timeout = 30

        def handle(self) -> None:
            try:
                while len(prefix := self.rfile.read(2)) == 2:
                    packet = self.rfile.read(struct.unpack("!H", prefix)[0])
                    response = dns.respond(packet, "tcp")
                    if response is not None:
                        self.wfile.write(struct.pack("!H", len(response)) + response)
            except (ConnectionError, socket.timeout):
                return

    return UdpHandler, TcpHandler
