"""Mistakes of operators: an exit status, and one sentence that says where and what."""

import json
import socket
import subprocess
import unittest
from pathlib import Path

from fixtures.exporter import (ADDRESS, BINARY, PORT, assert_sound, command, settings,
                               write_settings)
from fixtures.homeserver import StandInHomeserver
from fixtures.process import run
from fixtures.world import NetworkTestCase, WorldTestCase

CHECK_IMPOSSIBLE = 3
NOBODYS_USER = 54321


def errors(daemon: subprocess.CompletedProcess[str]) -> str:
    """The errors among the messages that the daemon logged."""
    return "\n".join(line for line in daemon.stderr.splitlines() if "level=error" in line)


class CommandLineTestCase(NetworkTestCase):
    """Base: runs the program in each of its ways."""

    def daemon(self, configuration: Path, *flags: str) -> subprocess.CompletedProcess[str]:
        return command(f"--config.file={configuration}",
                       f"--web.listen-address={ADDRESS}:{PORT}", *flags, seconds=15)

    def assert_one_sentence(self, text: str, *fragments: str) -> None:
        """Exactly one line, and it names everything that the operator needs."""
        lines = text.splitlines()
        self.assertEqual(1, len(lines), text)
        for fragment in fragments:
            self.assertIn(fragment, lines[0])

    def assert_refused(self, configuration: Path, *fragments: str) -> None:
        """The daemon does not start, `--config.check` and `check` say the same."""
        daemon = self.daemon(configuration)
        self.assertNotEqual(0, daemon.returncode)
        self.assert_one_sentence(errors(daemon), *fragments)
        validation = command("--config.check", f"--config.file={configuration}")
        self.assertEqual(1, validation.returncode)
        self.assert_one_sentence(validation.stdout + validation.stderr, *fragments)
        check = command("check", f"--config.file={configuration}", "example-b.test")
        self.assertEqual(CHECK_IMPOSSIBLE, check.returncode)
        self.assert_one_sentence(check.stderr, *fragments)
        self.assertEqual("", check.stdout)


class ConfigurationFileTest(CommandLineTestCase):
    """What is wrong in the file is named by line, column and key."""

    def refuses(self, text: str, position: str, *fragments: str) -> None:
        file = self.directory / "config.yaml"
        file.write_text(text)
        self.assert_refused(file, f"{file}:{position}", *fragments)

    def test_an_unknown_key_is_named_with_its_neighbour(self) -> None:
        self.refuses("probe:\n  intervall: 5m\n", "2:3", "intervall", "interval")

    def test_an_unknown_top_level_key(self) -> None:
        self.refuses("homeserver:\n  - example-b.test\n", "1:1", "homeserver", "homeservers")

    def test_an_unknown_key_of_a_homeserver(self) -> None:
        self.refuses("homeservers:\n  - server_name: example-b.test\n    grup: x\n", "3:5",
                     "grup", "group")

    def test_a_duplicate_homeserver_names_both_lines(self) -> None:
        self.refuses("homeservers:\n  - example-b.test\n  - example-c.test\n  - example-b.test\n",
                     "4:5", "example-b.test", "2")

    def test_an_invalid_server_name(self) -> None:
        self.refuses("homeservers:\n  - https://example-b.test\n", "2:5", "https://example-b.test")

    def test_an_invalid_port_in_a_server_name(self) -> None:
        self.refuses("homeservers:\n  - example-b.test:99999\n", "2:5", "example-b.test:99999")

    def test_a_list_where_a_duration_belongs(self) -> None:
        self.refuses("probe:\n  interval: [5m]\n", "2:13", "probe.interval")

    def test_a_number_without_a_unit_where_a_duration_belongs(self) -> None:
        self.refuses("probe:\n  interval: 300\n", "2:13", "probe.interval", "300")

    def test_a_scalar_where_the_list_of_homeservers_belongs(self) -> None:
        self.refuses("homeservers: example-b.test\n", "1:14", "homeservers")

    def test_a_word_where_a_number_belongs(self) -> None:
        self.refuses("probe:\n  threads: many\n", "2:12", "probe.threads", "many")

    def test_a_value_out_of_its_bounds_names_them(self) -> None:
        self.refuses("probe:\n  threads: 0\n", "2:12", "probe.threads", "1")

    def test_an_unknown_address_range(self) -> None:
        self.refuses("network:\n  deny: [privat]\n", "2:10", "network.deny", "privat")

    def test_a_resolver_that_is_no_address(self) -> None:
        self.refuses("dns:\n  servers: [dns.example]\n", "2:13", "dns.servers", "dns.example")

    def test_a_key_given_twice(self) -> None:
        self.refuses("probe:\n  interval: 5m\n  interval: 6m\n", "3:3", "interval")

    def test_text_that_is_no_yaml(self) -> None:
        self.refuses("probe: {interval: 5m\n", "")

    def test_every_mistake_is_named_in_one_go(self) -> None:
        file = self.directory / "config.yaml"
        file.write_text("probe:\n  intervall: 5m\n  threads: many\nhomeservers:\n  - bad name\n")
        result = command("--config.check", f"--config.file={file}")
        lines = (result.stdout + result.stderr).splitlines()
        self.assertEqual([f"{file}:{line}" for line in ("2:3", "3:12", "5:5")],
                         sorted(":".join(line.split(":")[:3]) for line in lines))

    def test_a_mistake_in_a_further_file_names_that_file(self) -> None:
        further = self.directory / "further.yaml"
        further.write_text("- example-b.test\n- bad name\n")
        file = self.directory / "config.yaml"
        file.write_text("homeserver_files: [further.yaml]\nhomeservers: [example-c.test]\n")
        self.assert_refused(file, f"{further}:2:3", "bad name")

    def test_a_good_file_is_good(self) -> None:
        file = write_settings(self.directory / "good.yaml",
                              settings(self.authority.root, ["example-b.test"]))
        result = command("--config.check", f"--config.file={file}")
        self.assertEqual((0, ""), (result.returncode, result.stderr))


class FilesAndPortsTest(CommandLineTestCase):
    """What the machine does not give."""

    def test_the_configuration_file_is_missing(self) -> None:
        file = self.directory / "missing.yaml"
        self.assert_refused(file, str(file), "No such file or directory")

    def test_the_configuration_file_is_a_directory(self) -> None:
        self.assert_refused(self.directory, str(self.directory), "cannot be read")

    def with_ca_file(self, ca_file: Path) -> Path:
        return write_settings(self.directory / "ca.yaml", settings(ca_file, ["example-b.test"]))

    def test_check_does_not_pass_over_an_installed_configuration_that_cannot_be_read(self) -> None:
        script = ("mount -t tmpfs none /etc && mkdir /etc/matrix-federation-exporter && "
                  "ln -s config.yaml /etc/matrix-federation-exporter/config.yaml && "
                  'exec "$0" check example-b.test')
        check = run(["unshare", "--mount", "sh", "-c", script, BINARY], seconds=15)
        self.assertEqual(CHECK_IMPOSSIBLE, check.returncode, check.stdout)
        self.assert_one_sentence(check.stderr, "/etc/matrix-federation-exporter/config.yaml",
                                 "Too many levels of symbolic links")

    def test_the_ca_file_is_missing(self) -> None:
        file = self.directory / "missing.pem"
        self.assert_refused(self.with_ca_file(file), "tls.ca_file", str(file), "No such file or directory")

    def test_the_ca_file_is_a_directory(self) -> None:
        self.assert_refused(self.with_ca_file(self.directory), "tls.ca_file", str(self.directory))

    def test_the_ca_file_holds_no_certificate(self) -> None:
        file = self.directory / "empty.pem"
        file.write_text("no certificate here\n")
        self.assert_refused(self.with_ca_file(file), "tls.ca_file", str(file), "certificate")

    def test_the_port_is_in_use(self) -> None:
        with socket.create_server((ADDRESS, PORT)):
            daemon = self.daemon(self.configure("down.test"))
        self.assertNotEqual(0, daemon.returncode)
        self.assert_one_sentence(errors(daemon), f"{ADDRESS}:{PORT}", "ddress already in use")

    def test_a_thread_is_refused(self) -> None:
        values = settings(self.authority.root, ["down.test"])
        values["probe"]["threads"] = 40
        file = write_settings(self.directory / "threads.yaml", values)
        # The limit is not for root. What only root may read, the program may.
        user = ["prlimit", "--nproc=20", "setpriv", f"--reuid={NOBODYS_USER}", "--clear-groups",
                "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"]
        daemon = run([*user, BINARY, f"--config.file={file}",
                      f"--web.listen-address={ADDRESS}:{PORT}"], seconds=15)
        assert_sound(daemon.returncode, daemon.stderr)
        self.assertEqual(1, daemon.returncode)
        self.assert_one_sentence(errors(daemon), "probe.threads", "TasksMax", "temporarily unavail")


class ArgumentsTest(CommandLineTestCase):
    """Flags and names on the command line."""

    def test_an_unknown_flag_is_named_with_its_neighbour(self) -> None:
        result = command("--config.fil=x")
        self.assertNotEqual(0, result.returncode)
        self.assert_one_sentence(result.stderr, "--config.fil", "--config.file")

    def test_a_listen_address_without_a_port(self) -> None:
        result = self.daemon(self.configure("down.test"), "--web.listen-address=127.0.0.1")
        self.assertNotEqual(0, result.returncode)
        self.assert_one_sentence(errors(result), "127.0.0.1", "port")

    def refuses_check(self, *arguments: str, fragments: tuple[str, ...]) -> None:
        result = command("check", f"--config.file={self.configure()}", *arguments)
        self.assertEqual((CHECK_IMPOSSIBLE, ""), (result.returncode, result.stdout))
        self.assert_one_sentence(result.stderr, *fragments)

    def test_check_without_a_name(self) -> None:
        self.refuses_check(fragments=("check", "name"))

    def test_check_with_an_unknown_format_names_the_known_ones(self) -> None:
        self.refuses_check("--format=xml", "example-b.test",
                           fragments=("xml", "text", "json"))

    def test_check_with_an_unknown_flag(self) -> None:
        self.refuses_check("--strikt", "example-b.test", fragments=("--strikt", "--strict"))

    def test_help_goes_to_standard_output(self) -> None:
        result = command("--help")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertIn("--config.file", result.stdout)

    def test_what_cannot_be_written_is_a_failure(self) -> None:
        valid = f"--config.file={self.configure('down.test')}"
        for arguments, status in ((["--help"], 1), (["--version"], 1), (["--print-metrics"], 1),
                                  (["--config.check", valid], 1),
                                  (["explain", "clock_skew"], CHECK_IMPOSSIBLE)):
            with self.subTest(arguments), Path("/dev/full").open("w", encoding="utf-8") as full:
                result = subprocess.run([BINARY, *arguments], stdout=full, stderr=subprocess.PIPE,
                                        text=True, timeout=30, check=False)
                self.assertEqual(status, result.returncode)
                self.assert_one_sentence(result.stderr, "standard output")

    def test_version_names_the_program(self) -> None:
        result = command("--version")
        self.assertEqual((0, ""), (result.returncode, result.stderr))
        self.assertIn("matrix-federation-exporter", result.stdout)

    def test_an_invalid_server_name_is_a_verdict(self) -> None:
        result = command("check", f"--config.file={self.configure()}", "--format=json",
                         "bad_name:0")
        self.assertEqual(2, result.returncode, result.stderr)
        report = json.loads(result.stdout)
        self.assertFalse(report["federation_ok"])
        self.assertTrue(report["reason"].startswith("server_name_"), report["reason"])

    def test_thousands_of_names_that_need_no_waiting(self) -> None:
        names = ["no name"] * 50_000
        result = command("check", f"--config.file={self.configure()}", "--format=json", *names,
                         seconds=180)
        self.assertEqual((2, ""), (result.returncode, result.stderr))
        self.assertEqual(len(names), len(result.stdout.splitlines()))


class ExitStatusTest(WorldTestCase):
    """The exit status of `check` is its verdict."""

    def assert_ends_with(self, status: int, *arguments: str) -> None:
        result = command("check", f"--config.file={self.configure()}", *arguments)
        self.assertEqual(status, result.returncode, result.stdout + result.stderr)

    def homeserver(self, server_name: str, address: str) -> None:
        self.enterContext(StandInHomeserver(server_name, address))

    def test_every_server_works(self) -> None:
        self.homeserver("example-b.test", "127.0.2.3")
        self.assert_ends_with(0, "example-b.test")

    def test_one_of_several_does_not_work(self) -> None:
        self.homeserver("example-b.test", "127.0.2.3")
        self.assert_ends_with(2, "example-b.test", "down.test")

    def test_strict_counts_warnings(self) -> None:
        self.homeserver("example-s.test", "127.0.15.3")
        self.assert_ends_with(1, "--strict", "example-s.test")

    def test_warnings_do_not_count_otherwise(self) -> None:
        self.homeserver("example-s.test", "127.0.15.3")
        self.assert_ends_with(0, "example-s.test")

    def test_strict_is_content_without_warnings(self) -> None:
        self.homeserver("example-b.test", "127.0.2.3")
        self.assert_ends_with(0, "--strict", "example-b.test")

    def test_check_ends_with_its_report(self) -> None:
        values = settings(self.authority.root)
        values["probe"]["timeout"] = "1s"
        values["dns"].update(timeout="1m", attempts=1)
        file = write_settings(self.directory / "patient-resolver.yaml", values)
        with self.bind.paused():
            result = command("check", f"--config.file={file}", "example-b.test", seconds=15)
        self.assertEqual(2, result.returncode, result.stdout + result.stderr)


if __name__ == "__main__":
    unittest.main()
