"""What a log promises, whichever stands behind it; one test suite holds both to it.

A log is one total order of entries, numbered from 1. A register is the part of it whose subjects match a filter: the
unit of conditional append. An entry may be erased, so sequences have gaps and never repeat.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from samverka.event.v1 import event_pb2
from services.chassis.errors import Invalid

_POSITION = re.compile(r"([A-Za-z0-9_-]{1,64}):([0-9]{1,19})")


@dataclass(frozen=True, slots=True)
class Position:
    """How far somebody has come: the log's epoch and the last sequence they hold."""

    epoch: str
    sequence: int

    def __str__(self) -> str:
        return f"{self.epoch}:{self.sequence}"

    def message(self) -> event_pb2.Position:
        """Return the position as it travels in replies."""
        return event_pb2.Position(epoch=self.epoch, sequence=self.sequence)

    @classmethod
    def parse(cls, text: str, *, field: str = "position") -> Position:
        """Return the position that ``text`` names; Invalid if it names none."""
        match = _POSITION.fullmatch(text)
        if match is None:
            raise Invalid("That is not a position.", code="malformed_position", field=field)
        return cls(match[1], int(match[2]))


class Source(NamedTuple):
    """Where an entry was first written: a peer's stream, and the sequence there."""

    stream: str
    sequence: int


class Again(NamedTuple):
    """What stands at an entry that was appended again, because its origin lost the end of its log.

    ``first_sequence`` is the number that it had in its origin's log before, ``held_by`` are the regions that have it under
    that one.
    """

    first_sequence: int
    held_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """An event as the log holds it; ``source`` is None for the region's own.

    ``arrived_at_ms``: when this region's log took it, by the clock of the log's server; 0: it does not say.
    """

    sequence: int
    subject: str
    data: bytes
    message_id: str = ""
    source: Source | None = None
    again: Again | None = None
    arrived_at_ms: int = 0

    @property
    def origin_sequence(self) -> int:
        """Its place in the log that it was first written in."""
        return self.source.sequence if self.source else self.sequence

    @property
    def first_sequence(self) -> int:
        """The place that it had there when it was written: the same in every region, whatever its origin lost since."""
        return self.again.first_sequence if self.again else self.origin_sequence


@dataclass(frozen=True, slots=True)
class Expectation:
    """The register that a decision stands on, and its last sequence when it was made; 0: it is empty."""

    register: str
    sequence: int


class LogReplaced(Exception):
    """This is another log than the one that was opened, or the end of it is gone; only a new start can tell what it is."""


class Moved(Exception):
    """The register of an expectation has moved; decide again."""


class EventLog(Protocol):
    """One region's log."""

    @property
    def epoch(self) -> str:
        """Which life of the log this is; a restored log has another."""
        ...

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        """Append once, however often the acknowledgement is lost, and return the sequence.

        ``entry_id`` belongs to this entry alone, on every subject. Under an expectation that holds it is not looked for: who
        decided on that state has seen all that the register holds. Raises Moved if the register of ``expected`` has
        moved, Unavailable if the log does not answer: then the entry may or may not have been appended, and the same call
        settles it; without an expectation, only within two minutes.
        """
        ...

    async def last_sequence(self, register: str = "") -> int:
        """Return the sequence of ``register``'s last entry, or of the whole log's; 0: there is none. Raises Unavailable."""
        ...

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        """Return the first entry of ``register`` after a sequence. Raises Unavailable."""
        ...

    def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        """Yield every entry after a sequence, in order and once each, for ever, in batches as they come.

        Raises LogReplaced where it can be seen.
        """
        ...
