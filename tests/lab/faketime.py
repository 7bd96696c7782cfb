"""A system clock of its own for a program, by libfaketime; the steady clock stays real."""

from __future__ import annotations

import datetime
import os
from pathlib import Path

LIBRARIES = "/usr/lib/*/faketime/libfaketimeMT.so.1"
# Set by the tests of a build with AddressSanitizer, whose library must be preloaded first.
SANITIZER_LIBRARY = "SANITIZER_LIBRARY"


def shared_object() -> Path:
    """The library itself: the faketime command would stand between a test and its program."""
    found = sorted(Path("/").glob(LIBRARIES.lstrip("/")))
    if not found:
        raise FileNotFoundError("libfaketime is not installed (package faketime)")
    return found[0]


def shifted(offset: str) -> dict[str, str]:
    """The environment of a program whose clock is off by `offset`, for example +100d."""
    first = os.environ.get(SANITIZER_LIBRARY)
    return {
        "LD_PRELOAD": ":".join(([first] if first else []) + [str(shared_object())]),
        "FAKETIME": offset,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }


def starting_at(moment: datetime.datetime) -> dict[str, str]:
    """The environment of a program whose clock shows `moment` at its start, and goes on."""
    in_utc = moment.astimezone(datetime.timezone.utc)
    # faketime reads local time.
    return {**shifted(f"@{in_utc:%Y-%m-%d %H:%M:%S}"), "TZ": "UTC"}
