"""The packages, made by scripts/package of the release build, and an older one to upgrade from."""

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / "tests"), str(PROJECT / "tests/systemd")]  # lab, machine
NAME = "matrix-federation-exporter"
CONFIGURATION = f"etc/{NAME}/config.yaml"
OLDER_VERSION = "0.0.1"
OLDER_COMMENT = "# As an older package had it.\n"


def output_of(*command: str | Path) -> str:
    """What a command prints; it must succeed."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                            timeout=300)
    if result.returncode != 0:
        raise AssertionError(f"{command[0]}: {result.stdout}")
    return result.stdout


@dataclasses.dataclass(frozen=True)
class Packages:
    deb: Path
    rpm: Path


def make(directory: Path, environment: Mapping[str, str] | None = None) -> Packages:
    """In a directory that does not exist yet."""
    result = subprocess.run([PROJECT / "scripts/package", "--built", directory], text=True,
                            capture_output=True, timeout=300, env={**os.environ, **(environment or {})})
    if result.returncode != 0:
        raise AssertionError(result.stdout + result.stderr)
    (deb,) = directory.glob("*.deb")
    (rpm,) = directory.glob("*.rpm")
    return Packages(deb, rpm)


def make_older_rpm(directory: Path) -> Path:
    """The same package with a lower version, as CPack makes it; in a directory that does not exist."""
    result = subprocess.run(["cpack", "--config", PROJECT / "build/release/CPackConfig.cmake", "-G", "RPM",
                             "-D", f"CPACK_PACKAGE_VERSION={OLDER_VERSION}", "-B", directory], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300)
    if result.returncode != 0:
        raise AssertionError(result.stdout)
    (rpm,) = directory.glob("*.rpm")
    return rpm


def make_older(deb: Path, directory: Path) -> Path:
    """The same package with a lower version and another default configuration."""
    tree = directory / "older"
    subprocess.run(["dpkg-deb", "--raw-extract", deb, tree], check=True)
    control = tree / "DEBIAN/control"
    lines = control.read_text().splitlines()
    control.write_text("".join(f"Version: {OLDER_VERSION}\n" if line.startswith("Version:") else
                               f"{line}\n" for line in lines))
    configuration = tree / CONFIGURATION
    configuration.write_text(OLDER_COMMENT + configuration.read_text())
    older = directory / f"{NAME}_{OLDER_VERSION}.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", tree, older], check=True,
                   stdout=subprocess.DEVNULL)
    return older
