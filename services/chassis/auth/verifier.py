"""A bearer token becomes a caller, or an error that says what is wrong with it.

The token is a JWT (RFC 7519) signed by RS256, ES256 or EdDSA; the best practice of RFC 8725 is kept: the algorithm is
pinned, the key is of its kind, issuer, audience and times are checked, the input is bounded before it is read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from cachetools import LRUCache
from joserfc.errors import JoseError
from joserfc.jws import CompactSignature, JWSRegistry, extract_compact, validate_compact

from services.chassis import ids
from services.chassis.auth.caller import ROLES, Caller
from services.chassis.auth.keys import Fetch, KeyCache, fetch_over_http
from services.chassis.clock import Clock
from services.chassis.errors import Forbidden, Unauthenticated
from services.chassis.settings import CommonSettings

ALGORITHMS = ("RS256", "ES256", "EdDSA")
TOKEN_BYTES_MAX = 8 * 1024
LEEWAY_SECONDS = 30
CACHED_SECONDS_MAX = 300
CACHED_TOKENS_MAX = 4_096
SUBJECT_CHARACTERS_MAX = 255
HANDLE_CHARACTERS_MAX = 64
NAME_CHARACTERS_MAX = 200
KEY_ID_CHARACTERS_MAX = 256
ROLES_MAX = 64
_TOKEN = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_TYPES = frozenset({"jwt", "at+jwt", "application/at+jwt"})
_TIME_MAX = 1 << 53


class _Registry(JWSRegistry):
    """Allows ALGORITHMS alone, and headers of a public-key certificate's size."""

    max_header_length = 4 * 1024
    max_payload_length = TOKEN_BYTES_MAX
    max_signature_length = 2 * 1024

    def get_alg(self, name: str) -> Any:
        # Not the inherited one: it warns at each token that RFC 9864 renamed EdDSA, which issuers still use.
        return self.algorithms[name if name in ALGORITHMS else ""]


@dataclass(frozen=True, slots=True)
class _Verified:
    caller: Caller
    until_ms: int


class Verifier:
    """Verifies the tokens of one issuer for one audience in one region; ``close`` it."""

    def __init__(
        self, *, issuer: str, audience: str, region: str, keys: KeyCache, clock: Clock, roles_claim: str = "roles"
    ) -> None:
        self._issuer = issuer
        self._audience = audience
        self._region = region
        self._roles_claim = roles_claim
        self._keys = keys
        self._clock = clock
        self._registry = _Registry(strict_check_header=False)
        self._verified: LRUCache[bytes, _Verified] = LRUCache(CACHED_TOKENS_MAX)

    async def verify(self, token: str) -> Caller:
        """Return whose token it is.

        Raises Unauthenticated (token_missing, token_malformed, token_algorithm, token_issuer, token_signature,
        token_audience, token_expired, token_not_yet, token_claims), Forbidden (home_elsewhere) or Unavailable
        (issuer_unreachable).
        """
        if not token:
            raise _refused("token_missing", "Sign in first.")
        if len(token) > TOKEN_BYTES_MAX or not token.isascii():
            raise _refused("token_malformed", "The token is malformed.")
        digest = hashlib.sha256(token.encode()).digest()
        now_ms = self._clock.wall_ms()
        known = self._verified.get(digest)
        if known is not None and now_ms < known.until_ms:
            return known.caller
        caller = await self._verify_afresh(token)
        until_ms = min((caller.expires_at + LEEWAY_SECONDS) * 1000, now_ms + CACHED_SECONDS_MAX * 1000)
        self._verified[digest] = _Verified(caller, until_ms)
        return caller

    async def close(self) -> None:
        """End what is under way."""
        await self._keys.close()

    async def _verify_afresh(self, token: str) -> Caller:
        parsed, claims = self._parse(token)
        # Looked at before the signature, so that a stranger's token costs no fetch; it is believed only after it.
        if claims.get("iss") != self._issuer:
            raise _refused("token_issuer", "The token is from another issuer.")
        await self._check_signature(parsed)
        _check_audience(claims, self._audience)
        expires_at = _check_times(claims, self._clock.wall_ms() // 1000)
        return self._caller(claims, expires_at, token)

    def _parse(self, token: str) -> tuple[CompactSignature, Mapping[str, Any]]:
        if not _TOKEN.fullmatch(token):
            raise _refused("token_malformed", "The token is malformed.")
        try:
            parsed = extract_compact(token.encode(), registry=self._registry)
            header = parsed.headers()
            claims = orjson.loads(parsed.payload)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError) as error:
            raise _refused("token_malformed", "The token is malformed.", detail=repr(error)) from None
        if not isinstance(header, dict) or not isinstance(claims, dict):
            raise _refused("token_malformed", "The token is malformed.")
        _check_header(header)
        return parsed, claims

    async def _check_signature(self, parsed: CompactSignature) -> None:
        key_id = parsed.headers().get("kid", "")
        key = await self._keys.find(key_id)
        if key is None:
            raise _refused("token_signature", "The token is signed with an unknown key.")
        try:
            valid = validate_compact(parsed, key, registry=self._registry)
        except (JoseError, ValueError, TypeError) as error:  # a key of another kind, a signature of another length
            raise _refused("token_signature", "The token's signature is wrong.", detail=repr(error)) from None
        if not valid:
            raise _refused("token_signature", "The token's signature is wrong.")

    def _caller(self, claims: Mapping[str, Any], expires_at: int, token: str) -> Caller:
        subject = _text_claim(claims, "sub", SUBJECT_CHARACTERS_MAX)
        handle = _text_claim(claims, "preferred_username", HANDLE_CHARACTERS_MAX, spaces=False)
        name = _text_claim(claims, "name", NAME_CHARACTERS_MAX) if claims.get("name") else handle
        home = claims.get("region")
        if home and home != self._region:
            raise Forbidden("Your home is in another region.", code="home_elsewhere", detail=f"subject {subject!r}")
        return Caller(
            person_id=ids.derive(self._region, "person", self._issuer, subject),
            issuer=self._issuer,
            subject=subject,
            handle=handle,
            name=name,
            roles=_roles(claims, self._roles_claim),
            expires_at=expires_at,
            token=token,
        )


def open_verifier(settings: CommonSettings, *, clock: Clock, fetch: Fetch = fetch_over_http) -> Verifier:
    """Return the verifier that ``settings`` describe."""
    return Verifier(
        issuer=settings.auth_issuer,
        audience=settings.auth_audience,
        region=settings.region,
        roles_claim=settings.auth_roles_claim,
        keys=KeyCache(issuer=settings.auth_issuer, fetch=fetch, clock=clock),
        clock=clock,
    )


def _check_header(header: Mapping[str, Any]) -> None:
    if header.get("alg") not in ALGORITHMS:
        raise _refused("token_algorithm", "The token's algorithm is not accepted.")
    kind, key_id = header.get("typ", "JWT"), header.get("kid", "")
    if "crit" in header or not isinstance(kind, str) or kind.lower() not in _TYPES:
        raise _refused("token_malformed", "The token is of another kind.")
    if not isinstance(key_id, str) or len(key_id) > KEY_ID_CHARACTERS_MAX:
        raise _refused("token_malformed", "The token is malformed.")


def _check_audience(claims: Mapping[str, Any], audience: str) -> None:
    named = claims.get("aud")
    if named != audience and not (isinstance(named, list) and audience in named):
        raise _refused("token_audience", "The token is for another audience.")


def _check_times(claims: Mapping[str, Any], now_seconds: int) -> int:
    """Return when the token expires; seconds since 1970."""
    expires_at = _time_claim(claims, "exp")
    if expires_at is None:
        raise _refused("token_claims", "The token does not say when it expires.")
    if expires_at + LEEWAY_SECONDS <= now_seconds:
        raise _refused("token_expired", "The token has expired; sign in again.")
    for claim in ("nbf", "iat"):
        begins_at = _time_claim(claims, claim)
        if begins_at is not None and begins_at - LEEWAY_SECONDS > now_seconds:
            raise _refused("token_not_yet", "The token is not valid yet.")
    return int(expires_at)


def _time_claim(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _TIME_MAX:
        raise _refused("token_claims", f"The token's {name} is not a time.")
    return value


def _text_claim(claims: Mapping[str, Any], name: str, characters_max: int, *, spaces: bool = True) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > characters_max or not value.isprintable():
        raise _refused("token_claims", f"The token's {name} is missing or malformed.")
    if not spaces and any(sign.isspace() for sign in value):
        raise _refused("token_claims", f"The token's {name} is missing or malformed.")
    return value


def _roles(claims: Mapping[str, Any], name: str) -> frozenset[str]:
    """Return the known ones of the roles in the claim ``name``, which may be a path such as realm_access.roles."""
    found: Any = claims.get(name)
    if found is None and "." in name:
        found = claims
        for part in name.split("."):
            found = found.get(part) if isinstance(found, dict) else None
    if not isinstance(found, list):
        return frozenset()
    return frozenset(role for role in found[:ROLES_MAX] if isinstance(role, str)) & ROLES


def _refused(code: str, message: str, *, detail: str = "") -> Unauthenticated:
    return Unauthenticated(message, code=code, detail=detail)
