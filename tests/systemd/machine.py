"""A Debian of its own that boots: systemd-nspawn over a root of tests/lab/debian.py."""

import contextlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lab import debian  # noqa: E402  (the lab is found beside this directory)

T = TypeVar("T")
TOOLS = ("systemd-nspawn", "mmdebstrap", "nsenter", "unshare")


def skip_where_it_cannot_boot() -> None:
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise unittest.SkipTest(f"needs {', '.join(missing)}")
    if subprocess.run(["unshare", "-m", "-n", "-p", "-f", "true"], capture_output=True).returncode:
        raise unittest.SkipTest("needs root and namespaces")


def make_root(directory: Path) -> Path:
    return debian.make_root(directory, packages=debian.BOOTS)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


BOOTED: list[Path] = []  # roots that have, since this process began


class DoesNotBoot(Exception):
    """With what systemd-nspawn said."""


class Machine:
    """A booted root, with a network of its own that has nothing but loopback."""

    def __init__(self, leader: int):
        self._leader = leader

    def run(self, *command: str, check: bool = True) -> str:
        result = subprocess.run(
            ["nsenter", "-t", str(self._leader), "-m", "-u", "-i", "-n", "-p", "-C", *command],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
        if check and result.returncode != 0:
            raise AssertionError(f"{' '.join(command)}: {result.stdout}")
        return result.stdout.strip()

    def shows(self, unit: str, key: str) -> str:
        return self.run("systemctl", "show", "--value", "-p", key, unit)

    def fetch(self, url: str, authority: Path | str = "") -> str:
        """A page of a server inside, asked for from there; empty when nobody answers, or nobody
        whom the certificate of an authority vouches for."""
        client = "import ssl,sys,urllib.request as u;" \
                 "c=ssl.create_default_context(cafile=sys.argv[2] or None);" \
                 "o=u.build_opener(u.ProxyHandler({}),u.HTTPSHandler(context=c));" \
                 "sys.stdout.write(o.open(sys.argv[1],timeout=5).read().decode())"
        result = subprocess.run(
            ["nsenter", "-t", str(self._leader), "-n", "/usr/bin/python3", "-c", client, url,
             str(authority)], capture_output=True, text=True, timeout=30)
        return result.stdout

    def status_of_post(self, address: str, path: str) -> int:
        client = "import http.client,sys;c=http.client.HTTPConnection(sys.argv[1],timeout=5);" \
                 "c.request('POST',sys.argv[2]);print(c.getresponse().status)"
        return int(subprocess.run(
            ["nsenter", "-t", str(self._leader), "-n", "/usr/bin/python3", "-c", client, address, path],
            check=True, capture_output=True, text=True, timeout=30).stdout)

    def sample(self, metric: str, url: str, authority: Path | str = "") -> float:
        """Of a metric without labels; 0 where there is none."""
        found = re.search(rf"^{metric} (\S+)$", self.fetch(url, authority), re.M)
        return float(found[1]) if found else 0


def leader_of(nspawn: int) -> int | None:
    """The machine's first process. For a moment systemd-nspawn has another child, which begets it."""
    for child in Path(f"/proc/{nspawn}/task/{nspawn}/children").read_text().split():
        with contextlib.suppress(OSError):
            status = Path(f"/proc/{child}/status").read_text()
            _, *inside = re.search(r"^NSpid:\s(.*)$", status, re.M)[1].split()
            if inside and inside[-1] == "1":
                return int(child)
    return None


@contextlib.contextmanager
def booted(root: Path) -> Iterator[Machine]:
    """Skips the test where no root at all can be booted; a root that cannot be, where others can,
    is a failure."""
    try:
        with boot(root) as machine:
            yield machine
    except DoesNotBoot as error:
        if not BOOTED:
            skip_unless_a_fresh_root_boots()
        raise AssertionError(f"{root} does not boot: {error}") from None


def skip_unless_a_fresh_root_boots() -> None:
    with tempfile.TemporaryDirectory() as directory:
        try:
            with boot(make_root(Path(directory))):
                pass
        except DoesNotBoot as error:
            raise unittest.SkipTest(f"systemd-nspawn cannot boot here: {error}") from None


@contextlib.contextmanager
def boot(root: Path) -> Iterator[Machine]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-b", "-D", root, "--private-network",
             f"--machine=mfe-{root.parent.name.replace('_', '-')}", "--register=no", "--keep-unit"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            def unless_it_ended(value: T) -> T:
                if process.poll() is not None:
                    log.seek(0)
                    raise DoesNotBoot(log.read().decode(errors="replace").strip()[-300:])
                return value
            wait_until(lambda: unless_it_ended(leader_of(process.pid)) is not None,
                       "a first process")
            machine = Machine(leader_of(process.pid))
            wait_until(lambda: unless_it_ended(machine.run(
                "systemctl", "is-system-running", check=False)) in ("running", "degraded"),
                "the machine is up")
            BOOTED.append(root)
            yield machine
            machine.run("systemctl", "poweroff", check=False)
            process.wait(60)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
