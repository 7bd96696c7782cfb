"""Certificate authorities of a closed world, one of them trusted, and leaves with any fault."""

from __future__ import annotations

import datetime
import ipaddress
import json
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Union

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

DEFAULT_NOT_BEFORE = "2026-12-01T00:00:00Z"
DEFAULT_NOT_AFTER = "2027-03-01T00:00:00Z"
AUTHORITY_NOT_BEFORE = datetime.datetime(2015, 1, 1)
AUTHORITY_NOT_AFTER = datetime.datetime(2045, 1, 1)
# `revoked` is accepted and changes nothing: nobody in this field asks for revocation.
# `key`: "rsa1024" or "rsa2048" instead of P-256. `signature`: "sha1" instead of SHA-256.
CERTIFICATE_KEYS = {
    "dns", "ip", "cn", "issuer", "chain", "not_before", "not_after", "revoked", "key", "signature",
}  # fmt: skip
EXPIRED_INTERMEDIATE = datetime.datetime(2020, 1, 1)


PrivateKey = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey]


@dataclass(frozen=True)
class Signer:
    """A CA certificate with its key."""

    certificate: x509.Certificate
    key: PrivateKey


class Authority:
    """A root and its intermediates; leaves are issued by an intermediate."""

    def __init__(self, name: str) -> None:
        self.root = self._make_signer(f"{name} Root", None)
        self.intermediate = self._make_signer(f"{name} Intermediate", self.root)
        self.expired_intermediate = self._make_signer(
            f"{name} Intermediate of the Past", self.root, EXPIRED_INTERMEDIATE
        )

    @staticmethod
    def _make_signer(
        common_name: str,
        issuer: Signer | None,
        not_after: datetime.datetime = AUTHORITY_NOT_AFTER,
    ) -> Signer:
        key = new_key()
        subject = name_of(common_name)
        builder = (
            certificate_builder(
                subject,
                issuer.certificate.subject if issuer else subject,
                key,
                issuer.key if issuer else key,
                AUTHORITY_NOT_BEFORE,
                not_after,
            )
            .add_extension(x509.BasicConstraints(True, 0 if issuer else None), critical=True)
            .add_extension(key_usage(signs_certificates=True), critical=True)
        )
        return Signer(builder.sign((issuer.key if issuer else key), hashes.SHA256()), key)


class Pki:
    """Issues what the vectors' `cert` entries describe, as PEM files in `directory`."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.authorities = {
            "public_ca": Authority("Lab Public"),
            "private_ca": Authority("Lab Private"),
        }
        self.trust_store = directory / "trusted-root.pem"
        self.trust_store.write_bytes(pem(self.authorities["public_ca"].root.certificate))
        self._files: dict[str, Path] = {}

    def chain_file(self, spec: Mapping[str, Any]) -> Path:
        """A PEM file with the key and the chain to send, leaf first; one file for equal specs."""
        unknown = set(spec) - CERTIFICATE_KEYS
        if unknown:
            raise ValueError(f"certificate: unknown keys {sorted(unknown)}")
        identity = json.dumps(spec, sort_keys=True, default=str)
        if identity not in self._files:
            key, chain = self._issue(spec)
            # Several processes may issue into the same directory.
            with tempfile.NamedTemporaryFile(
                dir=self.directory, suffix=".pem", delete=False
            ) as file:
                file.write(key_pem(key) + b"".join(pem(certificate) for certificate in chain))
            self._files[identity] = Path(file.name)
        return self._files[identity]

    def _issue(self, spec: Mapping[str, Any]) -> tuple[PrivateKey, Sequence[x509.Certificate]]:
        key = new_key(spec.get("key", "p256"))
        issuer_kind = spec.get("issuer", "public_ca")
        if issuer_kind == "self":
            return key, [leaf(spec, key, None)]
        how_complete = spec.get("chain", "complete")
        authority = self.authorities[issuer_kind]
        issuer = authority.intermediate
        if how_complete == "expired_intermediate":
            issuer = authority.expired_intermediate
        certificate = leaf(spec, key, issuer)
        if how_complete == "missing_intermediate":
            return key, [certificate]
        if how_complete == "foreign_intermediate":
            foreign = next(each for each in self.authorities.values() if each is not authority)
            return key, [certificate, foreign.intermediate.certificate]
        if how_complete not in ("complete", "expired_intermediate"):
            raise ValueError(f"certificate: unknown chain {how_complete!r}")
        return key, [certificate, issuer.certificate]


def is_weak(spec: Mapping[str, Any]) -> bool:
    """Whether OpenSSL refuses to serve it unless told that security does not matter."""
    return spec.get("key") == "rsa1024" or spec.get("signature") == "sha1"


def leaf(spec: Mapping[str, Any], key: PrivateKey, issuer: Signer | None) -> x509.Certificate:
    """One end-entity certificate; self-signed without an issuer."""
    common_name = spec.get("cn")
    if issuer is None and not common_name:
        # A certificate needs an issuer name, and a self-signed one has only its subject to offer.
        subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Lab Self-Signed")])
    else:
        subject = name_of(common_name)
    builder = (
        certificate_builder(
            subject,
            issuer.certificate.subject if issuer else subject,
            key,
            issuer.key if issuer else key,
            point_in_time(spec.get("not_before", DEFAULT_NOT_BEFORE)),
            point_in_time(spec.get("not_after", DEFAULT_NOT_AFTER)),
        )
        .add_extension(x509.BasicConstraints(False, None), critical=True)
        .add_extension(key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    )
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in spec.get("dns") or []]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in spec.get("ip") or []]
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName(names), critical=not list(subject)
        )
    digest = hashes.SHA1() if spec.get("signature") == "sha1" else hashes.SHA256()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CryptographyDeprecationWarning)  # SHA-1 is the point
        return builder.sign(issuer.key if issuer else key, digest)


def certificate_builder(
    subject: x509.Name,
    issuer: x509.Name,
    key: PrivateKey,
    issuer_key: PrivateKey,
    not_before: datetime.datetime,
    not_after: datetime.datetime,
) -> x509.CertificateBuilder:
    """What every certificate has, whether authority or leaf."""
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_before)
        .not_valid_after(not_after)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()),
            critical=False,
        )
    )


def key_usage(signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def new_key(kind: str = "p256") -> PrivateKey:
    if kind == "p256":
        return ec.generate_private_key(ec.SECP256R1())
    return rsa.generate_private_key(65537, {"rsa1024": 1024, "rsa2048": 2048}[kind])


def name_of(common_name: str | None) -> x509.Name:
    if not common_name:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common_name)])


def point_in_time(value: str | datetime.datetime) -> datetime.datetime:
    """RFC 3339 text, or what YAML already made of it, as the naive UTC that x509 builders take."""
    moment = (
        value if isinstance(value, datetime.datetime) else datetime.datetime.fromisoformat(value)
    )
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.timezone.utc).replace(tzinfo=None)
    return moment


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
