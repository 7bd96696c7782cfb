"""The demonstration federation with Prometheus, the shipped rules and Alertmanager: it comes up,
alerts fire, every panel of every dashboard shows something, and nothing is left at the end."""

import contextlib
import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pages import PROJECT, Page, Target, filled, pages

sys.path[:0] = [str(PROJECT / folder) for folder in ("tests", "tests/world", "scripts/demo")]

from fixtures.exporter import BINARY  # noqa: E402
from fixtures.waiting import eventually  # noqa: E402
from lab import namespace  # noqa: E402
from lab.keys import SigningKey  # noqa: E402
from stories import Story, all_stories  # noqa: E402

SCRIPT = PROJECT / "scripts/demo/stack.py"
PORTS = {"exporter": 10448, "prometheus": 9090, "alertmanager": 9093}
PR_SET_CHILD_SUBREAPER = 36
READY_SECONDS = 60
ALERT_SECONDS = 150
GONE_SECONDS = 20
STEP_SECONDS = 1
AVAILABILITY = "matrix_federation:probe_success:ratio_30d"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
STORIES: list[Story] = all_stories(SigningKey.generate("ed25519:test"))
FAILING = {story.server_name: story.reason for story in STORIES if story.reason}
# What Grafana sends where all are chosen, and where one is; it escapes what is chosen.
ALL = {"job": ".+", "instance": ".+", "group": ".*"}
ONE = {"job": "matrix-federation", "instance": r"127\\.0\\.0\\.1:10448", "group": ".*"}
# Empty where there is nothing to tell.
ONLY_OF_FAILURES = {"Cause", "Causes over time"}
NOT_OF_EVERY_SERVER = {*ONLY_OF_FAILURES, "Warnings over time", "SRV records",
                       "Validity of the signing keys"}


def setUpModule() -> None:
    """A network of our own; and what the stack leaves behind becomes our child."""
    namespace.enter()
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError("prctl")


class Stack:
    """The script, as somebody runs it at a terminal."""

    def __init__(self, directory: Path):
        self._output = directory / "output"
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", SCRIPT, "--binary", BINARY],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

    def output(self) -> str:
        return self._output.read_text(errors="replace")

    def until(self, condition: Callable[[], Any], what: str, seconds: float) -> Any:
        def or_ended() -> Any:
            assert self.process.poll() is None, f"ended before: {what}\n{self.output()}"
            return condition()
        return eventually(or_ended, what, seconds=seconds, explain=self.output)


def nothing_is_left() -> bool:
    """No process, and nobody listens. Reaps what has ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
        return False
    except ChildProcessError:
        return not any(listens(port) for port in PORTS.values())


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def running_stack() -> Iterator[Stack]:
    """Ready; at the end it is gone, whatever became of it."""
    with tempfile.TemporaryDirectory() as directory:
        stack = Stack(Path(directory))
        try:
            stack.until(lambda: "Stop with Ctrl-C" in stack.output(), "ready", READY_SECONDS)
            yield stack
        finally:
            stack.process.kill()
            stack.process.wait()
            eventually(nothing_is_left, "all is gone", seconds=GONE_SECONDS)


class EndTest(unittest.TestCase):
    """However it ends, nothing is left."""

    def test_ctrl_c_ends_all_of_it(self) -> None:
        with running_stack() as stack:
            stack.process.send_signal(signal.SIGINT)
            self.assertEqual(0, stack.process.wait(GONE_SECONDS), stack.output())
            # The last of them may be about to end.
            eventually(nothing_is_left, "all is gone", seconds=GONE_SECONDS)

    def test_killed_without_warning_it_takes_everything_along(self) -> None:
        with running_stack() as stack:
            stack.process.kill()
            stack.process.wait()
            eventually(nothing_is_left, "all is gone", seconds=GONE_SECONDS)

    def test_an_occupied_port_is_told_before_anything_starts(self) -> None:
        with socket.create_server(("127.0.0.1", PORTS["alertmanager"])):
            result = subprocess.run([SCRIPT, "--binary", BINARY], text=True, capture_output=True,
                                    timeout=READY_SECONDS)
        self.assertEqual(2, result.returncode)
        self.assertIn("--alertmanager 127.0.0.1:9093: ", result.stderr)


class DemonstrationTest(unittest.TestCase):
    """What there is to see once it has run for a while."""
    stack: Stack
    started: float

    @classmethod
    def setUpClass(cls) -> None:
        cls.stack = cls.enterClassContext(running_stack())
        cls.started = time.time()
        for name in FAILING:
            cls.stack.until(lambda: paged(name, cls.stack), f"{name} alerts", ALERT_SECONDS)
        # Recorded at full minutes of the hurried rules, so it comes last.
        cls.stack.until(lambda: len(rows(AVAILABILITY)) == len(STORIES), "availability",
                        ALERT_SECONDS)

    def test_only_broken_homeservers_wake_somebody(self) -> None:
        working = {story.server_name for story in STORIES} - FAILING.keys()
        self.assertEqual([], [name for name in working if paged(name, self.stack)])

    def test_every_choice_of_the_pages_offers_something(self) -> None:
        for page in pages():
            for name, variable in page.variables.items():
                if variable["type"] == "query":
                    with self.subTest(f"{page.file.name}: {name}"):
                        self.assertTrue(values_of(variable["query"]))

    def test_every_panel_of_the_overview_shows_something(self) -> None:
        page = page_of("overview")
        for choices in (ALL, ONE):
            for target in page.targets():
                with self.subTest(target.panel, expression=target.filled(choices | interval())):
                    self.assertTrue(self.shown(target, choices))

    def test_every_panel_of_a_homeserver_shows_something(self) -> None:
        page = page_of("server")
        for choices in (ALL, ONE):
            for target in page.targets():
                seen = {story.server_name for story in STORIES
                        if self.shown(target, choices | {"server_name": story.server_name})}
                with self.subTest(target.panel, expression=target.expression):
                    self.assertTrue(seen)
                    if target.panel in ONLY_OF_FAILURES:
                        self.assertEqual(FAILING.keys(), seen)
                    elif target.panel not in NOT_OF_EVERY_SERVER | of_well_known(target):
                        self.assertEqual({story.server_name for story in STORIES}, seen)

    def test_the_overview_counts_right(self) -> None:
        for title, count in (("Working", len(STORIES) - len(FAILING)), ("Failing", len(FAILING)),
                             ("Configured", len(STORIES)), ("Only partly working", 1),
                             ("Never probed", 0)):
            with self.subTest(title):
                [target] = [t for t in page_of("overview").targets() if t.panel == title]
                [row] = rows(target.filled(ALL))
                self.assertEqual(count, float(row["value"][1]))

    def test_the_table_names_causes_and_counts_addresses(self) -> None:
        table = [row["metric"] for target in page_of("overview").targets()
                 if target.panel == "Every homeserver" for row in rows(target.filled(ALL))]
        causes = {row["server_name"]: row["reason"] for row in table if "reason" in row}
        self.assertEqual(FAILING, causes)
        ipv6 = {row["server_name"]: row["ipv6"] for row in table if "ipv6" in row}
        self.assertEqual("0/1", ipv6["half.demo.example"])
        self.assertEqual("1/1", ipv6["delegated.demo.example"])

    def shown(self, target: Target, choices: Mapping[str, str]) -> bool:
        """Whether Grafana would get a number for it."""
        expression = target.filled(choices | interval())
        found = rows(expression) if target.instant else range_rows(expression, self.started)
        numbers = [value for row in found for _, value in row.get("values") or [row["value"]]]
        return any(number != "NaN" for number in numbers)


def paged(name: str, stack: Stack) -> bool:
    """Whether the printed notifications have one about it that wakes somebody."""
    alert = rf"page: MatrixFederation(Down|CertificateExpired) firing: {re.escape(name)}:"
    return re.search(alert, stack.output()) is not None


def of_well_known(target: Target) -> set[str]:
    """Panels whose query is about .well-known hosts, which not every homeserver has."""
    about = 'role="well_known"' in target.expression or "well_known_cache" in target.expression
    return {target.panel} if about else set()


def interval() -> dict[str, str]:
    """Four scrapes, as Grafana finds it."""
    return {"__rate_interval": f"{4 * STEP_SECONDS}s"}


def page_of(name: str) -> Page:
    [page] = [each for each in pages() if each.file.stem == f"matrix-federation-{name}"]
    return page


def rows(expression: str) -> list[Any]:
    return ask("query", query=expression)["result"]  # type: ignore[no-any-return]


def range_rows(expression: str, start: float) -> list[Any]:
    end = time.time()
    return ask("query_range", query=expression, start=start, end=end,  # type: ignore[no-any-return]
               step=STEP_SECONDS)["result"]


def values_of(query: str) -> list[str]:
    """Of Grafana's label_values(metric, label)."""
    match = re.fullmatch(r"label_values\((.*), (\w+)\)", query)
    assert match, query
    return ask(f"label/{match[2]}/values",  # type: ignore[no-any-return]
               **{"match[]": filled(match[1], ALL)})


def ask(what: str, **parameters: object) -> Any:
    url = f"http://127.0.0.1:{PORTS['prometheus']}/api/v1/{what}"
    with DIRECT.open(f"{url}?{urllib.parse.urlencode(parameters)}", timeout=30) as response:
        return json.load(response)["data"]


if __name__ == "__main__":
    unittest.main()
