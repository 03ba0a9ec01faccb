"""The public keys of an OIDC issuer: discovered, cached, and fetched anew without being open to a flood.

An unknown key id asks for new keys at most once in REFRESH_SECONDS_MIN, whoever sends them; callers at the same time
share one fetch. Keys past KEYS_AGE_SECONDS_SOFT are renewed in the background, past KEYS_AGE_SECONDS_HARD before they are
used, so that a key the issuer withdrew does not live on in a quiet process. If the issuer is down the old keys stay: a
region goes on working when its line is cut. Formats: OpenID Connect Discovery 1.0, RFC 7517 (JWK).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import orjson
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, JWKRegistry, Key, OKPKey, RSAKey

from services.chassis.clock import Clock
from services.chassis.errors import Unavailable

REFRESH_SECONDS_MIN = 30.0
FIRST_FETCH_SECONDS_MIN = 1.0
"""Between attempts as long as there are no keys at all."""
KEYS_AGE_SECONDS_SOFT = 300.0
KEYS_AGE_SECONDS_HARD = 3_600.0
FETCH_SECONDS_MAX = 5.0
DOCUMENT_BYTES_MAX = 256 * 1024
KEYS_MAX = 32
RSA_BITS_MIN = 2048
RSA_BITS_MAX = 8192
DISCOVERY_PATH = "/.well-known/openid-configuration"

Fetch = Callable[[str], Awaitable[bytes]]
"""Returns the body that a URL answers with; raises OSError or httpx.HTTPError if it does not."""

_log = logging.getLogger(__name__)


class KeysFault(Exception):
    """The issuer answered with what cannot be used."""


class KeyCache:
    """The keys of one issuer; ``close`` it."""

    def __init__(self, *, issuer: str, fetch: Fetch, clock: Clock) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at = float("-inf")
        self._attempted_at = float("-inf")
        self._refreshing: asyncio.Task[None] | None = None

    async def find(self, key_id: str) -> Key | None:
        """Return the key with that id, None if the issuer has none; an empty id finds the key of a lone one.

        Raises Unavailable if the issuer has never been reached.
        """
        age_seconds = self._clock.monotonic_seconds() - self._fetched_at
        if age_seconds > KEYS_AGE_SECONDS_HARD or self._pick(key_id) is None:
            await self._refresh()
        elif age_seconds > KEYS_AGE_SECONDS_SOFT:
            self._begin_refresh()
        if not self._keys:
            raise Unavailable("Nobody can sign in just now; try again.", code="issuer_unreachable")
        return self._pick(key_id)

    async def close(self) -> None:
        """End a fetch that is under way."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
            self._refreshing = None

    def _pick(self, key_id: str) -> Key | None:
        if not key_id and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(key_id) if key_id else None

    async def _refresh(self) -> None:
        task = self._begin_refresh()
        if task is not None:
            await asyncio.shield(task)  # one caller that gives up does not end it for the others

    def _begin_refresh(self) -> asyncio.Task[None] | None:
        """Return the fetch under way, or a new one; None if the last attempt is too fresh."""
        if self._refreshing is not None:
            return self._refreshing
        now_seconds = self._clock.monotonic_seconds()
        pause_seconds = REFRESH_SECONDS_MIN if self._keys else FIRST_FETCH_SECONDS_MIN
        if now_seconds - self._attempted_at < pause_seconds:
            return None
        self._attempted_at = now_seconds
        self._refreshing = asyncio.create_task(self._fetch_keys(), name="issuer-keys")
        return self._refreshing

    async def _fetch_keys(self) -> None:
        try:
            async with asyncio.timeout(FETCH_SECONDS_MAX):
                self._keys = await self._read_keys()
            self._fetched_at = self._clock.monotonic_seconds()
        except (KeysFault, OSError, TimeoutError, httpx.HTTPError, httpx.InvalidURL) as error:
            _log.warning("keys of the issuer not fetched", extra={"issuer": self._issuer, "reason": repr(error)})
        finally:
            self._refreshing = None

    async def _read_keys(self) -> Mapping[str, Key]:
        discovery = _parse_object(await self._fetch(self._issuer.rstrip("/") + DISCOVERY_PATH))
        if discovery.get("issuer") != self._issuer:
            raise KeysFault("the discovery document names another issuer")
        address = discovery.get("jwks_uri")
        if not isinstance(address, str) or not _as_secure(address, self._issuer):
            raise KeysFault("the discovery document names no address for keys that is as secure as its own")
        keys = parse_keys(_parse_object(await self._fetch(address)))
        if not keys:
            raise KeysFault("the issuer has no key that could be used here")
        return keys


def parse_keys(document: Mapping[str, Any]) -> Mapping[str, Key]:
    """Return the keys of a JWK set that may sign, by their id; what is malformed, secret or too weak is left out."""
    entries = document.get("keys")
    if not isinstance(entries, list):
        raise KeysFault("the key set is malformed")
    keys: dict[str, Key] = {}
    for entry in entries[:KEYS_MAX]:
        key = _parse_key(entry)
        if key is not None:
            keys.setdefault(key.kid or key.thumbprint(), key)
    return keys


def _parse_key(entry: object) -> Key | None:
    if not isinstance(entry, dict) or entry.get("kty") == "oct":  # a shared secret has no place in a public set
        return None
    try:
        key = JWKRegistry.import_key(entry)
        usable = key.get("use", "sig") == "sig" and _is_strong(key)
    except (JoseError, ValueError, TypeError, KeyError, ArithmeticError):
        return None
    return key if usable else None


def _is_strong(key: Key) -> bool:
    if isinstance(key, RSAKey):
        return RSA_BITS_MIN <= key.public_key.key_size <= RSA_BITS_MAX
    if isinstance(key, ECKey):
        return key.curve_name == "P-256"
    return isinstance(key, OKPKey) and key.curve_name == "Ed25519"


def _parse_object(body: bytes) -> Mapping[str, Any]:
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise KeysFault("the answer is not JSON") from error
    if not isinstance(document, dict):
        raise KeysFault("the answer is not a JSON object")
    return document


def _as_secure(address: str, issuer: str) -> bool:
    try:
        scheme = urlsplit(address).scheme
    except ValueError:
        return False
    return scheme == "https" or (scheme == "http" and urlsplit(issuer).scheme == "http")


async def fetch_over_http(url: str) -> bytes:
    """Return the body of a 200 answer of at most DOCUMENT_BYTES_MAX; redirects are not followed."""
    async with (
        httpx.AsyncClient(timeout=FETCH_SECONDS_MAX, follow_redirects=False) as client,
        client.stream("GET", url, headers={"accept": "application/json"}) as response,
    ):
        if response.status_code != httpx.codes.OK:
            raise KeysFault(f"the issuer answers with {response.status_code}")
        body = bytearray()
        async for part in response.aiter_bytes():
            body += part
            if len(body) > DOCUMENT_BYTES_MAX:
                raise KeysFault("the answer is too large")
        return bytes(body)
