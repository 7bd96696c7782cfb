"""The daemon under the soak: started with a clock of its own, asked, and looked at from outside."""

from __future__ import annotations

import http.client
import os
import re
import signal
import time
from pathlib import Path

from farm.programs import Program
from lab import faketime
from machine_faults import set_clock
from reading import Reading

LISTEN = ("127.0.0.1", 10448)
PATIENCE_SECONDS = 20  # for one scrape
REPORT_OF_A_DEFECT = re.compile(
    r"^.*((ERROR|WARNING): \w+Sanitizer|runtime error: |terminate called )", re.MULTILINE
)


class Daemon(Program):
    """A context manager; leaving it asks the daemon to stop, in the middle of whatever it does."""

    def __init__(self, binary: Path, configuration: Path, directory: Path) -> None:
        self.clock_file = directory / "clock"
        set_clock(self.clock_file, "+0")
        variables = faketime.shifted("+0")
        del variables["FAKETIME"]
        variables |= {
            "FAKETIME_TIMESTAMP_FILE": str(self.clock_file),
            "FAKETIME_CACHE_DURATION": "1",
        }
        # What is preloaded is preloaded into the daemon only, not into what starts it.
        preloaded = [f"{name}={value}" for name, value in variables.items()]
        super().__init__(
            ["env", *preloaded, binary, f"--config.file={configuration}",
             "--web.listen-address={}:{}".format(*LISTEN), "--log.level=warn"],
            directory / "daemon.log",
        )  # fmt: skip
        self.status: int | None = None
        self.wait_until(lambda: self.scrape() is not None, "the daemon answers")

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        self.status = self.process.wait(PATIENCE_SECONDS)

    def scrape(self) -> Reading | None:
        """None when nobody answers."""
        begin = time.monotonic()
        connection = http.client.HTTPConnection(*LISTEN, timeout=PATIENCE_SECONDS)
        try:
            connection.request("GET", "/metrics")
            answer = connection.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        if answer.status != http.client.OK:
            return None
        return Reading(text, begin, time.monotonic() - begin)

    def hang_up(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def memory_megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+)", status)
        return int(found[1]) / 1024 if found else 0

    def descriptors(self) -> int:
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def defects(self) -> str:
        """What a sanitizer or the C++ runtime said, if anything."""
        log = self.log.read_text(errors="replace")
        found = REPORT_OF_A_DEFECT.search(log)
        return log[found.start() :][:4000] if found else ""
