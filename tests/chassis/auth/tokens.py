"""Tokens of every kind, good and bad, and an issuer that counts how often it is asked."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from services.chassis.auth import KeyCache, Verifier
from services.chassis.clock import ManualClock

ISSUER = "https://login.example.test/tenant"
AUDIENCE = "samverka"
REGION = "stockholm"


@cache
def rsa_key(key_id: str = "rsa-1", bits: int = 2048) -> RSAKey:
    return RSAKey.generate_key(bits, {"kid": key_id})


@cache
def ec_key(key_id: str = "ec-1") -> ECKey:
    return ECKey.generate_key("P-256", {"kid": key_id})


@cache
def ed_key(key_id: str = "ed-1") -> OKPKey:
    return OKPKey.generate_key("Ed25519", {"kid": key_id})


def claims(clock: ManualClock, **changes: Any) -> dict[str, Any]:
    """Return good claims with some changed; None takes one away."""
    now_seconds = clock.wall_ms() // 1000
    good = {
        "iss": ISSUER,
        "sub": "00u-anna",
        "aud": AUDIENCE,
        "iat": now_seconds,
        "exp": now_seconds + 3600,
        "preferred_username": "anna",
        "name": "Anna Berg",
        "roles": ["member"],
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def sign(payload: Mapping[str, Any], *, key: RSAKey | ECKey | None = None, **header: Any) -> str:
    """Return a token, signed as the key's kind is."""
    signer = key or ec_key()
    algorithm = "RS256" if isinstance(signer, RSAKey) else "ES256"
    return jwt.encode({"alg": algorithm, "kid": signer.kid, **header}, dict(payload), signer)


def sign_eddsa(payload: Mapping[str, Any]) -> str:
    signing_input = unsigned({"alg": "EdDSA", "kid": ed_key().kid}, payload)
    signature: bytes = ed_key().private_key.sign(signing_input.encode())  # type: ignore[union-attr]
    return f"{signing_input}.{encode(signature)}"


def sign_hmac(payload: Mapping[str, Any], secret: bytes, **header: Any) -> str:
    signing_input = unsigned({"alg": "HS256", **header}, payload)
    return f"{signing_input}.{encode(hmac.new(secret, signing_input.encode(), hashlib.sha256).digest())}"


def unsigned(header: Mapping[str, Any], payload: Any) -> str:
    return f"{encode(json.dumps(header).encode())}.{encode(json.dumps(payload).encode())}"


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class FakeIssuer:
    """Answers discovery and keys; ``down`` makes it fail; ``fetches`` counts the times the keys were asked for."""

    def __init__(self, *keys: Key, issuer: str = ISSUER) -> None:
        self.keys: list[Key] = list(keys)
        self.issuer = issuer
        self.attempts = 0
        self.fetches = 0
        self.down = False
        self.raw_keys: list[Any] | None = None
        self.jwks_uri = ISSUER + "/keys"

    async def fetch(self, url: str) -> bytes:
        if url.endswith("/.well-known/openid-configuration"):
            self.attempts += 1
            if self.down:
                raise ConnectionRefusedError("down")
            return json.dumps({"issuer": self.issuer, "jwks_uri": self.jwks_uri}).encode()
        assert url == self.jwks_uri
        self.fetches += 1
        public = self.raw_keys if self.raw_keys is not None else [key.as_dict(private=False) for key in self.keys]
        return json.dumps({"keys": public}).encode()


def make_verifier(issuer: FakeIssuer, clock: ManualClock, **changes: Any) -> Verifier:
    keys = KeyCache(issuer=ISSUER, fetch=issuer.fetch, clock=clock)
    options: dict[str, Any] = {"issuer": ISSUER, "audience": AUDIENCE, "region": REGION} | changes
    return Verifier(keys=keys, clock=clock, **options)
