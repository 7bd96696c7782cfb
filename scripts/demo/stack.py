#!/usr/bin/python3
"""The demonstration federation with all that watches it: exporter, Prometheus, Alertmanager.

    stack.py --binary build/release/matrix-federation-exporter

Prometheus has the configuration and the rules of deploy/prometheus, Alertmanager its routes; what
it would send is printed here. All listen on loopback, and end with this program. A minute of the
rules passes in a second, since nothing fires in their first 15 minutes; --as-shipped leaves them.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import socket
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

import yaml

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/world"))

import federation  # noqa: E402  (it finds the lab)
from fixtures import alerting  # noqa: E402
from fixtures.process import Process  # noqa: E402
from fixtures.waiting import NeverHappened  # noqa: E402
from lab.keys import SigningKey  # noqa: E402
from stories import all_stories  # noqa: E402

DEPLOY = ROOT / "deploy/prometheus"
READY_SECONDS = 60
POLL_SECONDS = 0.2
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Options(argparse.Namespace):
    """Of the command line; where each of them listens is host:port."""

    binary: Path
    exporter: str
    prometheus: str
    alertmanager: str
    as_shipped: bool


class Interrupted(Exception):
    """Ctrl-C, or SIGTERM."""


class Printer(alerting.Webhook):
    """Says what Alertmanager would send, and to whom; what only repeats itself once."""

    def take(self, delivery: alerting.Delivery) -> None:
        if delivery in self.deliveries:
            return
        super().take(delivery)
        to = delivery.receiver.removeprefix("matrix-federation-")
        print(f"{time.strftime('%H:%M:%S')} {to}: {delivery.name} {delivery.status}:"
              f" {delivery.summary}", flush=True)  # fmt: skip


@contextlib.contextmanager
def stack(at: Options, directory: Path) -> Iterator[dict[str, Process]]:
    with contextlib.ExitStack() as running:
        webhook = running.enter_context(Printer(port=0))
        processes = {}
        for name, command, url in (
            ("the exporter", exporter_command(at), f"http://{at.exporter}/-/healthy"),
            ("Alertmanager", alertmanager_command(directory, at, webhook.port),
             f"http://{at.alertmanager}/-/ready"),
            ("Prometheus", prometheus_command(directory, at),
             f"http://{at.prometheus}/-/ready"),
        ):  # fmt: skip
            process = Process(command, log=directory / f"{name.split()[-1]}.log")
            processes[name] = running.enter_context(process)
            process.until(lambda: answers(url), f"{name} answers", READY_SECONDS)
        yield processes


def answers(url: str) -> bool:
    with contextlib.suppress(OSError), DIRECT.open(url, timeout=5) as response:
        return bool(response.status == 200)
    return False


def exporter_command(at: Options) -> list[str | Path]:
    script = Path(__file__).with_name("federation.py")
    return [sys.executable, script, "--binary", at.binary.resolve(), "--listen", at.exporter]


def alertmanager_command(directory: Path, at: Options, webhook: int) -> list[str | Path]:
    values = read(DEPLOY / "alertmanager.yml")
    if not at.as_shipped:
        alerting.hurry(values)
    for receiver in values["receivers"]:
        for hook in receiver["webhook_configs"]:
            hook["url"] = f"http://127.0.0.1:{webhook}/"
    return [
        "prometheus-alertmanager",
        f"--config.file={write(directory / 'alertmanager.yml', values)}",
        f"--storage.path={directory}/alertmanager",
        "--cluster.listen-address=",
        f"--web.listen-address={at.alertmanager}",
    ]


def prometheus_command(directory: Path, at: Options) -> list[str | Path]:
    values = read(DEPLOY / "prometheus.yml")
    rules = DEPLOY / "rules/*.yml" if at.as_shipped else alerting.write_rules(directory / "rules")
    values["rule_files"] = [str(rules)]
    if not at.as_shipped:
        values["global"] = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    values["alerting"]["alertmanagers"][0]["static_configs"][0]["targets"] = [at.alertmanager]
    values["scrape_configs"][0]["static_configs"][0]["targets"] = [at.exporter]
    return [
        "prometheus",
        f"--config.file={write(directory / 'prometheus.yml', values)}",
        f"--storage.tsdb.path={directory}/prometheus",
        f"--web.listen-address={at.prometheus}",
    ]


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text(encoding="utf-8"))


def write(file: Path, values: Any) -> Path:
    file.write_text(yaml.safe_dump(values, sort_keys=False), encoding="utf-8")
    return file


def interrupt(*_: object) -> NoReturn:
    """Once: what ends the stack is not to be interrupted."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    raise Interrupted


def introduce(at: Options) -> None:
    federation.introduce(all_stories(SigningKey.generate("ed25519:demo")))
    pace = "at their own pace" if at.as_shipped else "sixty times faster"
    print(f"  http://{at.prometheus}/alerts  Prometheus, with the shipped rules, {pace}")
    print(f"  http://{at.alertmanager}/  Alertmanager; what it would send is printed below")
    print(f"  http://{at.exporter}/metrics  the exporter")
    print("\nStop with Ctrl-C.", flush=True)


def options_of(arguments: Sequence[str] | None) -> Options:
    parser = argparse.ArgumentParser(description="the demonstration with Prometheus and alerts")
    parser.add_argument("--binary", type=Path,
                        default=ROOT / "build/release/matrix-federation-exporter")  # fmt: skip
    parser.add_argument("--exporter", default="127.0.0.1:10448", help="default %(default)s")
    parser.add_argument("--prometheus", default="127.0.0.1:9090", help="default %(default)s")
    parser.add_argument("--alertmanager", default="127.0.0.1:9093", help="default %(default)s")
    parser.add_argument("--as-shipped", action="store_true", help="the rules at their own pace")
    options = parser.parse_args(arguments, Options())
    if not os.access(options.binary, os.X_OK):
        parser.error(f"{options.binary} is not a program: build it first, or name one (--binary)")
    for name in ("exporter", "prometheus", "alertmanager"):
        if problem := occupied(getattr(options, name)):
            parser.error(f"--{name} {getattr(options, name)}: {problem}")
    return options


def occupied(address: str) -> str | None:
    """Why nothing could listen there; said before anything is started."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_server((host, int(port))).close()
    except (OSError, ValueError, OverflowError) as error:
        return str(error)
    return None


def main(arguments: Sequence[str] | None = None) -> int:
    options = options_of(arguments)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    try:
        with (
            tempfile.TemporaryDirectory(prefix="matrix-federation-stack-") as directory,
            stack(options, Path(directory)) as running,
        ):
            introduce(options)
            while not (ended := [name for name, each in running.items() if not each.is_running()]):
                time.sleep(POLL_SECONDS)
            print(f"{ended[0]} ended:\n{running[ended[0]].log()}", file=sys.stderr)
            return 1
    except Interrupted:
        return 0
    except NeverHappened as error:
        print(f"stack: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
