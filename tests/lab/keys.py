"""Matrix signing: canonical JSON and a self-signed answer of /_matrix/key/v2/server."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FRESH_SEED = "ZnJlc2ggc2VlZCBvZiB0aGUgbGFiLCAzMiBvY3RldHM"
DAY_MS = 24 * 60 * 60 * 1000


class SigningKey:
    """An ed25519 key pair with its Matrix key ID."""

    def __init__(self, seed_base64: str, key_id: str) -> None:
        self.key_id = key_id
        # Python ignores the non-zero trailing bits that the specification's own seed has.
        seed = base64.b64decode(seed_base64 + "=" * (-len(seed_base64) % 4))
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @classmethod
    def generate(cls, key_id: str) -> SigningKey:
        seed = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.Raw,
            serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )
        return cls(base64.b64encode(seed).decode(), key_id)

    @property
    def public_base64(self) -> str:
        return unpadded_base64(
            self._key.public_key().public_bytes(
                serialization.Encoding.Raw, serialization.PublicFormat.Raw
            )
        )

    def sign(self, signed_object: Mapping[str, Any]) -> str:
        return unpadded_base64(self._key.sign(canonical_json(signed_object)))


# How a key response may differ from a good one; see `server_keys`.
DEVIATIONS = {
    "key_id", "members", "without", "further_keys", "signed_by", "altered",
    "urlsafe", "fresh",
}  # fmt: skip


def server_keys(
    server_name: str,
    signing_key: SigningKey,
    now_ms: int,
    deviation: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A valid response that expires in 24 hours, but for what `deviation` says.

    `key_id` stands in for the usual one, a `fresh` key for the server's. Before the signature `members` are set and members
    `without` removed, after it those `altered` are set. `further_keys` are listed too:
    {key ID: public key}, with null for one that exists and has not signed. `signed_by`: "another"
    key under the same ID, or "nobody". `urlsafe`: the key and the signature in that base64.
    """
    deviation = deviation or {}
    if unknown := set(deviation) - DEVIATIONS:
        raise ValueError(f"keys: unknown deviations {sorted(unknown)}")
    key_id = deviation.get("key_id", signing_key.key_id)
    if deviation.get("fresh"):
        signing_key = SigningKey(FRESH_SEED, key_id)
    response: dict[str, Any] = {
        "server_name": server_name,
        "verify_keys": {key_id: {"key": signing_key.public_base64}},
        "old_verify_keys": {},
        "valid_until_ts": now_ms + DAY_MS,
    }
    for further_id, public in (deviation.get("further_keys") or {}).items():
        public = public or SigningKey.generate(further_id).public_base64
        response["verify_keys"][further_id] = {"key": public}
    response.update(deviation.get("members") or {})
    without = deviation.get("without") or []
    response = {name: value for name, value in response.items() if name not in without}
    signer = deviation.get("signed_by", "itself")
    if signer != "nobody" and "signatures" not in without:
        key = SigningKey.generate(key_id) if signer == "another" else signing_key
        encode = urlsafe if deviation.get("urlsafe") else str
        response["verify_keys"] = {
            name: {**entry, "key": encode(entry["key"])}
            for name, entry in response["verify_keys"].items()
        }
        response["signatures"] = {server_name: {key_id: encode(key.sign(response))}}
    elif signer == "nobody":
        response["signatures"] = {}
    response.update(deviation.get("altered") or {})
    return response


def urlsafe(base64_text: str) -> str:
    return base64_text.replace("+", "-").replace("/", "_")


def canonical_json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unpadded_base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
