"""What is in the packages, read by the tools of those who would take them."""

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import packages
from packages import CONFIGURATION, NAME, PROJECT, output_of

RPM_ONLY = re.compile("/usr/share/zsh/site-functions/")
ENDBR64 = b"\xf3\x0f\x1e\xfa"  # where an indirect jump may land
DEB_ONLY = re.compile("/usr/share/zsh/vendor-completions/")


class FilesTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls) -> None:
        cls.directory = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.made = packages.make(cls.directory / "made")
        cls.tree = cls.directory / "tree"
        subprocess.run(["dpkg-deb", "--raw-extract", cls.made.deb, cls.tree], check=True)
        cls.files = {f"/{path.relative_to(cls.tree)}" for path in cls.tree.rglob("*")
                     if path.is_file() and "DEBIAN" not in path.parts}

    @unittest.skipUnless(shutil.which("lintian"), "needs lintian")
    def test_lintian_finds_nothing(self) -> None:
        output_of("lintian", "--allow-root", "--fail-on", "error,warning", self.made.deb)

    def test_both_kinds_have_the_same_files(self) -> None:
        listed = output_of("rpm", "-qp", "--qf", "[%{FILEMODES:perms} %{FILENAMES}\n]", self.made.rpm)
        of_rpm = {line.split()[1] for line in listed.splitlines() if line.startswith("-")}
        self.assertEqual(len(list(filter(RPM_ONLY.match, of_rpm))), 1)
        self.assertEqual(len(list(filter(DEB_ONLY.match, self.files))), 1)
        self.assertEqual({file for file in of_rpm if not RPM_ONLY.match(file)},
                         {file for file in self.files if not DEB_ONLY.match(file)})

    def test_what_the_repository_has_for_operators_is_in_them(self) -> None:
        expected = {f"/usr/bin/{NAME}", f"/usr/share/man/man1/{NAME}.1.gz", f"/{CONFIGURATION}",
                    f"/usr/share/doc/{NAME}/reference.yaml", f"/usr/share/doc/{NAME}/copyright"}
        for place, pattern, directory in (
                ("deploy/systemd", "*", "lib/systemd/system"),
                ("deploy/prometheus", "*.*", f"share/{NAME}/prometheus"),
                ("deploy/prometheus/rules", "*.yml", f"share/{NAME}/prometheus/rules"),
                ("deploy/grafana", "*.json", f"share/{NAME}/grafana"),
                ("docs", "*.md", f"share/doc/{NAME}"),
                ("docs/runbooks", "*.md", f"share/doc/{NAME}/runbooks"),
                ("config/examples", "*.yaml", f"share/doc/{NAME}/examples")):
            expected |= {f"/usr/{directory}/{file.name}" for file in (PROJECT / place).glob(pattern)}
        self.assertEqual(set(), expected - self.files)

    def test_what_the_administrator_edits_is_kept_by_both(self) -> None:
        edited = sorted(file for file in self.files if file.startswith("/etc/"))
        self.assertEqual(edited, [f"/etc/default/{NAME}", f"/{CONFIGURATION}"])
        self.assertEqual(edited, (self.tree / "DEBIAN/conffiles").read_text().splitlines())
        self.assertEqual(edited, output_of("rpm", "-qpc", self.made.rpm).splitlines())

    def test_an_rpm_requires_every_library_that_the_program_is_linked_with(self) -> None:
        required = output_of("rpm", "-qp", "--requires", self.made.rpm)
        linked = re.findall(r"\(NEEDED\).*\[(.*)\]",
                            output_of("readelf", "-dW", self.tree / f"usr/bin/{NAME}"))
        self.assertIn("libssl.so.3", linked)
        names = {line.split("(")[0].strip() for line in required.splitlines()}
        loader = {name for name in linked if name.startswith("ld-linux")}
        self.assertEqual(set(), set(linked) - loader - names)
        self.assertIn("ca-certificates", names)

    def test_the_program_accepts_the_configuration(self) -> None:
        program = os.environ["MATRIX_FEDERATION_EXPORTER"]
        said = output_of(program, "--config.check", f"--config.file={self.tree / CONFIGURATION}")
        self.assertIn("valid, 1 homeserver", said)

    def test_the_program_is_hardened(self) -> None:
        program = self.tree / f"usr/bin/{NAME}"
        self.assertRegex(output_of("readelf", "-hW", program), r"Type: +DYN \(Position-Independent Exec")
        segments = output_of("readelf", "-lW", program)
        self.assertIn("GNU_RELRO", segments)
        self.assertRegex(segments, r"GNU_STACK .* RW ")
        self.assertRegex(output_of("readelf", "-dW", program), r"FLAGS_1.*\bNOW\b.*\bPIE\b")
        imported = output_of("readelf", "--dyn-syms", "-W", program)
        self.assertIn("__stack_chk_fail", imported)
        self.assertRegex(imported, r"__\w+_chk@GLIBC")
        self.assertNotRegex(imported, r"\b(memcpy_s|gets|strcpy|sprintf)@GLIBC")
        if os.uname().machine == "x86_64":
            # Not marked as such by the linker, since Debian's own start files are not.
            self.assertGreater(program.read_bytes().count(ENDBR64), 1000)

    def test_the_same_program_packed_elsewhere_and_later_gives_the_same_bytes(self) -> None:
        elsewhere = {"TZ": "Pacific/Apia", "LC_ALL": "C.UTF-8", "HOME": str(self.directory)}
        again = packages.make(self.directory / "a/directory/deeper", elsewhere)
        for one, other in ((self.made.deb, again.deb), (self.made.rpm, again.rpm)):
            self.assertEqual(*(hashlib.sha256(file.read_bytes()).hexdigest() for file in (one, other)))


if __name__ == "__main__":
    unittest.main()
