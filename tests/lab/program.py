"""The program under test with the clock and the configuration of a case: `check`, or the daemon."""

from __future__ import annotations

import contextlib
import datetime
import json
import os
import re
import subprocess
import time
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from . import faketime
from .parallel import Failed

DEADLINE_SECONDS = 60
LISTEN = "127.0.0.1:10448"
SAMPLE = re.compile(r"^matrix_federation_(\w+)\{(.*)\} (\S+)$", re.MULTILINE)
LABEL = re.compile(r'(\w+)="([^"]*)"')
UNSET = ("SSL_CERT_FILE", "SSL_CERT_DIR", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE")


def settings_of(trust_store: Path, overrides: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """A configuration in which the world is all there is, and `overrides` key by key above it."""
    settings: dict[str, Any] = {
        "dns": {"servers": ["127.0.0.53:53"]},
        "tls": {"ca_file": str(trust_store)},
        "network": {"deny": []},
    }
    for section, values in (overrides or {}).items():
        if isinstance(values, Mapping):
            settings[section] = {**settings.get(section, {}), **values}
        else:
            settings[section] = values
    return settings


def check(
    binary: Path,
    settings: Mapping[str, Any],
    config: Path,
    server_name: str,
    now_ms: int,
    wrapper: Sequence[str] = (),
) -> tuple[int, Mapping[str, Any]]:
    """The exit status and the report; `config` is where the settings are written."""
    config.write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
    command = ["setpriv", "--pdeathsig", "KILL", *wrapper, "env", *clock_of(now_ms)]
    command += [str(binary), "check", f"--config.file={config}", "--format=json"]
    # A name may begin with a hyphen; only then is the separator needed.
    command += ["--", server_name] if server_name.startswith("-") else [server_name]
    try:
        completed = subprocess.run(
            command,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no report within {DEADLINE_SECONDS} s") from None
    lines = completed.stdout.splitlines()
    if len(lines) != 1 or completed.returncode not in (0, 2):
        raise Failed(
            f"exit status {completed.returncode}, {len(lines)} lines instead of one report;"
            f" standard error: {completed.stderr.strip()!r}"
        )
    return completed.returncode, json.loads(lines[0])


def watch(
    binary: Path,
    settings: Mapping[str, Any],
    config: Path,
    server_name: str,
    now_ms: int,
    probes: int,
) -> Mapping[str, Any]:
    """What the daemon's metrics say after so many probes, in the form of a report."""
    config.write_text(yaml.safe_dump(dict(settings)), encoding="utf-8")
    daemon = subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", "env", *clock_of(now_ms)]
        + [str(binary), f"--config.file={config}", f"--web.listen-address={LISTEN}"],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        samples = wait_for_probes(server_name, probes)
    finally:
        daemon.terminate()
        status = daemon.wait(DEADLINE_SECONDS)
    if status != 0:
        raise Failed(f"the daemon ended with {status}")
    return report_of(samples)


def wait_for_probes(server_name: str, count: int) -> Mapping[str, Mapping[str, float]]:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < deadline:
        samples = samples_of(server_name)
        if dict(samples).get("probes_total", {}).get("", 0) >= count:
            return samples
        time.sleep(0.1)
    raise Failed(f"not probed {count} times within {DEADLINE_SECONDS} s")


def samples_of(server_name: str) -> Mapping[str, Mapping[str, float]]:
    """{metric: {value of its further label: sample}}; nothing while the daemon does not answer."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    samples: dict[str, dict[str, float]] = {}
    with contextlib.suppress(OSError), opener.open(f"http://{LISTEN}/metrics", timeout=5) as answer:
        for name, labels, value in SAMPLE.findall(answer.read().decode()):
            pairs = dict(LABEL.findall(labels))
            if pairs.pop("server_name", None) == server_name:
                samples.setdefault(name, {})[" ".join(pairs.values())] = float(value)
    return samples


def report_of(samples: Mapping[str, Mapping[str, float]]) -> Mapping[str, Any]:
    cause = next(iter(samples.get("probe_failure_info", {})), None)
    check_name, reason = cause.split(" ") if cause else (None, None)
    checks = [
        {
            "name": name,
            "status": "fail",
            "severity": "error" if name == check_name else "warning",
            "reason": reason if name == check_name else None,
            "detail": None,
        }
        for name, passed in samples.get("check_success", {}).items()
        if not passed
    ]
    return {
        "federation_ok": samples["probe_success"][""] == 1,
        "reason": reason,
        "warnings": [{"code": code, "detail": None} for code in samples.get("warning_info", {})],
        "checks": checks,
        "duration_seconds": samples["probe_duration_seconds"][""],
    }


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in UNSET}


def clock_of(now_ms: int) -> list[str]:
    """For `env`: a system clock that shows `now_ms` and goes on. Preloaded into the program only,
    not into what starts it: a preloaded process that becomes another leaves files behind."""
    moment = datetime.datetime.fromtimestamp(now_ms / 1000, datetime.timezone.utc)
    return [f"{name}={value}" for name, value in faketime.starting_at(moment).items()]
