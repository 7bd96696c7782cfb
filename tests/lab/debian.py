"""Debians in directories: made once by mmdebstrap, and entered as the root of all mounts.

Needs root. What runs inside has mounts and processes of its own, which end with it; the network is
this machine's.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOTS = Path(__file__).parents[2] / "build/roots"
BOOTS = ("ca-certificates", "systemd", "systemd-sysv", "dbus")  # what it takes to boot
MAKE_SECONDS = 1200
# No chroot, in which nobody may make user namespaces, as the machines do that are booted inside. $1 is
# the root, $2 what is mounted on it besides: lines of "outside inside".
ENTER = """
set -e
mount --bind "$1" "$1"
mount -t proc proc "$1/proc"
mount --rbind /sys "$1/sys"
mount --rbind /dev "$1/dev"
printf %s "$2" | while read -r outside inside; do mount --bind "$outside" "$1$inside"; done
cd "$1"
shift 2
pivot_root . .
umount --lazy .
cd /
exec "$@"
"""


def make_root(directory: Path, suite: str = "bookworm", packages: Sequence[str] = ()) -> Path:
    """A fresh copy of a Debian with `packages` and nothing else that is not essential."""
    archive = ROOTS / ("-".join([suite, *packages]) + ".tar")
    if not archive.exists():
        archive.parent.mkdir(parents=True, exist_ok=True)
        fresh = archive.with_suffix(".new.tar")
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase"]
            + [f"--include={package}" for package in packages]
            + [suite, str(fresh)],
            check=True,
            timeout=MAKE_SECONDS,
        )
        fresh.rename(archive)
    root = directory / "root"
    root.mkdir()
    subprocess.run(["tar", "-C", root, "-xf", archive, "--exclude=./dev/*"], check=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    return root


def run_inside(
    root: Path,
    *command: str,
    mounts: Mapping[Path, str] | None = None,
    environment: Mapping[str, str] | None = None,
    timeout: float = 600,
) -> None:
    """Runs a command in the root; what it prints goes where ours goes. Raises when it fails."""
    lines = "".join(f"{outside} {inside}\n" for outside, inside in (mounts or {}).items())
    subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child"]
        + ["sh", "-c", ENTER, "sh", str(root), lines, *command],
        check=True,
        stdin=subprocess.DEVNULL,
        timeout=timeout,
        env={
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": "/root",
            "DEBIAN_FRONTEND": "noninteractive",
            **(environment or {}),
        },
    )
