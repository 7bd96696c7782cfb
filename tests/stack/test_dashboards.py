"""The dashboards as files: current, of Grafana's types, and by the conventions of its linter.

Needs what scripts/install-stack-tools installs; what is missing there is skipped.
"""

import functools
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import yaml
from pages import PROJECT, Json, Page, Target, pages

TOOLS = Path(os.environ.get("STACK_TOOLS", PROJECT / "build/stack-tools"))
SOURCES = PROJECT / "tests/stack/tools"
BINARY = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                             PROJECT / "build/release/matrix-federation-exporter"))
NODE_MODULES = TOOLS / "node_modules"
UNITS = {"short", "s", "percentunit", "dateTimeAsIso", "dateTimeFromNow", "dtdurations", "bytes",
         "ops", "reqps", "hex"}
COLUMNS = 24
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)
LEGEND_LABEL = re.compile(r"\{\{(\w+)\}\}")
OF_EVERY_SERIES = {"job", "instance"}
OF_PROCESSES = {"process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds",
                "process_max_fds"}
INTERVAL = "[$__rate_interval]"
LAST_OF_ALL = re.compile(r"last_over_time\([^()]*\[11m\]\)")


def run(*command: str | Path, text: str | None = None) -> str:
    result = subprocess.run([str(part) for part in command], input=text, text=True,
                            capture_output=True, timeout=120)
    assert result.returncode == 0, f"{command}\n{result.stdout}\n{result.stderr}"
    return result.stdout


def needs_node_modules(test: Any) -> Any:
    return unittest.skipUnless(NODE_MODULES.is_dir() and shutil.which("node"),
                               f"there is no {NODE_MODULES}: run scripts/install-stack-tools")(test)


class FilesTest(unittest.TestCase):
    """What is shipped is what the generator writes."""

    def test_they_are_current(self) -> None:
        run(PROJECT / "scripts/update-dashboards", "--check")

    @needs_node_modules
    def test_grafanas_own_types_accept_them(self) -> None:
        with tempfile.TemporaryDirectory(dir=TOOLS) as directory:
            run("cp", SOURCES / "page.ts", directory)
            files = []
            for page in pages():
                files.append(Path(directory) / f"{page.file.stem}.ts")
                files[-1].write_text('import type { Page } from "./page";\n'
                                     f"export const page: Page = {page.file.read_text()};\n")
            run(NODE_MODULES / ".bin/tsc", "--noEmit", "--strict", "--skipLibCheck",
                "--moduleResolution", "bundler", "--module", "esnext", "--ignoreConfig", *files)


def on_every_page(test: Callable[[Any, Page], None]) -> Callable[[Any], None]:
    """A test that is told which page it is about."""
    @functools.wraps(test)
    def each(self: unittest.TestCase) -> None:
        for page in pages():
            with self.subTest(page.file.name):
                test(self, page)
    return each


class PageTest(unittest.TestCase):
    """What Grafana's linter asks of a dashboard: its rules, by means of our own."""

    @on_every_page
    def test_a_page_is_found_again_and_cannot_be_edited(self, page: Page) -> None:
        self.assertEqual(page.file.stem, page.json["uid"])
        self.assertLessEqual(len(page.json["uid"]), 40)
        self.assertIs(page.json["editable"], False)

    @on_every_page
    def test_the_pages_lead_to_each_other(self, page: Page) -> None:
        [link] = page.json["links"]
        self.assertEqual("dashboards", link["type"])
        self.assertTrue(link["includeVars"] and link["keepTime"])
        for other in pages():
            self.assertLessEqual(set(link["tags"]), set(other.json["tags"]))

    def test_links_to_a_page_name_one_that_exists_and_variables_that_it_has(self) -> None:
        by_uid = {page.json["uid"]: page for page in pages()}
        found = re.findall(r'"/d/([\w-]+)\?([^"]*)"', "".join(p.file.read_text() for p in pages()))
        self.assertTrue(found)
        for uid, query in found:
            told = re.findall(r"var-(\w+)=|\{(\w+):queryparam\}", query)
            names = {one or other for one, other in told}
            self.assertLessEqual(names, by_uid[uid].variables.keys(), query)

    @on_every_page
    def test_the_data_source_is_a_variable_and_everything_uses_it(self, page: Page) -> None:
        [variable] = [v for v in page.variables.values() if v["type"] == "datasource"]
        self.assertEqual(("datasource", "prometheus"), (variable["name"], variable["query"]))
        users = [*page.panels(), *(t for p in page.panels() for t in p["targets"]),
                 *page.json["annotations"]["list"],
                 *(v for v in page.variables.values() if v is not variable)]
        for user in users:
            self.assertEqual({"type": "prometheus", "uid": "${datasource}"}, user["datasource"])

    @on_every_page
    def test_job_and_instance_can_be_chosen_one_several_or_all(self, page: Page) -> None:
        for name in ("job", "instance"):
            variable = page.variables[name]
            self.assertTrue(variable["multi"] and variable["includeAll"])
            self.assertEqual(".+", variable["allValue"])

    @on_every_page
    def test_choices_are_read_anew_when_the_time_changes(self, page: Page) -> None:
        for variable in page.variables.values():
            if variable["type"] == "query":
                self.assertEqual(2, variable["refresh"], variable["name"])

    @on_every_page
    def test_every_panel_says_what_it_is(self, page: Page) -> None:
        titles = [panel["title"] for panel in page.panels()]
        self.assertEqual(sorted(set(titles)), sorted(titles))
        for panel in page.panels():
            self.assertTrue(panel["title"])
            self.assertRegex(panel["description"], r"\.$", panel["title"])

    @on_every_page
    def test_every_panel_has_a_query_and_a_unit_that_grafana_knows(self, page: Page) -> None:
        for panel in page.panels():
            self.assertTrue(panel["targets"], panel["title"])
            for unit in units(panel):
                self.assertIn(unit, UNITS, panel["title"])

    @on_every_page
    def test_panels_have_numbers_of_their_own_and_do_not_overlap(self, page: Page) -> None:
        everything = page.json["panels"] + [
            each for row in page.json["panels"] for each in row.get("panels", [])]
        numbers = [each["id"] for each in everything]
        self.assertEqual(len(set(numbers)), len(numbers))
        for level in levels(page):
            for one, other in combinations(level, 2):
                self.assertFalse(overlap(one["gridPos"], other["gridPos"]),
                                 f"{one['title']} and {other['title']}")
            for each in level:
                self.assertLessEqual(each["gridPos"]["x"] + each["gridPos"]["w"], COLUMNS)


def units(panel: Json) -> list[str]:
    config = panel["fieldConfig"]
    return [config["defaults"]["unit"], *(p["value"] for o in config["overrides"]
                                          for p in o["properties"] if p["id"] == "unit")]


def levels(page: Page) -> list[list[Json]]:
    """Panels that are seen together: those of a collapsed row only among themselves."""
    return [page.json["panels"], *(row["panels"] for row in page.json["panels"]
                                   if row.get("panels"))]


def overlap(one: Json, other: Json) -> bool:
    return bool(one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
                and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


@needs_node_modules
class QueriesTest(unittest.TestCase):
    """What the queries select, as Prometheus' own grammar reads them."""
    targets: list[tuple[Target, list[Json]]]
    labels: dict[str, set[str]]

    @classmethod
    def setUpClass(cls) -> None:
        targets = [target for page in pages() for target in page.targets()]
        expressions = [target.expression.replace(INTERVAL, "[1m]")
                       for target in targets]
        # A module is found beside the script that asks for it.
        script = shutil.copy(SOURCES / "selectors.mjs", TOOLS)
        found = json.loads(run("node", script, text=json.dumps(expressions)))
        cls.targets = list(zip(targets, found, strict=True))
        cls.labels = catalogue()

    def test_every_query_obeys_job_and_instance(self) -> None:
        for target, selectors in self.targets:
            self.assertTrue(selectors, target)
            for selector in selectors:
                for name in ("job", "instance"):
                    self.assertIn([name, "=~", f"${name}"], selector["matchers"], target)

    def test_counters_are_shown_by_their_growth(self) -> None:
        for target, selectors in self.targets:
            for selector in selectors:
                if re.search(r"_(total|bucket|count|sum)$", selector["metric"]):
                    self.assertIn(selector["functions"][:1], (["rate"], ["increase"]), target)

    def test_growth_is_taken_over_the_interval_that_grafana_finds(self) -> None:
        for target, _ in self.targets:
            others = LAST_OF_ALL.sub("", target.expression)
            self.assertLessEqual(set(re.findall(r"\[.*?\]", others)), {INTERVAL}, target)

    def test_what_is_recorded_seldom_is_shown_until_it_is_recorded_again(self) -> None:
        """Prometheus looks back for five minutes by itself."""
        seldom = {rule["record"] for group in shipped_groups() if group.get("interval") == "5m"
                  for rule in group["rules"]}
        used = [(target, selector) for target, selectors in self.targets for selector in selectors
                if selector["metric"] in seldom]
        self.assertTrue(used)
        for target, selector in used:
            self.assertEqual(["last_over_time"], selector["functions"][:1], target)

    def test_every_metric_and_every_label_asked_for_exists(self) -> None:
        for target, selectors in self.targets:
            for selector in selectors:
                metric = without_suffix(selector["metric"])
                self.assertIn(metric, self.labels, target)
                for label, _, _ in selector["matchers"]:
                    self.assertIn(label, self.labels[metric] | OF_EVERY_SERIES, target)

    def test_legends_name_labels_that_the_queries_keep(self) -> None:
        for target, selectors in self.targets:
            grouped = re.match(r"(?:\w+\(\d+, )?\w+ by \(([^)]*)\)", target.expression)
            kept = (set(grouped[1].split(", ")) if grouped else OF_EVERY_SERIES.union(
                *(self.labels.get(without_suffix(each["metric"]), set()) for each in selectors)))
            self.assertLessEqual(set(LEGEND_LABEL.findall(target.legend)), kept, target)


class CountsTest(unittest.TestCase):
    """The numbers at the top of the overview, as Prometheus reckons them."""
    COUNTS = ("Failing", "Only partly working", "With warnings", "Never probed")
    OF_A_HOMESERVER = '{job="j",instance="i",server_name="example.org"}'

    def assert_counts(self, counted: int | None, *metrics: str) -> None:
        """Of one homeserver with these metrics, which are 1; None: no number is shown."""
        choices = dict.fromkeys(("job", "instance", "group"), ".*")
        expected = [] if counted is None else [{"labels": "{}", "value": counted}]
        [overview] = [page for page in pages() if page.file.name.endswith("overview.json")]
        targets = [target for target in overview.targets() if target.panel in self.COUNTS]
        self.assertEqual(len(self.COUNTS), len(targets))
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump({"tests": [{
                "input_series": [{"series": f"matrix_federation_{name}{self.OF_A_HOMESERVER}",
                                  "values": "1"} for name in metrics],
                "promql_expr_test": [{"expr": target.filled(choices), "eval_time": "0m",
                                      "exp_samples": expected} for target in targets],
            }]}, file)
            file.flush()
            run("promtool", "test", "rules", file.name)

    def test_nothing_is_counted_where_no_exporter_is_scraped(self) -> None:
        self.assert_counts(None)

    def test_one_that_works_is_none_of_them(self) -> None:
        self.assert_counts(0, "target_info", "probe_success", "all_addresses_success",
                           "probe_last_timestamp_seconds")

    def test_one_whose_result_is_old_was_probed(self) -> None:
        self.assert_counts(0, "target_info", "probe_last_timestamp_seconds")


def shipped_groups() -> list[Json]:
    return [group for file in (PROJECT / "deploy/prometheus/rules").glob("*.yml")
            for group in yaml.safe_load(file.read_text())["groups"]]


def without_suffix(metric: str) -> str:
    """The name of a histogram."""
    return metric.removesuffix("_bucket")


def catalogue() -> dict[str, set[str]]:
    """The labels of every metric that the program or the shipped rules make."""
    known = {name: set(re.findall(r"`(\w+)`", labels))
             for name, _, labels in ROW.findall(run(BINARY, "--print-metrics"))}
    of_the_program = {name for name in known if name.startswith("matrix_federation_exporter_")}
    for name in known.keys() - of_the_program:
        known[name].add("server_name")
    for group in shipped_groups():
        known |= {rule["record"]: {"server_name"} for rule in group["rules"] if "record" in rule}
    return known | {name: set() for name in OF_PROCESSES}


if __name__ == "__main__":
    unittest.main()
