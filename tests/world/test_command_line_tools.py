"""What other programs make of the command line: shells, man, harnesses for TAP, Prometheus."""

import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from fixtures.exporter import BINARY, PROJECT, command
from fixtures.homeserver import StandInHomeserver
from fixtures.world import WorldTestCase

COMPLETIONS = PROJECT / "deploy/completion"


def output(*arguments: str | Path, **options: object) -> str:
    result = subprocess.run([str(argument) for argument in arguments], text=True, timeout=60,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                            **options)  # type: ignore[call-overload]
    assert result.returncode == 0, f"{arguments}: {result.returncode}\n{result.stdout}"
    return str(result.stdout)


class ShellTest(unittest.TestCase):
    """The completions, in the shells themselves."""

    def test_the_files_are_what_the_program_prints(self) -> None:
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell=shell):
                file = COMPLETIONS / f"matrix-federation-exporter.{shell}"
                self.assertEqual(file.read_text(),
                                 command(f"--print-completion={shell}").stdout,
                                 "run scripts/update-docs")

    def bash(self, *words: str) -> list[str]:
        """What bash offers for the last of these words."""
        file = COMPLETIONS / "matrix-federation-exporter.bash"
        line = " ".join(shlex.quote(word) for word in ("matrix-federation-exporter", *words))
        script = (f"source {shlex.quote(str(file))}; compopt() {{ :; }}; COMP_WORDS=({line}); "
                  f"COMP_CWORD={len(words)}; _matrix_federation_exporter; "
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        return output("bash", "-euc", script).split()

    def test_bash_knows_flags_commands_and_words(self) -> None:
        self.assertEqual(["--shard=", "--shards="], self.bash("--sha"))
        self.assertEqual(["check"], self.bash("ch"))
        self.assertEqual(["--format="], self.bash("check", "--fo"))
        self.assertEqual(["tls_cert_expired"], self.bash("explain", "tls_cert_exp"))
        self.assertEqual(["healthcheck"], self.bash("hea"))
        self.assertEqual(["--web.health-listen-address="], self.bash("healthcheck", "--web.h"))

    def test_bash_knows_values(self) -> None:
        self.assertEqual(["json"], self.bash("--log.format", "=", "j"))
        self.assertEqual(["debug", "info", "warn", "error"], self.bash("--log.level", "="))

    def fish(self, line: str) -> list[str]:
        file = COMPLETIONS / "matrix-federation-exporter.fish"
        with tempfile.TemporaryDirectory() as home:
            text = output("fish", "-N", "-c", f"source {file}; complete -C {shlex.quote(line)}",
                          env={"HOME": home, "PATH": f"{BINARY.parent}:/usr/bin:/bin"})
        return [entry.split("\t")[0] for entry in text.splitlines()]

    def test_fish_knows_flags_commands_and_words(self) -> None:
        program = "matrix-federation-exporter"
        self.assertEqual(["check"], self.fish(f"{program} ch"))
        self.assertIn("--shards", {name.rstrip("=") for name in self.fish(f"{program} --sha")})
        self.assertEqual(["tls_cert_expired"], self.fish(f"{program} explain tls_cert_exp"))
        self.assertEqual(["healthcheck"], self.fish(f"{program} hea"))

    def test_zsh_loads_it(self) -> None:
        file = COMPLETIONS / "matrix-federation-exporter.zsh"
        output("zsh", "-n", file)
        with tempfile.TemporaryDirectory() as directory:
            (Path(directory) / "_matrix_federation_exporter").write_text(file.read_text())
            script = (f"fpath=({directory} $fpath); autoload -U compinit; compinit -u -D; "
                      "print ${_comps[matrix-federation-exporter]}")
            self.assertEqual("_matrix_federation_exporter",
                             output("zsh", "-f", "-c", script).strip())


class ManPageTest(unittest.TestCase):
    """The manual page."""
    PAGE = PROJECT / "docs/matrix-federation-exporter.1"

    def test_it_is_what_the_program_prints(self) -> None:
        self.assertEqual(self.PAGE.read_text(), command("--print-man-page").stdout,
                         "run scripts/update-docs")

    def test_groff_has_nothing_to_say(self) -> None:
        self.assertEqual("", output("groff", "-man", "-ww", "-z", "-Tutf8", self.PAGE))

    def test_every_flag_of_the_help_is_in_it(self) -> None:
        page = output("groff", "-man", "-Tutf8", "-P-cbou", self.PAGE)
        for line in command("--help").stdout.splitlines():
            if line.startswith("  --"):
                self.assertIn(line.split("=")[0].strip(), page)


class CheckFormatsTest(WorldTestCase):
    """`check` for harnesses and for Prometheus' textfile collector."""

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.enterClassContext(StandInHomeserver("example-b.test", "127.0.2.3"))
        cls.file = cls.configure()

    def prove(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Each server is a test script to `prove`, which runs `check` on it."""
        program = shlex.join([str(BINARY), "check", f"--config.file={self.file}", "--format=tap"])
        return subprocess.run(["prove", "--exec", program, *arguments], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)

    def test_a_harness_for_tap_passes_a_server_that_works(self) -> None:
        result = self.prove("example-b.test")
        self.assertEqual(0, result.returncode, result.stdout)
        self.assertIn("Result: PASS", result.stdout)

    def test_a_harness_for_tap_fails_one_that_does_not(self) -> None:
        result = self.prove("down.test")
        self.assertEqual(1, result.returncode, result.stdout)
        self.assertIn("Result: FAIL", result.stdout)

    def test_prometheus_reads_what_check_prints_for_several_servers(self) -> None:
        result = command("check", f"--config.file={self.file}", "--format=prometheus",
                         "example-b.test", "down.test")
        self.assertEqual(2, result.returncode, result.stderr)
        success = {sample.labels["server_name"]: sample.value
                   for family in text_string_to_metric_families(result.stdout)
                   for sample in family.samples
                   if sample.name == "matrix_federation_probe_success"}
        self.assertEqual({"example-b.test": 1, "down.test": 0}, success)

    def test_a_name_given_twice_is_exposed_once(self) -> None:
        result = command("check", f"--config.file={self.file}", "--format=prometheus",
                         "down.test", "example-b.test", "down.test")
        self.assertEqual(2, result.returncode, result.stderr)
        success = [sample.labels["server_name"]
                   for family in text_string_to_metric_families(result.stdout)
                   for sample in family.samples
                   if sample.name == "matrix_federation_probe_success"]
        self.assertEqual(["down.test", "example-b.test"], success)

    def test_a_name_that_is_none_spoils_nothing(self) -> None:
        result = command("check", f"--config.file={self.file}", "--format=prometheus",
                         'a"b\\\n{}', "example-b.test")
        self.assertEqual(2, result.returncode, result.stderr)
        names = {sample.labels["server_name"]
                 for family in text_string_to_metric_families(result.stdout)
                 for sample in family.samples}
        self.assertEqual(2, len(names), names)


if __name__ == "__main__":
    unittest.main()
