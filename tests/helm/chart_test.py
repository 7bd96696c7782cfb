#!/usr/bin/python3
"""The Helm chart: what it renders is what Kubernetes, Prometheus and the exporter accept.

Real Helm renders every file of good/ and refuses every file of bad/. Needs what
scripts/install-helm builds, and promtool; ends with 77 where Helm could not be built.
"""

import contextlib
import functools
import json
import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

PROJECT = Path(__file__).resolve().parents[2]
CHART = PROJECT / "deploy/helm/matrix-federation-exporter"
TOOLS = Path(os.environ.get("HELM_TOOLS", PROJECT / "build/helm"))
EXPORTER = Path(os.environ.get("MATRIX_FEDERATION_EXPORTER",
                               PROJECT / "build/release/matrix-federation-exporter"))
HERE = Path(__file__).resolve().parent
CONFIGURATION = "/etc/matrix-federation-exporter"
DOCUMENT = PROJECT / "docs/kubernetes.md"
SKIPPED = 77

Manifest = dict[str, Any]


def run(*command: str | Path, text: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], input=text, capture_output=True,
                          text=True, timeout=60, check=False)


def helm(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return run(TOOLS / "helm", *arguments)


@functools.cache
def template(name: str, *arguments: str | Path) -> str:
    result = helm("template", name, CHART, *arguments)
    assert result.returncode == 0, f"{arguments}: {result.stderr}"
    return result.stdout


class Release:
    """What a file of values, of good/ or elsewhere, is rendered to; further arguments are Helm's."""

    def __init__(self, values: str | Path, *arguments: str | Path, name: str = "demo"):
        self.text = template(name, "--values", HERE / "good" / values, *arguments)
        self.manifests: list[Manifest] = [m for m in yaml.safe_load_all(self.text) if m]

    def all(self, kind: str) -> list[Manifest]:
        return [manifest for manifest in self.manifests if manifest["kind"] == kind]

    def one(self, kind: str) -> Manifest:
        found = self.all(kind)
        assert len(found) == 1, f"{len(found)} of {kind}"
        return found[0]

    def workload(self) -> Manifest:
        found = self.all("Deployment") + self.all("StatefulSet")
        assert len(found) == 1, f"{len(found)} workloads"
        return found[0]

    def pod(self) -> Manifest:
        return self.workload()["spec"]["template"]

    def container(self) -> Manifest:
        return self.pod()["spec"]["containers"][0]


def good() -> list[str]:
    return sorted(file.name for file in (HERE / "good").glob("*.yaml"))


class EveryReleaseTest(unittest.TestCase):
    """What holds for every file of good/."""

    def test_helm_has_nothing_to_complain_about(self) -> None:
        for values in good():
            with self.subTest(values):
                result = helm("lint", "--strict", CHART, "--values", HERE / "good" / values)
                self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_what_to_do_next_is_told(self) -> None:
        for values in good():
            with self.subTest(values):
                result = helm("install", "demo", CHART, "--dry-run=client",
                              "--values", HERE / "good" / values)
                path = re.escape(metrics_path(Release(values)))
                self.assertRegex(result.stdout, rf"localhost:10448{path} \| grep probe_success")

    def test_kubernetes_accepts_every_manifest(self) -> None:
        for values in good():
            with self.subTest(values):
                release = Release(values)
                result = run(TOOLS / "check-manifests", text=release.text)
                self.assertEqual((0, f"{len(release.manifests)} documents\n"),
                                 (result.returncode, result.stdout), result.stderr)

    def test_the_exporter_accepts_its_command_line_and_configuration(self) -> None:
        for values in good():
            with self.subTest(values), tempfile.TemporaryDirectory() as directory:
                release = Release(values)
                arguments = Mounted(release, Path(directory)).arguments()
                result = run(EXPORTER, *arguments, "--config.check")
                self.assertEqual(0, result.returncode, result.stderr)

    def test_every_mounted_volume_is_there(self) -> None:
        for values in good():
            with self.subTest(values):
                release = Release(values)
                spec = release.workload()["spec"]
                volumes = [v["name"] for v in release.pod()["spec"]["volumes"]]
                claims = [c["metadata"]["name"] for c in spec.get("volumeClaimTemplates", [])]
                mounts = [m["name"] for m in release.container()["volumeMounts"]]
                self.assertEqual(sorted(mounts), sorted(volumes + claims))

    def test_what_selects_pods_selects_those_of_the_exporter_and_no_others(self) -> None:
        for values in good():
            with self.subTest(values):
                release = Release(values)
                own = release.pod()["metadata"]["labels"]
                others = [pod["metadata"]["labels"] for pod in release.all("Pod")]
                for selector in pod_selectors(release):
                    self.assertLessEqual(selector.items(), own.items())
                    for labels in others:
                        self.assertFalse(selector.items() <= labels.items(), selector)


def metrics_path(release: Release) -> str:
    """Where the exporter serves metrics, by its command line."""
    flags = dict(argument.split("=", 1) for argument in release.container()["args"])
    prefix = flags.get("--web.route-prefix",
                       urllib.parse.urlsplit(flags.get("--web.external-url", "")).path)
    return prefix.rstrip("/") + flags.get("--web.telemetry-path", "/metrics")


def pod_selectors(release: Release) -> list[dict[str, str]]:
    selectors = [service["spec"]["selector"] for service in release.all("Service")]
    for kind in ("Deployment", "StatefulSet", "PodDisruptionBudget", "PodMonitor"):
        selectors += [m["spec"]["selector"]["matchLabels"] for m in release.all(kind)]
    selectors += [m["spec"]["podSelector"]["matchLabels"] for m in release.all("NetworkPolicy")]
    return selectors


class Mounted:
    """What a pod would find in its volumes, in a directory of this machine. What the chart does not
    render, but others provide, is made up."""

    def __init__(self, release: Release, directory: Path):
        self._release = release
        self._directory = directory
        volumes = {v["name"]: v for v in release.pod()["spec"]["volumes"]}
        for mount in release.container()["volumeMounts"]:
            path = self._inside(mount["mountPath"])
            path.mkdir(parents=True, exist_ok=True)
            volume = volumes.get(mount["name"], {})
            for name, text in self._content(volume, mount["mountPath"]).items():
                (path / name).write_text(self._moved(text))

    def arguments(self) -> list[str]:
        return [self._moved(argument).replace("--shard=auto", "--shard=1")
                for argument in self._release.container()["args"]]

    def _content(self, volume: Manifest, mount_path: str) -> dict[str, str]:
        name = volume.get("configMap", {}).get("name") or volume.get("secret", {}).get("secretName")
        for manifest in self._release.all("ConfigMap") + self._release.all("Secret"):
            if name and manifest["metadata"]["name"] == name:
                return manifest.get("data") or manifest["stringData"]
        if "/homeservers/" in mount_path:
            return {"list.yaml": f"- of-{name}.example.org\n"}
        return {"/config": {"exporter.yaml": "homeservers: [example.org]\n"},
                "/web": {"web-config.yaml": "http_server_config: {http2: false}\n"},
                "/tls": certificate(),
                "/ca": dict.fromkeys(("bundle.pem", "1.0"), certificate()["tls.crt"]),
                }.get(mount_path.removeprefix(CONFIGURATION), {})

    def _inside(self, path: str) -> Path:
        return self._directory / path.lstrip("/")

    def _moved(self, text: str) -> str:
        for root in (CONFIGURATION, "/var/lib/matrix-federation-exporter"):
            text = text.replace(root, str(self._inside(root)))
        return text


def certificate() -> dict[str, str]:
    """A self-signed one, as in a Secret of the type kubernetes.io/tls."""
    with tempfile.TemporaryDirectory() as directory:
        result = run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                     "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=localhost", "-days", "2",
                     "-keyout", f"{directory}/tls.key", "-out", f"{directory}/tls.crt")
        assert result.returncode == 0, result.stderr
        return {name: (Path(directory) / name).read_text() for name in ("tls.crt", "tls.key")}


class BadValuesTest(unittest.TestCase):
    """Values that cannot be meant are refused with a sentence that names them."""

    def test_every_mistake_is_refused_and_named(self) -> None:
        for file in sorted((HERE / "bad").glob("*.yaml")):
            with self.subTest(file.name):
                expected = file.read_text().splitlines()[0].removeprefix("# says: ")
                result = helm("template", "demo", CHART, "--values", file)
                self.assertNotEqual(0, result.returncode)
                self.assertIn(expected, result.stderr)

    def test_no_flag_of_the_chart_is_taken_twice(self) -> None:
        """What both a value and extraArgs say would be true of the pod, and not of the monitor."""
        flags = {argument.split("=")[0] for values in good()
                 for argument in Release(values).container()["args"]} - {"--web.max-requests"}
        self.assertLessEqual({"--config.file", "--shards", "--web.telemetry-path"}, flags)
        for flag in sorted(flags):
            with self.subTest(flag):
                result = helm("template", "demo", CHART, "--values", HERE / "good/one.yaml",
                              "--set", f"extraArgs={{{flag}=1}}")
                self.assertIn(f"extraArgs: {flag} is set by the ", result.stderr)


class NotesTest(unittest.TestCase):
    """What an operator reads behind `helm install`."""

    unknown = "whether it turns TLS on, this chart cannot see"

    def _notes(self, *options: str, values: str = "one.yaml") -> str:
        return helm("install", "demo", CHART, "--values", HERE / "good" / values, "--dry-run=client",
                    *options).stdout.partition("NOTES:")[2]

    def test_they_ask_as_one_of_the_users(self) -> None:
        self.assertIn("curl --insecure --user prometheus https://", self._notes(values="locked.yaml"))
        self.assertNotIn("--user", self._notes())

    def test_they_do_not_claim_to_know_a_configuration_that_the_chart_does_not_see(self) -> None:
        unseen = ("--set", "serviceMonitor.enabled=false,serviceMonitor.scheme=")
        self.assertIn(self.unknown, self._notes(*unseen, values="existing-configuration.yaml"))
        self.assertNotIn(self.unknown, self._notes(values="existing-configuration.yaml"))
        self.assertNotIn(self.unknown, self._notes(values="locked.yaml"))

    def test_they_say_that_no_image_is_published(self) -> None:
        self.assertIn("set image.registry", self._notes("--set", "image.registry="))

    def test_they_trust_a_registry(self) -> None:
        self.assertNotIn("set image.registry", self._notes("--set", "image.registry=registry.example.org"))


class LeftEmptyTest(unittest.TestCase):
    """A key whose values are all commented out is null to YAML: Helm then takes the default away."""

    defaults = yaml.safe_load((CHART / "values.yaml").read_text())
    needed = yaml.safe_load((HERE / "good/one.yaml").read_text())

    def test_an_empty_section_is_its_default(self) -> None:
        self._assert_changes_nothing({key: None for key in self.defaults})

    def test_an_empty_key_is_its_default(self) -> None:
        self._assert_changes_nothing(with_nothing(self.defaults))

    def test_what_is_taken_out_of_a_default_stays_out(self) -> None:
        pages = [manifest["metadata"]["labels"] for manifest in Release("left-empty.yaml").all("ConfigMap")
                 if "folder" in manifest["metadata"]["labels"]]
        self.assertEqual(2, len(pages))
        for labels in pages:
            self.assertNotIn("grafana_dashboard", labels)

    def _assert_changes_nothing(self, empty: Manifest) -> None:
        for key, value in self.needed.items():
            empty[key] = {**empty[key], **value} if isinstance(empty[key], dict) else value
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump(empty, file)
            file.flush()
            self.assertEqual(Release("one.yaml").text, Release(Path(file.name)).text)


def with_nothing(values: Manifest) -> Manifest:
    """The same keys, down to those of the chart, all left empty."""
    return {key: with_nothing(value) if isinstance(value, dict) and value and key != "labels" else None
            for key, value in values.items()}


class JudgeTest(unittest.TestCase):
    """check-manifests does find what it is there to find."""

    def test_an_unknown_field_is_a_mistake(self) -> None:
        self._assert_judged("selektor", "spec: {selektor: {a: b}, ports: [{port: 80}]}", "Service")

    def test_a_value_out_of_bounds_is_a_mistake(self) -> None:
        self._assert_judged("between 1 and 65535", "spec: {ports: [{port: 70000}]}", "Service")

    def test_a_pod_that_may_be_root_is_a_mistake(self) -> None:
        self._assert_judged("runAsNonRoot", "spec: {containers: [{name: a, image: b}]}", "Pod")

    def _assert_judged(self, expected: str, spec: str, kind: str) -> None:
        result = run(TOOLS / "check-manifests",
                     text=f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n{spec}\n")
        self.assertEqual(1, result.returncode, result.stderr)
        self.assertIn(expected, result.stdout)


class WorkloadTest(unittest.TestCase):
    """One exporter, or several that share the homeservers."""

    def test_one_exporter_is_a_deployment_that_never_runs_twice(self) -> None:
        spec = Release("one.yaml").one("Deployment")["spec"]
        self.assertEqual((1, {"type": "Recreate"}), (spec["replicas"], spec["strategy"]))

    def test_several_exporters_take_their_shard_from_their_names(self) -> None:
        release = Release("sharded.yaml")
        self.assertEqual(4, release.one("StatefulSet")["spec"]["replicas"])
        self.assertLessEqual({"--shard=auto", "--shards=4"}, set(release.container()["args"]))

    def test_a_set_has_a_headless_service_and_a_budget_for_evictions(self) -> None:
        release = Release("sharded.yaml")
        name = release.one("StatefulSet")["spec"]["serviceName"]
        headless = [s["metadata"]["name"] for s in release.all("Service")
                    if s["spec"].get("clusterIP") == "None"]
        self.assertEqual([name], headless)
        self.assertEqual(1, release.one("PodDisruptionBudget")["spec"]["maxUnavailable"])

    def test_probes_ask_the_port_without_tls_and_passwords(self) -> None:
        container = Release("locked.yaml").container()
        ports = {port["name"]: port["containerPort"] for port in container["ports"]}
        for probe in ("livenessProbe", "readinessProbe"):
            self.assertEqual("health", container[probe]["httpGet"]["port"])
        self.assertIn(f"--web.health-listen-address=:{ports['health']}", container["args"])

    def test_a_changed_configuration_reaches_a_running_pod(self) -> None:
        """The kubelet never updates a subPath; and what the pod's template holds would restart it."""
        release = Release("sharded.yaml")
        for mount in release.container()["volumeMounts"]:
            self.assertNotIn("subPath", mount)
        for values, change in (("sharded.yaml", "homeservers={example.com}"),
                               ("sharded.yaml", "config.probe.interval=1m"),
                               ("sharded.yaml", "config.dns.attempts=2"),
                               ("locked.yaml", "web.config.basic_auth_users.grafana=$2b$10$other"),
                               ("locked.yaml", "web.config.rate_limit.burst=9")):
            with self.subTest(change):
                changed = Release(values, "--set", change)
                self.assertNotEqual(Release(values).text, changed.text)
                self.assertEqual(Release(values).pod(), changed.pod())

    def test_what_a_running_exporter_would_not_take_restarts_it(self) -> None:
        """The number of threads; and a web configuration that has lost its TLS or its users."""
        for values, change in (("sharded.yaml", "config.probe.threads=3"),
                               ("sharded.yaml", "config.probe={}"),
                               ("locked.yaml", "web.config.basic_auth_users={}"),
                               ("locked.yaml", 'web.tlsSecret=""')):
            with self.subTest(change):
                before, after = Release(values).pod(), Release(values, "--set-json", change).pod()
                self.assertNotEqual(*(pod["metadata"].get("annotations") for pod in (before, after)))

    def test_only_who_asks_for_it_can_have_the_configuration_reloaded_over_http(self) -> None:
        for values, flag in (("one.yaml", "false"), ("everything.yaml", "true")):
            with self.subTest(values):
                self.assertIn(f"--web.enable-lifecycle={flag}", Release(values).container()["args"])

    def test_how_pods_are_replaced_is_as_asked_for(self) -> None:
        self.assertEqual({"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 0, "maxUnavailable": 1}},
                         Release("everything.yaml").one("Deployment")["spec"]["strategy"])
        self.assertEqual({"type": "OnDelete"},
                         Release("sharded.yaml").one("StatefulSet")["spec"]["updateStrategy"])

    def test_a_set_is_replaced_in_steps_where_asked_for(self) -> None:
        steps = {"type": "RollingUpdate", "rollingUpdate": {"partition": 2}}
        release = Release("sharded.yaml", "--set-json", f"updateStrategy={json.dumps(steps)}")
        self.assertEqual(steps, release.one("StatefulSet")["spec"]["updateStrategy"])

    def test_pods_are_spread_by_their_own_labels_unless_others_are_named(self) -> None:
        spread = Release("sharded.yaml").pod()["spec"]["topologySpreadConstraints"]
        self.assertIn("app.kubernetes.io/component", spread[0]["labelSelector"]["matchLabels"])
        team = {"labelSelector": {"matchLabels": {"team": "chat"}}, "maxSkew": 1, "topologyKey": "zone",
                "whenUnsatisfiable": "ScheduleAnyway"}
        named = Release("sharded.yaml", "--set-json", f"topologySpreadConstraints={json.dumps([team])}")
        self.assertEqual([team], named.pod()["spec"]["topologySpreadConstraints"])

    def test_every_service_has_the_ip_versions_that_are_asked_for(self) -> None:
        for service in Release("everything.yaml", "--set", "shards=2", "--set-json",
                               "updateStrategy={}").all("Service"):
            with self.subTest(service["metadata"]["name"]):
                self.assertEqual(("PreferDualStack", ["IPv4", "IPv6"]),
                                 (service["spec"]["ipFamilyPolicy"], service["spec"]["ipFamilies"]))

    def test_further_containers_are_beside_the_exporter(self) -> None:
        spec = Release("everything.yaml").pod()["spec"]
        self.assertEqual(["exporter", "proxy"], [c["name"] for c in spec["containers"]])
        self.assertEqual(["wait"], [c["name"] for c in spec["initContainers"]])

    def test_a_probe_of_another_kind_takes_the_place_of_the_request(self) -> None:
        container = Release("everything.yaml").container()
        self.assertEqual({"tcpSocket", "periodSeconds", "failureThreshold"},
                         set(container["livenessProbe"]))
        self.assertIn("httpGet", container["readinessProbe"])

    def test_a_dash_for_the_storage_class_is_none(self) -> None:
        claim = Release("numbers.yaml").one("StatefulSet")["spec"]["volumeClaimTemplates"][0]
        self.assertEqual("", claim["spec"]["storageClassName"])


class ImagesTest(unittest.TestCase):
    """Where images come from."""

    def test_all_are_of_the_one_registry_and_pulled_with_its_password(self) -> None:
        release = Release("everything.yaml")
        pods = [release.pod()["spec"]] + [pod["spec"] for pod in release.all("Pod")]
        self.assertEqual(2, len(pods))
        for pod in pods:
            self.assertEqual([{"name": "registry"}], pod["imagePullSecrets"])
            for container in pod["containers"] + pod.get("initContainers", []):
                self.assertRegex(container["image"], "^registry.example.org/")

    def test_one_that_is_on_the_node_already_needs_no_registry(self) -> None:
        container = Release("denied.yaml").container()
        self.assertEqual(("matrix-federation-exporter:0.1.0", "Never"),
                         (container["image"], container["imagePullPolicy"]))


class NamesTest(unittest.TestCase):
    """Names and labels, whatever they look like."""

    def test_a_release_may_be_named_by_a_number_and_with_dots(self) -> None:
        """Most versions of Kubernetes want a Service to begin with a letter; check-manifests does not."""
        for name in ("2024", "demo.eu"):
            for values in ("one.yaml", "sharded.yaml"):
                with self.subTest(name, values=values):
                    release = Release(values, name=name)
                    result = run(TOOLS / "check-manifests", text=release.text)
                    self.assertEqual(0, result.returncode, result.stdout)
                    for service in release.all("Service"):
                        self.assertRegex(service["metadata"]["name"], "^[a-z][a-z0-9-]*[a-z0-9]$")

    def test_the_nearest_label_wins_and_selectors_stay(self) -> None:
        release = Release("own-labels.yaml")
        pod = release.pod()["metadata"]["labels"]
        account = release.one("ServiceAccount")["metadata"]["labels"]
        part_of, version = "app.kubernetes.io/part-of", "app.kubernetes.io/version"
        self.assertEqual(("chat", "ours", "chat"), (account[part_of], account[version], account["team"]))
        self.assertEqual(("chat", "pod", "pods"), (pod[part_of], pod[version], pod["team"]))
        for kind, team in (("Service", "network"), ("ServiceMonitor", "monitoring"),
                           ("PrometheusRule", "alerts")):
            self.assertEqual(team, release.one(kind)["metadata"]["labels"]["team"])


class HelmTestTest(unittest.TestCase):
    """The pod that `helm test` starts."""

    def test_it_asks_what_the_service_and_the_exporter_answer(self) -> None:
        for values in ("locked.yaml", "sharded.yaml"):
            release = Release(values)
            command = release.one("Pod")["spec"]["containers"][0]["command"]
            url = urllib.parse.urlsplit(command[-1])
            services = {s["metadata"]["name"]: s["spec"]["ports"] for s in release.all("Service")}
            with self.subTest(values), running(release) as (_, health):
                self.assertIn((url.port, "health"), [(port["port"], port["targetPort"])
                                                     for port in services[str(url.hostname)]])
                self.assertEqual(200, status_of(f"http://127.0.0.1:{health}{url.path}", until=200))

    def test_it_may_run_where_the_exporter_may(self) -> None:
        resources = {"limits": {"memory": "16Mi"}}
        release = Release("everything.yaml", "--set-json", f"test.resources={json.dumps(resources)}")
        test, pod = release.one("Pod")["spec"], release.pod()["spec"]
        for key in ("nodeSelector", "tolerations", "priorityClassName", "securityContext"):
            with self.subTest(key):
                self.assertEqual(pod[key], test[key])
        self.assertEqual(1000, test["securityContext"]["runAsUser"])
        self.assertEqual(resources, test["containers"][0]["resources"])
        self.assertEqual(release.container()["securityContext"], test["containers"][0]["securityContext"])


class SubchartTest(unittest.TestCase):
    """The chart in another one."""

    def test_a_condition_switches_it(self) -> None:
        name = CHART.name
        for is_on in (True, False):
            with self.subTest(is_on), tempfile.TemporaryDirectory() as directory:
                parent = Path(directory)
                shutil.copytree(CHART, parent / "charts" / name)
                (parent / "Chart.yaml").write_text(
                    "apiVersion: v2\nname: parent\nversion: 1.0.0\n"
                    f"dependencies: [{{name: {name}, version: '*', condition: {name}.enabled}}]\n")
                values = {name: {"enabled": is_on, "homeservers": ["example.org"]}}
                (parent / "values.yaml").write_text(json.dumps(values))
                result = helm("template", "demo", parent)
                self.assertEqual(0, result.returncode, result.stderr)
                self.assertEqual(is_on, "kind: Deployment" in result.stdout)


class RunningTest(unittest.TestCase):
    """The exporter as a pod would run it, on this machine's loopback."""

    def test_probes_are_answered_although_tls_and_passwords_are_on(self) -> None:
        release = Release("locked.yaml")
        with running(release) as (web, health):
            for probe in ("readinessProbe", "livenessProbe"):
                path = release.container()[probe]["httpGet"]["path"]
                self.assertEqual(200, status_of(f"http://127.0.0.1:{health}{path}"))
            self.assertEqual(401, status_of(f"https://127.0.0.1:{web}/federation/metrics"))

    def test_what_the_monitor_asks_for_is_there(self) -> None:
        for values, status in (("own-labels.yaml", 200), ("prefixed.yaml", 200), ("locked.yaml", 401)):
            release = Release(values)
            endpoint = endpoint_of(release)
            with self.subTest(values), running(release) as (web, _):
                url = f"{endpoint['scheme']}://127.0.0.1:{web}{endpoint['path']}"
                self.assertEqual(status, status_of(url))
                self.assertEqual(status if status == 401 else 404, status_of(url + "-of-others"))


@contextlib.contextmanager
def running(release: Release) -> Iterator[tuple[int, int]]:
    """The ports for the web and for health of an exporter with the command line of the release."""
    with tempfile.TemporaryDirectory() as directory:
        mounted = Mounted(release, Path(directory))
        # An address that is never contacted, so that nothing leaves this machine.
        (Path(directory) / CONFIGURATION.lstrip("/") / "config/config.yaml").write_text(
            "homeservers: ['127.0.0.1:1']\n")
        web, health = free_port(), free_port()
        arguments = [argument.replace("=:10448", f"=127.0.0.1:{web}")
                     .replace("=:10449", f"=127.0.0.1:{health}")
                     for argument in mounted.arguments()]
        with subprocess.Popen([EXPORTER, *arguments], stderr=subprocess.DEVNULL) as daemon:
            try:
                yield web, health
            finally:
                daemon.terminate()


def endpoint_of(release: Release) -> Manifest:
    """What the only monitor scrapes."""
    for kind, endpoints in (("ServiceMonitor", "endpoints"), ("PodMonitor", "podMetricsEndpoints")):
        for monitor in release.all(kind):
            endpoint: Manifest = monitor["spec"][endpoints][0]
            return endpoint
    raise AssertionError("no monitor")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def status_of(url: str, seconds: float = 20, until: int | None = None) -> int:
    """The status of the answer, waited for until something listens, and until it is `until`."""
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl._create_unverified_context()))
    deadline = time.monotonic() + seconds
    while True:
        try:
            with opener.open(url, timeout=5) as response:
                return int(response.status)
        except urllib.error.HTTPError as error:
            with error:
                if until in (None, error.code) or time.monotonic() > deadline:
                    return error.code
            time.sleep(0.05)
        except urllib.error.URLError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


class WebTest(unittest.TestCase):
    """The configuration of the exporter's own port."""

    secret = {"cert_file": f"{CONFIGURATION}/tls/tls.crt", "key_file": f"{CONFIGURATION}/tls/tls.key"}

    def test_settings_of_tls_leave_the_certificate_to_the_secret(self) -> None:
        self.assertEqual({"min_version": "TLS13", **self.secret}, tls_of(Release("tls-only.yaml")))

    def test_a_certificate_that_the_configuration_names_is_the_one(self) -> None:
        own = {"cert_file": "/own/tls.crt", "key_file": "/own/tls.key"}
        release = Release("locked.yaml", "--set-json", f"web.config.tls_server_config={json.dumps(own)}")
        self.assertEqual(own, tls_of(release))


def tls_of(release: Release) -> Manifest:
    """What the release's web configuration says of TLS."""
    tls: Manifest = yaml.safe_load(release.one("Secret")["stringData"]["web-config.yaml"])["tls_server_config"]
    return tls


class NetworkPolicyTest(unittest.TestCase):
    """What may go in and out."""

    def test_by_default_it_excepts_what_the_exporter_calls_private(self) -> None:
        source = (PROJECT / "src/matrix_federation/ip_address.cc").read_text()
        ranges = re.search(r"kPrivateRanges\[\] = \{(.*?)\};", source, re.DOTALL)
        assert ranges
        private = re.findall(r'"([^"]+)"', ranges[1])
        self.assertEqual(by_version(private), excepted(Release("one.yaml")))

    def test_it_excepts_what_the_configuration_denies(self) -> None:
        self.assertEqual({"0.0.0.0/0": [], "::/0": []}, excepted(Release("private.yaml")))
        self.assertEqual({"0.0.0.0/0": ["192.168.0.0/16", "203.0.113.7/32"],
                          "::/0": ["2001:db8::/32", "2001:db8::1/128"]},
                         excepted(Release("denied.yaml")))

    def test_it_writes_ranges_as_kubernetes_wants_them(self) -> None:
        """Without bits beyond the prefix, and without addresses of IPv4 as ones of IPv6."""
        for deny, expected in ((["10.1.2.3/8"], {"0.0.0.0/0": ["10.0.0.0/8"], "::/0": []}),
                               (["198.51.103.7/22", "::ffff:0:0/96"],
                                {"0.0.0.0/0": ["198.51.100.0/22"], "::/0": []}),
                               (["0::/0"], {"0.0.0.0/0": []})):
            with self.subTest(deny):
                denied = Release("one.yaml", "--set-json", f"config.network.deny={json.dumps(deny)}")
                self.assertEqual(expected, excepted(denied))
                result = run(TOOLS / "check-manifests", text=denied.text)
                self.assertEqual(0, result.returncode, result.stdout)

    def test_what_it_is_told_itself_goes_before_the_configuration(self) -> None:
        self.assertEqual(["198.51.100.0/24"], excepted(Release("half-denied.yaml"))["0.0.0.0/0"])
        opened = Release("one.yaml", "--set-json", "networkPolicy.egress.except=[]")
        self.assertEqual([], excepted(opened)["0.0.0.0/0"])

    def test_an_ip_version_that_is_denied_as_a_whole_is_shut(self) -> None:
        self.assertNotIn("::/0", excepted(Release("half-denied.yaml")))
        both = Release("one.yaml", "--set-json", 'config.network.deny=["0.0.0.0/0","::/0"]')
        self.assertEqual(1, len(both.one("NetworkPolicy")["spec"]["egress"]))

    def test_a_configuration_that_is_not_seen_is_taken_to_deny_private_addresses(self) -> None:
        unseen = Release("existing-configuration.yaml", "--set", "networkPolicy.enabled=true")
        self.assertIn("10.0.0.0/8", excepted(unseen)["0.0.0.0/0"])
        self.assertIn("fc00::/7", excepted(unseen)["::/0"])

    def test_the_ports_of_configured_dns_servers_are_open(self) -> None:
        self.assertEqual({53, 5353, 5354}, dns_ports(Release("private.yaml")))

    def test_the_ports_of_the_dns_servers_behind_a_service_can_be_named(self) -> None:
        """As on OpenShift, whose policies see the pods' own port."""
        self.assertEqual({53}, dns_ports(Release("one.yaml")))
        named = "networkPolicy.egress.dnsPorts={53,5353}"
        self.assertEqual({53, 5353}, dns_ports(Release("one.yaml", "--set", named)))
        self.assertEqual({53, 5353, 5354}, dns_ports(Release("private.yaml", "--set", named)))

    def test_only_who_is_named_may_scrape_and_health_is_open(self) -> None:
        scrape, health = Release("locked.yaml").one("NetworkPolicy")["spec"]["ingress"]
        self.assertEqual([{"port": "http"}], scrape["ports"])
        self.assertIn("from", scrape)
        self.assertEqual({"ports": [{"port": "health"}]}, health)


def dns_ports(release: Release) -> set[int]:
    """Those that are open by UDP, and also by TCP, as DNS wants it."""
    ports = release.one("NetworkPolicy")["spec"]["egress"][0]["ports"]
    udp, tcp = ({port["port"] for port in ports if port["protocol"] == protocol} for protocol in ("UDP", "TCP"))
    assert udp == tcp, ports
    return udp


def excepted(release: Release) -> dict[str, list[str]]:
    """What is shut of each IP version that is open."""
    blocks = [peer["ipBlock"] for peer in release.one("NetworkPolicy")["spec"]["egress"][1]["to"]]
    return {block["cidr"]: block.get("except", []) for block in blocks}


def by_version(ranges: list[str]) -> dict[str, list[str]]:
    return {"0.0.0.0/0": [cidr for cidr in ranges if ":" not in cidr],
            "::/0": [cidr for cidr in ranges if ":" in cidr]}


class MonitoringTest(unittest.TestCase):
    """What the Prometheus Operator is told."""

    def test_a_service_monitor_finds_one_service_and_its_port(self) -> None:
        for values in ("sharded.yaml", "everything.yaml"):
            with self.subTest(values):
                release = Release(values)
                monitor = release.one("ServiceMonitor")["spec"]
                found = [s for s in release.all("Service") if monitor["selector"]["matchLabels"].items()
                         <= s["metadata"]["labels"].items()]
                self.assertEqual(1, len(found))
                self.assertIn(monitor["endpoints"][0]["port"],
                              [port["name"] for port in found[0]["spec"]["ports"]])

    def test_tls_and_the_external_url_are_followed(self) -> None:
        endpoint = Release("locked.yaml").one("PodMonitor")["spec"]["podMetricsEndpoints"][0]
        self.assertEqual(("https", "/federation/metrics"), (endpoint["scheme"], endpoint["path"]))

    def test_what_the_operator_is_told_of_the_samples(self) -> None:
        spec = Release("everything.yaml").one("ServiceMonitor")["spec"]
        self.assertEqual((["scrape"], "istio", False),
                         (spec["targetLabels"], spec["scrapeClass"], spec["endpoints"][0]["honorTimestamps"]))
        spec = Release("locked.yaml").one("PodMonitor")["spec"]
        self.assertEqual(["app.kubernetes.io/version"], spec["podTargetLabels"])

    def test_a_scrape_has_the_limits_that_are_set_and_no_others(self) -> None:
        wanted = {"sampleLimit": 2000000, "labelLimit": 40, "labelNameLengthLimit": 64,
                  "labelValueLengthLimit": 2048, "bodySizeLimit": "512MB"}
        self.assertEqual(wanted, limits_of(Release("everything.yaml").one("ServiceMonitor")))
        self.assertEqual({"sampleLimit": 1000000, "labelValueLengthLimit": 1000000, "bodySizeLimit": "0"},
                         limits_of(Release("numbers.yaml").one("PodMonitor")))
        self.assertEqual({}, limits_of(Release("locked.yaml").one("PodMonitor")))

    def test_the_job_comes_from_a_label_where_one_is_named(self) -> None:
        for values, kind in (("own-labels.yaml", "ServiceMonitor"), ("locked.yaml", "PodMonitor")):
            with self.subTest(values):
                release = Release(values)
                self.assertIn("jobLabel", release.one(kind)["spec"])
                self.assertNotIn("job", [rule.get("targetLabel")
                                         for rule in endpoint_of(release)["relabelings"]])

    def test_an_instance_outlives_its_pod(self) -> None:
        one = Release("everything.yaml").one("ServiceMonitor")["spec"]["endpoints"][0]["relabelings"]
        self.assertIn({"targetLabel": "instance", "replacement": "monitoring/federation"}, one)
        self.assertIn({"action": "labeldrop", "regex": "pod"}, one)
        many = Release("sharded.yaml").one("ServiceMonitor")["spec"]["endpoints"][0]["relabelings"]
        self.assertIn({"sourceLabels": ["__meta_kubernetes_namespace", "__meta_kubernetes_pod_name"],
                       "separator": "/", "targetLabel": "instance"}, many)

    def test_releases_of_one_name_in_two_namespaces_are_two_instances(self) -> None:
        """Alerts tell exporters apart by `job` and `instance`."""
        instances = [instance_of(Release("prefixed.yaml", "--namespace", namespace))
                     for namespace in ("chat", "monitoring")]
        self.assertEqual(["chat/demo-matrix-federation-exporter",
                          "monitoring/demo-matrix-federation-exporter"], instances)


def instance_of(release: Release) -> str:
    """The label of that name that the monitor of a Deployment sets."""
    found: list[str] = [rule["replacement"] for rule in endpoint_of(release)["relabelings"]
                        if rule.get("targetLabel") == "instance"]
    assert len(found) == 1, found
    return found[0]


class RulesTest(unittest.TestCase):
    """The alerts of deploy/prometheus as a PrometheusRule."""

    def test_promtool_accepts_them(self) -> None:
        for values in ("sharded.yaml", "everything.yaml"):
            with self.subTest(values), tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
                yaml.safe_dump({"groups": groups(values)}, file)
                file.flush()
                result = run("promtool", "check", "rules", "--lint-fatal", file.name)
                self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_by_default_they_are_the_files_but_for_the_runbooks(self) -> None:
        self.assertEqual(source_groups(), groups("sharded.yaml"))

    def test_changes_are_made_to_the_alerts_that_they_name(self) -> None:
        alerts = {rule["alert"]: rule for group in groups("everything.yaml")
                  for rule in group["rules"] if "alert" in rule}
        down = alerts["MatrixFederationDown"]
        self.assertEqual("5m", down["for"])
        self.assertEqual({"severity": "page", "team": "chat", "service": "matrix"}, down["labels"])
        self.assertEqual("https://runbooks.example.org/federation/MatrixFederationDown.md",
                         down["annotations"]["runbook_url"])
        self.assertEqual("https://grafana.example.org", down["annotations"]["dashboard"])
        slow = alerts["MatrixFederationProbeSlow"]
        self.assertEqual("https://grafana.example.org/all", slow["annotations"]["dashboard"])
        self.assertEqual(("matrix_federation_probe_duration_seconds > 5", "30m"),
                         (slow["expr"], slow["keep_firing_for"]))
        self.assertNotIn("MatrixFederationFlapping", alerts)
        self.assertIn("AllDown", alerts)

    def test_every_alert_of_the_files_has_the_further_annotations(self) -> None:
        alerts = [rule for group in groups("everything.yaml") for rule in group["rules"]
                  if "alert" in rule and rule["alert"] != "AllDown"]
        self.assertEqual({"https://status.example.org/{{ $labels.server_name }}"},
                         {rule["annotations"].get("page") for rule in alerts})
        self.assertTrue(all(rule["annotations"]["summary"] for rule in alerts))

    def test_they_look_for_the_job_that_the_monitor_sets(self) -> None:
        release = Release("everything.yaml")
        relabelings = release.one("ServiceMonitor")["spec"]["endpoints"][0]["relabelings"]
        self.assertIn({"targetLabel": "job", "replacement": "federation-of-europe"}, relabelings)
        text = json.dumps(release.one("PrometheusRule"))
        self.assertIn('job=\\"federation-of-europe\\"', text)
        self.assertNotIn('job=\\"matrix-federation\\"', text)


def limits_of(monitor: Manifest) -> Manifest:
    return {key: value for key, value in monitor["spec"].items() if key.endswith("Limit")}


def groups(values: str) -> list[Manifest]:
    return Release(values).one("PrometheusRule")["spec"]["groups"]


def source_groups() -> list[Manifest]:
    found: list[Manifest] = []
    for file in sorted((CHART / "files/rules").glob("*.yml")):
        found += yaml.safe_load(file.read_text())["groups"]
    for group in found:
        for rule in group["rules"]:
            rule.get("annotations", {}).pop("runbook_url", None)
    return found


class DashboardsTest(unittest.TestCase):
    """The pages of deploy/grafana for Grafana's sidecar."""

    def test_each_is_a_config_map_with_the_file_as_it_is(self) -> None:
        found: dict[str, str] = {}
        for manifest in Release("sharded.yaml").all("ConfigMap"):
            if "grafana_dashboard" in manifest["metadata"]["labels"]:
                self.assertEqual({"grafana_folder": "Matrix"}, manifest["metadata"]["annotations"])
                found |= manifest["data"]
        files = {file.name: file.read_text() for file in (PROJECT / "deploy/grafana").glob("*.json")}
        self.assertTrue(files)
        self.assertEqual(files, found)


class DocumentationTest(unittest.TestCase):
    """The examples of docs/kubernetes.md."""

    def test_the_instance_of_its_release_is_the_one_that_it_names(self) -> None:
        text = DOCUMENT.read_text()
        named = re.search(r"that of the release above is\s`(.*?)`", text)
        release = re.search(r"^ +helm install (\S+) ", text, re.MULTILINE)
        assert named and release
        rendered = Release("one.yaml", "--set", "serviceMonitor.enabled=true", name=release[1])
        self.assertEqual(named[1], instance_of(rendered))

    def test_its_release_is_ready_before_it_is_tested(self) -> None:
        text = re.sub(r" \\\n +", " ", DOCUMENT.read_text())
        command = re.search(r"^ +helm (install .*)\n +helm test ", text, re.MULTILINE)
        assert command
        arguments = shlex.split(command[1])
        self.assertIn("--wait", arguments)
        result = run(TOOLS / "helm", *(argument.replace("deploy/", f"{PROJECT}/deploy/")
                                       for argument in arguments), "--dry-run=client")
        self.assertEqual(0, result.returncode, result.stderr)

    def test_every_example_is_accepted(self) -> None:
        text = DOCUMENT.read_text()
        examples = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
        self.assertGreater(len(examples), 1)
        for example in examples:
            with self.subTest(example), tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                file.write(example)
                file.flush()
                result = run(TOOLS / "check-manifests",
                             text=Release("one.yaml", "--values", file.name).text)
                self.assertEqual(0, result.returncode, result.stdout)


class ListsTest(unittest.TestCase):
    """What stands in the chart and elsewhere as well is the same."""

    schema = json.loads((CHART / "values.schema.json").read_text())

    def test_the_copies_in_the_chart_and_its_readme_are_current(self) -> None:
        result = run(PROJECT / "scripts/update-chart", "--check")
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)

    def test_the_schema_knows_the_settings_of_the_exporter(self) -> None:
        reference = yaml.safe_load((PROJECT / "config/reference.yaml").read_text())
        sections = {key: set(value) for key, value in reference.items() if isinstance(value, dict)}
        schema = self.schema["properties"]["config"]["properties"]
        self.assertEqual(sections, {key: set(value["properties"]) for key, value in schema.items()})

    def test_the_schema_knows_the_keys_of_the_web_configuration(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            file = Path(directory) / "web-config.yaml"
            file.write_text("tls_server_config: {a: 1}\nhttp_server_config: {a: 1, headers: {a: 1}}\n"
                            "rate_limit: {a: 1}\n")
            result = run(EXPORTER, f"--web.config.file={file}", "--config.check",
                         f"--config.file={PROJECT / 'config/minimal.yaml'}")
        known = {section: set(keys.split(", ")) for section, keys
                 in re.findall(r"(\S+)\.a: unknown key; allowed: (.*)", result.stderr)}
        schema = self.schema["properties"]["web"]["properties"]["config"]["properties"]
        headers = schema["http_server_config"]["properties"]["headers"]["properties"]
        self.assertEqual(known, {section: set(schema[section].get("properties", {}))
                                 for section in schema if section != "basic_auth_users"}
                         | {"http_server_config.headers": set(headers)})

    def test_the_schema_knows_the_alerts(self) -> None:
        alerts = [rule["alert"] for group in source_groups() for rule in group["rules"]
                  if "alert" in rule]
        self.assertEqual(sorted(alerts), sorted(self.schema["$defs"]["alert"]["enum"]))

    def test_every_value_is_in_the_schema_and_the_other_way_round(self) -> None:
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        # For the `condition` of a chart that has this one in it; by itself it is always there.
        known = [key for key in self.schema["properties"] if key != "enabled"]
        self.assertEqual(list(values), known)

    def test_the_version_of_the_program_is_the_one_of_the_chart(self) -> None:
        project = re.search(r"project\(\S+ VERSION (\S+)", (PROJECT / "CMakeLists.txt").read_text())
        assert project
        chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
        self.assertEqual(project[1], chart["appVersion"])


if __name__ == "__main__":
    if not (TOOLS / "helm").exists():
        print(f"skipped: there is no {TOOLS / 'helm'}; scripts/install-helm builds it, with Go")
        sys.exit(SKIPPED)
    unittest.main(verbosity=2)
