#!/usr/bin/python3
"""README's commands on a bare Debian: a root with nothing in it that is not essential.

    bare.py                    the main job, on the demonstration federation until all is probed, then
                               scripts/package; with --compare, its packages must be those of this machine
    bare.py --everything       the command that runs every test as well, which takes long
    bare.py --suite trixie     on Debian 13

The newest commit is cloned into the root. Needs root and mmdebstrap; ends with 77 where it cannot
run. Packages that apt fetched are kept in build/roots for the next time.
"""

from __future__ import annotations

import argparse
import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests"))

from lab import debian  # noqa: E402  (the lab is found beside this directory)

CHECKOUT = "/root/checkout"
AUTHORITIES = Path("/usr/local/share/ca-certificates")  # an administrator's own, as of a proxy
INSIDE = "MATRIX_FEDERATION_BARE"  # set in a bare root, where another would never end
SKIPPED = 77
SECONDS = 3 * 60 * 60
UNTIL_PROBED = "--until-probed --listen=127.0.0.1:0"  # so that the main job ends by itself


class BareRoot:
    """A root with a checkout in it, in which commands are run as a reader of README would."""

    def __init__(self, directory: Path, suite: str):
        self.path = debian.make_root(directory, suite)
        # The network is this machine's, so whom it trusts there is too: pip and npm ask over TLS.
        if AUTHORITIES.is_dir():
            shutil.copytree(AUTHORITIES, self.path / AUTHORITIES.relative_to("/"), dirs_exist_ok=True)
        self._downloads = debian.ROOTS / f"apt-{suite}"
        (self._downloads / "partial").mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["git", "clone", "--quiet", "--no-hardlinks", PROJECT, self.path / CHECKOUT[1:]], check=True
        )

    def run(self, command: str) -> None:
        with timed(command):
            debian.run_inside(
                self.path,
                *("sh", "-c", f"cd {CHECKOUT} && {command}"),
                mounts={self._downloads: "/var/cache/apt/archives"},
                environment={INSIDE: "1"},
                timeout=SECONDS,
            )

    def has_archive(self) -> bool:
        """Whether apt finds its packages from within; what the machine itself is told may differ."""
        try:
            self.run("apt-get update -qq -o APT::Update::Error-Mode=any")
        except subprocess.CalledProcessError:
            return False
        return True

    def packages(self) -> list[Path]:
        return sorted((self.path / CHECKOUT[1:] / "build/packages").iterdir())


def commands_of_readme() -> tuple[str, str]:
    """The main job and the tests: as README has them, in its section for people who try it."""
    section = (PROJECT / "README.md").read_text().split("\n## Try it\n")[1].split("\n## ")[0]
    commands = [line.strip() for line in section.splitlines() if line.startswith("    ")]
    return commands[-2], commands[-1]


@contextmanager
def timed(what: str) -> Iterator[None]:
    print(f"== {what}", flush=True)
    start = time.monotonic()
    yield
    print(f"== {what}: {time.monotonic() - start:.0f} s", flush=True)


def why_not(compare: bool) -> str | None:
    if INSIDE in os.environ:
        return "this is a bare root already"
    if os.geteuid() != 0:
        return "needs root"
    if not is_checkout():
        return "what is here is not a checkout"
    if compare and not is_as_committed():
        return "what is in build/release is not what was committed"
    missing = [tool for tool in ("mmdebstrap", "git", "unshare") if not shutil.which(tool)]
    return f"needs {', '.join(missing)}" if missing else None


def differing(packages: list[Path], directory: Path) -> list[str]:
    """Which of them are not the same, to the byte, as those that this machine makes."""
    subprocess.run([PROJECT / "scripts/package", "--built", directory], check=True)
    return [
        file.name
        for file in packages
        if not filecmp.cmp(file, directory / file.name, shallow=False)
    ]


def is_checkout() -> bool:
    asked = ["git", "-C", PROJECT, "rev-parse", "--verify", "--quiet", "HEAD"]
    return shutil.which("git") is not None and subprocess.run(asked, capture_output=True).returncode == 0


def is_as_committed() -> bool:
    changes = subprocess.run(
        ["git", "-C", PROJECT, "status", "--porcelain", "--untracked-files=no"],
        check=True,
        capture_output=True,
    )
    return not changes.stdout


def main() -> int:
    parser = argparse.ArgumentParser(description="README's commands on a bare Debian")
    parser.add_argument("--suite", default="bookworm", help="default %(default)s")
    parser.add_argument("--everything", action="store_true", help="scripts/test as well")
    parser.add_argument(
        "--compare", action="store_true", help="with packages of the program in build/release"
    )
    options = parser.parse_args()
    reason = why_not(options.compare)
    if reason:
        print(f"skipped: {reason}")
        return SKIPPED
    main_job, tests = commands_of_readme()
    with tempfile.TemporaryDirectory(prefix="matrix-federation-bare-") as place:
        with timed("making the root"):
            root = BareRoot(Path(place), options.suite)
        if not root.has_archive():
            print("skipped: apt in the root reaches no archive")
            return SKIPPED
        root.run(f"{main_job} {UNTIL_PROBED}")
        root.run("scripts/package")
        if options.compare:
            others = differing(root.packages(), Path(place) / "packages")
            if others:
                print(f"Built here and there they differ: {', '.join(others)}")
                return 1
            print("Built here and there, the packages are the same to the byte.")
        if options.everything:
            root.run(tests)
    return 0


if __name__ == "__main__":
    sys.exit(main())
