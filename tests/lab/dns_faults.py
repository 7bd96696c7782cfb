"""Answers that a name server ought not to give: each takes a good one apart, or holds it back."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable

HEADER_BYTES = 12
TRUNCATED_FLAG = 0x0200
POINTER = 0xC000
CNAME, SRV = 5, 33
TTL_SECONDS = 60
SLOWNESS_SECONDS = 1.5


def pointer_to_itself(response: bytes, question: bytes, type_number: int) -> bytes:
    """One record (an alias, unless SRV was asked for) whose name is a pointer to that pointer."""
    is_srv = type_number == SRV
    numbers = struct.pack("!3H", 10, 5, 8448) if is_srv else b""
    place = HEADER_BYTES + len(question) + 12 + len(numbers)  # behind the record's fixed part
    data = numbers + struct.pack("!H", POINTER | place)
    owner = struct.pack("!H", POINTER | HEADER_BYTES)
    fixed = struct.pack("!HHIH", SRV if is_srv else CNAME, 1, TTL_SECONDS, len(data))
    counts = struct.pack("!3H", 1, 0, 0)
    return response[:6] + counts + question + owner + fixed + data


def other_identifier(response: bytes) -> bytes:
    (identifier,) = struct.unpack_from("!H", response)
    return struct.pack("!H", identifier ^ 1) + response[2:]


def without_end(response: bytes) -> bytes:
    """The counts promise more than there is: a record of which only the first octets arrive."""
    return response[:6] + struct.pack("!3H", 1, 0, 0) + response[HEADER_BYTES:-5]


def truncated(response: bytes, question: bytes) -> bytes:
    (flags,) = struct.unpack_from("!H", response, 2)
    header = response[:2] + struct.pack("!5H", flags | TRUNCATED_FLAG, 1, 0, 0, 0)
    return header + question


def late(response: bytes) -> bytes:
    """Every question has a thread of its own: others do not wait for it."""
    time.sleep(SLOWNESS_SECONDS)
    return response


# Each takes the good response, the question's octets, its type and the transport.
WIRE_FAULTS: dict[str, Callable[[bytes, bytes, int, str], bytes | None]] = {
    "POINTER_LOOP": lambda response, question, number, _: pointer_to_itself(
        response, question, number
    ),
    "WRONG_ID": lambda response, _question, _number, _: other_identifier(response),
    "CUT_SHORT": lambda response, _question, _number, _: without_end(response),
    "EMPTY": lambda _response, _question, _number, _: b"",
    "GARBAGE": lambda _response, _question, _number, _: b"\xff" * 40,
    # The answer over UDP says to ask over TCP, where nobody speaks.
    "SILENT_OVER_TCP": lambda response, question, _number, transport: (
        truncated(response, question) if transport == "udp" else None
    ),
    "SLOW": lambda response, _question, _number, _: late(response),
}
