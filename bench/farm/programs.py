"""Programs under measurement: started, asked, watched by their CPU time, stopped."""

import http.client
import os
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import yaml

EXPORTER = Path(__file__).resolve().parents[2] / "build/release/matrix-federation-exporter"
_TICKS = os.sysconf("SC_CLK_TCK")


def wait_for(condition: Callable[[], bool], what: str, seconds: float) -> None:
    """Polls a condition; raises TimeoutError when it does not come true in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)


def http_get(host: str, port: int, path: str) -> tuple[int, str]:
    """Status and body; status 0 when nobody answers."""
    connection = http.client.HTTPConnection(host, port, timeout=30)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, response.read().decode()
    except OSError:
        return 0, ""
    finally:
        connection.close()


class Program:
    """A running process that logs to a file; a context manager that stops it."""

    def __init__(self, argv: list[str | Path], log: Path,
                 environment: dict[str, str] | None = None) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=output,
                                            stderr=output, env=os.environ | (environment or {}))
        self.name, self.log = str(argv[0]), log

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def wait_until(self, condition: Callable[[], bool], what: str, seconds: float = 60) -> None:
        def alive_and_true() -> bool:
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.name} ended: {self.log.read_text()[-2000:]}")
            return condition()
        wait_for(alive_and_true, what, seconds)

    def cpu_seconds(self) -> float:
        """User and system time of all its threads so far."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text()
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / _TICKS

    def peak_memory_megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+)", status)[1]) / 1024


class Exporter(Program):
    """Our daemon, configured to check the given homeservers."""

    def __init__(self, binary: Path, directory: Path, names: list[str], interval: int,
                 max_in_flight: int = 256, port: int = 10448, threads: int = 1) -> None:
        config = write_exporter_config(directory, names, interval, max_in_flight, threads)
        self.address = ("127.0.0.1", port)
        super().__init__([binary, f"--config.file={config}",
                          "--web.listen-address={}:{}".format(*self.address), "--log.level=warn"],
                         directory / "exporter.log")
        self.wait_until(lambda: http_get(*self.address, "/-/healthy")[0] == 200, "exporter starts")

    def metrics(self) -> str:
        status, body = http_get(*self.address, "/metrics")
        if status != 200:
            raise RuntimeError(f"/metrics answered {status}")
        return body


class Blackbox(Program):
    """Debian's blackbox_exporter with the farm's root as the system's only one."""

    def __init__(self, directory: Path) -> None:
        config = directory / "blackbox.yml"
        # The package's own module. No tls_config.ca_file: it would be parsed again for each probe.
        config.write_text("modules: {http_2xx: {prober: http}}\n")
        (directory / "no-certificates").mkdir(exist_ok=True)
        self.address = ("127.0.0.1", 9115)
        super().__init__(["prometheus-blackbox-exporter", f"--config.file={config}",
                          "--web.listen-address={}:{}".format(*self.address), "--log.level=error"],
                         directory / "blackbox.log",
                         {"SSL_CERT_FILE": str(directory / "root.pem"),
                          "SSL_CERT_DIR": str(directory / "no-certificates")})
        self.wait_until(lambda: http_get(*self.address, "/-/healthy")[0] == 200, "blackbox starts")


def write_exporter_config(directory: Path, names: list[str], interval: int,
                          max_in_flight: int = 256, threads: int = 1) -> Path:
    """The exporter's configuration for the farm; failing homeservers are asked no oftener."""
    path = directory / "exporter.yaml"
    path.write_text(yaml.safe_dump({
        "probe": {"interval": f"{interval}s", "failure_interval": f"{interval}s",
                  "max_in_flight": max_in_flight, "threads": threads},
        "tls": {"ca_file": str(directory / "root.pem")},
        "network": {"deny": []},  # the farm lives on loopback addresses
        "homeservers": names,
    }, sort_keys=False))
    return path


def samples(metrics: str, family: str) -> dict[str, float]:
    """Label string to value, of one family of an exposition."""
    pattern = re.compile(rf"^{re.escape(family)}(?:\{{(.*)\}})? (\S+)$", re.MULTILINE)
    return {labels or "": float(value) for labels, value in pattern.findall(metrics)}
