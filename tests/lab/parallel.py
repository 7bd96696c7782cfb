"""Many cases at once, each in a process of its own, which its network namespace dies with."""

from __future__ import annotations

import multiprocessing
import multiprocessing.connection
import signal
import time
import traceback
from collections.abc import Callable, Generator, Sequence
from pathlib import Path
from typing import Any, Generic, TypeVar

from . import namespace

Case = TypeVar("Case")


class Failed(Exception):
    """What a case ends with instead of a result; the text says why."""


class Runner(Generic[Case]):
    """Calls `body` for every case; a case that takes longer than `deadline` seconds has failed."""

    def __init__(self, body: Callable[[Case], Any], jobs: int, deadline: float) -> None:
        self._body = body
        self._jobs = jobs
        self._deadline = deadline

    def run(self, cases: Sequence[Case]) -> Generator[tuple[Case, Any, float], None, None]:
        """Yields each case with its result, or a `Failed`, and its seconds, as they end."""
        context = multiprocessing.get_context("fork")
        waiting = list(reversed(cases))
        running: dict[Any, tuple[Any, Case, float]] = {}
        while waiting or running:
            while waiting and len(running) < self._jobs:
                case = waiting.pop()
                receiver, sender = context.Pipe(duplex=False)
                process = context.Process(target=self._work, args=(case, sender))
                process.start()
                sender.close()
                running[receiver] = (process, case, time.monotonic())
            oldest = min(started for _, _, started in running.values())
            patience = max(0.0, oldest + self._deadline - time.monotonic())
            ready: list[Any] = multiprocessing.connection.wait(list(running), timeout=patience)
            for receiver in ready or [min(running, key=lambda one: running[one][2])]:
                process, case, started = running.pop(receiver)
                yield case, self._result_of(process, receiver), time.monotonic() - started

    def _work(self, case: Case, to: multiprocessing.connection.Connection) -> None:
        namespace.die_with_parent(signal.SIGKILL)
        try:
            to.send(self._body(case))
        except Failed as failed:
            to.send(failed)
        except Exception as error:  # whatever it is, it is this case's result
            cause = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(cause.filename).name}:{cause.lineno}"
            to.send(Failed(f"{type(error).__name__}: {error} ({place})"))

    def _result_of(self, process: Any, receiver: Any) -> Any:
        try:
            if receiver.poll():
                return receiver.recv()
            return Failed(f"no result within {self._deadline:g} s")
        except EOFError:
            return Failed("the case's process died")
        finally:
            process.kill()
            process.join()
            receiver.close()
