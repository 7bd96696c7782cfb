"""Matrix signing: canonical JSON and a self-signed answer of /_matrix/key/v2/server."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

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


def server_keys(server_name: str, signing_key: SigningKey, now_ms: int) -> dict[str, Any]:
    """A valid response that expires in 24 hours."""
    response: dict[str, Any] = {
        "server_name": server_name,
        "verify_keys": {signing_key.key_id: {"key": signing_key.public_base64}},
        "old_verify_keys": {},
        "valid_until_ts": now_ms + DAY_MS,
    }
    response["signatures"] = {server_name: {signing_key.key_id: signing_key.sign(response)}}
    return response


def canonical_json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def unpadded_base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
