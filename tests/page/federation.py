#!/usr/bin/python3
"""The exporter with its status page on the demonstration federation, and what that lacks.

    federation.py --binary build/release/matrix-federation-exporter [--listen 127.0.0.1:0]
        [--hostile] [--refusing 10000] [--prefix /federation]

--hostile adds homeservers whose every string tries to become markup; --refusing adds as many whose
port is closed. Prints the address of the page once every homeserver was probed, and serves until
it is told to end.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "scripts" / "demo")]

import federation  # noqa: E402  (the demonstration is found beside this file, wherever that is)
from lab.keys import SigningKey  # noqa: E402
from stories import (  # noqa: E402
    DOMAIN,
    Story,
    all_stories,
    direct,
    homeserver,
    srv_record,
    well_known,
)

MARKUP = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;"
ALL_PROBED_SECONDS = 240


def hostile_stories() -> list[Story]:
    """Homeservers that send markup wherever they may send a string."""
    name = f"hostile.{DOMAIN}"
    server = homeserver("192.0.2.150:8448", name, name)
    server["http"][-1]["software"] = {"name": MARKUP, "version": f"1.0 {MARKUP}"}
    keys = homeserver("192.0.2.151:8448", MARKUP, f"keys.{name}", host=f"keys.{name}")
    return [
        Story(name, "its software is markup", None, {name: {"A": ["192.0.2.150"]}}, [server]),
        Story(
            f"keys.{name}",
            "its keys are for a name of markup",
            "keys_server_name_mismatch",
            {f"keys.{name}": {"A": ["192.0.2.151"]}},
            [keys],
        ),
        Story(
            f"delegated.{name}",
            ".well-known delegates to markup",
            "dns_nxdomain",
            {f"delegated.{name}": {"A": ["192.0.2.152"]}},
            [well_known("192.0.2.152", f"delegated.{name}", MARKUP)],
        ),
        direct(
            "certificate-of-hostile",
            "its certificate is for names of markup",
            153,
            reason="tls_cert_name_mismatch",
            certificate={"dns": ["x--script-alert.example"], "cn": MARKUP[:60]},
        ),
        Story(
            f"srv.{name}",
            "its SRV record leads nowhere",
            "srv_target_no_address",
            {f"srv.{name}": {}, f"_matrix-fed._tcp.srv.{name}": srv_record(8443, f"gone.{name}")},
            [],
        ),
    ]


def refusing_stories(count: int) -> list[Story]:
    """Nothing listens at these addresses of the loopback interface."""
    return [
        Story(f"127.{1 + i // 62500}.{i // 250 % 250}.{i % 250 + 1}:9", "closed", "connect_refused", {}, [])
        for i in range(count)
    ]


def use_prefix(prefix: str) -> None:
    """The demonstration's exporter, with one flag more."""
    run = federation.subprocess.Popen

    def run_with_prefix(arguments: Sequence[str], **options: object) -> object:
        if any(str(each).startswith("--config.file=") for each in arguments):
            arguments = [*arguments, f"--web.route-prefix={prefix}"]
        return run(arguments, **options)

    federation.subprocess.Popen = run_with_prefix


def probed(url: str) -> int:
    with urllib.request.urlopen(f"{url}/metrics", timeout=20) as response:
        text = response.read().decode()
    return sum(line.startswith("matrix_federation_probe_success{") for line in text.splitlines())


def main() -> int:
    parser = argparse.ArgumentParser(description="the status page on the demonstration federation")
    parser.add_argument(
        "--binary", type=Path, default=ROOT / "build/release/matrix-federation-exporter"
    )
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--hostile", action="store_true")
    parser.add_argument("--refusing", type=int, default=0)
    parser.add_argument("--prefix", default="")
    options = parser.parse_args()
    if options.prefix:
        use_prefix(options.prefix)
    host, _, port = options.listen.rpartition(":")
    key = SigningKey.generate("ed25519:demo")
    stories = all_stories(key) + refusing_stories(options.refusing)
    if options.hostile:
        stories += hostile_stories()
    signal.pthread_sigmask(signal.SIG_BLOCK, federation.WATCHED_SIGNALS)
    with socket.create_server((host, int(port))) as listener:
        url = f"http://{host}:{listener.getsockname()[1]}{options.prefix}"
        child = federation.start_inside(options.binary.resolve(), listener, stories, key)
        deadline = time.monotonic() + ALL_PROBED_SECONDS
        done = 0
        while done < len(stories) and time.monotonic() < deadline:
            if federation.signal.sigtimedwait(federation.WATCHED_SIGNALS, 0.3) is not None:
                federation.stop(child)
                return 1
            with contextlib.suppress(OSError):
                done = probed(url)
        print(json.dumps({"url": url, "probed": done, "servers": len(stories)}), flush=True)
        return federation.wait_for_end(child)


if __name__ == "__main__":
    os.environ.setdefault("PYTHONDONTWRITEBYTECODE", "1")
    sys.exit(main())
