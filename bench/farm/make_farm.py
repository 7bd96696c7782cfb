#!/usr/bin/python3
"""Makes the files of a farm: N Matrix homeservers on loopback, for nginx and NSD to serve.

Homeserver hs00042.fed.test delegates by its well-known to matrix.hs00042.fed.test. Of every hundred
certificates one is expired, one self-signed and one made out to another host.
"""

import argparse
import base64
import datetime
import json
import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DOMAIN = "fed.test"
DNS_ADDRESS = "127.77.0.53"  # port 53, for programs that read resolv.conf
DNS_HIGH_PORT = ("127.0.0.1", 5300)  # for programs that can be told a port
STATUS_ADDRESS = "127.10.0.100"  # nginx's own counters
SILENT_ACCEPTING = "127.20.0.1"  # completes the TCP handshake, never says a word
SILENT_BLACKHOLE = "127.20.0.2"  # never answers a SYN

# One (destination address, port) pair has about 28,000 ephemeral ports, all soon in TIME_WAIT.
WEB_ADDRESSES = [f"127.10.0.{i}" for i in range(1, 17)]
BAD_CERTIFICATES = {97: "expired", 98: "self_signed", 99: "wrong_host"}
DAY = datetime.timedelta(days=1)
CA_PROFILES = ("p256", "le")


@dataclass(frozen=True)
class Homeserver:
    """One name of the farm and what its certificate is like."""

    name: str
    address: str
    certificate: str  # healthy, expired, self_signed or wrong_host

    @property
    def delegate(self) -> str:
        return f"matrix.{self.name}"


class Authority:
    """A root and an intermediate, with the key types of a profile, that issue leaf certificates."""

    def __init__(self, profile: str) -> None:
        self.now = datetime.datetime.utcnow()
        if profile == "le":  # the key types of Let's Encrypt's E chains
            root_key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey = rsa.generate_private_key(
                65537, 4096)
            self._key = ec.generate_private_key(ec.SECP384R1())
            self._digest: hashes.HashAlgorithm = hashes.SHA384()
        else:
            root_key = ec.generate_private_key(ec.SECP256R1())
            self._key = ec.generate_private_key(ec.SECP256R1())
            self._digest = hashes.SHA256()
        root_name, self._name = common_name("Farm Root"), common_name("Farm Intermediate")
        self.root = self._issue_ca(root_name, root_key, root_name, root_key, path_length=None)
        self.intermediate = self._issue_ca(root_name, root_key, self._name, self._key, 0)

    def _issue_ca(self, issuer, issuer_key, subject, key, path_length) -> x509.Certificate:
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        return (self._builder(issuer, issuer_key, subject, key, -DAY, 3650 * DAY)
                .add_extension(x509.BasicConstraints(True, path_length), critical=True)
                .add_extension(usage, critical=True)
                .sign(issuer_key, hashes.SHA256()))

    def issue_leaf(self, server: Homeserver, key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
        """The leaf of one homeserver, for its two names, spoilt as its `certificate` says."""
        names = [server.name, server.delegate]
        if server.certificate == "wrong_host":
            names = [f"elsewhere.{DOMAIN}"]
        start, end = (-91 * DAY, -DAY) if server.certificate == "expired" else (-DAY, 89 * DAY)
        subject = common_name(names[0])
        own = server.certificate == "self_signed"
        issuer, issuer_key = (subject, key) if own else (self._name, self._key)
        return (self._builder(issuer, issuer_key, subject, key, start, end)
                .add_extension(x509.BasicConstraints(False, None), critical=True)
                .add_extension(x509.KeyUsage(True, *[False] * 8), critical=True)
                .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
                .add_extension(x509.SubjectAlternativeName(map(x509.DNSName, names)), False)
                .sign(issuer_key, hashes.SHA256() if own else self._digest))

    def _builder(self, issuer, issuer_key, subject, key, start, end) -> x509.CertificateBuilder:
        issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
        subject_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        return (x509.CertificateBuilder(issuer, subject, key.public_key())
                .serial_number(x509.random_serial_number())
                .not_valid_before(self.now + start).not_valid_after(self.now + end)
                .add_extension(subject_id, critical=False)
                .add_extension(issuer_id, critical=False))


def common_name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(c.public_bytes(serialization.Encoding.PEM) for c in certificates)


def unpadded_base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")


def canonical_json(document: object) -> bytes:
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def signed_key_document(name: str) -> bytes:
    """What /_matrix/key/v2/server answers: one ed25519 key, signed by itself."""
    key, key_id = ed25519.Ed25519PrivateKey.generate(), "ed25519:farm"
    public = key.public_key().public_bytes(serialization.Encoding.Raw,
                                           serialization.PublicFormat.Raw)
    document = {"server_name": name, "valid_until_ts": int(time.time() + 7 * 86400) * 1000,
                "verify_keys": {key_id: {"key": unpadded_base64(public)}}, "old_verify_keys": {}}
    signature = unpadded_base64(key.sign(canonical_json(document)))
    return canonical_json(document | {"signatures": {name: {key_id: signature}}})


def homeservers(count: int) -> Iterator[Homeserver]:
    for i in range(count):
        yield Homeserver(f"hs{i:05}.{DOMAIN}", WEB_ADDRESSES[i % len(WEB_ADDRESSES)],
                         BAD_CERTIFICATES.get(i % 100, "healthy"))


def write_homeserver(directory: Path, server: Homeserver, authority: Authority, port: int) -> None:
    """The certificate chain, the private key and the three documents of one homeserver."""
    key = ec.generate_private_key(ec.SECP256R1())
    leaf = authority.issue_leaf(server, key)
    chain = [leaf] if server.certificate == "self_signed" else [leaf, authority.intermediate]
    tls, www = directory / "tls", directory / "www" / server.name
    (tls / f"{server.name}.crt").write_bytes(pem(*chain))
    (tls / f"{server.name}.key").write_bytes(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption()))
    documents = {
        ".well-known/matrix/server": canonical_json({"m.server": f"{server.delegate}:{port}"}),
        "_matrix/key/v2/server": signed_key_document(server.name),
        "_matrix/federation/v1/version":
            canonical_json({"server": {"name": "Farm", "version": "1.0"}}),
    }
    for path, body in documents.items():
        (www / path).parent.mkdir(parents=True)
        (www / path).write_bytes(body)


def server_blocks(directory: Path, servers: list[Homeserver]) -> str:
    """One for each homeserver: nginx has all certificates in memory."""
    return "\n".join(f"""  server {{
    listen {s.address}:443 ssl; listen {s.address}:8448 ssl;
    server_name {s.name} {s.delegate};
    ssl_certificate {directory}/tls/{s.name}.crt; ssl_certificate_key {directory}/tls/{s.name}.key;
    root {directory}/www/{s.name};
    include {directory}/locations.conf;
  }}""" for s in servers)


def lean_block(directory: Path) -> str:
    """One for all of them: nginx reads a certificate when it is asked for. So it needs no memory
    for each, but more processor time for a handshake."""
    listens = "\n".join(f"    listen {address}:443 ssl; listen {address}:8448 ssl;"
                        for address in WEB_ADDRESSES)
    return f"""  map $ssl_server_name $homeserver {{
    "~^(matrix\\.)?(?<own>hs[0-9]+\\.{re.escape(DOMAIN)})$" $own;
  }}
  server {{
{listens}
    ssl_certificate {directory}/tls/$homeserver.crt;
    ssl_certificate_key {directory}/tls/$homeserver.key;
    root {directory}/www/$homeserver;
    include {directory}/locations.conf;
  }}"""


def nginx_conf(directory: Path, servers: list[Homeserver], pace: int, lean: bool) -> str:
    """With a pace, a homeserver answers one request in as many seconds and lets the others wait:
    probes that last long and cost nothing."""
    paced = (f"limit_req_zone $server_name zone=pace:32m rate={60 // pace}r/m;\n"
             "  limit_req zone=pace burst=100;") if pace else ""
    blocks = lean_block(directory) if lean else server_blocks(directory, servers)
    # Session resumption would leave out what is being measured.
    return f"""daemon off;
user root;
worker_processes 1;
pid {directory}/nginx.pid;
error_log {directory}/nginx-error.log crit;
events {{ worker_connections 16000; }}
http {{
  access_log off;
  default_type application/json;
  keepalive_timeout 30;
  open_file_cache max=8000 inactive=1h;
  open_file_cache_valid 1h;
  server_names_hash_max_size 65536;
  server_names_hash_bucket_size 128;
  ssl_protocols TLSv1.2 TLSv1.3;
  ssl_session_cache off;
  ssl_session_tickets off;
  {paced}
  server {{
    listen {STATUS_ADDRESS}:80;
    keepalive_timeout 1d; keepalive_requests 1000000;
    location / {{ stub_status; }}
  }}
{blocks}
}}
"""


# As a homeserver would answer what it serves to nobody, and what it serves to signed requests only.
LOCATIONS = """location / { return 404 '{"errcode":"M_UNRECOGNIZED"}'; }
location /_matrix/federation/ { return 401 '{"errcode":"M_UNAUTHORIZED"}'; }
location = /.well-known/matrix/server { }
location = /_matrix/key/v2/server { }
location = /_matrix/federation/v1/version { }
"""


def nsd_conf(directory: Path) -> str:
    address, port = DNS_HIGH_PORT
    # Without these the packaged NSD wants a user, directories and a rate limit of its own.
    return f"""server:
  ip-address: {DNS_ADDRESS}@53
  ip-address: {address}@{port}
  server-count: 1
  username: ""
  database: ""
  zonesdir: "{directory}"
  pidfile: "{directory}/nsd.pid"
  xfrdfile: "{directory}/xfrd.state"
  xfrdir: "{directory}"
  zonelistfile: "{directory}/zone.list"
  rrl-ratelimit: 0
remote-control:
  control-enable: yes
  control-interface: {directory}/nsd.ctl
zone:
  name: {DOMAIN}
  zonefile: "{DOMAIN}.zone"
"""


def zone(servers: list[Homeserver]) -> str:
    lines = [f"$ORIGIN {DOMAIN}.", "$TTL 300", "@ SOA ns hostmaster 1 3600 600 86400 300",
             "@ NS ns", f"ns A {DNS_ADDRESS}",
             f"*.accepting A {SILENT_ACCEPTING}", f"*.blackhole A {SILENT_BLACKHOLE}"]
    for server in servers:
        lines += [f"{host}. A {server.address}" for host in (server.name, server.delegate)]
    return "\n".join(lines) + "\n"


def make_farm(directory: Path, count: int, profile: str, port: int = 8448, pace: int = 0,
              lean: bool = False) -> None:
    """Writes the whole farm into an existing empty directory."""
    servers = list(homeservers(count))
    authority = Authority(profile)
    (directory / "tls").mkdir()
    (directory / "root.pem").write_bytes(pem(authority.root))
    for server in servers:
        write_homeserver(directory, server, authority, port)
    (directory / "locations.conf").write_text(LOCATIONS)
    (directory / "nginx.conf").write_text(nginx_conf(directory, servers, pace, lean))
    (directory / "nsd.conf").write_text(nsd_conf(directory))
    (directory / f"{DOMAIN}.zone").write_text(zone(servers))
    (directory / "resolv.conf").write_text(f"nameserver {DNS_ADDRESS}\n")
    (directory / "farm.json").write_text(json.dumps([asdict(s) for s in servers], indent=1))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("directory", type=Path)
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--profile", choices=CA_PROFILES, default="p256")
    parser.add_argument("--port", type=int, choices=(443, 8448), default=8448,
                        help="port of the delegated name (default 8448)")
    parser.add_argument("--pace", type=int, default=0, metavar="SECONDS",
                        help="each homeserver answers one request in so many seconds, up to 60")
    parser.add_argument("--lean", action="store_true",
                        help="nginx reads a certificate when it is asked for, and keeps none")
    options = parser.parse_args()
    options.directory.mkdir(parents=True, exist_ok=True)
    make_farm(options.directory.resolve(), options.count, options.profile, options.port,
              options.pace, options.lean)


if __name__ == "__main__":
    main()
