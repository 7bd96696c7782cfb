#!/usr/bin/python3
"""The container image: its root file system is assembled and run here, in a chroot, without an engine.

Real DNS and a real homeserver answer the program, which is not root, sees nothing but that root and
finds it read-only (RootTest). Where a container engine is at hand, the image is built and run
(ImageTest). Needs root for the chroot and the network; ends with 77 where nothing can be tested.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(PROJECT / "tests/world"))

from fixtures import exporter  # noqa: E402
from fixtures.exporter import ADDRESS, BINARY, PORT  # noqa: E402
from fixtures.homeserver import StandInHomeserver  # noqa: E402
from fixtures.process import Process, run  # noqa: E402
from fixtures.waiting import eventually  # noqa: E402
from fixtures.world import WorldTestCase  # noqa: E402

CONTAINER = PROJECT / "deploy/container"
PROGRAM = "/usr/bin/matrix-federation-exporter"
CONFIGURATION = "network: {deny: []}\nprobe: {interval: 2s}\nhomeservers: [example-b.test]\n"
AUTHORITIES = "etc/ssl/certs/ca-certificates.crt"
USER = 65532
SKIPPED = 77


class Contained(Process):
    """The daemon as an engine would start it, with the command line of the Containerfile."""
    get = exporter.Exporter.get
    request = exporter.Exporter.request
    _port = PORT

    def __init__(self, root: Path, log: Path):
        super().__init__(in_root(root, *instruction("CMD")), log=log)
        self.until(lambda: self.get("/-/healthy").status == 200, "the daemon is healthy")


def in_root(root: Path, *arguments: str) -> list[str]:
    return ["chroot", f"--userspec={USER}:{USER}", str(root), PROGRAM, *arguments]


def instruction(beginning: str) -> list[str]:
    """The words in the brackets of an instruction of the Containerfile; health on one address, since
    the world has servers on others."""
    text = (CONTAINER / "Containerfile").read_text().replace("\\\n", "")
    command = re.search(rf"^{beginning} *\[(.*)\]$", text, re.MULTILINE)
    assert command, beginning
    return [argument.rstrip(",").replace("=:10449", f"={ADDRESS}:10449")
            for argument in shlex.split(command[1])]


class RootTest(WorldTestCase):
    """The assembled root, mounted as a container would have it."""
    root: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.root = cls.directory / "root"
        subprocess.run([CONTAINER / "assemble-root", BINARY, cls.root], check=True, timeout=120)
        cls.assembled = sorted(cls.root.rglob("*"))
        cls.authorities = (cls.root / AUTHORITIES).read_text().count("BEGIN CERTIFICATE")
        cls._provide()
        cls.enterClassContext(StandInHomeserver("example-b.test", "127.0.2.3"))

    @classmethod
    def _provide(cls) -> None:
        """What an engine or an operator mounts: a configuration, the resolver, here also the world's
        CA in the place of the public ones, and a state directory; the rest is read-only."""
        cls.configuration = cls.directory / "configuration"
        cls.configuration.mkdir()
        (cls.configuration / "config.yaml").write_text(CONFIGURATION)
        shutil.copy("/etc/resolv.conf", cls.root / "etc/resolv.conf")
        shutil.copy(cls.authority.root, cls.root / AUTHORITIES)
        state = cls.directory / "state"
        state.mkdir()
        os.chown(state, USER, USER)
        for command in (f"mount --bind {cls.root} {cls.root}",
                        f"mount -o remount,bind,ro {cls.root}",
                        f"mount -t proc proc {cls.root}/proc",
                        f"mount -o ro,bind {cls.configuration} {cls.root}/etc/matrix-federation-exporter",
                        f"mount --bind {state} {cls.root}/var/lib/matrix-federation-exporter"):
            subprocess.run(command.split(), check=True)
        cls.addClassCleanup(subprocess.run, ["umount", "--recursive", str(cls.root)], check=True)
        cls.state = state

    def test_a_healthy_homeserver_is_found_healthy(self) -> None:
        result = run(in_root(self.root, "check", "example-b.test",
                             "--config.file=/etc/matrix-federation-exporter/config.yaml"))
        self.assertEqual(0, result.returncode, result.stdout + result.stderr)
        self.assertIn("federation works", result.stdout)

    def test_the_daemon_serves_metrics_and_keeps_its_state(self) -> None:
        with Contained(self.root, self.directory / "contained.log") as daemon:
            daemon.until(lambda: b'probe_success{server_name="example-b.test"} 1'
                         in daemon.get("/metrics").body, "the homeserver is found healthy")
            self.assertIn(b"process_open_fds", daemon.get("/metrics").body)
            self.assertEqual(0, daemon.stop())
        self.assertTrue((self.state / "state").exists())

    def test_the_daemon_follows_a_configuration_that_an_editor_replaces(self) -> None:
        file = self.configuration / "config.yaml"
        self.addCleanup(file.write_text, CONFIGURATION)
        with Contained(self.root, self.directory / "edited.log") as daemon:
            new = file.with_suffix(".new")
            new.write_text(CONFIGURATION.replace("[example-b.test]", "[example-b.test, 127.0.2.3]"))
            new.rename(file)
            daemon.until(lambda: b'server_name="127.0.2.3"' in daemon.get("/metrics").body,
                         "the new homeserver is watched")

    def test_the_label_of_the_image_is_the_version(self) -> None:
        label = re.search(r'org.opencontainers.image.version="(.*?)"',
                          (CONTAINER / "Containerfile").read_text())
        self.assertIsNotNone(label)
        said = run(in_root(self.root, "--version")).stdout
        self.assertIn(f"matrix-federation-exporter, version {label[1]} ", said)

    def ask_for_health(self) -> subprocess.CompletedProcess[str]:
        program, *arguments = instruction("HEALTHCHECK .* CMD")
        self.assertEqual(PROGRAM, program)
        return run(in_root(self.root, *arguments))

    def test_the_health_check_is_content_with_a_daemon_that_is_well(self) -> None:
        with Contained(self.root, self.directory / "well.log"):
            result = self.ask_for_health()
        self.assertEqual((0, "healthy\n"), (result.returncode, result.stdout), result.stderr)

    def test_the_health_check_notices_a_daemon_that_does_not_answer(self) -> None:
        with Contained(self.root, self.directory / "frozen.log") as daemon, daemon.paused():
            result = self.ask_for_health()
        self.assertEqual(1, result.returncode, result.stdout)
        self.assertIn("http://127.0.0.1:10449/-/healthy: ", result.stderr)

    def test_there_is_one_program_and_no_shell(self) -> None:
        loader = re.compile(r"/ld-linux[^/]*\.so\.\d+$")
        programs = [file for file in self.assembled
                    if file.is_file() and not file.is_symlink() and os.access(file, os.X_OK)
                    and "/lib/" not in str(file) and not loader.search(str(file))]
        self.assertEqual([self.root / PROGRAM.lstrip("/")], programs)

    def test_the_public_authorities_are_in_it(self) -> None:
        self.assertGreater(self.authorities, 50)

    def test_nothing_raises_privileges(self) -> None:
        self.assertEqual([], [file for file in self.assembled if file.lstat().st_mode & 0o6000])

    def test_every_library_comes_with_its_licence_and_its_version(self) -> None:
        packages = {file.name for file in (self.root / "var/lib/dpkg/status.d").iterdir()}
        licences = {file.parent.name for file in (self.root / "usr/share/doc").glob("*/copyright")}
        self.assertEqual(packages, licences)
        self.assertLessEqual({"libc6", "libssl3", "libisal2", "ca-certificates"}, packages)


class ImageTest(unittest.TestCase):
    """The image itself, where something can build it."""
    TAG = "matrix-federation-exporter:tested"

    def setUp(self) -> None:
        found = next((name for name in ("podman", "docker") if works(name)), None)
        if found is None:
            self.skipTest("no container engine is at hand")
        self.engine = found

    def ask(self, *arguments: str | Path, seconds: float = 120, check: bool = True) -> str:
        result = subprocess.run([self.engine, *arguments], capture_output=True, text=True,
                                timeout=seconds)
        if check and result.returncode != 0:
            raise AssertionError(f"{arguments}: {result.stdout}{result.stderr}")
        return result.stdout

    def log_of(self, container: str) -> str:
        return subprocess.run([self.engine, "logs", container], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=120).stdout

    def is_healthy(self, container: str) -> bool:
        """By the image's own HEALTHCHECK. Docker asks it by itself, podman where systemd tells it to."""
        if self.engine == "podman":
            self.ask("healthcheck", "run", container, check=False)
        status = self.ask("inspect", "--format", "{{.State.Health.Status}}", container)
        return status.strip() == "healthy"

    def test_it_is_built_and_healthy(self) -> None:
        self.addCleanup(self.ask, "rmi", "--force", self.TAG, check=False)
        form = ["--format", "docker"] if self.engine == "podman" else []
        self.ask("build", *form, "--file", CONTAINER / "Containerfile", "--tag", self.TAG, PROJECT,
                 seconds=3000)
        self.assertIn("matrix-federation-exporter, version",
                      self.ask("run", "--rm", "--read-only", self.TAG, "--version"))
        configuration = Path(self.enterContext(tempfile.TemporaryDirectory()))
        configuration.chmod(0o755)
        (configuration / "config.yaml").write_text("homeservers: [127.0.0.1]\n")
        container = self.ask("run", "--detach", "--read-only", "--network=none", "--volume",
                             f"{configuration}:/etc/matrix-federation-exporter:ro", self.TAG).strip()
        self.addCleanup(self.ask, "rm", "--force", "--volumes", container, check=False)
        eventually(lambda: self.is_healthy(container), "the container is healthy", seconds=120,
                   explain=lambda: self.log_of(container))


def works(engine: str) -> bool:
    return (shutil.which(engine) is not None
            and subprocess.run([engine, "info"], capture_output=True, timeout=60).returncode == 0)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: a chroot and a network of its own need root")
        sys.exit(SKIPPED)
    result = unittest.main(verbosity=2, exit=False).result
    if len(result.skipped) == result.testsRun:
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
