"""The names of things in the log: ``ev.<origin>.<reach>.<service>.<owner>``.

The owner is the person, group, badge or region whose register it is. A subject is the unit of order, of conditional
append and of erasure. A person's local and public events stand on two subjects and are one register.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from services.chassis.eventlog.port import Again, Source

_SUBJECTS_REMEMBERED = 16_384
"""A log names the same people again and again."""
_SEQUENCE_DIGITS_MAX = 19

SOURCE_HEADER = "Nats-Stream-Source"
"""Where the server says from which stream it took an entry."""

ENTRY_ID_HEADER = "Samverka-Entry-Id"
"""An entry's id, where an expectation keeps it from being appended twice.

Not the server's ``Nats-Msg-Id``: a stream drops what comes with the id of an earlier entry, whichever peer that was from. A
peer that lies could so keep another's event out, by an entry of its own that comes first under that event's id.
"""
MESSAGE_ID_HEADER = "Nats-Msg-Id"

AGAIN_HEADER = "Samverka-Again"
"""At what an origin appended again: the sequence that it had before, and the regions that hold it under that."""

EPOCH_KEY = "samverka-epoch"
"""What the stream's metadata calls the log's epoch."""

Reach = Literal["pub", "local"]
"""``pub`` may leave the region, ``local`` never does."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A subject, taken apart."""

    origin: str
    reach: str
    service: str
    owner: str

    def __str__(self) -> str:
        return f"ev.{self.origin}.{self.reach}.{self.service}.{self.owner}"


@lru_cache(_SUBJECTS_REMEMBERED)
def parse_subject(text: str) -> Subject | None:
    """Return the parts of a subject, or None if it is none of ours."""
    parts = text.split(".")
    if len(parts) != 5 or parts[0] != "ev" or parts[2] not in ("pub", "local") or not all(parts):
        return None
    return Subject(parts[1], parts[2], parts[3], parts[4])


def parse_source(header: str) -> Source | None:
    """Return where an entry came from, by its header ``Nats-Stream-Source``; None if it has none.

    The server writes ``<stream>[:<what it is filtered by>] <sequence> …``. What is written otherwise is a source of no name,
    which nobody trusts.
    """
    if not header:
        return None
    stream, _, rest = header.partition(" ")
    sequence = rest.partition(" ")[0]
    if not sequence.isascii() or not sequence.isdigit() or len(sequence) > _SEQUENCE_DIGITS_MAX:
        return Source("", 0)
    return Source(stream.partition(":")[0], int(sequence))


def entry_id_of(headers: Mapping[str, str]) -> str:
    """Return the id under which an entry was appended; empty if it has none."""
    return headers.get(ENTRY_ID_HEADER) or headers.get(MESSAGE_ID_HEADER, "")


def parse_again(header: str) -> Again | None:
    """Return what the header ``Samverka-Again`` says; None if there is none, or it says nothing that an origin would."""
    first, _, held_by = header.partition(" ")
    if not first.isascii() or not first.isdigit() or len(first) >= _SEQUENCE_DIGITS_MAX:
        return None
    return Again(int(first), tuple(held_by.split()))


def write_again(again: Again) -> str:
    """Return the header that says so."""
    return " ".join((str(again.first_sequence), *again.held_by))


def register_of(origin: str, service: str, owner: str = "*") -> str:
    """Return the filter for everything ``owner`` did in ``service``; without an owner, for all of that origin's."""
    return f"ev.{origin}.*.{service}.{owner}"


@lru_cache(1_024)
def stream_name(region: str) -> str:
    """Return the name of a region's stream."""
    return "EV_" + region.upper().replace("-", "_")


def stream_subjects(region: str) -> list[str]:
    """Return what a region's stream takes from its own services."""
    return [f"ev.{region}.>"]
