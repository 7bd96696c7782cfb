#!/usr/bin/python3
"""A federation in a box: the exporter watching homeservers that exist only on this machine.

    federation.py --binary build/release/matrix-federation-exporter [--listen 127.0.0.1:10448]

Homeservers, their name server and the exporter run in a network namespace of their own, with root
or, where the kernel lets ordinary users, without. No packet leaves the machine. The exporter's
socket is opened before, outside, and handed over by socket activation: a browser reaches it.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests"))

from lab import namespace  # noqa: E402  (the lab is found beside this file, wherever that is)
from lab.keys import SigningKey  # noqa: E402
from lab.pki import Pki  # noqa: E402
from lab.world import World, addresses_of  # noqa: E402
from stories import Story, all_stories  # noqa: E402

FIRST_PASSED_SOCKET = 3  # fixed by the socket activation protocol
EVERY_SERVER_PROBED_SECONDS = 90
STOP_SECONDS = 10
WATCHED_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGCHLD}
UNSET = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "STATE_DIRECTORY", "NOTIFY_SOCKET")
SAMPLE = re.compile(r"^(\w+)\{(.*)\} (\S+)$")
LABEL = re.compile(r'(\w+)="([^"]*)"')


@dataclasses.dataclass(frozen=True)
class Result:
    """What the exporter found out about one homeserver."""

    works: bool
    reason: str | None
    warnings: Sequence[str]


# Inside the namespace.


def run_inside(
    binary: Path, listener: socket.socket, stories: Sequence[Story], key: SigningKey
) -> int:
    """The homeservers and the exporter, until SIGTERM."""
    dns = {name: sets for story in stories for name, sets in story.dns.items()}
    servers = [server for story in stories for server in story.servers]
    try:
        # A machine without a route anywhere would have its own network to blame.
        namespace.enter(addresses_of(dns, servers), everything_local=True)
    except OSError as error:
        print(f"No network namespace: {error}.", file=sys.stderr)
        print("It takes root or user namespaces, and the program ip (iproute2).", file=sys.stderr)
        return 1
    os.dup2(listener.fileno(), FIRST_PASSED_SOCKET)
    with tempfile.TemporaryDirectory(prefix="matrix-federation-demo-") as directory:
        pki = Pki(Path(directory))
        config = write_config(Path(directory), pki, stories)
        with World(dns, servers, pki, key):
            return run_exporter(binary, config)


def write_config(directory: Path, pki: Pki, stories: Sequence[Story]) -> Path:
    config = directory / "config.yaml"
    settings = {
        "probe": {"interval": "30s", "failure_interval": "15s", "timeout": "10s"},
        "dns": {"servers": ["127.0.0.53:53"]},
        "tls": {"ca_file": str(pki.trust_store)},
        "network": {"deny": []},
        "metrics": {"per_address": True},
        "homeservers": [
            {"server_name": story.server_name, "group": "failing" if story.reason else "working"}
            for story in stories
        ],
    }
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config


def run_exporter(binary: Path, config: Path) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in UNSET}
    # LISTEN_PID must name the process that takes the socket: the shell that becomes the exporter.
    as_itself = ["sh", "-c", 'LISTEN_PID=$$ exec "$@"', "sh"]
    exporter = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *as_itself]
        + [str(binary), f"--config.file={config}", "--log.level=warn"]
        + [f"--state.file={config.with_name('state')}"],
        env=environment | {"LISTEN_FDS": "1"},
        stdin=subprocess.DEVNULL,
        pass_fds=(FIRST_PASSED_SOCKET,),
    )
    try:
        return exporter.wait()
    finally:
        exporter.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            exporter.wait(STOP_SECONDS)
        exporter.kill()


# Outside.


def start_inside(
    binary: Path, listener: socket.socket, stories: Sequence[Story], key: SigningKey
) -> int:
    """The process ID of a child that runs everything inside."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        os.setsid()  # Ctrl-C is for the parent, which passes it on
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED_SIGNALS)
        namespace.die_with_parent(signal.SIGTERM)
        if os.getppid() == parent:
            status = run_inside(binary, listener, stories, key)
    except SystemExit:
        status = 0
    except Exception as error:
        print(f"demonstration: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        os._exit(status)


def introduce(stories: Sequence[Story]) -> None:
    width = max(len(story.server_name) for story in stories)
    print("Demonstration federation, on this machine only:\n")
    for story in stories:
        outcome = f"fails: {story.reason}" if story.reason else "works"
        print(f"  {story.server_name:{width}}  {story.about} ({outcome})")
    print(flush=True)


def wait_for_end(child: int) -> int:
    """Until a signal, or until the child ends by itself, which is a failure."""
    ended = signal.sigwait(WATCHED_SIGNALS) == signal.SIGCHLD
    stop(child)
    return 1 if ended else 0


def wait_until_probed(child: int, stories: Sequence[Story], url: str) -> int:
    """Shows what was found; 0 when it is what the stories say."""
    deadline = time.monotonic() + EVERY_SERVER_PROBED_SECONDS
    results: Mapping[str, Result] = {}
    interrupted = None
    while interrupted is None and len(results) < len(stories) and time.monotonic() < deadline:
        interrupted = signal.sigtimedwait(WATCHED_SIGNALS, 0.5)
        with contextlib.suppress(OSError):
            results = read_results(url)
    stop(child)
    right = [show(story, results.get(story.server_name)) for story in stories]
    print(f"{sum(right)} of {len(stories)} as told.")
    return 0 if all(right) else 1


def show(story: Story, result: Result | None) -> bool:
    if result is None:
        print(f"  {story.server_name}: not probed")
        return False
    right = result.reason == story.reason and result.works == (story.reason is None)
    found = ("works" if result.works else f"fails: {result.reason}") + "".join(
        f", warning {warning}" for warning in result.warnings
    )
    print(f"  {story.server_name}: {found}" + ("" if right else f" (expected {story.reason})"))
    return right


def read_results(url: str) -> Mapping[str, Result]:
    """From the metrics; a server has a result once its first probe has ended."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=5) as response:
        lines = response.read().decode().splitlines()
    works: dict[str, bool] = {}
    reasons: dict[str, str] = {}
    warnings: dict[str, list[str]] = {}
    for match in filter(None, map(SAMPLE.match, lines)):
        labels = dict(LABEL.findall(match[2]))
        if match[1] == "matrix_federation_probe_success":
            works[labels["server_name"]] = float(match[3]) == 1
        elif match[1] == "matrix_federation_probe_failure_info":
            reasons[labels["server_name"]] = labels["reason"]
        elif match[1] == "matrix_federation_warning_info":
            warnings.setdefault(labels["server_name"], []).append(labels["warning"])
    return {
        name: Result(value, reasons.get(name), warnings.get(name, []))
        for name, value in works.items()
    }


def stop(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, ChildProcessError):
        os.kill(child, signal.SIGTERM)
        os.waitpid(child, 0)


def main() -> int:
    parser = argparse.ArgumentParser(description="a federation in a box, watched by the exporter")
    parser.add_argument(
        "--binary", type=Path, default=ROOT / "build/release/matrix-federation-exporter"
    )
    parser.add_argument("--listen", default="127.0.0.1:10448", help="default %(default)s")
    parser.add_argument(
        "--until-probed",
        action="store_true",
        help="end once every homeserver was probed; 1 unless all are as told",
    )
    options = parser.parse_args()
    if not os.access(options.binary, os.X_OK):
        parser.error(f"{options.binary} is not a program: build it first, or name one (--binary)")
    host, _, port = options.listen.rpartition(":")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host.strip("[]"), int(port)), family=family)
    except (OSError, ValueError) as error:
        parser.error(f"--listen {options.listen}: {error}")
    url = f"http://{host}:{listener.getsockname()[1]}"
    key = SigningKey.generate("ed25519:demo")
    stories = all_stories(key)
    introduce(stories)
    print(f"Open {url}/ or {url}/metrics. Stop with Ctrl-C.", flush=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED_SIGNALS)
    with listener:
        child = start_inside(options.binary.resolve(), listener, stories, key)
        if options.until_probed:
            return wait_until_probed(child, stories, url)
        return wait_for_end(child)


if __name__ == "__main__":
    sys.exit(main())
