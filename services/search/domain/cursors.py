"""Cursors of a search: what has been shown, and how far the log had come when the first page was made.

Hits are ordered by relevance, which moves a little with whatever is written, so no place in that order can be returned to.
But what has been shown can be left out: the next page is the best of the rest, and so none is repeated and none skipped,
whichever replica answers. What arrived later is left out too. A search ends after RESULTS_MAX hits; so cursors do too.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.chassis.errors import Invalid

RESULTS_MAX = 500
_DIGEST_BYTES = 6
_CURSOR_CHARACTERS_MAX = 8_000
_NUMBER_MAX = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Cursor:
    """``shown`` are the sequences of all hits up to here, in ascending order; ``sequence`` is where the first page began."""

    epoch: str
    sequence: int
    shown: tuple[int, ...] = ()

    def also(self, sequence: int) -> Cursor:
        """Return the cursor behind one more hit."""
        return replace(self, shown=tuple(sorted((*self.shown, sequence))))

    def write(self, query: str) -> str:
        """Return the cursor as text, which fits the query alone that it is of."""
        numbers = b"".join(_varint(number) for number in _gaps((self.sequence, *self.shown)))
        data = base64.urlsafe_b64encode(_digest(query) + numbers).decode().rstrip("=")
        return f"{self.epoch}:{data}"


def read_cursor(text: str, query: str, *, epoch: str) -> Cursor:
    """Return the cursor that ``text`` is. Raises Invalid, also for one of another query or of an earlier life of the log."""
    found, _, data = text.partition(":")
    if not data or len(text) > _CURSOR_CHARACTERS_MAX:
        raise _malformed()
    if found != epoch:
        raise Invalid("The index was made anew since; begin at the start.", code="expired_cursor", field="after")
    try:
        raw = base64.b64decode(data + "=" * (-len(data) % 4), altchars=b"-_", validate=True)
        sequence, *gaps = _varints(raw[_DIGEST_BYTES:])
    except (ValueError, binascii.Error) as error:
        raise _malformed() from error
    if raw[:_DIGEST_BYTES] != _digest(query):
        raise Invalid("That cursor is of another query.", code="cursor_of_another_query", field="after")
    shown = tuple(_sums(gaps))
    if not shown or len(shown) > RESULTS_MAX or max(sequence, shown[-1]) > _NUMBER_MAX:
        raise _malformed()
    return Cursor(epoch, sequence, shown)


def _digest(query: str) -> bytes:
    return hashlib.blake2b(query.encode(), digest_size=_DIGEST_BYTES).digest()


def _gaps(numbers: Sequence[int]) -> Iterator[int]:
    """Yield the first number, and of the others, which ascend, how far each is from the one before."""
    first, *rest = numbers
    yield first
    before = 0
    for number in rest:
        yield number - before
        before = number


def _sums(gaps: Sequence[int]) -> Iterator[int]:
    number = 0
    for gap in gaps:
        number += gap
        yield number


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
