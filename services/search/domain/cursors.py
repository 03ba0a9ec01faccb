"""Cursors of a search: what has been shown, and how far the log had come when the first page was made.

Hits are ordered by relevance, which moves a little with whatever is written, so no place in that order can be returned to.
But what has been shown can be left out: the next page is the best of the rest, and so none is repeated and none skipped,
whichever replica answers. What arrived later is left out too. A search ends after RESULTS_MAX hits; so cursors do too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.chassis.errors import Invalid

RESULTS_MAX = 500
_DIGEST_BYTES = 6
_CURSOR_CHARACTERS_MAX = 8_000
_NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """``shown`` are the sequences of all hits up to here; ``sequence`` is where the log was when the first page began."""

    epoch: str
    sequence: int
    shown: tuple[int, ...] = ()

    def write_behind(self, sequences: Iterable[int], query: str) -> Iterator[str]:
        """Yield, for each of more hits, the cursor behind it as text, which fits the query alone that it is of."""
        data = bytearray(_digest(query))
        for number in (self.sequence, *self.shown):
            data += _varint(number)
        for sequence in sequences:
            data += _varint(sequence)
            yield f"{self.epoch}:{base64.urlsafe_b64encode(data).decode().rstrip('=')}"


def read_cursor(text: str, query: str, *, epoch: str) -> Cursor:
    """Return the cursor that ``text`` is. Raises Invalid, also for one of another query or of an earlier life of the log."""
    found, _, data = text.partition(":")
    if not data or len(text) > _CURSOR_CHARACTERS_MAX:
        raise _malformed()
    if found != epoch:
        raise Invalid("The index was made anew since; begin at the start.", code="expired_cursor", field="after")
    try:
        raw = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
        sequence, *shown = _varints(raw[_DIGEST_BYTES:])
    except (ValueError, binascii.Error) as error:
        raise _malformed() from error
    if raw[:_DIGEST_BYTES] != _digest(query):
        raise Invalid("That cursor is of another query.", code="cursor_of_another_query", field="after")
    if not shown or len(shown) > RESULTS_MAX or max(sequence, *shown) > _NUMBER_MAX:
        raise _malformed()
    return Cursor(epoch, sequence, tuple(shown))


def _digest(query: str) -> bytes:
    return hashlib.blake2b(query.encode(), digest_size=_DIGEST_BYTES).digest()


def _varint(number: int) -> bytes:
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def _varints(data: bytes) -> Iterator[int]:
    """Yield the numbers that stand in ``data``. Raises ValueError if the last one is cut off."""
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0
    if shift:
        raise ValueError("a number is cut off")


def _malformed() -> Invalid:
    return Invalid("That is not a cursor.", code="malformed_cursor", field="after")
