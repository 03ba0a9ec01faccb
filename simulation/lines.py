"""The line from one region to another: what a JetStream source carries over it, and when."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from random import Random

from services.chassis.eventlog.memory import MemoryLog
from services.chassis.eventlog.port import Entry, Source
from services.chassis.eventlog.subjects import stream_name

FORGED = "_forged-"
"""Stands in the message id of an entry that a region which lies has put into its log."""
_DELAYS_SECONDS_MAX = (0.2, 1.0, 4.0)
"""A line is fast or slow: what comes round by others may overtake it."""
_REDELIVERED = 0.1
_REDELIVERED_ENTRIES_MAX = 5


class Line:
    """Carries an origin's public entries to one receiver: in their order, at any pace, some of them twice.

    A region that ``lies`` sends what it has forged, under whatever subject.
    """

    def __init__(
        self, *, origin: str, source: MemoryLog, receiver: MemoryLog, chance: Random, lies: bool = False
    ) -> None:
        self.delivered = 0
        self._origin = origin
        self._lies = lies
        self._source = source
        self._receiver = receiver
        self._chance = chance
        self._delay_seconds_max = chance.choice(_DELAYS_SECONDS_MAX)
        self._cuts = 0
        self._open = asyncio.Event()
        self._open.set()
        self._recent: list[Entry] = []

    def cut(self) -> None:
        """Let nothing through until every cut is healed."""
        self._cuts += 1
        self._open.clear()

    def heal(self) -> None:
        self._cuts -= 1
        if not self._cuts:
            self._open.set()

    async def run(self) -> None:
        """Carry for ever."""
        async with aclosing(self._source.follow(after=0)) as batches:
            async for batch in batches:
                for entry in batch:
                    if self.crosses(entry):
                        await self._carry(entry)
                    self.delivered = entry.sequence

    def crosses(self, entry: Entry) -> bool:
        """Whether the entry is one that the receiver's source gets."""
        if entry.source is not None:
            return False
        if self._lies and FORGED in entry.message_id:
            return True
        return entry.subject.startswith(f"ev.{self._origin}.pub.")

    async def _carry(self, entry: Entry) -> None:
        if self._chance.random() < 0.5:  # the others travel with it
            await asyncio.sleep(self._chance.random() ** 3 * self._delay_seconds_max)
        await self._open.wait()
        if self._chance.random() < _REDELIVERED:
            for again in self._recent:
                await self.hand_over(again)
        await self.hand_over(entry)
        self._recent = [*self._recent, entry][-_REDELIVERED_ENTRIES_MAX:]

    async def hand_over(self, entry: Entry) -> None:
        source = Source(stream_name(self._origin), entry.sequence)
        await self._receiver.receive(entry.message_id, entry.subject, entry.data, source=source)
