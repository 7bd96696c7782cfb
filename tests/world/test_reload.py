"""SIGHUP: the configuration changes while the daemon runs, and nothing else does."""

import os
import shutil
import signal
import socket
import unittest
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fixtures import exposition
from fixtures.exporter import Exporter, settings, write_settings
from fixtures.pki import CertificateAuthority
from fixtures.waiting import eventually
from fixtures.world import WorldTestCase

OWN = "matrix_federation_exporter_"
SILENT = ("127.0.9.2", 8448)


class ReloadTestCase(WorldTestCase):
    """A daemon whose configuration file is there to be rewritten."""
    exporter: Exporter
    file: Path
    values: dict[str, Any]

    def start(self, *homeservers: Any, **probe: Any) -> None:
        self.file = self.directory / f"{self._testMethodName}.yaml"
        self.values = settings(self.authority.root, homeservers)
        self.values["probe"].update(probe)
        write_settings(self.file, self.values)
        self.exporter = self.enterContext(Exporter(self.file))

    def own(self, name: str) -> float:
        return self.exporter.samples()[OWN + name]

    def hang_up(self) -> None:
        self.exporter.signal(signal.SIGHUP)

    def eventually(self, condition: Callable[[], object], what: str) -> None:
        eventually(condition, what, explain=self.exporter.log)

    def reload(self, *homeservers: Any, **sections: Any) -> None:
        """Another list, and other values in some sections, are in force."""
        if homeservers:
            self.values["homeservers"] = list(homeservers)
        for section, values in sections.items():
            self.values.setdefault(section, {}).update(values)
        write_settings(self.file, self.values)
        self.hang_up_and_wait()

    def hang_up_and_wait(self) -> None:
        before = self.own("config_last_reload_success_timestamp_seconds")
        self.hang_up()
        self.eventually(
            lambda: self.own("config_last_reload_success_timestamp_seconds") > before, "a reload")

    def wait_until_probed(self, server_name: str, count: int = 1) -> None:
        """Until `count` probes have ended since the server was added."""
        self.eventually(lambda: self.exporter.probes(server_name) >= count,
                        f"{count} probes of {server_name}")

    def servers(self) -> set[str]:
        return servers_of(self.exporter.samples())

    def assert_failed_and_unchanged(self, before: exposition.Samples, *mentioned: str) -> None:
        self.eventually(lambda: self.own("config_last_reload_successful") == 0, "a failed reload")
        after = self.exporter.samples()
        for name in ("config_hash", "targets", "config_last_reload_success_timestamp_seconds"):
            self.assertEqual(before[OWN + name], after[OWN + name], name)
        self.assertEqual(servers_of(before), servers_of(after))
        for text in mentioned:
            self.assertIn(text, self.exporter.log())


def servers_of(samples: exposition.Samples) -> set[str]:
    """Every server that any sample names."""
    return {dict(exposition.LABEL.findall(key)).get("server_name", "") for key in samples} - {""}


class HomeserversTest(ReloadTestCase):
    """The list of homeservers changes."""

    def test_an_added_server_is_probed_at_once(self) -> None:
        self.start("down.test", interval="1h", failure_interval="1h")
        self.wait_until_probed("down.test")
        self.reload("down.test", "example-b.test")
        self.wait_until_probed("example-b.test")
        self.assertEqual(1, self.exporter.probes("down.test"))

    def test_a_removed_server_is_gone_from_the_next_scrape(self) -> None:
        self.start("down.test", "example-b.test")
        self.wait_until_probed("example-b.test")
        self.reload("down.test")
        self.assertEqual({"down.test"}, self.servers())

    def test_an_unchanged_server_keeps_its_results_and_its_schedule(self) -> None:
        self.start("down.test", interval="1h", failure_interval="1h")
        self.wait_until_probed("down.test")
        before = self.exporter.samples_of("down.test")
        self.reload("example-b.test", "down.test")
        self.wait_until_probed("example-b.test")
        self.assertEqual(before, self.exporter.samples_of("down.test"))

    def test_a_changed_server_keeps_its_counters_and_follows_the_new_interval(self) -> None:
        self.start("down.test", interval="1h", failure_interval="1h")
        self.wait_until_probed("down.test")
        self.reload({"server_name": "down.test", "interval": "1s", "group": "customers",
                     "labels": {"team": "chat"}})
        samples = self.exporter.samples_of("down.test")
        self.assertIn('target_info{group="customers",team="chat"}', samples)
        self.assertEqual(1, samples["probe_interval_seconds"])
        self.wait_until_probed("down.test", 3)

    def test_a_server_that_comes_back_starts_anew(self) -> None:
        self.start("down.test", "example-b.test", interval="1h", failure_interval="1h")
        self.wait_until_probed("example-b.test")
        self.reload("down.test")
        self.reload("down.test", "example-b.test")
        self.wait_until_probed("example-b.test")
        self.assertEqual(1, self.exporter.probes("example-b.test"))

    def test_the_metrics_of_the_configuration_follow(self) -> None:
        self.start("down.test")
        before = self.exporter.samples()
        self.reload("down.test", "example-b.test", probe={"max_in_flight": 7})
        after = self.exporter.samples()
        self.assertEqual(2, after[OWN + "targets"])
        self.assertEqual(7, after[OWN + "probes_in_flight_max"])
        self.assertNotEqual(before[OWN + "config_hash"], after[OWN + "config_hash"])

    def test_a_further_file_is_read_anew(self) -> None:
        further = self.directory / "further.yaml"
        further.write_text("- down.test\n")
        self.start("example-b.test")
        self.values["homeserver_files"] = [str(further)]
        self.reload()
        further.write_text("- example-a.test\n")
        self.hang_up_and_wait()
        self.assertEqual({"example-a.test", "example-b.test"}, self.servers())


class WatchedFilesTest(ReloadTestCase):
    """Nobody tells the daemon: it looks at its files itself."""

    def test_a_changed_file_is_taken(self) -> None:
        self.start("down.test")
        self.values["homeservers"] = ["example-b.test"]
        write_settings(self.file, self.values)
        self.eventually(lambda: self.servers() == {"example-b.test"}, "the new list")

    def test_a_further_file_that_appears_is_taken(self) -> None:
        lists = self.directory / "lists"
        lists.mkdir()
        self.start("down.test")
        self.values["homeserver_files"] = [f"{lists}/*.yaml"]
        write_settings(self.file, self.values)
        (lists / "customers.yaml").write_text("- example-b.test\n")
        self.eventually(lambda: self.servers() == {"down.test", "example-b.test"}, "both lists")

    def test_a_further_file_that_was_missing_is_taken_when_it_appears(self) -> None:
        self.start("down.test")
        self.values["homeserver_files"] = ["later.yaml"]
        write_settings(self.file, self.values)
        self.eventually(lambda: self.own("config_last_reload_successful") == 0, "a refusal")
        (self.directory / "later.yaml").write_text("- example-b.test\n")
        self.eventually(lambda: "example-b.test" in self.servers(), "the further file")

    def test_kubernetes_swaps_the_directory_behind_a_link(self) -> None:
        mount = self.directory / "mount"
        self.start("down.test")
        for version, names in (("..1", ["down.test"]), ("..2", ["example-b.test"])):
            (mount / version).mkdir(parents=True)
            write_settings(mount / version / "config.yaml", {**self.values, "homeservers": names})
        (mount / "..data").symlink_to("..1")
        (mount / "config.yaml").symlink_to("..data/config.yaml")
        with Exporter(mount / "config.yaml", port=10449) as exporter:
            (mount / "..data_tmp").symlink_to("..2")
            (mount / "..data_tmp").rename(mount / "..data")
            eventually(lambda: servers_of(exporter.samples()) == {"example-b.test"},
                       "the new list", explain=exporter.log)

    def test_kubernetes_changes_a_list_and_adds_another(self) -> None:
        volume = ConfigMapVolume(self.directory / "homeservers" / "configmap-customers")
        volume.hold({"first.yaml": "- down.test\n"})
        self.start("example-c.test")
        self.values["homeserver_files"] = [f"{self.directory}/homeservers/*/*"]
        self.reload()
        self.assertEqual({"example-c.test", "down.test"}, self.servers())
        volume.hold({"first.yaml": "- example-a.test\n", "second.yaml": "- example-b.test\n"})
        self.eventually(lambda: self.servers() == {"example-c.test", "example-a.test", "example-b.test"},
                        "the changed list and the new one")
        volume.hold({"second.yaml": "- example-d.test\n"})
        self.eventually(lambda: self.servers() == {"example-c.test", "example-d.test"},
                        "the new list changed, and the first one gone")

    def test_a_broken_file_is_reported_once_and_the_repaired_one_taken(self) -> None:
        self.start("down.test")
        self.file.write_text("homeservers: [")
        self.eventually(lambda: self.own("config_last_reload_successful") == 0, "a failed reload")
        self.values["homeservers"] = ["example-b.test"]
        write_settings(self.file, self.values)
        self.eventually(lambda: self.servers() == {"example-b.test"}, "the repaired list")
        self.assertEqual(1, self.exporter.log().count("the running configuration stays in force"))


class ConfigMapVolume:
    """A directory as the kubelet writes it: each key is a link through ..data, which is swapped."""

    def __init__(self, directory: Path):
        self._directory = directory
        self._versions = 0

    def hold(self, keys: dict[str, str]) -> None:
        """In the order of the kubelet: the new version, the swap, links to new keys, links to gone ones."""
        self._versions += 1
        version = self._directory / f"..version_{self._versions}"
        version.mkdir(parents=True)
        for name, text in keys.items():
            (version / name).write_text(text)
        (self._directory / "..data_tmp").symlink_to(version.name)
        (self._directory / "..data_tmp").rename(self._directory / "..data")
        for name in keys:
            if not (self._directory / name).is_symlink():
                (self._directory / name).symlink_to(f"..data/{name}")
        for link in self._directory.glob("[!.]*"):
            if link.name not in keys:
                link.unlink()


class MistakesTest(ReloadTestCase):
    """What is wrong changes nothing."""

    def setUp(self) -> None:
        self.start("down.test", "example-b.test")
        self.wait_until_probed("example-b.test")
        self.before = self.exporter.samples()

    def test_every_mistake_is_logged_with_its_place(self) -> None:
        self.file.write_text("probe:\n  intervall: 1s\nhomeservers:\n  - bad name\n  - a.test\n")
        self.hang_up()
        self.assert_failed_and_unchanged(
            self.before, f"{self.file}:2:3: probe.intervall:", f"{self.file}:4:5: homeservers:")

    def test_probes_go_on(self) -> None:
        self.file.write_text("homeservers: [")
        self.hang_up()
        self.assert_failed_and_unchanged(self.before)
        self.exporter.wait_for_probes("example-b.test", 2)

    def test_a_file_that_is_not_there(self) -> None:
        self.file.unlink()
        self.hang_up()
        self.assert_failed_and_unchanged(self.before, str(self.file))

    def test_a_list_without_homeservers(self) -> None:
        self.values["homeservers"] = []
        write_settings(self.file, self.values)
        self.hang_up()
        self.assert_failed_and_unchanged(self.before, "no homeserver is listed")

    def test_a_ca_file_that_cannot_be_read(self) -> None:
        self.values["tls"]["ca_file"] = str(self.directory / "nowhere.pem")
        self.values["homeservers"] = ["example-a.test"]
        write_settings(self.file, self.values)
        self.hang_up()
        self.assert_failed_and_unchanged(self.before, "tls.ca_file", "nowhere.pem")
        self.exporter.wait_for_probes("example-b.test", 2)

    def test_the_next_good_file_is_taken(self) -> None:
        self.file.write_text("homeservers: [")
        self.hang_up()
        self.assert_failed_and_unchanged(self.before)
        self.reload("example-b.test")
        self.assertEqual(1, self.own("config_last_reload_successful"))
        self.assertEqual({"example-b.test"}, self.servers())


class GeneralSettingsTest(ReloadTestCase):
    """What holds for all homeservers changes."""

    def setUp(self) -> None:
        self.start("example-b.test", interval="1s")
        self.eventually_trusts(True)

    def eventually_trusts(self, trusted: bool) -> None:
        check = 'check_success{check="well_known_certificate_is_valid"}'
        self.eventually(
            lambda: self.exporter.samples_of("example-b.test").get(check) == trusted,
            f"trusted: {trusted}")

    def test_the_ca_file_is_read_anew_though_its_name_stays(self) -> None:
        ca_file = self.directory / "trusted.pem"
        shutil.copy(self.authority.root, ca_file)
        self.reload(tls={"ca_file": str(ca_file)})
        self.exporter.wait_for_probes("example-b.test", 2)
        self.eventually_trusts(True)
        shutil.copy(CertificateAuthority(self.directory / "other").root, ca_file)
        self.hang_up_and_wait()
        self.eventually_trusts(False)
        shutil.copy(self.authority.root, ca_file)
        self.hang_up_and_wait()
        self.eventually_trusts(True)

    def test_other_dns_servers_are_asked(self) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.99", 53))
            server.settimeout(20)
            self.reload(dns={"servers": ["127.0.0.99"]})
            self.assertIn(b"example-b", server.recv(512))

    def test_denied_addresses_are_contacted_no_more(self) -> None:
        self.reload(network={"deny": ["127.0.0.0/8", "fd77::/16"]})
        self.eventually(lambda: 'probe_failure_info{check="destination_accepts_connections",'
                                'reason="address_denied"}'
                                in self.exporter.samples_of("example-b.test"), "denied")

    def test_each_address_is_shown(self) -> None:
        self.reload(metrics={"per_address": True})
        self.eventually(lambda: any(key.startswith("address_success")
                                    for key in self.exporter.samples_of("example-b.test")),
                        "a sample for each address")

    def test_another_number_of_threads_waits_for_a_restart_and_says_so(self) -> None:
        self.reload(probe={"threads": 2})
        self.assertIn("probe.threads takes effect at a restart only", self.exporter.log())
        self.assertIn("  threads: 1\n", self.exporter.get("/config").body.decode())
        self.exporter.wait_for_probes("example-b.test", 2)


class ProbeInFlightTest(ReloadTestCase):
    """A homeserver that accepts connections and never speaks keeps a probe in flight."""

    def setUp(self) -> None:
        self.enterContext(socket.create_server(SILENT))
        self.start("silent.test", interval="1h", failure_interval="1h", timeout="4s")
        self.eventually(lambda: self.own("probes_in_flight") == 1, "a probe in flight")

    def test_its_result_counts_when_the_server_stays(self) -> None:
        self.reload("silent.test", "example-b.test")
        self.wait_until_probed("silent.test")
        self.assertIn("probe_success", self.exporter.samples_of("silent.test"))

    def test_its_result_is_dropped_when_the_server_is_removed(self) -> None:
        self.reload("down.test")
        self.assertEqual(1, self.own("probes_started_total") - self.own("probes_finished_total"))
        self.eventually(lambda: self.own("probes_in_flight") == 0, "the probe has ended")
        self.assertEqual({"down.test"}, self.servers())
        self.assertEqual(self.own("probes_started_total"), self.own("probes_finished_total"))

    def test_a_server_in_its_place_is_not_mistaken_for_it(self) -> None:
        self.reload("down.test")
        self.wait_until_probed("down.test")
        before = self.exporter.samples_of("down.test")
        self.eventually(lambda: self.own("probes_in_flight") == 0, "the probe has ended")
        self.assertEqual(before, self.exporter.samples_of("down.test"))

    def test_it_goes_on_with_the_network_that_it_began_with(self) -> None:
        self.reload(dns={"attempts": 2}, network={"user_agent": "other"})
        self.wait_until_probed("silent.test")

    def test_sigterm_in_the_middle_of_a_reload(self) -> None:
        self.values["homeservers"] = ["silent.test"] + [f"hs{i}.test" for i in range(5000)]
        write_settings(self.file, self.values)
        self.hang_up()
        self.exporter.signal(signal.SIGTERM)
        self.assertEqual(0, self.exporter.wait(seconds=20), self.exporter.log())


class BusyTest(ReloadTestCase):
    """Many reloads in a row."""

    def test_a_hundred_reloads_while_probing(self) -> None:
        names = [f"example-{letter}.test" for letter in "abcdefg"]
        self.start(*names, interval="1s", failure_interval="1s")
        self.wait_until_probed("example-b.test")
        before = self.exporter.probes("example-b.test")
        for number in range(100):
            kept = names[number % len(names):] or names
            self.values["homeservers"] = ["example-b.test"] + [
                {"server_name": name, "group": f"round {number}"}
                for name in kept if name != "example-b.test"]
            self.values["network"]["user_agent"] = f"round {number}"
            write_atomically(self.file, self.values)
            self.hang_up()
            self.assert_consistent(self.exporter.samples())
        # Reloads that were asked for before may still be under way.
        self.eventually(lambda: self.own("targets") == len(self.values["homeservers"]),
                        "the last list")
        self.assertEqual(1, self.own("config_last_reload_successful"))
        self.exporter.wait_for_probes("example-b.test", 2)
        self.assertGreater(self.exporter.probes("example-b.test"), before)
        self.assert_nothing_is_left_over()

    def assert_consistent(self, samples: exposition.Samples) -> None:
        """What every scrape says of itself; that no series is there twice is said by parse."""
        servers = [key for key in samples if key.startswith("matrix_federation_target_info{")]
        counters = [key for key in samples if key.startswith("matrix_federation_probes_total{")]
        self.assertEqual(samples[OWN + "targets"], len(servers))
        self.assertEqual(len(servers), len(counters))
        self.assertEqual(samples[OWN + "probes_started_total"],
                         samples[OWN + "probes_finished_total"] + samples[OWN + "probes_in_flight"])

    def assert_nothing_is_left_over(self) -> None:
        """The networks of the rounds before are gone, and their descriptors with them."""
        self.eventually(lambda: len(os.listdir(f"/proc/{self.exporter.pid}/fd")) < 60,
                        "few open descriptors")


def write_atomically(file: Path, values: dict[str, Any]) -> None:
    """As configuration management does, so that a reload sees the old file or the new one."""
    write_settings(file.with_suffix(".new"), values).rename(file)


if __name__ == "__main__":
    unittest.main()
