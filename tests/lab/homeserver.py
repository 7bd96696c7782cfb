"""TLS servers that behave as their descriptions say, and remember who came."""

from __future__ import annotations

import email.utils
import ipaddress
import itertools
import json
import socket
import ssl
import threading
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from .keys import SigningKey, server_keys
from .misbehaviour import AFTER_TLS, BEFORE_TLS, MANNERS, drain
from .pki import Pki, is_weak

KEYS_PATH = "/_matrix/key/v2/server"
VERSION_PATH = "/_matrix/federation/v1/version"
SIGNED_PATHS = "/_matrix/federation/v1/"
DEFAULT_SOFTWARE = {"name": "Synapse", "version": "1.157.1"}
# `first`: how many connections get the behaviour; those that follow get none. `clock_offset_s`:
# how far the clock of this server is ahead.
ENTRY_KEYS = {
    "listen", "cert", "cert_by_sni", "tls", "client_cert", "sni_forbidden", "behaviour", "http",
    "first", "clock_offset_s",
}  # fmt: skip
# `server_name` and `software` are the lab's own: a world of several homeservers needs them. `keys`:
# how the key response differs from a good one; a list differs from response to response, and its
# last entry stays. `manner`: one of MANNERS.
ROUTE_KEYS = {
    "host", "path", "status", "headers", "body", "body_gen", "byte_delay_ms",
    "federation", "server_name", "software", "keys", "manner",
}  # fmt: skip
BEHAVIOURS = {"refuse", "blackhole", "plain_http", *BEFORE_TLS, *AFTER_TLS}
TLS_VERSIONS = {
    "1.0": ssl.TLSVersion.TLSv1,
    "1.1": ssl.TLSVersion.TLSv1_1,
    "1.2": ssl.TLSVersion.TLSv1_2,
    "1.3": ssl.TLSVersion.TLSv1_3,
}
CONNECTION_TIMEOUT_SECONDS = 60
MAX_HEAD_BYTES = 64 * 1024
REASON_PHRASES = {200: "OK", 201: "Created", 404: "Not Found"}


@dataclass(frozen=True)
class Request:
    """What one HTTP request asked for."""

    host: str | None
    path: str


@dataclass
class Connection:
    """One accepted connection: the SNI of its ClientHello, and the requests it carried."""

    listen: str
    saw_client_hello: bool = False
    sni: str | None = None
    requests: list[Request] = field(default_factory=list)


@dataclass(frozen=True)
class Response:
    """One HTTP response before it is written."""

    status: int
    headers: Mapping[str, Any]
    body: bytes
    byte_delay_seconds: float = 0.0
    manner: str = "plain"


@dataclass(frozen=True)
class Context:
    """What all servers of one world share."""

    pki: Pki
    signing_key: SigningKey
    server_name: str
    now_ms: Callable[[], int]


class Homeserver:
    """One listening address. A context manager; threads, because faults block."""

    def __init__(self, entry: Mapping[str, Any], context: Context) -> None:
        check_keys("server", entry, ENTRY_KEYS)
        self.listen: str = entry["listen"]
        self.behaviour: str | None = entry.get("behaviour")
        if self.behaviour is not None and self.behaviour not in BEHAVIOURS:
            raise ValueError(f"server {self.listen}: unknown behaviour {self.behaviour!r}")
        self.connections: list[Connection] = []
        self._first: int | None = entry.get("first")
        self._routes = Routes(entry.get("http") or [], context, entry.get("clock_offset_s", 0))
        self._sni_forbidden = bool(entry.get("sni_forbidden"))
        self._tls: ssl.SSLContext | None = None
        self._by_sni: dict[str, ssl.SSLContext] = {}
        if self.behaviour is None or self.behaviour in AFTER_TLS or self._first is not None:
            self._prepare_tls(entry, context.pki)
        self._listener: socket.socket | None = None
        self._never_accepted: list[socket.socket] = []

    def __enter__(self) -> Homeserver:
        if self.behaviour == "refuse":
            return self
        address = parse_listen(self.listen)
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self._listener = socket.create_server(address, family=family, backlog=128)
        if self.behaviour == "blackhole":
            self._swallow_packets(family, address)
        else:
            threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._never_accepted:
            client.close()
        if self._listener is not None:
            # Closing alone does not wake a thread that waits in accept().
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()

    def _swallow_packets(self, family: int, address: tuple[str, int]) -> None:
        """With a full accept queue Linux drops every further SYN: no firewall needed."""
        assert self._listener is not None
        self._listener.listen(0)
        for _ in range(3):
            client = socket.socket(family, socket.SOCK_STREAM)
            client.setblocking(False)
            client.connect_ex(address)
            self._never_accepted.append(client)

    def _prepare_tls(self, entry: Mapping[str, Any], pki: Pki) -> None:
        certificates = dict(entry.get("cert_by_sni") or {})
        default = certificates.pop("default", None) or entry.get("cert")
        if default is None:
            raise ValueError(f"server {self.listen}: no certificate")
        self._tls = server_context(entry, pki, default)
        self._tls.sni_callback = self._on_client_hello
        for name, spec in certificates.items():
            self._by_sni[name.lower()] = server_context(entry, pki, spec)

    def _on_client_hello(
        self, tls: ssl.SSLObject, sni: str | None, _: ssl.SSLContext
    ) -> int | None:
        connection: Connection = getattr(tls, "lab_connection")
        connection.saw_client_hello = True
        connection.sni = sni
        if sni is None:
            return None
        if self._sni_forbidden:
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        if sni.lower() in self._by_sni:
            tls.context = self._by_sni[sni.lower()]
        return None

    def _accept(self) -> None:
        assert self._listener is not None
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            connection = Connection(self.listen)
            self.connections.append(connection)
            spent = self._first is not None and len(self.connections) > self._first
            behaviour = None if spent else self.behaviour
            threading.Thread(
                target=self._serve, args=(client, connection, behaviour), daemon=True
            ).start()

    def _serve(
        self, client: socket.socket, connection: Connection, behaviour: str | None
    ) -> None:
        client.settimeout(CONNECTION_TIMEOUT_SECONDS)
        try:
            if behaviour in BEFORE_TLS:
                BEFORE_TLS[behaviour](client)
            elif behaviour == "plain_http":
                self._speak_http(client, connection)
                drain(client)
            else:
                self._speak_https(client, connection, behaviour)
        except OSError:
            pass  # the client went away or refused our certificate: its right
        finally:
            client.close()

    def _speak_https(
        self, client: socket.socket, connection: Connection, behaviour: str | None
    ) -> None:
        assert self._tls is not None
        with self._tls.wrap_socket(client, server_side=True, do_handshake_on_connect=False) as tls:
            setattr(tls, "lab_connection", connection)
            try:
                tls.do_handshake()
                if behaviour is not None:
                    AFTER_TLS[behaviour](tls)
                    return
                self._speak_http(tls, connection)
            finally:
                drain(tls)

    def _speak_http(self, stream: socket.socket, connection: Connection) -> None:
        buffered = b""
        while True:
            head, buffered = read_head(stream, buffered)
            if head is None:
                return
            request, keep_alive = parse_head(head)
            if request is None:
                send(stream, Response(400, {"Connection": "close"}, b""), self._routes.date())
                return
            connection.requests.append(request)
            goes_on = send(stream, self._routes.respond(request), self._routes.date())
            if not (goes_on and keep_alive):
                return


class Routes:
    """Finds the response for an exact Host header and path."""

    def __init__(
        self, routes: list[Mapping[str, Any]], context: Context, clock_offset_seconds: int
    ) -> None:
        self._context = context
        self._clock_offset_seconds = clock_offset_seconds
        self._key_responses = itertools.count()
        self._fixed: dict[tuple[str, str], Response] = {}
        self._federation: dict[str, Mapping[str, Any]] = {}
        for route in routes:
            check_keys("route", route, ROUTE_KEYS)
            if route.get("manner", "plain") not in MANNERS:
                raise ValueError(f"route: unknown manner {route['manner']!r}")
            if "federation" in route:
                if route["federation"] not in ("good", "keys_only"):
                    raise ValueError(f"route: unknown federation {route['federation']!r}")
                self._federation[route["host"]] = route
            else:
                self._fixed[route["host"], route["path"]] = fixed_response(route)

    def date(self) -> str:
        seconds = self._context.now_ms() / 1000 + self._clock_offset_seconds
        return email.utils.formatdate(seconds, usegmt=True)

    def respond(self, request: Request) -> Response:
        host, path = request.host or "", request.path
        if (host, path) in self._fixed:
            return self._fixed[host, path]
        if host in self._federation:
            return self._as_homeserver(self._federation[host], path)
        return json_response(404, {"errcode": "M_UNRECOGNIZED"})

    def _as_homeserver(self, route: Mapping[str, Any], path: str) -> Response:
        manner = route.get("manner", "plain")
        if path == KEYS_PATH:
            server_name = route.get("server_name", self._context.server_name)
            key, now_ms = self._context.signing_key, self._context.now_ms()
            keys = server_keys(server_name, key, now_ms, self._deviation(route))
            return json_response(200, keys, manner)
        if path == VERSION_PATH and route["federation"] == "good":
            return json_response(200, {"server": route.get("software", DEFAULT_SOFTWARE)}, manner)
        if path.startswith(SIGNED_PATHS) and route["federation"] == "good":
            return json_response(401, {"errcode": "M_UNAUTHORIZED"}, manner)
        return json_response(404, {"errcode": "M_UNRECOGNIZED"})

    def _deviation(self, route: Mapping[str, Any]) -> Mapping[str, Any]:
        turns = route.get("keys") or {}
        if isinstance(turns, Mapping):
            return turns
        turn = min(next(self._key_responses), len(turns) - 1)
        deviation: Mapping[str, Any] = turns[turn]
        return deviation


def fixed_response(route: Mapping[str, Any]) -> Response:
    generated = route.get("body_gen")
    if generated is None:
        body = route.get("body") or ""
    else:
        body = generated.get("prefix", "") + generated["fill"] * generated["fill_count"]
        body += generated.get("suffix", "")
    return Response(
        route["status"],
        route.get("headers") or {},
        body if isinstance(body, bytes) else body.encode(),
        (route.get("byte_delay_ms") or 0) / 1000,
        route.get("manner", "plain"),
    )


def json_response(status: int, value: Mapping[str, Any], manner: str = "plain") -> Response:
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(status, {"Content-Type": "application/json"}, body, manner=manner)


def server_context(
    entry: Mapping[str, Any], pki: Pki, certificate: Mapping[str, Any]
) -> ssl.SSLContext:
    tls = entry.get("tls") or {}
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    oldest = tls.get("min", "1.2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # old versions are the point
        context.minimum_version = TLS_VERSIONS[oldest]
        context.maximum_version = TLS_VERSIONS[tls.get("max", "1.3")]
    context.num_tickets = tls.get("tickets", context.num_tickets)
    careless = oldest in ("1.0", "1.1") or is_weak(certificate)
    if careless or "ciphers" in tls:
        context.set_ciphers(tls.get("ciphers", "DEFAULT") + (":@SECLEVEL=0" if careless else ""))
    context.load_cert_chain(pki.chain_file(certificate))
    client_certificate = entry.get("client_cert") or "none"
    context.verify_mode = {
        "none": ssl.CERT_NONE,
        "optional": ssl.CERT_OPTIONAL,
        "required": ssl.CERT_REQUIRED,
    }[client_certificate]
    if client_certificate != "none":
        context.load_verify_locations(pki.trust_store)
    return context


def read_head(stream: socket.socket, buffered: bytes) -> tuple[bytes | None, bytes]:
    """The next request's head and what follows it; None at the end or when it is no HTTP."""
    while b"\r\n\r\n" not in buffered:
        if buffered[:1] and not buffered[:1].isalpha():
            return buffered, b""  # a TLS ClientHello, say: answered at once, as web servers do
        if len(buffered) > MAX_HEAD_BYTES:
            return None, b""
        received = stream.recv(4096)
        if not received:
            return None, b""
        buffered += received
    head, _, rest = buffered.partition(b"\r\n\r\n")
    return head, rest


def parse_head(head: bytes) -> tuple[Request | None, bool]:
    """The request and whether the connection stays open; no request when it is not HTTP/1."""
    request_line, *lines = head.decode("latin-1").split("\r\n")
    parts = request_line.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        return None, False
    headers = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    keep_alive = parts[2] == "HTTP/1.1" and headers.get("connection", "").lower() != "close"
    return Request(headers.get("host"), parts[1].partition("?")[0]), keep_alive


def send(stream: socket.socket, response: Response, date: str) -> bool:
    """Whether the connection can carry another request."""
    phrase = REASON_PHRASES.get(response.status, "Status")
    headers = {"Date": date, "Content-Length": str(len(response.body)), **response.headers}
    lines = [f"HTTP/1.1 {response.status} {phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items() if value is not None]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    return MANNERS[response.manner](stream, head, response.body, response.byte_delay_seconds)


def parse_listen(listen: str) -> tuple[str, int]:
    """`192.0.2.10:8448` or `[2001:db8::10]:8448`."""
    host, _, port = listen.rpartition(":")
    return str(ipaddress.ip_address(host.strip("[]"))), int(port)


def check_keys(what: str, entry: Mapping[str, Any], known: set[str]) -> None:
    """A key that the lab does not know would otherwise be a fault that it does not play."""
    unknown = set(entry) - known
    if unknown:
        raise ValueError(f"{what}: unknown keys {sorted(unknown)}")
