"""The shipped rules: complete, tested, with a runbook each, and delivered to the right receiver."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                             PROJECT / "build/release/matrix-federation-exporter"))
DEPLOY = PROJECT / "deploy/prometheus"
RULES = sorted((DEPLOY / "rules").glob("*.yml"))
CASES = sorted((PROJECT / "tests/rules").glob("*.test.yml"))
RUNBOOKS = PROJECT / "docs/runbooks"
ALERTING = PROJECT / "docs/alerting.md"
BASE = "https://runbooks.invalid/"
METRIC = re.compile(r"\b(?:matrix_federation_|process_)\w+")
FENCED = re.compile(r"```(\w+)\n(.*?)```", re.DOTALL)
CHANGEABLE = {"reason", "check"}


def all_rules() -> list[dict[str, Any]]:
    return [rule for file in RULES for group in yaml.safe_load(file.read_text())["groups"]
            for rule in group["rules"]]


ALERTS = {rule["alert"]: rule for rule in all_rules() if "alert" in rule}
GROUPS = {rule["alert"]: group["name"] for file in RULES
          for group in yaml.safe_load(file.read_text())["groups"]
          for rule in group["rules"] if "alert" in rule}


def run(*arguments: str | Path, text: str | None = None) -> str:
    result = subprocess.run([*map(str, arguments)], input=text, text=True, capture_output=True)
    assert result.returncode == 0, f"{arguments}\n{result.stdout}\n{result.stderr}"
    return result.stdout


class RulesTest(unittest.TestCase):
    """What holds of every alert."""

    def test_promtool_accepts_the_rules(self) -> None:
        run("promtool", "check", "rules", *RULES)
        run("promtool", "check", "config", DEPLOY / "prometheus.yml")

    def test_every_case_comes_out_as_told(self) -> None:
        for cases in CASES:
            with self.subTest(cases.name):
                run("promtool", "test", "rules", cases)

    def test_every_alert_has_cases_in_which_it_fires_and_does_not(self) -> None:
        seen = {(case["alertname"], bool(case["exp_alerts"]))
                for file in CASES for test in yaml.safe_load(file.read_text())["tests"]
                for case in test["alert_rule_test"]}
        self.assertEqual({(name, fires) for name in ALERTS for fires in (True, False)}, seen)

    def test_every_alert_has_a_severity_and_texts(self) -> None:
        for name, rule in ALERTS.items():
            with self.subTest(name):
                self.assertEqual({"severity"}, rule["labels"].keys())
                self.assertIn(rule["labels"]["severity"], ("critical", "warning", "info"))
                self.assertEqual({"summary", "description", "runbook_url"},
                                 rule["annotations"].keys())
                self.assertIn("First", rule["annotations"]["description"] + " First"
                              * (rule["labels"]["severity"] == "info"))

    def test_no_alert_carries_what_may_change_while_it_fires(self) -> None:
        for file in CASES:
            for test in yaml.safe_load(file.read_text())["tests"]:
                for case in test["alert_rule_test"]:
                    for alert in case["exp_alerts"]:
                        self.assertFalse(CHANGEABLE & alert["exp_labels"].keys(), alert)

    def test_every_metric_is_one_that_the_program_has(self) -> None:
        known = set(METRIC.findall(run(BINARY, "--print-metrics")))
        known |= {"process_start_time_seconds", "process_open_fds", "process_max_fds"}
        texts = [file.read_text() for file in RULES]
        texts += [file.read_text() for file in RUNBOOKS.glob("*.md")]
        for name in sorted({name for text in texts for name in METRIC.findall(text)}):
            with self.subTest(name):
                self.assertIn(re.sub(r"_bucket$", "", name), known)


class RunbooksTest(unittest.TestCase):
    """The page behind every alert."""

    def test_every_alert_has_its_page_and_every_page_its_alert(self) -> None:
        self.assertEqual({f"{name}.md" for name in ALERTS},
                         {file.name for file in RUNBOOKS.glob("*.md")})
        for name, rule in ALERTS.items():
            with self.subTest(name):
                self.assertEqual(f"{BASE}{name}.md", rule["annotations"]["runbook_url"])
                lines = (RUNBOOKS / f"{name}.md").read_text().splitlines()
                self.assertEqual([f"# {name}", "## Cause", "## See it", "## Fix it"],
                                 [line for line in lines if line.startswith("#")])

    def test_every_command_is_indented_and_so_a_block(self) -> None:
        """Paragraphs begin with a capital, and commands do not."""
        for file in sorted(RUNBOOKS.glob("*.md")):
            lines = FENCED.sub("", file.read_text()).splitlines()
            for above, line in zip(["", *lines], lines):
                if above.startswith("    ") or not above:
                    with self.subTest(file.name, line=line):
                        self.assertNotRegex(line, r"\A[a-z]")

    def test_the_program_explains_every_word_that_a_page_asks_for(self) -> None:
        words = {word for file in RUNBOOKS.glob("*.md")
                 for word in re.findall(r"explain (\w+)", file.read_text())}
        for word in sorted(words):
            with self.subTest(word):
                run(BINARY, "explain", word)

    def test_prometheus_can_parse_every_expression(self) -> None:
        expressions = self.snippets("promql")
        rules = {"groups": [{"name": "runbooks", "rules": [
            {"record": f"runbook:{number}", "expr": expression}
            for number, expression in enumerate(expressions)]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(yaml.safe_dump(rules))
            file.flush()
            run("promtool", "check", "rules", file.name)

    def test_nginx_accepts_every_configuration(self) -> None:
        with tempfile.TemporaryDirectory() as name:
            directory = Path(name)
            make_certificate(directory)
            for snippet in self.snippets("nginx"):
                text = re.sub(r"/etc/letsencrypt/live/[^/]+/", f"{name}/", snippet)
                file = directory / "nginx.conf"
                file.write_text(f"pid {name}/pid; error_log {name}/log; events {{ }}\n"
                                f"http {{ access_log off;\n{text}\n}}")
                run("nginx", "-t", "-p", name, "-c", file)

    def test_caddy_accepts_every_configuration(self) -> None:
        for snippet in self.snippets("caddy"):
            with tempfile.NamedTemporaryFile("w") as file:
                file.write(snippet)
                file.flush()
                run("caddy", "validate", "--adapter", "caddyfile", "--config", file.name)

    @staticmethod
    def snippets(language: str) -> list[str]:
        found = {text for file in RUNBOOKS.glob("*.md")
                 for kind, text in FENCED.findall(file.read_text()) if kind == language}
        assert found, language
        return sorted(found)


def make_certificate(directory: Path) -> None:
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-subj", "/CN=test", "-keyout", directory / "privkey.pem",
        "-out", directory / "fullchain.pem")


class RoutingTest(unittest.TestCase):
    """The sample configuration of Alertmanager."""
    FILE = DEPLOY / "alertmanager.yml"

    def test_amtool_accepts_it(self) -> None:
        run("amtool", "check-config", self.FILE)

    def test_no_message_is_repeated_later_than_alertmanager_remembers_it(self) -> None:
        """What it has sent it forgets after --data.retention, by default 120h."""
        route = yaml.safe_load(self.FILE.read_text())["route"]
        intervals = [each["repeat_interval"] for each in (route, *route["routes"])]
        for interval in intervals:
            with self.subTest(interval):
                number, unit = re.fullmatch(r"(\d+)([hd])", interval).groups()  # type: ignore
                self.assertLessEqual(int(number) * {"h": 1, "d": 24}[unit], 120)

    def test_every_alert_reaches_the_receiver_of_its_severity(self) -> None:
        receivers = {"critical": "page", "warning": "ticket", "info": "digest"}
        for name, rule in ALERTS.items():
            severity = rule["labels"]["severity"]
            with self.subTest(name):
                run("amtool", "config", "routes", "test", f"--config.file={self.FILE}",
                    f"--verify.receivers=matrix-federation-{receivers[severity]}",
                    f"alertname={name}", f"severity={severity}", "server_name=example.org")

    def test_the_route_of_a_customer_is_reached_where_the_document_puts_it(self) -> None:
        added = yaml.safe_load(dict(FENCED.findall(ALERTING.read_text()))["yaml"])["routes"]
        configuration = yaml.safe_load(self.FILE.read_text())
        configuration["route"]["routes"][:0] = added
        configuration["receivers"].append({"name": "customer-a"})
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(yaml.safe_dump(configuration))
            file.flush()
            for group, receiver in (("customer-a", "customer-a"), ("other", "matrix-federation-page")):
                with self.subTest(group):
                    run("amtool", "config", "routes", "test", f"--config.file={file.name}",
                        f"--verify.receivers={receiver}", f"group={group}", "severity=critical")

    def test_inhibition_names_only_alerts_that_exist(self) -> None:
        for rule in yaml.safe_load(self.FILE.read_text())["inhibit_rules"]:
            for matcher in (*rule["source_matchers"], *rule["target_matchers"]):
                label, pattern = re.fullmatch(r'(\w+)=~?"(.*)"', matcher).groups()  # type: ignore
                if label == "alertname":
                    with self.subTest(pattern):
                        self.assertTrue(alternatives(pattern))
                        for each in alternatives(pattern):
                            self.assertTrue(any(re.fullmatch(each, name) for name in ALERTS), each)


    def test_what_holds_others_back_ends_later_than_they_do(self) -> None:
        """Groups of rules are evaluated at different times, and Prometheus' own default is a minute."""
        for rule in yaml.safe_load(self.FILE.read_text())["inhibit_rules"]:
            for source in matching(rule["source_matchers"]):
                for target in matching(rule["target_matchers"]):
                    if (GROUPS[source] == GROUPS[target]
                            or ALERTS[target]["labels"]["severity"] == "info"):
                        continue
                    with self.subTest(source=source, target=target):
                        self.assertGreaterEqual(kept_minutes(source), kept_minutes(target) + 5)


def matching(matchers: list[str]) -> list[str]:
    """The alerts that the matchers of an inhibition allow by name."""
    [pattern] = [each.partition("=")[2].lstrip("~").strip('"') for each in matchers
                 if each.startswith("alertname")]
    return [name for name in ALERTS if re.fullmatch(pattern, name)]


def kept_minutes(alert: str) -> int:
    return int(ALERTS[alert].get("keep_firing_for", "0m").removesuffix("m"))


def alternatives(pattern: str) -> list[str]:
    """Each of the words that a pattern like A(B|C) allows."""
    prefix, _, rest = pattern.partition("(")
    return [prefix + each for each in rest.rstrip(")").split("|")] if rest else [pattern]


if __name__ == "__main__":
    unittest.main()
