"""What an event says, read from its bytes: protobuf's wire format, and the numbers of the fields that are looked at.

The encoding is https://protobuf.dev/programming-guides/encoding/; the numbers stand in ``proto/``. The generated code is
what writes them, so it is not what reads them here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_ANY_TYPE, _ANY_VALUE, _EVENT_ACTOR, _EVENT_PAYLOAD = 1, 2, 3, 7
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS: Final = {_FIXED64: 8, _FIXED32: 4}


@dataclass(frozen=True, slots=True)
class Fact:
    """The payload of an event: the name of its type, and its fields by their numbers, the last of each."""

    kind: str
    actor: str
    fields: dict[int, int | bytes]

    def text(self, number: int) -> str:
        """Return a field that is text; empty if it is not there."""
        value = self.fields.get(number, b"")
        return value.decode() if isinstance(value, bytes) else ""

    def number(self, number: int) -> int:
        """Return a field that is a number; 0 if it is not there."""
        value = self.fields.get(number, 0)
        return value if isinstance(value, int) else 0


def read_fact(data: bytes) -> Fact:
    """Return what an event says."""
    event = dict(_fields(data))
    payload = dict(_fields(_bytes(event, _EVENT_PAYLOAD)))
    kind = _bytes(payload, _ANY_TYPE).decode().rpartition("/")[2]
    return Fact(kind, _bytes(event, _EVENT_ACTOR).decode(), dict(_fields(_bytes(payload, _ANY_VALUE))))


def _bytes(fields: dict[int, int | bytes], number: int) -> bytes:
    value = fields.get(number, b"")
    if not isinstance(value, bytes):
        raise ValueError(f"The field {number} is no text.")
    return value


def _fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, value
            continue
        if wire == _BYTES:
            length, at = _varint(data, at)
        elif wire in _WIDTHS:
            length = _WIDTHS[wire]
        else:
            raise ValueError(f"There is no wire type {wire}.")
        if at + length > len(data):
            raise ValueError("The message ends too soon.")
        yield number, data[at : at + length]
        at += length


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(data) or shift > 63:
            raise ValueError("The number does not end.")
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at
