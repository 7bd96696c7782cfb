"""The Compose file and what it mounts, as far as they can be judged without a container engine.

Needs promtool and, to read the file as Docker Compose does, what
scripts/install-stack-tools builds.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

import yaml
from pages import FILES, PROJECT

TOOL = Path(os.environ.get("STACK_TOOLS", PROJECT / "build/stack-tools")) / "check-compose"
BINARY = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                             PROJECT / "build/release/matrix-federation-exporter"))
COMPOSE = PROJECT / "deploy/compose"
SAMPLES = PROJECT / "deploy/prometheus"


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], text=True, capture_output=True,
                          timeout=60)


def read(file: Path) -> Any:
    return yaml.safe_load(file.read_text())


@unittest.skipUnless(TOOL.exists(), f"there is no {TOOL}: run scripts/install-stack-tools")
class ComposeFileTest(unittest.TestCase):
    """What Docker Compose makes of it."""
    services: dict[str, Any]

    @classmethod
    def setUpClass(cls) -> None:
        result = run(TOOL, COMPOSE / "compose.yaml")
        assert result.returncode == 0, result.stderr
        cls.services = json.loads(result.stdout)["services"]

    def test_a_misspelt_key_would_be_found(self) -> None:
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            text = (COMPOSE / "compose.yaml").read_text()
            file.write(text.replace("cap_drop:", "cap_dropp:"))
            file.flush()
            result = run(TOOL, file.name)
        self.assertEqual(1, result.returncode)
        self.assertIn("cap_dropp", result.stderr)

    def test_everything_that_is_mounted_is_in_the_repository(self) -> None:
        sources = [Path(volume["source"]) for volume in self.volumes("bind")]
        self.assertTrue(sources)
        for source in sources:
            self.assertTrue(source.exists(), source)

    def test_nothing_is_reached_from_other_machines(self) -> None:
        for name, service in self.services.items():
            for port in service["ports"]:
                self.assertEqual("127.0.0.1", port["host_ip"], name)

    def test_every_service_but_for_ours_has_a_version(self) -> None:
        for name in self.services.keys() - {"exporter"}:
            self.assertRegex(self.services[name]["image"], r":v?\d+\.\d+\.\d+$")

    def test_our_image_is_built_from_here_where_there_is_none(self) -> None:
        build = self.services["exporter"]["build"]
        self.assertEqual(PROJECT, Path(build["context"]))
        self.assertTrue((PROJECT / build["dockerfile"]).exists(), build)

    def test_it_asks_for_health_as_the_image_does(self) -> None:
        text = (PROJECT / "deploy/container/Containerfile").read_text().replace("\\\n", "")
        of_the_image = re.search(r"^HEALTHCHECK .*CMD (\[.*\])$", text, re.MULTILINE)
        self.assertIsNotNone(of_the_image)
        self.assertEqual(["CMD", *json.loads(of_the_image[1])],
                         self.services["exporter"]["healthcheck"]["test"])

    def test_nothing_may_write_but_to_its_volumes(self) -> None:
        for name, service in self.services.items():
            self.assertTrue(service["read_only"], name)
            self.assertEqual(["ALL"], service["cap_drop"], name)

    def test_grafana_finds_the_dashboards(self) -> None:
        [provider] = read(COMPOSE / "grafana/dashboards.yaml")["providers"]
        [mounted] = [volume["target"] for volume in self.volumes("bind")
                     if Path(volume["source"]) == FILES[0].parent]
        self.assertEqual(mounted, provider["options"]["path"])
        home = self.services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
        self.assertIn(home, [f"{mounted}/{file.name}" for file in FILES])

    def test_who_is_spoken_to_is_a_service(self) -> None:
        texts = [(COMPOSE / name).read_text() for name in ("prometheus.yml",
                                                           "grafana/data-source.yaml")]
        spoken_to = set(re.findall(r"(?:\"|//)(\w+):(\d+)\b", "\n".join(texts)))
        self.assertEqual(3, len(spoken_to))
        for name, port in spoken_to:
            self.assertIn(int(port), [each["target"] for each in self.services[name]["ports"]])

    def volumes(self, kind: str) -> list[Any]:
        return [volume for service in self.services.values() for volume in service["volumes"]
                if volume["type"] == kind]


class MountedFilesTest(unittest.TestCase):
    """What the services read, judged by the programs that read it."""

    def test_the_exporter_accepts_its_configuration(self) -> None:
        result = run(BINARY, f"--config.file={COMPOSE / 'exporter.yaml'}", "--config.check")
        self.assertEqual(0, result.returncode, result.stderr)

    def test_prometheus_accepts_its_configuration_and_finds_the_rules(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            shutil.copy(COMPOSE / "prometheus.yml", directory)
            shutil.copytree(SAMPLES / "rules", Path(directory) / "rules")
            result = run("promtool", "check", "config", f"{directory}/prometheus.yml")
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        self.assertIn("SUCCESS: 4 rule files found", result.stdout)

    def test_it_is_the_sample_of_prometheus_but_for_addresses(self) -> None:
        ours, sample = read(COMPOSE / "prometheus.yml"), read(SAMPLES / "prometheus.yml")
        self.assertEqual(sample["rule_files"], ours["rule_files"])
        self.assertEqual([job["job_name"] for job in sample["scrape_configs"]],
                         [job["job_name"] for job in ours["scrape_configs"]])

    def test_grafana_knows_how_often_is_scraped(self) -> None:
        [source] = read(COMPOSE / "grafana/data-source.yaml")["datasources"]
        self.assertEqual(read(COMPOSE / "prometheus.yml")["global"]["scrape_interval"],
                         source["jsonData"]["timeInterval"])


if __name__ == "__main__":
    unittest.main()
