"""The running farm: nginx and NSD on a directory made by make_farm, and what they counted."""

import http.client
import json
import re
import socket
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from . import sandbox
from .make_farm import STATUS_ADDRESS, Homeserver
from .programs import Program, http_get


@dataclass
class Traffic:
    """TCP connections accepted by nginx and queries answered by NSD, by type."""

    connections: int
    dns_queries: Counter[str]

    def since(self, earlier: "Traffic") -> "Traffic":
        return Traffic(self.connections - earlier.connections,
                       self.dns_queries - earlier.dns_queries)


class Farm:
    """Web and name servers of a farm; a context manager. Only inside the sandbox."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.homeservers = [Homeserver(**entry)
                            for entry in json.loads((directory / "farm.json").read_text())]
        sandbox.resolve_with(directory / "resolv.conf")

    def __enter__(self) -> "Farm":
        directory = self.directory
        self._nginx = Program(["nginx", "-c", directory / "nginx.conf"], directory / "nginx.log")
        self._nsd = Program(["nsd", "-d", "-c", directory / "nsd.conf"], directory / "nsd.log")
        self._nginx.wait_until(lambda: http_get(STATUS_ADDRESS, 80, "/")[0] == 200, "nginx starts")
        self._nsd.wait_until(self._resolves, "nsd starts")
        self._status = http.client.HTTPConnection(STATUS_ADDRESS, 80)
        self.connections()
        return self

    def __exit__(self, *_: object) -> None:
        self._status.close()
        self._nsd.__exit__()
        self._nginx.__exit__()

    def _resolves(self) -> bool:
        try:
            return bool(socket.getaddrinfo(self.homeservers[0].name, 443))
        except socket.gaierror:
            return False

    def names(self) -> list[str]:
        return [server.name for server in self.homeservers]

    def healthy_names(self) -> list[str]:
        return [server.name for server in self.homeservers if server.certificate == "healthy"]

    def connections(self) -> int:
        """TCP connections that nginx has accepted; asking opens none but the first."""
        self._status.request("GET", "/")
        status = self._status.getresponse().read().decode()
        return int(re.search(r"requests\s+(\d+)", status)[1])

    def traffic(self) -> Traffic:
        """What both servers have counted so far."""
        statistics = subprocess.run(
            ["nsd-control", "-c", self.directory / "nsd.conf", "stats_noreset"],
            check=True, capture_output=True, text=True).stdout
        queries = re.findall(r"^num\.type\.(\w+)=(\d+)$", statistics, re.MULTILINE)
        return Traffic(self.connections(),
                       Counter({kind: int(count) for kind, count in queries}))
