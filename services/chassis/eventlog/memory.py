"""A log in memory, for tests and simulations: the same promises without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

from services.chassis import limits
from services.chassis.eventlog.port import Entry, Expectation, Moved, Source


class MemoryLog:
    """Keeps its entries in a list; several followers may read it."""

    def __init__(self, epoch: str = "memory") -> None:
        self._epoch = epoch
        self._entries: list[Entry] = []
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

    def _add(self, entry_id: str, subject: str, data: bytes, source: Source | None = None) -> int:
        sequence = len(self._entries) + 1
        self._entries.append(Entry(sequence, subject, data, entry_id, source))
        self._grown.notify_all()
        return sequence

    async def _settle(self, entry_id: str, expected: Expectation) -> int:
        """Return where the entry stands if it is what moved the register."""
        first = await self.read(expected.register, after=expected.sequence)
        if first is None or first.message_id != entry_id:
            raise Moved
        return first.sequence

    async def last_sequence(self, register: str = "") -> int:
        matching = (entry.sequence for entry in reversed(self._entries) if _matches(register, entry.subject))
        return next(matching, 0)

    async def read(self, register: str, *, after: int = 0) -> Entry | None:
        matching = (entry for entry in self._entries[after:] if _matches(register, entry.subject))
        return next(matching, None)

    async def follow(self, *, after: int) -> AsyncGenerator[list[Entry], None]:
        while True:
            async with self._grown:
                while len(self._entries) <= after:
                    await self._grown.wait()
            batch = self._entries[after : after + limits.APPLY_EVENTS_MAX]
            after += len(batch)
            yield batch


def _matches(register: str, subject: str) -> bool:
    if not register:
        return True
    wanted, parts = register.split("."), subject.split(".")
    return len(wanted) == len(parts) and all(want in ("*", part) for want, part in zip(wanted, parts, strict=True))
