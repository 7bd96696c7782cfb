#!/usr/bin/python3
"""Writes recorded/blackbox.yaml: what blackbox_exporter says of every fault of the catalogue.

    record_blackbox.py [ID...]

Each fault gets its world as in run.py, with the real clock, since blackbox_exporter shows no other.
It is probed as its users do: the module http_2xx with the URL that the catalogue names, and a TCP
module with TLS for the same host and port. Needs root and Debian's prometheus-blackbox-exporter;
no test runs this, the table in docs/faults.md shows what it recorded.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import functools
import re
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
sys.path.insert(0, str(HERE))

import catalogue  # noqa: E402
import run  # noqa: E402
from catalogue import Fault  # noqa: E402
from lab import namespace, program  # noqa: E402  (the lab is found beside this file)
from lab.keys import SigningKey  # noqa: E402
from lab.parallel import Failed, Runner  # noqa: E402
from lab.pki import Pki  # noqa: E402
from lab.world import World, addresses_of, system_clock_ms  # noqa: E402

RECORDED = HERE / "recorded" / "blackbox.yaml"
PROGRAM = "prometheus-blackbox-exporter"
LISTEN = "127.0.0.1:9115"
CLONE_NEWNS = 0x00020000
READY_SECONDS = 20
PROBE_SECONDS = 5
CASE_SECONDS = 60
# The last message of an error, ports that the system chose, and moments.
MESSAGE = re.compile(r'level=error msg="([^"]*)"(?: err="?(.*?)"?)?$', re.MULTILINE)
ASKED = re.compile(r'^Get "[^"]*": ')
CHANCE = re.compile(r"(?<=:)\d{5}(?=->)|\d{4}-\d\d-\d\dT[\d:.]+Z|0x[0-9a-f]+")


def use_resolver(directory: Path) -> None:
    """The name server of the world is the system's resolver, for this process and its children."""
    resolv_conf = directory / "resolv.conf"
    resolv_conf.write_text("nameserver 127.0.0.53\n")
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS) != 0:
        raise Failed("no mount namespace (this needs root)")
    for command in ("mount --make-rprivate /", f"mount --bind {resolv_conf} /etc/resolv.conf"):
        subprocess.run(command.split(), check=True)


@contextlib.contextmanager
def exporter(directory: Path, trust_store: Path) -> Iterator[None]:
    tls = {"tls_config": {"ca_file": str(trust_store)}}
    timeout = f"{PROBE_SECONDS}s"
    modules = {
        "http_2xx": {"prober": "http", "timeout": timeout, "http": tls},
        "tcp_tls": {"prober": "tcp", "timeout": timeout, "tcp": {"tls": True, **tls}},
    }
    config = directory / "blackbox.yaml"
    config.write_text(yaml.safe_dump({"modules": modules}))
    child = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", PROGRAM, f"--config.file={config}"]
        + [f"--web.listen-address={LISTEN}"],
        env={**program.clean_environment(), "NO_PROXY": "*"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + READY_SECONDS
        while True:
            with contextlib.suppress(OSError):
                fetch("/-/healthy")
                break
            if time.monotonic() > deadline:
                raise Failed(f"{PROGRAM} does not answer")
            time.sleep(0.05)
        yield
    finally:
        child.kill()
        child.wait()


def fetch(path: str) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://{LISTEN}{path}", timeout=3 * PROBE_SECONDS) as response:
        return str(response.read().decode())


def said_of(fault: Fault, pki: Pki, key: SigningKey) -> Mapping[str, Any]:
    """The body of a fault's process."""
    assert fault.blackbox_target is not None
    addresses = addresses_of(fault.dns, fault.servers)
    namespace.enter(addresses, everything_local=True, ip_versions=fault.ip_versions)
    if fault.firewall:
        namespace.filter_packets(fault.firewall)
    servers = [
        answering_with_port(each)
        for each in fault.servers
        if run.has_ip_version(each, fault.ip_versions)
    ]
    url = urllib.parse.urlsplit(fault.blackbox_target)
    targets = {"http_2xx": fault.blackbox_target, "tcp_tls": f"{url.hostname}:{url.port or 443}"}
    with tempfile.TemporaryDirectory() as name:
        use_resolver(Path(name))
        found = {}
        with exporter(Path(name), pki.trust_store):
            for module, target in targets.items():
                # Its own, since some faults last for one connection only.
                with World(fault.dns, servers, pki, key, fault.server_name, system_clock_ms):
                    found[module] = probe(module, target)
        return found


def answering_with_port(server: Mapping[str, Any]) -> Mapping[str, Any]:
    """blackbox_exporter sends the port in the Host header; most servers do not mind."""
    port = server["listen"].rpartition(":")[2]
    doubled = [{**route, "host": f"{route['host']}:{port}"} for route in server["http"]]
    return {**server, "http": [*server["http"], *doubled]}


def probe(module: str, target: str) -> dict[str, Any]:
    query = urllib.parse.urlencode({"module": module, "target": target, "debug": "true"})
    text = fetch(f"/probe?{query}")
    found: dict[str, Any] = {"success": "\nprobe_success 1" in text}
    status = re.search(r"^probe_http_status_code (\d+)", text, re.MULTILINE)
    if status is not None and status[1] != "0":
        found["status"] = int(status[1])
    messages = [words for words in MESSAGE.findall(text) if words[0] != "Probe failed"]
    if messages and not found["success"]:
        last = messages[-1][1] or messages[-1][0]
        found["said"] = CHANCE.sub("…", ASKED.sub("", last.replace('\\"', '"')))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="blackbox_exporter and the catalogue of faults")
    parser.add_argument("--jobs", type=int, default=8, help="at once (default %(default)s)")
    parser.add_argument("ids", nargs="*", metavar="ID", help="record these faults only")
    options = parser.parse_args()
    families = catalogue.read_all(system_clock_ms())
    everything = [fault for family in families for fault in family.faults]
    ids = options.ids or [fault.id for fault in everything]
    faults = [
        fault
        for fault in everything
        if fault.id in ids and fault.blackbox_target and fault.pending is None
    ]
    before = yaml.safe_load(RECORDED.read_bytes()) if RECORDED.exists() else {}
    found = dict(before.get("faults") or {})
    with tempfile.TemporaryDirectory(prefix="blackbox-") as directory:
        pki = Pki(Path(directory))
        key = SigningKey(run.SIGNING_SEED, "ed25519:1")
        runner = Runner(functools.partial(said_of, pki=pki, key=key), options.jobs, CASE_SECONDS)
        for fault, result, _ in runner.run(faults):
            print(f"{fault.id}: {result}", flush=True)
            if isinstance(result, Failed):
                return 1
            found[fault.id] = result
    version = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True)
    shown = [fault.id for fault in everything if fault.blackbox_target and fault.id in found]
    document = {
        "program": (version.stdout or version.stderr).split(" (")[0].replace(", version", ""),
        "faults": {name: found[name] for name in shown},
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=100)
    RECORDED.write_text("# What blackbox_exporter says. Written by record_blackbox.py.\n" + text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
