"""A log in memory, for tests and simulations: the same promises without a server."""

from __future__ import annotations

import asyncio
import bisect
from collections.abc import AsyncGenerator, Iterator
from operator import attrgetter

from services.chassis import limits
from services.chassis.clock import Clock
from services.chassis.eventlog.port import Entry, Expectation, Moved, Source

_sequence_of = attrgetter("sequence")


class MemoryLog:
    """Keeps its entries in a list; several followers may read it. Without a clock it does not say when they came."""

    def __init__(self, epoch: str = "memory", *, clock: Clock | None = None) -> None:
        self._epoch = epoch
        self._clock = clock
        self._last = 0
        self._entries: list[Entry] = []
        self._by_subject: dict[str, list[Entry]] = {}
        self._ids: dict[str, int] = {}
        self._received: dict[Source, int] = {}
        self._grown = asyncio.Condition()

    @property
    def epoch(self) -> str:
        return self._epoch

    async def append(self, entry_id: str, subject: str, data: bytes, *, expected: Expectation | None = None) -> int:
        async with self._grown:  # which may take a turn of the loop: the decision stands inside
            if expected is not None:
                if await self.last_sequence(expected.register) != expected.sequence:
                    return await self._settle(entry_id, expected)
                return self._add(entry_id, subject, data)
            if entry_id not in self._ids:
                self._ids[entry_id] = self._add(entry_id, subject, data)
            return self._ids[entry_id]

    async def receive(self, entry_id: str, subject: str, data: bytes, *, source: Source) -> int:
        """Take an entry from a peer's log, as a stream does from its sources: once, however often it is sent."""
        async with self._grown:
            if source not in self._received:
                self._received[source] = self._add(entry_id, subject, data, source)
            return self._received[source]

    def purge(self, register: str) -> int:
        """Remove all entries of a register, and return how many they were; their sequences are not used again."""
        purged = [subject for subject in self._by_subject if _matches(register, subject)]
        entries = [entry for subject in purged for entry in self._by_subject.pop(subject)]
        gone = set(map(_sequence_of, entries))
        self._entries = [entry for entry in self._entries if entry.sequence not in gone]
        return len(gone)

    def _add(self, entry_id: str, subject: str, data: bytes, source: Source | None = None) -> int:
        self._last += 1
        now_ms = self._clock.wall_ms() if self._clock else 0
        entry = Entry(self._last, subject, data, entry_id, source, arrived_at_ms=now_ms)
        self._entries.append(entry)
        self._by_subject.setdefault(subject, []).append(entry)
        self._grown.notify_all()
        return entry.sequence

    async def _settle(self, entry_id: str, expected: Expectation) -> int:
        """Return where the entry stands if it is what moved the register."""
        first = await self.read(expected.register, after=expected.sequence)
        if first is None or first.message_id != entry_id:
            raise Moved
        return first.sequence

    async def last_sequence(self, register: str = "") -> int:
        return max((entries[-1].sequence for entries in self._matching(register)), default=0)

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        matching = (_behind(entries, after) for entries in self._matching(register))
        return min((entries[0] for entries in matching if entries), key=_sequence_of, default=None)

    async def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        while True:
            async with self._grown:
                while not self._entries or self._entries[-1].sequence <= after:
                    await self._grown.wait()
            batch = _behind(self._entries, after)[: limits.APPLY_EVENTS_MAX]
            after = batch[-1].sequence
            yield batch

    def _matching(self, register: str) -> Iterator[list[Entry]]:
        """Yield the entries of a register in lists that are not empty, one for each of its subjects."""
        if not register:
            if self._entries:
                yield self._entries
            return
        for subject, entries in self._by_subject.items():
            if _matches(register, subject):
                yield entries


def _behind(entries: list[Entry], after: int) -> list[Entry]:
    return entries[bisect.bisect_right(entries, after, key=_sequence_of) :]


def _matches(register: str, subject: str) -> bool:
    if register == subject:
        return True
    wanted, parts = register.split("."), subject.split(".")
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))
