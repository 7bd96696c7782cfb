#!/usr/bin/python3
"""The homeservers of the soak that misbehave, each connection on a task of its own.

    faulty_servers.py DIRECTORY SEED
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import socket
import ssl
import struct
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1] / "bench")]

from lab.homeserver import KEYS_PATH, VERSION_PATH  # noqa: E402  (the lab is beside this directory)
from lab.keys import SigningKey, server_keys  # noqa: E402
from lab.world import system_clock_ms  # noqa: E402
from population import (  # noqa: E402
    BAD_CERTIFICATES, ERRATIC_ADDRESSES, PORTS, SERVER_FAULTS, address_of,
)  # fmt: skip

LONGEST_SECONDS = 30  # that a connection is held
SECONDS_BETWEEN_BYTES = 0.5
HEALTHY_CONNECTIONS = 0.7  # of those to erratic homeservers
HTML = b"<!doctype html><title>Welcome</title>"
KEY, OTHER_KEY = SigningKey.generate("ed25519:soak"), SigningKey.generate("ed25519:soak")


@dataclass(frozen=True)
class Stream:
    """A connection after its TLS handshake, and the HTTP request that came on it."""

    writer: asyncio.StreamWriter
    host: str
    path: str

    async def send(self, octets: bytes) -> None:
        self.writer.write(octets)
        await self.writer.drain()

    async def answer(
        self,
        status: int,
        body: bytes,
        content_type: str = "application/json",
        headers: str = "",
    ) -> None:
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: {content_type}\r\n{headers}"
        await self.send(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)


class FaultyServers:
    """All of them; which fault a connection meets depends on its address or on the dice."""

    def __init__(self, certificates: dict[str, str], dice: random.Random) -> None:
        self._contexts = {kind: tls_context(file) for kind, file in certificates.items()}
        self._dice = dice
        self._tasks: set[asyncio.Future[None]] = set()

    async def run(self) -> None:
        listening: list[tuple[str, str | None]] = [(address_of(one), one) for one in SERVER_FAULTS]
        listening += [(address, None) for address in ERRATIC_ADDRESSES]
        for address, fault in listening:
            for port in PORTS:
                listener = socket.create_server((address, port), backlog=512)
                listener.setblocking(False)
                self._start(self._accept(listener, fault))
        await asyncio.Event().wait()

    def _start(self, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self, listener: socket.socket, fault: str | None) -> None:
        while True:
            client, _ = await asyncio.get_running_loop().sock_accept(listener)
            self._start(self._serve(client, fault or self._throw()))

    def _throw(self) -> str:
        if self._dice.random() < HEALTHY_CONNECTIONS:
            return "healthy"
        return self._dice.choice(SERVER_FAULTS)

    async def _serve(self, client: socket.socket, fault: str) -> None:
        # That the client goes away, or is sent away, is what these servers are for.
        with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, TimeoutError):
            async with asyncio.timeout(LONGEST_SECONDS):
                if fault in BEFORE_TLS:
                    await BEFORE_TLS[fault](client)
                else:
                    await self._speak_tls(client, fault)
        client.close()

    async def _speak_tls(self, client: socket.socket, fault: str) -> None:
        context = self._contexts[fault if fault in BAD_CERTIFICATES else "healthy"]
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        transport, _ = await loop.connect_accepted_socket(lambda: protocol, client, ssl=context)
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            if fault == "silence_after_handshake":
                await reader.read()
            while fault != "close_after_handshake":
                host, path = await read_head(reader)
                await AFTER_TLS.get(fault, answer_well)(Stream(writer, host, path))
        finally:
            transport.abort()


def tls_context(file: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def read_head(reader: asyncio.StreamReader) -> tuple[str, str]:
    """Host and path of the next request."""
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines[1:] if ": " in line)
    return headers.get("Host", ""), lines[0].split(" ")[1]


# Faults before TLS, on the plain socket.


async def say_nothing(client: socket.socket) -> None:
    while await asyncio.get_running_loop().sock_recv(client, 65536):
        pass


async def reset(client: socket.socket) -> None:
    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def reset_in_handshake(client: socket.socket) -> None:
    await asyncio.get_running_loop().sock_recv(client, 1)
    await reset(client)


async def close_in_handshake(client: socket.socket) -> None:
    await asyncio.get_running_loop().sock_recv(client, 65536)


async def send_garbage(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_recv(client, 65536)
    await loop.sock_sendall(client, b"SSH-2.0-OpenSSH_9.2\r\n")


async def speak_plain_http(client: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    await loop.sock_recv(client, 65536)
    await loop.sock_sendall(client, b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


BEFORE_TLS: dict[str, Callable[[socket.socket], Awaitable[None]]] = {
    "silence": say_nothing,
    "reset": reset,
    "reset_in_handshake": reset_in_handshake,
    "close_in_handshake": close_in_handshake,
    "garbage": send_garbage,
    "plain_http": speak_plain_http,
}

# Faults after TLS: what is answered to one request.


def keys_for(name: str, listed: SigningKey, signer: SigningKey) -> bytes:
    document = server_keys(name, listed, system_clock_ms())
    if signer is not listed:
        unsigned = {key: value for key, value in document.items() if key != "signatures"}
        document["signatures"] = {name: {listed.key_id: signer.sign(unsigned)}}
    return json.dumps(document).encode()


async def answer_with(stream: Stream, keys: bytes) -> None:
    if stream.path == KEYS_PATH:
        await stream.answer(200, keys)
    elif stream.path == VERSION_PATH:
        await stream.answer(200, b'{"server":{"name":"Odd","version":"1.0"}}')
    else:
        await stream.answer(404, b'{"errcode":"M_UNRECOGNIZED"}')


async def answer_well(stream: Stream) -> None:
    await answer_with(stream, keys_for(stream.host, KEY, KEY))


async def sign_wrongly(stream: Stream) -> None:
    await answer_with(stream, keys_for(stream.host, KEY, OTHER_KEY))


async def show_keys_of_another(stream: Stream) -> None:
    await answer_with(stream, keys_for("another.test", KEY, KEY))


async def drip_head(stream: Stream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"X-Slow: yes\r\n")
        await asyncio.sleep(SECONDS_BETWEEN_BYTES)


async def drip_body(stream: Stream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\nContent-Length: 40000\r\n\r\n")
    while True:
        await stream.send(b" ")
        await asyncio.sleep(SECONDS_BETWEEN_BYTES)


async def never_end_head(stream: Stream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await stream.send(b"X-Endless: " + b"a" * 8000 + b"\r\n")


async def never_end_body(stream: Stream) -> None:
    await stream.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        await stream.send(b"4000\r\n" + b"a" * 0x4000 + b"\r\n")


async def send_html(stream: Stream) -> None:
    await stream.answer(200, HTML, "text/html")


async def send_not_found(stream: Stream) -> None:
    await stream.answer(404, HTML, "text/html")


async def send_unavailable(stream: Stream) -> None:
    await stream.answer(503, HTML, "text/html", "Retry-After: 60\r\n")


async def redirect_in_a_loop(stream: Stream) -> None:
    await stream.answer(302, b"", headers=f"Location: {stream.path}\r\n")


async def cut_short(stream: Stream) -> None:
    await stream.send(b'HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n{"m.server":')
    stream.writer.transport.abort()
    raise EOFError


async def send_empty(stream: Stream) -> None:
    await stream.answer(200, b"")


async def send_deep_json(stream: Stream) -> None:
    await stream.answer(200, b"[" * 30000)


AFTER_TLS: dict[str, Callable[[Stream], Awaitable[None]]] = {
    "slow_head": drip_head,
    "slow_body": drip_body,
    "endless_head": never_end_head,
    "endless_body": never_end_body,
    "html": send_html,
    "not_found": send_not_found,
    "unavailable": send_unavailable,
    "redirect_loop": redirect_in_a_loop,
    "cut_short": cut_short,
    "empty": send_empty,
    "deep_json": send_deep_json,
    "wrong_signature": sign_wrongly,
    "keys_of_another": show_keys_of_another,
}


def main() -> None:
    certificates = json.loads((Path(sys.argv[1]) / "certificates.json").read_text())
    asyncio.run(FaultyServers(certificates, random.Random(sys.argv[2])).run())


if __name__ == "__main__":
    main()
