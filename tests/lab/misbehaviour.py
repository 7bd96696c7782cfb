"""Ways in which a server fails its clients: below TLS, above it, and in the middle of an answer."""

from __future__ import annotations

import contextlib
import gzip
import socket
import struct
import time
from collections.abc import Callable

DRAIN_TIMEOUT_SECONDS = 2
DRAIN_MAX_READS = 64
CHUNK_BYTES = 64 * 1024
HUGE_HEADER_BYTES = 2_000_000
SSH_BANNER = b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"
# A fatal alert "internal error", as web servers send that have no certificate for a name.
TLS_ALERT = b"\x15\x03\x03\x00\x02\x02\x50"
# A HelloRequest (RFC 5246 section 7.4.1.1), which clients skip while they shake hands; no keys are needed for it.
HELLO_REQUESTS = b"\x16\x03\x03\x00\x04\x00\x00\x00\x00" * 5000
# RFC 9110 section 15.2 and RFC 8297: what a proxy sends while it waits for the answer.
INTERIM_RESPONSES = (
    b"HTTP/1.1 100 Continue\r\n\r\n"
    b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
)


# On a connection, before TLS or right after it.


def stay_silent(stream: socket.socket) -> None:
    """Reads whatever comes and says nothing, until the peer gives up."""
    while stream.recv(4096):
        pass


def reset(stream: socket.socket) -> None:
    """Closes with RST instead of FIN."""
    stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    stream.close()


def after_first_octets(then: Callable[[socket.socket], None]) -> Callable[[socket.socket], None]:
    def act(stream: socket.socket) -> None:
        stream.recv(64 * 1024)
        then(stream)

    return act


def say(octets: bytes) -> Callable[[socket.socket], None]:
    def act(stream: socket.socket) -> None:
        stream.sendall(octets)
        drain(stream)

    return act


def say_endlessly(octets: bytes) -> Callable[[socket.socket], None]:
    def act(stream: socket.socket) -> None:
        while True:
            stream.sendall(octets)

    return act


BEFORE_TLS: dict[str, Callable[[socket.socket], None]] = {
    "silent": stay_silent,
    "close_on_accept": socket.socket.close,
    "reset_in_handshake": after_first_octets(reset),
    "close_in_handshake": after_first_octets(socket.socket.close),
    "alert_in_handshake": after_first_octets(say(TLS_ALERT)),
    "garbage": after_first_octets(say(SSH_BANNER)),
    "endless_hello_requests": after_first_octets(say_endlessly(HELLO_REQUESTS)),
}
AFTER_TLS: dict[str, Callable[[socket.socket], None]] = {
    "silent_after_handshake": stay_silent,
    "close_after_handshake": socket.socket.close,
    "reset_after_handshake": reset,
}


# In an answer. Each takes the head with its empty line, the body, and a pause in seconds; the
# connection can carry another request only after one that returns True.


def send_plainly(stream: socket.socket, head: bytes, body: bytes, pause: float) -> bool:
    """All at once; with a pause, octet by octet from the first one of the head."""
    if pause:
        drip(stream, head + body, pause)
    else:
        stream.sendall(head + body)
    return True


def drip_body(stream: socket.socket, head: bytes, body: bytes, pause: float) -> bool:
    stream.sendall(head)
    drip(stream, body, pause)
    return True


def send_after_interim_responses(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    stream.sendall(INTERIM_RESPONSES)
    stream.sendall(head + body)
    return True


def send_without_reason(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """A status line that ends with the code, without the space that RFC 9112 section 4 wants there."""
    line, rest = head.split(b"\r\n", 1)
    stream.sendall(b" ".join(line.split(b" ")[:2]) + b"\r\n" + rest + body)
    return True


def send_interim_responses_endlessly(
    stream: socket.socket, _head: bytes, _body: bytes, _pause: float
) -> bool:
    while True:
        stream.sendall(INTERIM_RESPONSES * 100)


def send_from_cache(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """As a cache does that has kept the answer for an hour (RFC 9111 section 5.1)."""
    stream.sendall(with_header(head, b"Age: 3600") + body)
    return True


def send_and_close(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """And says so before, as proxies do that keep no connection open."""
    stream.sendall(with_header(head, b"Connection: close") + body)
    return False


def send_and_close_unannounced(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """As servers do that have no room for idle connections (RFC 9112 section 9.5)."""
    stream.sendall(head + body)
    return False


def send_until_closed(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """Without a length: the body ends with the connection, before which TLS says nothing."""
    stream.sendall(with_header(without_length(head), b"Connection: close") + body)
    return False


def send_chunked(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """In several chunks, as applications send that do not know the length yet."""
    stream.sendall(transfer_chunked(head))
    for start in range(0, len(body), 100):
        stream.sendall(chunk(body[start : start + 100]))
    stream.sendall(b"0\r\n\r\n")
    return True


def send_compressed(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    """Compressed, whether the client understands that or not."""
    compressed = gzip.compress(body)
    stream.sendall(with_header(without_length(head), b"Content-Encoding: gzip"
                               b"\r\nContent-Length: %d" % len(compressed)) + compressed)  # fmt: skip
    return True


def send_endlessly(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    stream.sendall(transfer_chunked(head) + chunk(body))
    while True:
        stream.sendall(chunk(b" " * CHUNK_BYTES))


def send_endless_head(stream: socket.socket, head: bytes, _: bytes, pause: float) -> bool:
    stream.sendall(head[:-2])
    while True:
        stream.sendall(b"X-More: of the same\r\n" * (1 if pause else 1000))
        time.sleep(pause)


def send_huge_header(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
    stream.sendall(with_header(head, b"X-Huge: " + b"a" * HUGE_HEADER_BYTES) + body)
    return True


def answer_never(stream: socket.socket, _head: bytes, _body: bytes, _pause: float) -> bool:
    stay_silent(stream)
    return False


def close_instead(stream: socket.socket, _head: bytes, _body: bytes, _pause: float) -> bool:
    stream.close()
    return False


def reset_instead(stream: socket.socket, _head: bytes, _body: bytes, _pause: float) -> bool:
    reset(stream)
    return False


def send_garbage(stream: socket.socket, _head: bytes, _body: bytes, _pause: float) -> bool:
    stream.sendall(b"\x00\x01\x02 this is no HTTP \xff\xfe\r\n\r\n")
    return False


def stop_in_body(then: Callable[[socket.socket], None]) -> Callable[..., bool]:
    def act(stream: socket.socket, head: bytes, body: bytes, _: float) -> bool:
        stream.sendall(head + body[: len(body) // 2])
        then(stream)
        return False

    return act


MANNERS: dict[str, Callable[[socket.socket, bytes, bytes, float], bool]] = {
    "plain": send_plainly,
    "drip_body": drip_body,
    "after_interim_responses": send_after_interim_responses,
    "without_reason": send_without_reason,
    "endless_interim_responses": send_interim_responses_endlessly,
    "from_cache": send_from_cache,
    "and_close": send_and_close,
    "and_close_unannounced": send_and_close_unannounced,
    "until_closed": send_until_closed,
    "chunked": send_chunked,
    "compressed": send_compressed,
    "endless": send_endlessly,
    "endless_head": send_endless_head,
    "huge_header": send_huge_header,
    "never": answer_never,
    "close": close_instead,
    "reset": reset_instead,
    "garbage": send_garbage,
    "close_in_body": stop_in_body(socket.socket.close),
    "reset_in_body": stop_in_body(reset),
    "silent_in_body": stop_in_body(stay_silent),
}


def drip(stream: socket.socket, octets: bytes, pause: float) -> None:
    for position in range(len(octets)):
        time.sleep(pause)
        stream.sendall(octets[position : position + 1])


def chunk(octets: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(octets), octets) if octets else b""


def transfer_chunked(head: bytes) -> bytes:
    return with_header(without_length(head), b"Transfer-Encoding: chunked")


def without_length(head: bytes) -> bytes:
    lines = head.split(b"\r\n")
    return b"\r\n".join(line for line in lines if not line.lower().startswith(b"content-length:"))


def with_header(head: bytes, line: bytes) -> bytes:
    return head[:-2] + line + b"\r\n\r\n"


def drain(stream: socket.socket) -> None:
    """Ends our side and reads on until the peer ends its own.

    Closing over unread bytes sends a reset, which destroys the alert or response on its way.
    """
    with contextlib.suppress(OSError):
        stream.shutdown(socket.SHUT_WR)
        stream.settimeout(DRAIN_TIMEOUT_SECONDS)
        for _ in range(DRAIN_MAX_READS):
            if not stream.recv(4096):
                return
