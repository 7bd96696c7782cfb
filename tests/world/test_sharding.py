"""Several exporters share one list."""

import contextlib
import unittest

from fixtures import exposition
from fixtures.exporter import Exporter, command, settings, write_settings
from fixtures.world import WorldTestCase

NAMES = [f"hs{number}.test" for number in range(40)]


class ShardingTest(WorldTestCase):
    """What one list of homeservers becomes."""

    def test_every_homeserver_is_watched_by_exactly_one_of_them(self) -> None:
        file = write_settings(self.directory / "shared.yaml",
                              settings(self.authority.root, NAMES))
        watched: list[str] = []
        with contextlib.ExitStack() as daemons:
            for ordinal in range(3):
                exporter = daemons.enter_context(Exporter(
                    file, f"--shard={ordinal}", "--shards=3", port=10450 + ordinal))
                own = targets(exporter.samples())
                self.assertEqual(len(own),
                                 exporter.samples()["matrix_federation_exporter_targets"])
                watched += own
        self.assertEqual(sorted(NAMES), sorted(watched))

    def test_who_asks_the_wrong_one_is_told_the_right_one(self) -> None:
        file = write_settings(self.directory / "shared.yaml",
                              settings(self.authority.root, NAMES))
        with Exporter(file, "--shard=0", "--shards=3") as exporter:
            own = targets(exporter.samples())
            other = next(name for name in NAMES if name not in own)
            for path in (f"/probe?target={other}", f"/api/federation-ok?server_name={other}",
                         f"/api/v1/servers/{other}", f"/servers/{other}"):
                with self.subTest(path):
                    answer = exporter.get(path)
                    self.assertEqual(404, answer.status)
                    self.assertRegex(answer.body.decode(), "belongs to shard [12] of 3; this is shard 0")

    def test_a_shard_that_does_not_exist_is_a_mistake(self) -> None:
        result = command(f"--config.file={self.configure('down.test')}", "--shard=3", "--shards=3")
        self.assertEqual(1, result.returncode)
        self.assertIn("--shard=3, but --shards=3 allows 0 to 2 only", result.stderr)


def targets(samples: exposition.Samples) -> list[str]:
    """The servers that have a target_info."""
    return [dict(exposition.LABEL.findall(key))["server_name"] for key in samples
            if key.startswith("matrix_federation_target_info")]


if __name__ == "__main__":
    unittest.main()
