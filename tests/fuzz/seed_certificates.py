"""Certificate chains as seeds. The keys come from fixed octets and ed25519 signs alike each time, so
the same certificates are made on every machine."""

import datetime
import ipaddress

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import Encoding

START = datetime.datetime(2020, 1, 1)
END = datetime.datetime(2049, 12, 31)


def key_of(number):
    return ed25519.Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def name_of(text):
    if not text:
        return x509.Name([])
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, text)])


def certificate(number, subject, issuer_number, issuer, *, names=(), is_ca=False, start=START, end=END):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name_of(subject))
        .issuer_name(name_of(issuer))
        .public_key(key_of(number).public_key())
        .serial_number(number)
        .not_valid_before(start)
        .not_valid_after(end)
        .add_extension(x509.BasicConstraints(ca=is_ca, path_length=None), critical=True))
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=not subject)
    return builder.sign(key_of(issuer_number), None)


ROOT = certificate(1, "Fuzz Root", 1, "Fuzz Root", is_ca=True)
INTERMEDIATE = certificate(2, "Fuzz Intermediate", 1, "Fuzz Root", is_ca=True)


def leaf(subject="", names=("matrix.example.org",), **more):
    entries = [x509.DNSName(name) for name in names]
    entries.append(x509.IPAddress(ipaddress.ip_address("192.0.2.1")))
    entries.append(x509.IPAddress(ipaddress.ip_address("2001:db8::1")))
    return certificate(3, subject, 2, "Fuzz Intermediate", names=entries, **more)


def root_pem():
    return ROOT.public_bytes(Encoding.PEM)


def chains():
    """Good ones, and each with one fault, as DER one behind the other."""
    good = leaf()
    made = [
        [good, INTERMEDIATE],
        [good, INTERMEDIATE, ROOT],
        [good],
        [INTERMEDIATE, good],
        [leaf("matrix.example.org", ("*.example.org", "EXAMPLE.org")), INTERMEDIATE],
        [leaf(names=[f"host{number}.example.org" for number in range(110)]), INTERMEDIATE],
        [leaf(end=datetime.datetime(2021, 1, 1)), INTERMEDIATE],
        [leaf(start=datetime.datetime(2040, 1, 1)), INTERMEDIATE],
        [certificate(4, "self", 4, "self", names=[x509.DNSName("matrix.example.org")])],
        [certificate(5, "no name", 1, "Fuzz Root")],
        [ROOT],
        [good, *[INTERMEDIATE] * 12],
    ]
    return [b"".join(each.public_bytes(Encoding.DER) for each in chain) for chain in made]
