"""The daemon, nginx and a real Synapse: each fault moves its own metrics, and no others."""

import contextlib
import unittest
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.x509 import Certificate

from fixtures.exporter import PORT, Exporter
from fixtures.exposition import PRESENT, Changes, Samples, changes, of_server, series
from fixtures.pki import unix_time
from fixtures.synapse import Synapse, pinned_version
from fixtures.waiting import NeverHappened, eventually
from fixtures.world import WorldTestCase
from lab import faketime

NAME = "example-a.test"
MATRIX_HOST = "matrix.example-a.test"
SOFTWARE = f'server_info{{software="Synapse",version="{pinned_version()}"}}'


def check(name: str) -> str:
    return series("check_success", {"check": name})


def fails(*names: str) -> Changes:
    return {check(name): (1, 0) for name in names}


def not_judged(*names: str) -> Changes:
    return {check(name): (1, None) for name in names}


def root_cause(check_name: str, reason: str) -> Changes:
    """What every failure of the only address brings with it."""
    return {
        "probe_success": (1, 0),
        "all_addresses_success": (1, 0),
        'addresses_healthy{ip_version="4"}': (1, 0),
        series("probe_failure_info", {"check": check_name, "reason": reason}): (None, 1),
        **fails(check_name),
        **not_judged("every_address_works"),
    }


def finds(check_name: str, warning: str) -> Changes:
    """A check that warns, while federation works on."""
    return {**fails(check_name), series("warning_info", {"warning": warning}): (None, 1)}


KEYS_NOT_SEEN: Changes = {
    **not_judged("signing_keys_are_stable", "proxy_preserves_paths"),
    'signing_keys{state="current"}': (1, None),
    'signing_keys{state="old"}': (0, None),
    "signing_keys_valid_until_timestamp_seconds": (PRESENT, None),
    **not_judged("signing_keys_are_signed", "signing_keys_are_in_date"),
}


def instead_of_the_homeserver(status: int) -> Changes:
    """The proxy stands and answers every path with a page of its own."""
    return {
        **root_cause("signing_keys_are_served", "keys_http_status"),
        **fails("version_is_reported"),
        **KEYS_NOT_SEEN,
        SOFTWARE: (1, None),
        'http_status_code{endpoint="keys"}': (200, status),
        'http_status_code{endpoint="version"}': (200, status),
    }


# Without the file, discovery ends at port 8448 of the website, where nothing listens.
NOWHERE_TO_CONNECT: Changes = {
    **root_cause("destination_accepts_connections", "connect_refused"),
    **not_judged("well_known_is_usable", "tls_handshake_succeeds", "tls_version_is_current",
                 "certificate_is_trusted", "certificate_is_in_date", "certificate_matches_name",
                 "signing_keys_are_served", "version_is_reported", "clock_is_right"),
    **KEYS_NOT_SEEN,
    check("srv_lookup_works"): (None, 1),
    'srv_records{record="_matrix-fed._tcp"}': (None, 0),
    'srv_records{record="_matrix._tcp"}': (None, 0),
    'discovery_info{host="matrix.example-a.test",method="well_known",port="443",step="3.2"}':
        (1, None),
    'discovery_info{host="example-a.test",method="default_port",port="8448",step="6"}': (None, 1),
    'http_status_code{endpoint="well_known"}': (200, 404),
    'http_status_code{endpoint="keys"}': (200, None),
    'http_status_code{endpoint="version"}': (200, None),
    "well_known_cache_lifetime_seconds": (86400, 3600),
    SOFTWARE: (1, None),
    'tls_info{cipher="TLS_AES_256_GCM_SHA384",role="federation",version="TLS 1.3"}': (1, None),
    "clock_offset_seconds": (PRESENT, None),
    'phase_duration_seconds{phase="connect"}': (PRESENT, None),
    'phase_duration_seconds{phase="tls"}': (PRESENT, None),
    'phase_duration_seconds{phase="keys"}': (PRESENT, None),
    'phase_duration_seconds{phase="version"}': (PRESENT, None),
}


def leaf_series(leaf: Certificate) -> Samples:
    """The samples that describe the leaf of the federation endpoint."""
    position = {"position": "0", "role": "federation"}
    subject_cn, issuer_cn = (name.rfc4514_string().removeprefix("CN=")
                             for name in (leaf.subject, leaf.issuer))
    identity = {"subject_cn": subject_cn, "issuer_cn": issuer_cn,
                "serial_number": leaf.serial_number.to_bytes(20, "big").lstrip(b"\0").hex(),
                "fingerprint_sha256": leaf.fingerprint(hashes.SHA256()).hex()}
    not_after = unix_time(leaf.not_valid_after)
    return {
        series("tls_certificate_info", {**position, **identity}): 1,
        series("tls_certificate_not_before_timestamp_seconds", position):
            unix_time(leaf.not_valid_before),
        series("tls_certificate_not_after_timestamp_seconds", position): not_after,
        'tls_earliest_certificate_expiry_timestamp_seconds{role="federation"}': not_after,
    }


class SynapseTest(WorldTestCase):
    """Synapse behind nginx by well-known; every story begins and ends in health."""
    synapse: Synapse
    configuration: Path

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.synapse = cls.enterClassContext(Synapse(cls.directory / "synapse", NAME, "127.0.1.3"))
        cls.configuration = cls.configure(NAME)

    def setUp(self) -> None:
        self.exporter = self.enterContext(Exporter(self.configuration))
        # The second probe is the first to compare signing keys with earlier ones.
        eventually(lambda: (self.samples().get("probe_success") == 1
                            and self.samples()["probes_total"] >= 2), "health",
                   explain=lambda: self.exporter.explain(NAME))
        self.before = self.samples()

    def samples(self) -> Samples:
        return self.exporter.samples_of(NAME)

    def assert_settles(self, expected: Changes) -> None:
        """The difference from the beginning becomes exactly `expected`, and stays."""
        with contextlib.suppress(NeverHappened):
            eventually(lambda: changes(self.before, self.samples()) == expected, "the change")
        self.exporter.wait_for_probes(NAME)
        self.assertEqual(expected, changes(self.before, self.samples()),
                         self.exporter.explain(NAME))

    def assert_fault_and_repair(self, fault: AbstractContextManager[None], expected: Changes,
                                *, afterwards: Changes | None = None) -> None:
        with fault:
            self.assert_settles(expected)
        self.assert_settles(afterwards or {})

    @contextlib.contextmanager
    def stopped_synapse(self) -> Iterator[None]:
        self.synapse.stop()
        try:
            yield
        finally:
            self.synapse.start()

    def test_a_healthy_synapse_is_found_healthy(self) -> None:
        failing = {key: value for key, value in self.before.items()
                   if key.startswith("check_success") and value != 1}
        self.assertEqual({}, failing, self.exporter.explain(NAME))
        self.assertEqual(1, self.before["probe_success"])
        self.assertEqual(1, self.before[SOFTWARE])

    def test_its_certificate_is_the_one_that_nginx_serves(self) -> None:
        leaf = leaf_series(self.certificates[MATRIX_HOST].leaf)
        self.assertEqual(leaf, {key: self.before.get(key) for key in leaf})

    def test_the_homeserver_is_stopped(self) -> None:
        self.assert_fault_and_repair(self.stopped_synapse(), instead_of_the_homeserver(502))

    def test_the_homeserver_comes_back_with_another_signing_key(self) -> None:
        with self.stopped_synapse():
            self.synapse.make_signing_key()
        self.assert_settles({"signing_key_changes_total": (0, 1),
                             **finds("signing_keys_are_stable", "keys_key_vanished")})

    def test_the_homeserver_comes_back_with_another_key_under_the_same_id(self) -> None:
        with self.stopped_synapse():
            self.synapse.make_signing_key(self.synapse.key_id)
        self.assert_settles({"signing_key_changes_total": (0, 1),
                             **finds("signing_keys_are_stable", "keys_key_id_reused")})

    def test_the_proxy_decodes_paths(self) -> None:
        self.assert_fault_and_repair(
            self.nginx.replacing(f"{MATRIX_HOST}/proxy.conf", ":8008;", by=":8008/_matrix;"),
            finds("proxy_preserves_paths", "proxy_decodes_paths"))

    def test_the_proxy_lost_its_location(self) -> None:
        self.assert_fault_and_repair(self.nginx.without(f"{MATRIX_HOST}/proxy.conf"),
                                     instead_of_the_homeserver(404))

    def test_an_expired_certificate_is_installed(self) -> None:
        current = self.certificates[MATRIX_HOST]
        expired = self.authority.issue(MATRIX_HOST, days=-3, file="expired")
        old, new = leaf_series(current.leaf), leaf_series(expired.leaf)
        replaced: Changes = {key: (old.get(key), new.get(key)) for key in old | new}
        count = 'tls_certificate_changes_total{role="federation"}'
        self.assert_fault_and_repair(
            self.nginx.serving(expired, instead_of=current),
            {**root_cause("certificate_is_in_date", "tls_cert_expired"), **replaced, count: (0, 1)},
            afterwards={count: (0, 2)})

    def test_the_certificate_expires_with_time(self) -> None:
        in_100_days = faketime.shifted("+100d")
        with Exporter(self.configuration, port=PORT + 1, environment=in_100_days) as later:
            later.wait_for_probes(NAME, 2)
            self.assertEqual({
                **root_cause("certificate_is_in_date", "tls_cert_expired"),
                **fails("signing_keys_are_in_date", "clock_is_right"),
                **not_judged("signing_keys_are_stable"),
                'warning_info{warning="clock_skew"}': (None, 1),
                "probe_last_success_timestamp_seconds": (PRESENT, None),
            }, changes(self.before, of_server(later.samples(), NAME)), later.explain(NAME))

    def test_the_well_known_file_is_removed(self) -> None:
        changed = "discovery_changes_total"
        self.assert_fault_and_repair(
            self.nginx.without(f"www/{NAME}/.well-known/matrix/server"),
            {**NOWHERE_TO_CONNECT, changed: (0, 1)},
            afterwards={changed: (0, 2)})


if __name__ == "__main__":
    unittest.main()
