"""Handles: short names, unique in their region, that people are called by.

2 to 32 characters: lower-case letters and digits of ASCII, with single dots, underscores or hyphens between them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

HANDLE_CHARACTERS_MIN = 2
HANDLE_CHARACTERS_MAX = 32
_HANDLE = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_NOT_IN_HANDLE = re.compile(r"[^a-z0-9]+")
_NAMELESS = "person"


def is_handle(text: str) -> bool:
    """Whether ``text`` has the form of a handle."""
    return HANDLE_CHARACTERS_MIN <= len(text) <= HANDLE_CHARACTERS_MAX and _HANDLE.fullmatch(text) is not None


def slug(wish: str) -> str:
    """Return the handle nearest to ``wish``, which may be any text: "Åsa Öberg" gives "asa-oberg"."""
    if is_handle(wish):
        return wish
    plain = unicodedata.normalize("NFKD", wish.partition("@")[0]).encode("ascii", "ignore").decode().lower()
    text = _NOT_IN_HANDLE.sub("-", plain)[:HANDLE_CHARACTERS_MAX].strip("-")
    return text if len(text) >= HANDLE_CHARACTERS_MIN else _NAMELESS


def first_free(handle: str, is_taken: Callable[[str], bool]) -> str:
    """Return ``handle``, or one of handle-2, handle-3, … that is not taken: the first, unless they have gaps.

    Numbers are tried in doubling steps and then by halves, so that the thousandth "former-member" costs twenty looks.
    """
    if not is_taken(handle):
        return handle
    high = 2
    while is_taken(_numbered(handle, high)):
        high *= 2
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_taken(_numbered(handle, middle)) else (low, middle)
    return _numbered(handle, high)


def _numbered(handle: str, number: int) -> str:
    suffix = f"-{number}"
    return handle[: HANDLE_CHARACTERS_MAX - len(suffix)].rstrip("._-") + suffix
