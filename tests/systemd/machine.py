"""A Debian of its own that boots: systemd-nspawn over a root that mmdebstrap makes once."""

import contextlib
import shutil
import subprocess
import tempfile
import time
import unittest
from collections.abc import Callable, Iterator
from pathlib import Path

TARBALL = Path(__file__).parents[2] / "build/roots/bookworm-systemd.tar"
TOOLS = ("systemd-nspawn", "mmdebstrap", "nsenter", "unshare")


def skip_where_it_cannot_boot() -> None:
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        raise unittest.SkipTest(f"needs {', '.join(missing)}")
    if subprocess.run(["unshare", "-m", "-n", "-p", "-f", "true"], capture_output=True).returncode:
        raise unittest.SkipTest("needs root and namespaces")


def make_root(directory: Path) -> Path:
    if not TARBALL.exists():
        TARBALL.parent.mkdir(parents=True, exist_ok=True)
        fresh = TARBALL.with_suffix(".new.tar")
        subprocess.run(["mmdebstrap", "--quiet", "--variant=minbase",
                        "--include=ca-certificates,systemd,systemd-sysv,dbus", "bookworm",
                        str(fresh)], check=True, timeout=600)
        fresh.rename(TARBALL)
    root = directory / "root"
    root.mkdir()
    subprocess.run(["tar", "-C", root, "-xf", TARBALL, "--exclude=./dev/*"], check=True)
    return root


def wait_until(condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(0.1)


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

    def fetch(self, url: str) -> str:
        """A page of a server inside, asked for from there; empty when nobody answers."""
        client = "import sys,urllib.request as u;" \
                 "o=u.build_opener(u.ProxyHandler({}));" \
                 "sys.stdout.write(o.open(sys.argv[1],timeout=5).read().decode())"
        result = subprocess.run(
            ["nsenter", "-t", str(self._leader), "-n", "/usr/bin/python3", "-c", client, url],
            capture_output=True, text=True, timeout=30)
        return result.stdout


@contextlib.contextmanager
def booted(root: Path) -> Iterator[Machine]:
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            ["systemd-nspawn", "-q", "-b", "-D", root, "--private-network",
             f"--machine=mfe-{root.parent.name.replace('_', '-')}", "--register=no", "--keep-unit"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        try:
            def has_leader() -> bool:
                if process.poll() is not None:
                    log.seek(0)
                    said = log.read().decode(errors="replace").strip()
                    raise unittest.SkipTest(f"systemd-nspawn cannot boot here: {said[-300:]}")
                return bool(children.read_text().split())
            wait_until(has_leader, "a first process")
            machine = Machine(int(children.read_text().split()[0]))
            wait_until(lambda: machine.run("systemctl", "is-system-running", check=False)
                       in ("running", "degraded"), "the machine is up")
            yield machine
            machine.run("systemctl", "poweroff", check=False)
            process.wait(60)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)
