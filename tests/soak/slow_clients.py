"""Clients of /metrics that are slow, silent or gone: none of them may matter to anybody else."""

from __future__ import annotations

import random
import socket
import struct
import threading

REQUEST = b"GET /metrics HTTP/1.1\r\nHost: soak\r\nX-Padding: " + b"a" * 200 + b"\r\n\r\n"
AT_ONCE = 30
STEP_SECONDS = 0.25


class Client:
    """One connection with one bad habit."""

    HABITS = ("silent", "dribbles", "never_reads", "reads_slowly", "leaves", "resets")

    def __init__(self, address: tuple[str, int], dice: random.Random) -> None:
        self._habit = dice.choice(self.HABITS)
        self._lifetime = dice.randint(4, 200)
        self._unsent = REQUEST
        self._socket = socket.create_connection(address, timeout=2)
        self._socket.setblocking(False)

    def step(self) -> bool:
        """Does a little more of it; False when it is over."""
        self._lifetime -= 1
        try:
            if self._habit == "dribbles":
                self._send(2)
            elif self._habit != "silent":
                self._send(len(REQUEST))
            if self._habit == "reads_slowly" and not self._socket.recv(1000):
                return self._end()
        except BlockingIOError:
            pass
        except OSError:
            return self._end()
        if self._habit in ("leaves", "resets") or self._lifetime <= 0:
            return self._end()
        return True

    def _send(self, count: int) -> None:
        if self._unsent:
            sent = self._socket.send(self._unsent[:count])
            self._unsent = self._unsent[sent:]

    def _end(self) -> bool:
        if self._habit == "resets":
            linger = struct.pack("ii", 1, 0)
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self._socket.close()
        return False


class SlowClients:
    """A thread that keeps some of them busy; a context manager."""

    def __init__(self, address: tuple[str, int], dice: random.Random) -> None:
        self.opened = 0
        self._address = address
        self._dice = dice
        self._clients: list[Client] = []
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> SlowClients:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """All of them are gone."""
        self._stopped.set()
        self._thread.join()
        self._clients.clear()

    def _run(self) -> None:
        while not self._stopped.wait(STEP_SECONDS):
            self._clients = [client for client in self._clients if client.step()]
            if len(self._clients) < AT_ONCE:
                self._open()

    def _open(self) -> None:
        try:
            self._clients.append(Client(self._address, self._dice))
            self.opened += 1
        except OSError:
            pass  # the daemon is out of descriptors, as it was told to be
