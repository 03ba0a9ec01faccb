"""Ids: ``<region>_<ULID>``, so that an id says which region decides on the thing.

A ULID (github.com/ulid/spec) is 26 characters of Crockford's base 32: 48 bits of milliseconds and 80 of chance. What
follows from something that is already named (a person from their sign-in, a post from its author's idempotency key)
has a derived id of the same form: 128 bits of a SHA-256, so that it is the same wherever and however often it is made.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from functools import lru_cache

from services.chassis.clock import Clock
from services.chassis.errors import Invalid

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_LENGTH = 26
_REGION = re.compile(r"[a-z]([a-z0-9-]{0,30}[a-z0-9])?")
_ID = re.compile(r"([a-z](?:[a-z0-9-]{0,30}[a-z0-9])?)_([0-7][0-9A-HJKMNP-TV-Z]{25})")
_OWNERS_REMEMBERED = 16_384
ID_LENGTH_MAX = 32 + 1 + _ULID_LENGTH

Entropy = Callable[[int], bytes]
"""Returns as many random bytes as asked for."""


class Ids:
    """Makes the ids of one region."""

    def __init__(self, region: str, clock: Clock, entropy: Entropy = secrets.token_bytes) -> None:
        self.region = region
        self._clock = clock
        self._entropy = entropy

    def new(self) -> str:
        """Return an id that nobody else has, ordered by time."""
        value = self._clock.wall_ms() << 80 | int.from_bytes(self._entropy(10), "big")
        return f"{self.region}_{_encode(value)}"

    def derive(self, *parts: str) -> str:
        """Return the one id that follows from ``parts``."""
        return derive(self.region, *parts)


def derive(region: str, *parts: str) -> str:
    """Return the id in ``region`` that follows from ``parts``."""
    text = "".join(f"{len(part)}:{part}," for part in parts)  # netstrings: no other parts give the same text
    digest = hashlib.sha256(text.encode()).digest()
    return f"{region}_{_encode(int.from_bytes(digest[:16], 'big'))}"


def region_of(identifier: str) -> str:
    """Return the region whose thing it is; empty if it is not an id."""
    match = _ID.fullmatch(identifier)
    return match[1] if match else ""


@lru_cache(_OWNERS_REMEMBERED)
def home_of(owner: str) -> str:
    """Return the region that decides on ``owner``, a person's or a thing's id or a region's name; empty if it is neither."""
    return region_of(owner) or (owner if is_region(owner) else "")


@lru_cache(_OWNERS_REMEMBERED)
def region_actor(region: str) -> str:
    """Return the id under which a region itself acts."""
    return derive(region, "region", region)


def parse(identifier: str, *, field: str) -> str:
    """Return ``identifier`` if it has the form of an id; Invalid otherwise."""
    if not _ID.fullmatch(identifier):
        raise Invalid("That is not an id.", code="malformed_id", field=field)
    return identifier


def is_region(name: str) -> bool:
    """Whether ``name`` can be a region: a lower-case DNS label of at most 32 characters."""
    return _REGION.fullmatch(name) is not None


def _encode(value: int) -> str:
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(5 * (_ULID_LENGTH - 1), -1, -5))
